// Package versions makes the page on which people see what each version of a post changed, and take one back.
//
// It reads through internal/flow/draft/edit, which writes the version that comes of taking back.
package versions

import (
	"fmt"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/editing/sheet"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct{ db *postgres.DB }

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /posts/{id}/versions", Needs: people.PostRead, Answer: d.Versions},
		{Pattern: "POST /posts/{id}/versions", Needs: people.PostEdit, Answer: d.TakeBack},
	}
}

// Page lists the versions of a post, with what each changed.
type Page struct {
	page.Frame
	Name    string
	BackURL string
	Action  string
	Read    int // the version of the post that is shown
	May     bool
	List    []Row
}

// Row is one version.
type Row struct {
	No     int
	Author string
	How    string // where it comes from, in words
	When   page.Moment
	Now    bool
	Fields []sheet.Difference // what it changed
	Same   bool               // nothing: a value in it had changed
	Back   bool               // its words differ from those of now, so that it can be taken back to
}

// Versions answers with the versions of a post.
func (d Desk) Versions(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	found, err := book.FindPost(r.Context(), d.db, id)
	if err != nil {
		return ask.Answer{}, err
	}
	list, err := edit.Versions(r.Context(), d.db, id)
	if err != nil {
		return ask.Answer{}, err
	}
	name := page.Heading(found.Message, found.Source.Kind)
	p := &Page{
		Frame: page.Frame{Template: "versions", Title: r.Words.T("versions.title", name), Door: "calendar"}, Name: name, BackURL: fmt.Sprintf("/posts/%d", id),
		Action: fmt.Sprintf("/posts/%d/versions", id), Read: found.Version, May: r.Person.May(people.PostEdit),
	}
	for i, one := range list {
		row := Row{No: one.No, Author: one.Author, How: r.Words.T("versions.from." + string(one.Origin)), When: r.Words.Moment(one.At, r.Zone), Now: i == 0}
		if i+1 < len(list) {
			row.Fields = sheet.Differences(r.Words, fields.Of(edit.Change{Source: list[i+1].Source}, nil), fields.Of(edit.Change{Source: one.Source}, nil))
			row.Same = len(row.Fields) == 0
		}
		words := one.Source
		words.When = found.Source.When // the time is not taken back
		same, err := edit.Same(words, found.Source)
		if err != nil {
			return ask.Answer{}, err
		}
		row.Back = p.May && !same
		p.List = append(p.List, row)
	}
	return ask.Shown(p), nil
}

// TakeBack lets a post say again what an earlier version said.
func (d Desk) TakeBack(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	no := form.Number(r.PostForm.Get("version"))
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return edit.TakeBack(r.Context(), tx, id, no, form.Number(r.PostForm.Get("read")), r.Person)
	})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d/versions", id), Said: r.Words.T("versions.back", no)}, nil
}
