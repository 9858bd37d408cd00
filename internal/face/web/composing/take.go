package composing

import (
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/ready"
	"daymark/internal/postgres"
)

// What the buttons of the form do.
const (
	look = "look" // show it as reviewers would see it
	keep = "keep" // write it, and send it for review later
	send = "send" // write it and send it for review
)

func (d Desk) show(r ask.Request, which func(ask.Request) (subject, error)) (ask.Answer, error) {
	s, err := which(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(d.page(r, s, s.filled())), nil
}

func (d Desk) take(r ask.Request, which func(ask.Request) (subject, error)) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	s, err := which(r)
	if err != nil {
		return ask.Answer{}, err
	}
	t := s.read(r)
	p := d.page(r, s, t)
	if err := s.check(t); err != nil {
		p.mend(r.Words.Problems(err))
		return ask.Again(p), nil
	}
	stopped, err := d.preview(r, s, t, p)
	if err != nil {
		return ask.Answer{}, err
	}
	do := r.PostForm.Get("do")
	if do == look {
		return ask.Shown(p), nil
	}
	if do == send && stopped {
		p.mend([]fault.Problem{{Message: r.Words.T("now.stopped")}})
		return ask.Again(p), nil
	}
	id, err := d.write(r, s, t)
	if fault.Is(err, fault.Invalid) {
		p.mend(r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if do == keep {
		return ask.Answer{To: fmt.Sprintf("/posts/%d", id), Said: r.Words.T("now.kept")}, nil
	}
	return d.submit(r, id)
}

// submit puts a written post before reviewers.
func (d Desk) submit(r ask.Request, id int64) (ask.Answer, error) {
	out, err := review.Submit(r.Context(), d.db, d.checks, id, r.Person, r.Now)
	if err != nil {
		return ask.Answer{}, err
	}
	said := "now.sent"
	if len(out.Submissions) == 0 {
		said = "post.unsent"
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d", id), Said: r.Words.T(said), Looks: out.Waiting}, nil
}

func (s subject) check(t typed) error {
	if s.correct {
		_, err := t.Correction.Check(s.channels, s.copies)
		return err
	}
	return t.Writing.Check(s.channels)
}

// write writes what was typed and returns the post.
func (d Desk) write(r ask.Request, s subject, t typed) (id int64, err error) {
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		switch {
		case s.correct:
			id, err = prompt.Correct(r.Context(), tx, s.of.ID, t.Correction, r.Person, r.Now)
		case s.of.ID != 0:
			id, err = s.of.ID, prompt.Rewrite(r.Context(), tx, s.of.ID, t.seen, t.Writing, r.Person, r.Now)
		default:
			id, err = prompt.Write(r.Context(), tx, t.Writing, r.Person, r.Now)
		}
		return err
	})
	return id, err
}

// preview shows what was typed as reviewers would see it, and reports whether something keeps it from them.
func (d Desk) preview(r ask.Request, s subject, t typed, p *Page) (bool, error) {
	var answers map[prompt.Place]prompt.Copy
	if s.correct && t.Kind == prompt.Reply {
		answers = prompt.Answered(s.copies)
	}
	now := r.Now.Truncate(time.Minute)
	draft := book.Post{
		Edition: s.of.Edition, Rehearsal: s.of.Rehearsal, Source: t.Source(s.of.Source, now), Entries: t.Entries(s.channels, answers, r.Now),
	}
	if draft.Message = draft.Source.Message; !s.correct {
		draft.ID = s.of.ID // so that what may stand in it stands here too
	}
	list, err := ready.Preview(r.Context(), d.db, d.checks.Networks, d.checks.Rules, draft, r.Now)
	if err != nil {
		return false, err
	}
	stopped := false
	for _, one := range list {
		shown, err := d.shown(r, one)
		if err != nil {
			return false, err
		}
		stopped = stopped || len(shown.Stops) > 0 || shown.Errors > 0
		p.Previews = append(p.Previews, shown)
	}
	return stopped, nil
}

// Now answers with what of a post would go out at once, and asks for how long it makes sense.
func (d Desk) Now(r ask.Request) (ask.Answer, error) {
	p, err := d.nowPage(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// Hurry lets a post go out as soon as it is approved anew.
func (d Desk) Hurry(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, err := d.nowPage(r)
	if err != nil {
		return ask.Answer{}, err
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		_, err := prompt.Now(r.Context(), tx, p.ID, minutes(r.PostForm.Get("window")), r.Person, r.Now)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		p.Form.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return d.submit(r, p.ID)
}
