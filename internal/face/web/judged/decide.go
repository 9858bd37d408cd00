package judged

import (
	"errors"
	"fmt"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/judged/reading"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/review"
	"daymark/internal/org/audit"
)

// Submit sends a post for review.
func (d Desk) Submit(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	out, err := review.Submit(r.Context(), d.db, d.checks, id, r.Person, r.Now)
	if err != nil {
		return ask.Answer{}, err
	}
	said := "post.submitted"
	if len(out.Submissions) == 0 {
		said = "post.unsent"
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d", id), Said: r.Words.T(said), Looks: out.Waiting}, nil
}

// Approve takes a person's approval.
func (d Desk) Approve(r ask.Request) (ask.Answer, error) {
	return d.say(r, review.Approve, func(out review.Outcome, name, language string) string {
		switch {
		case out.Cleared:
			return r.Words.T("card.scheduled", out.Scheduled, name, language)
		case out.Missing > 0:
			return r.Words.T("card.missing", out.Missing, name, language)
		case out.Lacking != "":
			return r.Words.T("card.lacking", name, language)
		}
		return r.Words.T("card.kept", name, language)
	})
}

// AskChanges takes what a person wants changed.
func (d Desk) AskChanges(r ask.Request) (ask.Answer, error) {
	return d.say(r, review.Changes, func(_ review.Outcome, name, language string) string {
		return r.Words.T("card.asked", name, language)
	})
}

// Withdraw takes an approval back.
func (d Desk) Withdraw(r ask.Request) (ask.Answer, error) {
	return d.say(r, review.Withdraw, func(_ review.Outcome, name, language string) string {
		return r.Words.T("card.withdrawn", name, language)
	})
}

// say gives a verdict and goes back to what still waits; told makes the sentence about what it led to.
func (d Desk) say(r ask.Request, verdict string, told func(out review.Outcome, name, language string) string) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	word := review.Word{Verdict: verdict, Comment: r.PostForm.Get("comment")}
	switch verdict {
	case review.Hold:
		word.Comment = r.PostForm.Get("why")
	case review.Changes:
		word.Remarks = reading.Remarked(r.PostForm)
	}
	out, problem := review.Speak(r.Context(), d.db, id, r.Person, word, r.Now)
	if fault.Is(problem, fault.Conflict) || fault.Is(problem, fault.Forbidden) {
		return ask.Answer{}, errors.Join(problem, audit.Write(r.Context(), d.db, audit.Entry{
			Person: r.Person.ID, Action: "review.refused", Kind: "submission", ID: id, Detail: map[string]any{"verdict": verdict, "why": fault.Say(problem)},
		}))
	}
	if problem != nil && !fault.Is(problem, fault.Invalid) {
		return ask.Answer{}, problem
	}
	card, err := d.card(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	if problem != nil {
		field := &card.Comment
		if verdict == review.Hold {
			field = &card.Why
		}
		field.Value, field.Problem = word.Comment, problems(r.Words, problem)
		card.Mend = append(card.Mend, *field)
		card.Remarks.Keep(r.PostForm)
		return ask.Again(card), nil
	}
	return ask.Answer{To: "/review", Said: told(out, card.Name, card.Language)}, nil
}

// problems says what is wrong with a verdict, whichever of its fields it is.
func problems(words page.Words, err error) string {
	var all []string
	for _, p := range words.Problems(err) {
		all = append(all, p.Message)
	}
	return strings.Join(all, " ")
}
