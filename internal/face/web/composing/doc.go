// Package composing makes the screens on which a person writes what goes out as soon as it is approved: a post that cannot wait for a
// campaign, new words for one, a correction of what is out, and a planned post that is wanted now.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. Nothing is written before the person sends the
// form; until then it can be looked at as reviewers would see it, with what networks and rules say. The desk approves nothing:
// internal/flow/draft/prompt writes and internal/flow/review takes it from there.
package composing

import (
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db     *postgres.DB
	checks review.Checks
}

// New returns a desk that looks at what is written by checks.
func New(db *postgres.DB, checks review.Checks) Desk { return Desk{db: db, checks: checks} }

// subject is what is being written: a new post, new words for one, or a correction of one.
type subject struct {
	action   string // where the form is sent
	title    string
	of       book.Post // the post that is changed or corrected; zero for a new one
	correct  bool
	copies   []prompt.Copy // of what is corrected
	begun    prompt.Writing
	channels []channel.Channel
	pictures []post.SourcePicture
}

// Compose answers with the form for a new post.
func (d Desk) Compose(r ask.Request) (ask.Answer, error) { return d.show(r, d.fresh) }

// Write takes a new post.
func (d Desk) Write(r ask.Request) (ask.Answer, error) { return d.take(r, d.fresh) }

// Words answers with the form for new words of a post that was written here.
func (d Desk) Words(r ask.Request) (ask.Answer, error) { return d.show(r, d.words) }

// Rewrite takes new words of such a post.
func (d Desk) Rewrite(r ask.Request) (ask.Answer, error) { return d.take(r, d.words) }

// Correction answers with the form for a correction of a post.
func (d Desk) Correction(r ask.Request) (ask.Answer, error) { return d.show(r, d.correction) }

// Correct takes a correction.
func (d Desk) Correct(r ask.Request) (ask.Answer, error) { return d.take(r, d.correction) }

// common reads what each form offers.
func (d Desk) common(r ask.Request) (s subject, err error) {
	all, err := channel.List(r.Context(), d.db)
	if err != nil {
		return s, err
	}
	for _, c := range all {
		if !c.Archived() && r.Within.Channel(c.ID) {
			s.channels = append(s.channels, c)
		}
	}
	s.pictures, err = prompt.Pictures(r.Context(), d.db, r.Person)
	return s, err
}

func (d Desk) fresh(r ask.Request) (subject, error) {
	s, err := d.common(r)
	if err != nil {
		return s, err
	}
	s.action, s.title = "/compose", r.Words.T("now.title")
	s.begun = prompt.Writing{Window: prompt.Usual}
	for _, c := range s.channels {
		for _, language := range c.Languages {
			s.begun.Places = append(s.begun.Places, prompt.Place{Channel: c.ID, Language: language})
		}
	}
	return s, nil
}

func (d Desk) words(r ask.Request) (subject, error) {
	s, err := d.about(r)
	if err != nil {
		return s, err
	}
	own, err := prompt.Own(r.Context(), d.db, s.of.ID)
	if err != nil {
		return s, err
	}
	if !own {
		return s, fault.New(fault.Conflict, "This post comes from a campaign file. Its words are changed there.")
	}
	s.action, s.title = fmt.Sprintf("/posts/%d/words", s.of.ID), r.Words.T("now.words.title", page.Heading(s.of.Message, s.of.Source.Kind))
	s.begun = prompt.Begun(s.of)
	return s, nil
}

func (d Desk) correction(r ask.Request) (subject, error) {
	s, err := d.about(r)
	if err != nil {
		return s, err
	}
	if s.copies, err = prompt.Copies(r.Context(), d.db, s.of.ID); err != nil {
		return s, err
	}
	if len(s.copies) == 0 {
		return s, fault.New(fault.Conflict, "Nothing of this post was ever out. Change its words instead.")
	}
	s.correct = true
	s.action, s.title = fmt.Sprintf("/posts/%d/correct", s.of.ID), r.Words.T("correct.title", page.Heading(s.of.Message, s.of.Source.Kind))
	s.begun = prompt.Draft(s.of, s.copies)
	if only := r.URL.Query().Get("language"); s.begun.Texts[only] != "" {
		for language := range s.begun.Texts {
			if language != only {
				s.begun.Texts[language] = ""
			}
		}
	}
	return s, nil
}

// about reads the post of the path.
func (d Desk) about(r ask.Request) (subject, error) {
	id, err := r.Number("id")
	if err != nil {
		return subject{}, err
	}
	of, err := book.FindPost(r.Context(), d.db, id)
	if err != nil {
		return subject{}, err
	}
	s, err := d.common(r)
	s.of = of
	return s, err
}
