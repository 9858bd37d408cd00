package journey

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
	"daymark/internal/org/helpline"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/chromedp/chromedp"
)

// stock gives the house's channel British readers, has Rosa check the British helpline and puts every post before reviewers, so
// that facts and helplines stand in them.
func stock(h *house) {
	h.t.Helper()
	ctx, rosa, editor := h.t.Context(), h.byRole(people.RoleReviewer), h.byRole(people.RoleEditor)
	channels, err := channel.List(ctx, h.app.DB)
	h.must(err)
	h.must(h.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if err := channel.SetCountry(ctx, tx, channels[0].ID, "GB", editor.ID); err != nil {
			return err
		}
		_, err := helpline.AddCheck(ctx, tx, "gb-msh", helpline.NewCheck{
			How: helpline.Called, Result: helpline.Works, Saw: "A woman answered in English; all days, other languages through interpreters.",
		}, rosa, h.app.Clock.Now())
		return err
	}))
	submit(h)
}

// submit puts every post that is complete before reviewers.
func submit(h *house) {
	h.t.Helper()
	ctx, editor := h.t.Context(), h.byRole(people.RoleEditor)
	entries, err := book.Entries(ctx, h.app.DB, book.EntryFilter{Edition: h.edition.ID})
	h.must(err)
	seen := map[int64]bool{}
	for _, e := range entries {
		if seen[e.Post] {
			continue
		}
		seen[e.Post] = true
		_, err := review.Submit(ctx, h.app.DB, h.app.Checks(), e.Post, editor, h.app.Clock.Now())
		h.must(err)
	}
}

// write puts words into a field in place of what is there.
func (v *visitor) write(selector, text string) {
	v.t.Helper()
	ask[string](v, fmt.Sprintf("document.querySelector(%q).value = %q", selector, text))
}

// choose picks an option of a field.
func (v *visitor) choose(selector, value string) {
	v.t.Helper()
	v.write(selector, value)
}

// refused sends a form that cannot be taken and expects its page again. The browser complains about each such answer; that is no
// complaint about us.
func (v *visitor) refused(selector string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	resp, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	v.must("send "+selector, err)
	if resp.Status != http.StatusUnprocessableEntity {
		v.t.Fatalf("%s answers %d, want the form again", selector, resp.Status)
	}
	v.reads("main", "Some things need mending")
	v.mu.Lock()
	defer v.mu.Unlock()
	v.said = slices.DeleteFunc(v.said, func(s string) bool { return strings.Contains(s, "status of 422") })
}

// TestAnEditorLooksAfterFacts walks from the list to a fact, says that it was checked, makes a mistake in a change, mends it, and sees
// the posts that state it go back to reviewers.
func TestAnEditorLooksAfterFacts(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.serve("This is a walk through Daymark.")
			stock(h)

			ed := visit(t, size)
			ed.logIn(h, "editor@daymark.example", password)
			if size == phone {
				ed.follow("#door-more")
				ed.follow("main a[href='/facts']")
			} else {
				ed.follow("#door-facts")
			}
			ed.reads("#facts", "F02", "38%", "detected victims")
			ed.check("facts")
			keep(ed, "facts")
			ed.choose("#status", "superseded")
			ed.follow("#filter")
			ed.check("facts, filtered")
			ed.open(h.url + "/facts/F02")
			ed.reads("#says", "38%", "French", "Arabic")
			ed.reads("#users", "2027", "Arabic, English")
			ed.check("fact")
			keep(ed, "fact")
			ed.write("#until", "2029-01-31")
			ed.follow("#looked-send")
			ed.reads("#flash", "F02 is checked", "no post changed")
			submit(h) // those that waited for the check

			ed.do("open the fold", click("#edit-fold summary"))
			ed.check("fact, being changed")
			keep(ed, "fact-edit")
			ed.write("#text-en", "39% of detected victims are children.")
			ed.write("#value", "39%")
			ed.write("#scope", "")
			ed.refused("#edit-send")
			ed.reads("#edit-problems", "is missing")
			if got := ask[string](ed, `document.querySelector("#text-en").value`); got != "39% of detected victims are children." {
				t.Errorf("what was typed became %q", got)
			}
			ed.check("fact with a mistake")
			ed.write("#scope", "Victims whom authorities detected, the whole world.")
			ed.follow("#edit-send")
			ed.reads("#flash", "F02 is kept", "is with the reviewers again")
			ed.reads("#versions", "39%", "38%", "Ed,")
			ed.check("fact, changed")
			keep(ed, "fact-changed")

			ed.open(h.url + "/new/fact")
			ed.check("new fact")
			keep(ed, "fact-new")
		})
	}
}

