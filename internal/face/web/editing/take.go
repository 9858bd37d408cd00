package editing

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/editing/sheet"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/edit/kept"
	"daymark/internal/flow/review"
	"daymark/internal/postgres"
)

// What the buttons of the form do besides those that [fields.Apply] knows.
const (
	save = "save" // write a new version
	drop = "drop" // throw away what was typed
	send = "send" // write it and send it for review, in all languages or in the one that follows a colon
)

// Edit answers with the form of a post, or of a new one.
func (d Desk) Edit(r ask.Request) (ask.Answer, error) {
	s, err := d.about(r)
	if err != nil {
		return ask.Answer{}, err
	}
	c, err := s.Kept()
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.maker().Page(r, s, c)
	if err != nil {
		return ask.Answer{}, err
	}
	if s.Copy.ID != 0 {
		p.Kept = r.Words.T("editor.kept", sheet.Clock(r, s.Copy.At))
		if s.Copy.Base != s.Now.Read {
			p.Compare(r, s, c)
		}
	}
	return ask.Shown(p), nil
}

// typed reads the form as a change of what the post is now.
func (d Desk) typed(r ask.Request) (sheet.Subject, edit.Change, error) {
	if err := whole(r); err != nil {
		return sheet.Subject{}, edit.Change{}, err
	}
	s, err := d.about(r)
	if err != nil {
		return sheet.Subject{}, edit.Change{}, err
	}
	c := s.Reader().Read(r.PostForm, s.Now)
	if !sheet.MayPlace(r.Person) {
		c.Places = s.Now.Places
	}
	c.Read, _ = strconv.Atoi(r.PostForm.Get("base"))
	return s, c, nil
}

// Save takes the form: it writes the post, or does what another of its buttons asks.
func (d Desk) Save(r ask.Request) (ask.Answer, error) {
	s, c, err := d.typed(r)
	if err != nil {
		return ask.Answer{}, err
	}
	do := r.PostForm.Get("do")
	switch {
	case do == drop:
		return d.throwAway(r, s)
	case do == save, do == send, strings.HasPrefix(do, send+":"):
		return d.write(r, s, c, do)
	case strings.HasPrefix(do, upload+":"):
		return d.upload(r, s, c, do)
	}
	focus, known := fields.Apply(do, r.PostForm.Get("into"), r.PostForm.Get("newtag"), &c)
	p, err := d.maker().Page(r, s, c)
	if err != nil {
		return ask.Answer{}, err
	}
	if p.Base = c.Read; known {
		p.Focus = focus
	}
	return ask.Shown(p), nil
}

func (d Desk) throwAway(r ask.Request, s sheet.Subject) (ask.Answer, error) {
	err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return d.drop(r.Context(), tx, s, r.Person) })
	if err != nil {
		return ask.Answer{}, err
	}
	to := "/calendar"
	if !s.New() {
		to = fmt.Sprintf("/posts/%d", s.Of.ID)
	}
	return ask.Answer{To: to, Said: r.Words.T("editor.dropped")}, nil
}

// write saves what was typed; what cannot be taken comes back with what is wrong, and what somebody else saved meanwhile beside it.
func (d Desk) write(r ask.Request, s sheet.Subject, c edit.Change, do string) (ask.Answer, error) {
	out, err := d.saved(r.Context(), r, s, c)
	switch {
	case invalid(err), fault.Is(err, fault.Conflict):
		p, again := d.maker().Page(r, s, c)
		if again != nil {
			return ask.Answer{}, again
		}
		if invalid(err) {
			p.Mend(r.Words.Problems(err))
			return ask.Again(p), nil
		}
		p.Compare(r, s, c)
		return ask.Answer{Page: p, Status: http.StatusConflict}, nil
	case err != nil:
		return ask.Answer{}, err
	case do == save:
		said := "editor.saved"
		if !out.Any() {
			said = "editor.same"
		}
		return ask.Answer{To: fmt.Sprintf("/posts/%d/edit", out.Post), Said: r.Words.T(said)}, nil
	}
	_, only, _ := strings.Cut(do, ":")
	return d.send(r, out.Post, only)
}

func (d Desk) saved(ctx context.Context, r ask.Request, s sheet.Subject, c edit.Change) (out edit.Saved, err error) {
	err = d.db.InTx(ctx, func(tx *postgres.Tx) error {
		if s.New() {
			out, err = edit.Create(ctx, tx, s.Of.Edition, c, r.Person, r.Now)
		} else {
			out, err = edit.Save(ctx, tx, s.Of.ID, c, r.Person, r.Now)
		}
		if err != nil {
			return err
		}
		return d.drop(ctx, tx, s, r.Person)
	})
	return out, err
}

// send puts a post before reviewers, in all languages or in one.
func (d Desk) send(r ask.Request, id int64, only string) (ask.Answer, error) {
	var languages []string
	if only != "" {
		languages = []string{only}
	}
	out, err := review.SubmitIn(r.Context(), d.db, d.checks, id, languages, r.Person, r.Now)
	if err != nil {
		return ask.Answer{}, err
	}
	if len(out.Submissions) == 0 {
		return ask.Answer{To: fmt.Sprintf("/posts/%d/edit", id), Said: r.Words.T("editor.unsent"), Looks: out.Waiting}, nil
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d", id), Said: r.Words.T("post.submitted"), Looks: out.Waiting}, nil
}

// Look answers with what networks and rules make of what was typed: a part of the page.
func (d Desk) Look(r ask.Request) (ask.Answer, error) {
	s, c, err := d.typed(r)
	if err != nil {
		return ask.Answer{}, err
	}
	seen, err := d.maker().See(r, s, c)
	if err != nil {
		return ask.Answer{}, err
	}
	bit := &sheet.LookBit{Look: seen, Action: s.Path()}
	bit.Frame.Template = "bit_look"
	return ask.Shown(bit), nil
}

// Keep keeps what was typed as the person's working copy and answers with when: a part of the page.
func (d Desk) Keep(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	c := kept.Copy{}
	var err error
	if r.PathValue("id") != "" {
		if c.Post, err = r.Number("id"); err != nil {
			return ask.Answer{}, err
		}
		if _, err := book.FindPost(r.Context(), d.db, c.Post); err != nil {
			return ask.Answer{}, err
		}
		c.Base = max(1, number(r, "base"))
	}
	c.ID, c.No = int64(number(r, "copy")), number(r, "no")
	if c.Body, err = fields.Encode(r.PostForm); err != nil {
		return ask.Answer{}, err
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		c, err = kept.Keep(r.Context(), tx, c, r.Person, r.PostForm.Get("over") != "")
		return err
	})
	bit := &sheet.KeptBit{}
	bit.Frame.Template = "bit_kept"
	switch {
	case fault.Is(err, fault.Conflict):
		bit.Problem, bit.Over = r.Words.Say(err), true
		return ask.Answer{Page: bit, Status: http.StatusConflict}, nil
	case invalid(err):
		bit.Problem = r.Words.Say(err)
		return ask.Again(bit), nil
	case err != nil:
		return ask.Answer{}, err
	}
	bit.ID, bit.No, bit.Text = c.ID, c.No, r.Words.T("editor.kept", sheet.Clock(r, c.At))
	bit.Others, err = d.maker().Others(r, c.Post)
	return ask.Shown(bit), err
}

func number(r ask.Request, field string) int {
	n, err := strconv.Atoi(r.PostForm.Get(field))
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}
