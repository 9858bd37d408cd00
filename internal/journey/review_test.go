package journey

import (
	"fmt"
	"strings"
	"testing"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// TestASensitivePostIsReviewedByAccount walks through everything that a review by account is: a sensitive post in English and in
// Arabic, a request for changes with a remark on the picture, an edit and the card that marks the words in which it differs, a hold
// that a lead lifts, and the approvals of a reviewer and of the safeguarding lead, without whom nothing is scheduled.
func TestASensitivePostIsReviewedByAccount(t *testing.T) {
	t.Parallel()
	for _, w := range walks(true, false) {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.lead()
			id := h.grave("We stand with survivors today. {{support}} {{link}}")
			h.submitted(id)
			h.speaks(w.speech)
			h.serve("")
			as := func(role people.Role) *visitor {
				v := w.visit(t)
				v.logIn(h, string(role)+"@daymark.example", password)
				return v
			}
			rosa, omar, mina := as(people.RoleReviewer), as(people.RoleSafeguarding), as(people.RoleManager)

			h.askForChanges(rosa, card(h, id, "en"))
			h.grave("We stand with survivors every day. {{support}} {{link}}")
			h.submitted(id)

			english, arabic := card(h, id, "en"), card(h, id, "ar")
			h.seeWhatChanged(rosa, english)
			h.holdAndLift(mina, rosa, omar, english)
			h.approveBoth(rosa, omar, english, "en")
			h.readArabic(rosa, arabic)
			h.approveBoth(omar, rosa, arabic, "ar")
			for _, e := range h.entries(id) {
				if e.State != post.Scheduled {
					t.Errorf("in %s it is %s, want scheduled", e.Language, e.State)
				}
			}
		})
	}
}

// TestAnAdminSetsThePolicy walks through the page that says how many must approve.
func TestAnAdminSetsThePolicy(t *testing.T) {
	t.Parallel()
	for _, w := range []walk{{phone, "en", false}, {phone, "ar", true}, {desk, "en", true}} {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			h.serve("")
			ada := w.visit(t)
			ada.logIn(h, "admin@daymark.example", password)
			ada.open(h.url + "/more")
			ada.follow(`main a[href="/policy"]`)
			ada.reads("main", h.says("policy.asks", 2), h.says("policy.asks.roles", h.says("role.safeguarding")))
			ada.look("policy")
			ada.do("unfold the form", click("#policy-plain-change"))
			ada.look("policy, with a form")
			ada.write("#policy-plain-approvals", "3")
			ada.reach("#policy-plain-form-send")
			ada.follow("#policy-plain-form-send")
			ada.reads("#policy-plain", h.says("policy.asks", 3), "Ada")
			ada.look("policy, changed")
			mina := w.visit(t)
			mina.logIn(h, "manager@daymark.example", password)
			mina.open(h.url + "/policy")
			mina.reads("#policy-plain", h.says("policy.asks", 3))
			if ask[bool](mina, `document.querySelector("main form") !== null`) {
				t.Error("a manager sees a form")
			}
		})
	}
}

// look looks at a page with axe-core, which is itself a script: where scripts are stopped, nothing is looked at.
func (v *visitor) look(page string) {
	v.t.Helper()
	if v.speech != "" {
		v.spoken(v.speech)
	}
	if v.script {
		v.check(page)
	}
}

// lead adds a safeguarding lead to the house, and says what its charity offers to somebody whom a post troubled.
func (h *house) lead() {
	h.t.Helper()
	h.must(h.app.DB.InTx(h.t.Context(), func(tx *postgres.Tx) error {
		if _, err := people.Add(h.t.Context(), tx, people.NewPerson{
			Name: "Omar", Email: "safeguarding@daymark.example", Role: people.RoleSafeguarding, Languages: []string{"en", "ar"}, Password: password, Cost: cheap,
		}, 0); err != nil {
			return err
		}
		_, err := tx.ExecContext(h.t.Context(), `UPDATE profile SET support = '{"en": "Write to us in confidence.", "ar": "راسلونا بسرية تامة."}'`)
		return err
	}))
}

// grave gives the first post sensitive words in English and Arabic, and returns it.
func (h *house) grave(english string) int64 {
	h.t.Helper()
	id := h.first()[0].Post
	h.must(h.app.DB.InTx(h.t.Context(), func(tx *postgres.Tx) error {
		p, err := book.FindPost(h.t.Context(), tx, id)
		if err != nil {
			return err
		}
		source := p.Source
		source.Sensitive, source.ContentNote = true, map[string]string{"en": "About violence", "ar": "عن العنف"}
		source.Parts = []post.SourcePart{{
			Texts: map[string]string{"en": english, "ar": "نقف مع الناجين والناجيات اليوم. {{support}} {{link}}"}, Pictures: source.Parts[0].Pictures,
		}}
		_, err = book.Revise(h.t.Context(), tx, p.ID, p.Version, source, h.byRole(people.RoleEditor).ID)
		return err
	}))
	return id
}

// submitted puts a post before reviewers in both languages, and answers what is asked.
func (h *house) submitted(id int64) {
	h.t.Helper()
	sent, err := review.Submit(h.t.Context(), h.app.DB, h.app.Checks(), id, h.byRole(people.RoleEditor), h.app.Clock.Now())
	h.must(err)
	if len(sent.Submissions) != 2 {
		h.t.Fatalf("submitted %d languages, waiting: %v", len(sent.Submissions), sent.Waiting)
	}
	h.answered()
}