// TestAReviewerFindsADeadNumber walks without scripts from what is due to a helpline that posts show, holds them, and writes down that
// nobody answers: the posts go back, and the live copy is there to be opened.
func TestAReviewerFindsADeadNumber(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.serve("This is a walk through Daymark.")
			stock(h)
			live := goOut(h)
			rosa := visit(t, size)
			rosa.logIn(h, "reviewer@daymark.example", password)
			rosa.open(h.url + "/helplines")
			rosa.reads("#country-GB", "08000 121 700", "Checked until")
			rosa.check("helplines")
			keep(rosa, "helplines")
			rosa.follow("#line-gb-msh a")
			rosa.reads("#log", "Rosa, called", "A woman answered in English")
			rosa.reads("#live", "Published")
			rosa.reads("#waiting", "In review")
			rosa.check("helpline")
			keep(rosa, "helpline")

			plain := visit(t, size)
			plain.withoutScript()
			plain.logIn(h, "reviewer@daymark.example", password)
			plain.open(h.url + "/helplines/gb-msh")
			plain.do("open the fold", click("#hold-fold summary"))
			plain.fill("#hold-reason", "A partner says that it rang out.")
			plain.follow("#hold-send")
			plain.reads("#flash", "held", "send it for review again")

			rosa.open(h.url + "/helplines/gb-msh")
			rosa.choose("#how", "called")
			rosa.refused("#check-send")
			rosa.reads("#check-problems", "choose one", "write what you heard or read")
			rosa.check("helpline with a mistake")
			rosa.choose("#result", "dead")
			rosa.fill("#saw", "It rang ten times; then a voice said that the number is not in use.")
			rosa.follow("#check-send")
			rosa.reads("#flash", "is dead", "live copy still shows it")
			rosa.reads("#state", "Number is dead")
			rosa.reads("#remove", "take it down")
			rosa.check("helpline that is dead")
			keep(rosa, "helpline-dead")
			if got := ask[string](rosa, `document.querySelector("#live a.live-copy").href`); got != live {
				t.Errorf("the live copy is at %s, want %s", got, live)
			}
			rosa.open(h.url + "/helplines")
			rosa.reads("#due", "Nobody answered")
			rosa.check("helplines with one that is dead")
			keep(rosa, "helplines-due")

			ed := visit(t, size)
			ed.logIn(h, "editor@daymark.example", password)
			ed.open(h.url + "/helplines/gb-msh")
			ed.do("open the fold", click("#edit-fold summary"))
			ed.check("helpline, being changed")
			keep(ed, "helpline-edit")
			ed.write("#phone", "08000 121 701")
			for _, language := range []string{"en", "fr", "es", "ar"} {
				ed.write("#short-"+language, "UK: 08000 121 701")
			}
			ed.follow("#edit-send")
			ed.reads("#flash", "shown in no post before somebody checks it")
			ed.reads("#state", "Changed since its check")
			ed.do("open the fold", click("#retire-fold summary"))
			ed.fill("#retire-reason", "It is closed.")
			ed.follow("#retire-send")
			ed.reads("#state", "Out of use")
			ed.check("helpline out of use")
			ed.open(h.url + "/new/helpline")
			ed.check("new helpline")
		})
	}
}

