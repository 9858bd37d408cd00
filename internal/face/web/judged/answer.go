package judged

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/judge"
	"daymark/internal/postgres"
)

// AnswerOnCard takes a person's answer to a question of a card.
func (d Desk) AnswerOnCard(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	card, err := d.card(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	return d.answer(r, card, &card.Mend, fmt.Sprintf("/review/%d#questions", id), card.Open, card.Answered)
}

// AnswerOnPost takes a person's answer to a question about a post that has yet to be sent for review.
func (d Desk) AnswerOnPost(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.post(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	var lists [][]written.Question
	for i := range p.Languages {
		l := &p.Languages[i]
		lists = append(lists, l.Open, l.Answered)
		l.Unfold = true // so that what could not be taken is in sight
	}
	return d.answer(r, p, &p.Mend, backTo(r, id, "asked", ""), lists...)
}

// backTo is where somebody comes from who has said something about a post in a language: the editor, which says so, or the post's page.
func backTo(r ask.Request, id int64, what, anchor string) string {
	if code := r.URL.Query().Get("edit"); code != "" && code == url.QueryEscape(code) {
		return fmt.Sprintf("/posts/%d/edit?unfold=%s-%s#%s-%s", id, what, code, what, code)
	}
	return fmt.Sprintf("/posts/%d%s", id, anchor)
}

// answer writes the answer to one of the questions that a page shows, and goes back to the page.
func (d Desk) answer(r ask.Request, shown page.Page, mend *[]page.Field, back string, lists ...[]written.Question) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	about, ok := written.Asks(r.PostForm.Get("rule"), r.PostForm.Get("about"))
	var asked *written.Question
	for _, list := range lists {
		at := slices.IndexFunc(list, func(q written.Question) bool { return q.Rule == about.Rule && q.About == r.PostForm.Get("about") })
		if at >= 0 && asked == nil {
			asked = &list[at]
		}
	}
	if !ok || asked == nil {
		return ask.Answer{}, fault.New(fault.Conflict, "This is not asked any more: the words or the picture have changed. Look again.")
	}
	comment := r.PostForm.Get("comment")
	var held []int64
	err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		var err error
		held, err = answer.Give(r.Context(), tx, d.checks.Rules, about, r.PostForm.Get("answer"), comment, r.Person)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		problems := page.Fields(r.Words.Problems(err))
		if asked.Note.Problem = problems.Of("comment"); asked.Note.Problem == "" {
			asked.Note.Problem = problems.Of("answer")
		}
		asked.Note.Value = comment
		*mend = append(*mend, asked.Note)
		return ask.Again(shown), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	a := ask.Answer{To: back, Said: r.Words.T("question.kept", r.Words.T("question."+r.PostForm.Get("answer")))}
	if len(held) > 0 {
		a.Looks = []string{r.Words.T("question.held", len(held))}
	}
	return a, nil
}

// Waive takes the reason for which a finding may stand.
func (d Desk) Waive(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	language, reason := r.PostForm.Get("language"), r.PostForm.Get("reason")
	raw, err := hex.DecodeString(r.PostForm.Get("finding"))
	if err != nil || len(raw) != 32 {
		return ask.Answer{}, fault.New(fault.Invalid, "The form does not say which finding it is about. Go back to the post and try again.")
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return judge.Waive(r.Context(), tx, d.checks.Rules, judge.Waiving{Post: id, Language: language, Key: [32]byte(raw), Reason: reason}, r.Person, r.Now)
	})
	if err == nil {
		return ask.Answer{To: backTo(r, id, "found", "#lang-"+language), Said: r.Words.T("finding.kept", r.Words.Tongue(language))}, nil
	}
	if !fault.Is(err, fault.Invalid) {
		return ask.Answer{}, err
	}
	p, again := d.post(r, id)
	if again != nil {
		return ask.Answer{}, again
	}
	for i := range p.Languages {
		for _, f := range p.Languages[i].Findings.All() {
			if f.Language == language && f.Key == r.PostForm.Get("finding") {
				f.Why.Value, f.Why.Problem = reason, page.Fields(r.Words.Problems(err)).Of("reason")
				p.Mend = append(p.Mend, f.Why)
			}
		}
	}
	return ask.Again(p), nil
}
