// Package sheet makes the page of the editor: the fields of a post with what was typed into them, what can be put in, and what networks
// and rules make of it.
//
// It reads who else edits the post and writes nothing. What its buttons do is for face/web/editing.
package sheet

import (
	"fmt"
	"slices"

	"daymark/internal/core/post"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/library/form"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/edit/kept"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
)

// Subject is what is being edited, with what its form offers.
type Subject struct {
	Of       book.Post   // without an id for a new one
	Now      edit.Change // what the post is now
	Title    string      // of its edition; empty where it belongs to none
	Channels []channel.Channel
	Offers   edit.Offers
	Values   fill.Values
	Editions []book.Edition // that a new post may belong to
	Copy     kept.Copy      // what the person has typed and not saved; without an id where there is nothing
}

// New reports whether the post has not been written yet.
func (s Subject) New() bool { return s.Of.ID == 0 }

// Path is where the form is.
func (s Subject) Path() string {
	if s.New() {
		return "/new/post"
	}
	return fmt.Sprintf("/posts/%d/edit", s.Of.ID)
}

// Reader reads what is typed into its form.
func (s Subject) Reader() fields.Reader {
	return fields.Reader{Channels: s.Channels, Pictures: s.Offers.Pictures}
}

// tongues returns the languages that the form asks for: those of the accounts and those that are written already.
func (s Subject) tongues(c edit.Change) []string {
	var spoken []string
	for _, one := range s.Channels {
		spoken = append(spoken, one.Languages...)
	}
	return form.Tongues(spoken, edit.Languages(c.Source))
}

// Kept returns what the person has typed and not saved, or what the post is now.
func (s Subject) Kept() (edit.Change, error) {
	if s.Copy.ID == 0 {
		return s.Now, nil
	}
	typed, err := fields.Decode(s.Copy.Body)
	if err != nil {
		return edit.Change{}, err
	}
	return s.Reader().Read(typed, s.Now), nil
}

// MayPlace reports whether a person says where posts go, not only what they say.
func MayPlace(by people.Person) bool { return by.May(people.PostWrite) }

// tooLong refuses a form that is longer than anybody writes, before anything looks at it.
func tooLong(c edit.Change) bool {
	for _, part := range c.Source.Parts {
		for _, words := range part.Texts {
			if len(words) > 8*edit.MaxText {
				return true
			}
		}
	}
	return slices.ContainsFunc(c.Source.Variants, func(v post.Variant) bool { return len(v.Text) > 8*edit.MaxText })
}