// goOut approves the first post that shows a helpline, lets it go out, and returns the address of its live copy.
func goOut(h *house) string {
	h.t.Helper()
	ctx := h.t.Context()
	h.answered()
	carriers, err := helpline.Carriers(ctx, h.app.DB, "gb-msh")
	h.must(err)
	if len(carriers) == 0 {
		h.t.Fatal("no post shows the helpline")
	}
	first := carriers[0]
	for _, by := range []people.Person{h.byRole(people.RoleReviewer), h.byRole(people.RoleAdmin)} { // a sensitive post needs two
		cards, err := review.Queue(ctx, h.app.DB, by)
		h.must(err)
		for _, c := range cards {
			if c.Message == first.Message && c.Language == first.Language {
				_, err := review.Say(ctx, h.app.DB, c.Submission, by, review.Approve, "", h.app.Clock.Now())
				h.must(err)
			}
		}
	}
	h.at(first.DueAt.Add(-2 * time.Second))
	var url string
	h.waitFor("the post to be out", func() bool {
		list, err := book.Entries(ctx, h.app.DB, book.EntryFilter{Post: first.Post, State: post.Published})
		h.must(err)
		if len(list) > 0 {
			url = list[0].URL
		}
		return url != ""
	})
	return url
}

// TestTheOrganisationAndItsRules walks through what the charity says of itself, the rules, and what the team was told.
func TestTheOrganisationAndItsRules(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.serve("This is a walk through Daymark.")
			stock(h)
			h.must(h.app.DB.InTx(t.Context(), func(tx *postgres.Tx) error { return tell(t.Context(), tx, h.app.Clock.Now()) }))

			mina := visit(t, size)
			mina.logIn(h, "manager@daymark.example", password)
			mina.reads("#matters", "Not as planned", "went out with the emergency sentence")
			mina.check("home with matters")
			keep(mina, "home-matters")
			mina.follow("#more-matters")
			mina.check("notices")
			keep(mina, "notices")
			mina.follow("#notices li:first-child button")
			mina.reads("#flash", "Done.")
			mina.open(h.url + "/organisation")
			mina.reads("#profile", "Hope Line", "Europe/London", "Talk to somebody you trust.")
			mina.check("organisation, read")
			keep(mina, "organisation-read")
			mina.open(h.url + "/rules")
			mina.reads("#automatic", "Error", "LANG-001")
			mina.reads("#asked", "IMG-001", "is the right answer")
			mina.check("rules")
			keep(mina, "rules")

			ada := visit(t, size)
			ada.logIn(h, "admin@daymark.example", password)
			ada.open(h.url + "/organisation")
			ada.check("organisation")
			keep(ada, "organisation")
			ada.write("#link", "http://hopeline.example/help")
			ada.refused("#edit-send")
			ada.reads("#edit-problems", "not encrypted")
			ada.check("organisation with a mistake")
			ada.write("#link", "https://hopeline.example/help")
			ada.write("#support-ar", "إن أزعجكم هذا فتحدثوا معنا.")
			ada.follow("#edit-send")
			ada.reads("#flash", "that say what changed", "is with the reviewers again")
			ada.check("organisation, changed")
			for _, n := range []string{"more", "facts", "helplines"} {
				ada.open(h.url + "/" + n)
			}
		})
	}
}

// tell tells the team more matters than Home shows.
func tell(ctx context.Context, q postgres.Querier, now time.Time) error {
	for i := range 7 {
		level := []notice.Level{notice.Error, notice.Warning, notice.Note}[i%3]
		_, err := notice.Tell(ctx, q, notice.New{
			Key: fmt.Sprint("walk:", i), Level: level, Kind: "helpline", ID: "gb-msh", At: now.Add(time.Duration(i) * time.Minute),
			Say: fmt.Sprintf("Post %d went out with the emergency sentence in place of %s.", i+1, strings.Repeat("the helpline ", i+1)),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
