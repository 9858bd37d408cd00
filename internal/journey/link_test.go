package journey

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// mailedCode returns the code in the latest letter that has one.
func mailedCode(h *house) string {
	h.t.Helper()
	var row struct {
		ID     string `db:"message_id"`
		Sealed []byte `db:"sealed"`
		KeyID  string `db:"key_id"`
	}
	h.must(h.app.DB.GetContext(h.t.Context(), &row, `SELECT message_id, sealed, key_id FROM outbox WHERE kind = 'code' ORDER BY id DESC LIMIT 1`))
	body, err := h.app.Keys.Open("a letter", row.KeyID, row.Sealed, "outbox/"+row.ID)
	h.must(err)
	var words struct{ Text string }
	h.must(json.Unmarshal(body, &words))
	return sixDigits.FindString(words.Text)
}

// answers gives the right answer to everything that is asked on the page about a draft.
func (v *visitor) answers(h *house, submission int64) {
	v.t.Helper()
	card, err := review.Find(v.t.Context(), h.app.DB, submission, h.byRole(people.RoleAdmin))
	h.must(err)
	right := map[string]string{}
	for _, q := range card.Questions {
		right[q.Rule] = q.Right
	}
	const open = `.question:has([data-state="must"], [data-state="may"])`
	if len(right) == 0 || !ask[bool](v, `document.querySelector('`+open+`') !== null`) {
		v.t.Fatal("nothing is asked: this walk answers nothing")
	}
	for range card.Questions {
		rule := ask[string](v, `document.querySelector('`+open+` input[name="rule"]')?.value ?? ""`)
		if rule == "" {
			return
		}
		v.follow(fmt.Sprintf(`%s button[name="answer"][value=%q]`, open, right[rule]))
	}
}

// TestAPartnerReviewsByLink walks from an admin who names a partner and makes a link, to the partner's answers and approval in English
// and her request for changes in Arabic, with a remark on the picture: three taps each once the code is known, on a phone and at a desk, with pages in
// English and in Arabic, with and without scripts.
func TestAPartnerReviewsByLink(t *testing.T) {
	t.Parallel()
	for _, w := range walks(true, false) {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			h.serve("")
			sent, err := review.Submit(t.Context(), h.app.DB, h.app.Checks(), h.first()[0].Post, h.byRole(people.RoleEditor), h.app.Clock.Now())
			h.must(err)
			inLanguage := map[string]int64{}
			cards, err := review.Queue(t.Context(), h.app.DB, h.byRole(people.RoleAdmin))
			h.must(err)
			for _, c := range cards {
				inLanguage[c.Language] = c.Submission
			}
			if len(sent.Submissions) != 2 || inLanguage["en"] == 0 || inLanguage["ar"] == 0 {
				t.Fatalf("before reviewers: %v", inLanguage)
			}
			ada := w.visit(t)
			ada.logIn(h, "admin@daymark.example", password)
			ada.open(fmt.Sprintf("%s/review/%d", h.url, inLanguage["en"]))
			ada.follow("#links")
			ada.reads("#nobody", h.says("links.nobody"))
			ada.follow("#outside")
			ada.look("outside reviewers, none")
			ada.write("#name", "Layla Partner")
			ada.write("#email", "layla@partner.example")
			ada.write("#languages", "en, ar")
			ada.reach("#add-send")
			ada.follow("#add-send")
			ada.reads("#flash", h.says("outside.added", "Layla Partner"))
			ada.look("outside reviewers")
			var layla int64
			h.must(h.app.DB.GetContext(t.Context(), &layla, `SELECT id FROM people WHERE role = 'outside'`))
			at := map[string]string{}
			for language, submission := range inLanguage {
				ada.open(fmt.Sprintf("%s/review/%d/links", h.url, submission))
				ada.choose("#reviewer", fmt.Sprint(layla))
				ada.reach("#make-send")
				ada.follow("#make-send")
				ada.reads("#fresh", h.says("links.made", "layla@partner.example"))
				at[language] = ask[string](ada, `document.querySelector("#fresh-link").value`)
			}
			ada.look("links of a draft")

			for _, language := range []string{"en", "ar"} {
				v := w.visit(t)
				v.open(at[language])
				v.speak(w.speech) // the browser asks for English; a choice at the foot of the page counts without an account
				if w.script {
					h.readCard(v, language)
				}
				v.reads(".release .words", map[string]string{"en": "Two weeks to go.", "ar": "بعد أسبوعين"}[language])
				if got, want := ask[string](v, `getComputedStyle(document.querySelector(".release .words")).direction`), map[string]string{"en": "ltr", "ar": "rtl"}[language]; got != want {
					t.Errorf("the words in %s run %s, want %s", language, got, want)
				}
				v.look("page of a link in " + language)
				v.reach("#send-code")
				v.follow("#send-code") // the first tap
				v.reads("#code-hint", "l…@partner.example")
				v.look("page of a link, code sent")
				v.fill("#code", mailedCode(h))
				v.follow("#enter") // the second
				v.look("page of a link, code typed")
				if language == "en" {
					v.answers(h, inLanguage[language])
					v.look("page of a link, questions answered")
					v.reach("#approve")
					v.follow("#approve") // the third
					v.reads("#said", h.says("link.said.approve"))
					v.look("page of a link, approved")
					continue
				}
				v.reach("#changes-fold summary")
				v.do("unfold the form for changes", click("#changes-fold summary"))
				v.write("#comment", "الرقم خطأ")
				v.do("unfold the remarks", click("#changes-form summary"))
				v.write(`[id^="remark-1-"]`, "الصورة مقطوعة")
				v.reach("#ask-changes")
				v.follow("#ask-changes")
				v.reads("#said", h.says("link.said.changes"))
				v.do("unfold the form for holds", click("#hold-fold summary"))
				v.write("#why", "Wait for the ministry.")
				v.reach("#hold")
				v.follow("#hold")
				v.reads("#held", h.says("link.held"))
				v.look("page of a link, held")
			}
			if n := h.count(fmt.Sprintf(`SELECT count(*) FROM clearances WHERE submission_id = %d`, inLanguage["en"])); n != 1 {
				t.Error("the English draft is not cleared")
			}
			h.must(revokeAll(h, inLanguage["en"]))
			gone := w.visit(t)
			gone.open(h.url + "/login")
			gone.speak(w.speech)
			gone.do("open a link that was taken back", chromedp.Navigate(at["en"]))
			const taken = "This link was taken back. If you think that is a mistake, ask whoever sent it."
			gone.reads("#fault", h.words.Fault(taken, nil, taken))
			gone.look("page of a link that was taken back")
			gone.mu.Lock()
			gone.said = slices.DeleteFunc(gone.said, func(s string) bool { return strings.Contains(s, "status of 409") })
			gone.mu.Unlock()
		})
	}
}

// revokeAll takes back the links to a draft.
func revokeAll(h *house, submission int64) error {
	list, err := link.Of(h.t.Context(), h.app.DB, submission)
	if err != nil {
		return err
	}
	for _, l := range list {
		if err := h.app.DB.InTx(h.t.Context(), func(tx *postgres.Tx) error {
			return link.Revoke(h.t.Context(), tx, submission, l.ID, h.byRole(people.RoleAdmin))
		}); err != nil {
			return err
		}
	}
	return nil
}