func (h *house) entries(id int64) []book.Entry {
	h.t.Helper()
	list, err := book.Entries(h.t.Context(), h.app.DB, book.EntryFilter{Post: id})
	h.must(err)
	return list
}

func (h *house) cardURL(submission int64) string {
	return fmt.Sprintf("%s/review/%d", h.url, submission)
}

// askForChanges reads a card and sends it back, with a word on its picture.
func (h *house) askForChanges(v *visitor, submission int64) {
	v.t.Helper()
	v.open(h.url + "/review")
	v.follow(fmt.Sprintf("#card-%d a", submission))
	v.reads(".release .words", "We stand with survivors today.", "Write to us in confidence.")
	v.reads("main", "About violence")
	v.reads("#lacking", h.says("card.needs", h.says("role.safeguarding")))
	v.look("card of a sensitive post")
	v.do("unfold the changes", click("#changes-fold > summary"))
	v.fill("#comment", "Say that it is not for one day only.")
	v.do("unfold the remarks", click("#changes-form details summary"))
	picture := `#changes-form textarea[name^="remark-1-"]`
	v.reach(picture)
	v.fill(picture, "The heart is cut off at the top.")
	v.look("card with a remark on its picture")
	v.reach("#ask-changes")
	v.follow("#ask-changes")
	v.reads("#flash", h.says("card.asked", "Teaser", h.words.Tongue("en")))
	v.open(h.cardURL(submission))
	v.reads(".verdicts", "Rosa", "Say that it is not for one day only.", h.says("card.remark.picture", 1), "The heart is cut off at the top.")
	v.look("card, changes asked for")
}

// seeWhatChanged reads a card after an edit: it marks the words in which it differs from what was before reviewers, and the old card says
// that it is old.
func (h *house) seeWhatChanged(v *visitor, submission int64) {
	v.t.Helper()
	v.open(h.url + "/review")
	v.follow(fmt.Sprintf("#card-%d a", submission))
	v.reads(".release .words", "We stand with survivors every day.")
	if marked := ask[string](v, `[...document.querySelectorAll(".release ins")].map(e => e.textContent.trim()).join(" ")`); !strings.Contains(marked, "every") || strings.Contains(marked, "survivors") {
		v.t.Errorf("marked as new are the words %q", marked)
	}
	if gone := ask[string](v, `[...document.querySelectorAll(".release del")].map(e => e.textContent.trim()).join(" ")`); !strings.Contains(gone, "today") {
		v.t.Errorf("marked as gone are the words %q", gone)
	}
	v.look("card after an edit")
}

// holdAndLift lets a manager hold a draft, sees that it cannot be approved, and lets the safeguarding lead lift the hold.
func (h *house) holdAndLift(manager, reviewer, lead *visitor, submission int64) {
	manager.t.Helper()
	manager.open(h.cardURL(submission))
	manager.reach("#hold-fold > summary")
	manager.do("unfold the hold", click("#hold-fold > summary"))
	manager.fill("#why", "The family asked us to wait.")
	manager.look("card with a reason to hold it")
	manager.reach("#hold")
	manager.follow("#hold")
	reviewer.open(h.cardURL(submission))
	reviewer.reads(".verdicts", "Mina", "The family asked us to wait.")
	if ask[bool](reviewer, `document.querySelector("#held") === null || document.querySelector("#approve") !== null || document.querySelector("#lift") !== null`) {
		reviewer.t.Error("the card does not say that it is held, or a reviewer can approve it or lift the hold")
	}
	reviewer.look("card, held")
	lead.open(h.cardURL(submission))
	lead.look("card, held, for a lead")
	lead.reach("#lift")
	lead.follow("#lift")
}

// readArabic reads the card of the Arabic text, whose words run from right to left.
func (h *house) readArabic(v *visitor, submission int64) {
	v.t.Helper()
	v.open(h.cardURL(submission))
	v.reads(".release .words", "نقف مع الناجين والناجيات اليوم", "راسلونا بسرية تامة")
	v.reads("main", "عن العنف")
	for name, want := range map[string]string{"lang": "ar", "direction": "rtl"} {
		expression := `document.querySelector(".release .words").lang`
		if name == "direction" {
			expression = `getComputedStyle(document.querySelector(".release .words")).direction`
		}
		if got := ask[string](v, expression); got != want {
			v.t.Errorf("the %s of the Arabic words is %q, want %q", name, got, want)
		}
	}
	v.look("card in Arabic")
}

// approveBoth lets two people approve; only with both is anything scheduled.
func (h *house) approveBoth(first, second *visitor, submission int64, language string) {
	first.t.Helper()
	for i, v := range []*visitor{first, second} {
		v.open(h.cardURL(submission))
		v.reach("#approve")
		v.follow("#approve")
		if scheduled := strings.Contains(unmarked(v.text("#flash")), unmarked(h.says("card.scheduled", 1, "Teaser", h.words.Tongue(language)))); scheduled != (i == 1) {
			v.t.Errorf("after %d approvals: %s", i+1, v.text("#flash"))
		}
		v.look("queue after an approval")
	}
}
