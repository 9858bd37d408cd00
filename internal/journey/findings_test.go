package journey

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/review"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// TestAnErrorIsWaivedAndAQuestionAnswered walks from an editor, who sees an error, says why it may stand and sends the post for
// review, to a reviewer, who reads the reason, sees what changed, answers what a machine cannot see, and approves.
func TestAnErrorIsWaivedAndAQuestionAnswered(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]screen{"390 px": phone, "1280 px": desk, "without script": phone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			written := writeAnew(h)
			h.serve("This is a walk through Daymark.")

			look := func(v *visitor, page string) {
				if v.script { // what looks is itself a script
					v.check(page)
					keep(v, page)
				}
			}
			ed := visit(t, size)
			if name == "without script" {
				ed.withoutScript()
			}
			ed.logIn(h, "editor@daymark.example", password)
			ed.open(fmt.Sprintf("%s/editions/%d", h.url, h.edition.ID))
			ed.reads("#found", "The rules found", "errors")
			ed.reads(fmt.Sprintf("#post-%d .odd", written), "English", "child prostitution")
			ed.reads("#tasks", "To be checked", "runs out")
			look(ed, "plan with findings")
			ed.do("unfold what is odd", click(".odd-more summary"))
			ed.follow(fmt.Sprintf("#post-%d .found-count a", written))
			ed.reads("#lang-en-errors", "1 error keeps English from being sent")
			ed.reads("#lang-en .mark-error", "child prostitution")
			ed.reads("#lang-en .finding-error", "LANG-002", "A child cannot consent")
			look(ed, "post with findings")
			ed.do("unfold the form", click("#lang-en .finding-error summary"))
			ed.fill("#lang-en .finding-error textarea", "A survivor wrote this about a law of that name. <b>Not ours.</b>")
			look(ed, "post with an open form")
			ed.follow("#lang-en .finding-error form button")
			ed.reads("#flash", "Kept with your name")
			ed.reads("#lang-en .waiver", "Ed lets it stand", "A survivor wrote this", "<b>Not ours.</b>")
			look(ed, "post with a waiver")
			ed.follow("#submit")
			ed.reads("#flash", "Sent for review")

			rosa := visit(t, size)
			if name == "without script" {
				rosa.withoutScript()
			}
			rosa.logIn(h, "reviewer@daymark.example", password)
			rosa.open(h.url + "/review")
			rosa.follow(fmt.Sprintf("#card-%d a", card(h, written, "en")))
			rosa.reads("#findings .finding-error", "child prostitution", "Ed lets it stand", "A survivor wrote this")
			rosa.reads(".release .mark-error", "child prostitution")
			rosa.reads(".release-fold ins", "We end child prostitution")
			rosa.reads(".release-instead", "If the check of Hope Line has run out by then, this goes out instead:", "call the local emergency number")
			rosa.reads("#blocked", "answered first")
			if ask[bool](rosa, `document.querySelector("#approve") !== null`) {
				t.Error("the card can be approved although a question is open")
			}
			look(rosa, "card with findings and questions")
			answerAll(rosa, h)
			rosa.reads("#questions", "questions are answered")
			rosa.do("unfold the answers", click("#questions .question-done summary"))
			rosa.reads("#questions .question-done", "Rosa answered", "Looked at it in full size.")
			look(rosa, "card, answered")
			rosa.follow("#approve")
			rosa.reads("#flash", "Approved", "scheduled for 1 place")
		})
	}
}

// answerAll answers what a card still asks, one after the other, with what the rules hold for right.
func answerAll(v *visitor, h *house) {
	v.t.Helper()
	right := map[string]string{}
	for _, r := range h.app.Rules().Rules() {
		right[r.ID] = r.Right
	}
	first := ".question-list > .question:first-child"
	for n := 0; ask[bool](v, `document.querySelector("#questions > .question-list") !== null`); n++ {
		if n == 0 {
			v.do("unfold the comment", click("#questions > "+first+" .comment summary"))
			v.fill("#questions > "+first+" textarea", "Looked at it in full size.")
		}
		rule := ask[string](v, `document.querySelector("#questions > `+first+` input[name=rule]").value`)
		v.follow("#questions > " + first + " button[value=" + right[rule] + "]")
		v.reads("#flash", "Your answer is kept")
	}
}

// card returns the newest submission of a post in a language that waits.
func card(h *house, id int64, language string) int64 {
	h.t.Helper()
	cards, err := review.Queue(h.t.Context(), h.app.DB, h.byRole(people.RoleReviewer))
	h.must(err)
	for _, c := range cards {
		if c.Post == id && c.Language == language {
			return c.Submission
		}
	}
	h.t.Fatalf("no card of post %d in %s", id, language)
	return 0
}

// writeAnew has the first post sent for review as the file has it, and then written anew by the editor: with words that no post of
// ours should use, and with a helpline whose check runs out a day before the last posts that show it. It returns the post.
func writeAnew(h *house) int64 {
	h.t.Helper()
	ctx, editor, now := h.t.Context(), h.byRole(people.RoleEditor), h.app.Clock.Now()
	id := h.first()[0].Post
	_, err := review.Submit(ctx, h.app.DB, h.app.Checks(), id, editor, now)
	h.must(err)
	line := campaign.Helpline{
		ID: "gb-hope", Country: "GB", Name: "Hope Line", Phone: "0800 111 222", For: "everyone", Purpose: campaign.Support, CheckDays: 5,
		Short: map[string]string{"en": "Hope Line: 0800 111 222, day and night."},
	}
	h.must(h.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE channels SET country = 'GB'`); err != nil {
			return err
		}
		if _, err := helpline.Add(ctx, tx, line, h.byRole(people.RoleAdmin), now.Add(-time.Hour)); err != nil {
			return err
		}
		if _, err := helpline.AddCheck(ctx, tx, line.ID, helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "A woman answered."}, editor, now); err != nil {
			return err
		}
		p, err := book.FindPost(ctx, tx, id)
		if err != nil {
			return err
		}
		source, texts := p.Source, map[string]string{}
		for code, text := range source.Parts[0].Texts {
			texts[code] = text
		}
		texts["en"] = "Two weeks to go. On 30 July we mark the World Day. We end child prostitution together. In danger? {{helpline}} {{link}}"
		source.Parts = append([]post.SourcePart{{Texts: texts, Pictures: source.Parts[0].Pictures}}, source.Parts[1:]...)
		_, err = book.Revise(ctx, tx, p.ID, p.Version, source, editor.ID)
		return err
	}))
	return id
}
