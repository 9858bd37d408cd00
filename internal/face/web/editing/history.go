package editing

import (
	"fmt"
	"slices"
	"strings"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// VersionsPage lists the versions of a post, with what each changed.
type VersionsPage struct {
	page.Frame
	Name    string
	BackURL string
	Action  string
	Read    int // the version of the post that is shown
	May     bool
	List    []VersionRow
}

// VersionRow is one version.
type VersionRow struct {
	No     int
	Author string
	How    string // where it comes from, in words
	When   page.Moment
	Now    bool
	Fields []ClashField // what it changed
	Same   bool         // nothing: a value in it had changed
	Back   bool         // its words differ from those of now, so that it can be taken back to
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
	p := &VersionsPage{
		Frame: page.Frame{Template: "versions", Title: r.Words.T("versions.title", name), Door: "calendar"}, Name: name, BackURL: fmt.Sprintf("/posts/%d", id),
		Action: fmt.Sprintf("/posts/%d/versions", id), Read: found.Version, May: r.Person.May(people.PostEdit),
	}
	for i, one := range list {
		row := VersionRow{No: one.No, Author: one.Author, How: r.Words.T("versions.from." + string(one.Origin)), When: r.Words.Moment(one.At, r.Zone), Now: i == 0}
		if i+1 < len(list) {
			row.Fields = changed(r.Words, list[i+1], one)
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

// changed lists what one version changed of another, field by field.
func changed(words page.Words, before, now edit.Version) []ClashField {
	a, b := fields.Of(edit.Change{Source: before.Source}, nil), fields.Of(edit.Change{Source: now.Source}, nil)
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if !a.Has(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var list []ClashField
	for _, name := range names {
		x, y := strings.Join(a[name], " "), strings.Join(b[name], " ")
		if x == y || name == "mode" || name == "parts" || strings.HasPrefix(name, "pic-") {
			continue
		}
		one := ClashField{Changes: written.Changes(x, y)}
		one.Label, one.Lang = labelled(words, name)
		list = append(list, one)
	}
	return list
}

// labelled returns what a field is called where no form shows it, and the language of what stands in it.
func labelled(words page.Words, name string) (label, lang string) {
	list := strings.Split(name, "-")
	label = words.T("versions.field." + list[0])
	switch {
	case list[0] == "text" && len(list) > 2:
		lang = strings.Join(list[2:], "-")
	case list[0] == "own" && len(list) > 3:
		lang = strings.Join(list[2:len(list)-1], "-")
		label = words.T("editor.own", words.Network(list[len(list)-1]), words.Tongue(lang))
		return label, lang
	case list[0] == "alt" && len(list) > 3:
		lang = strings.Join(list[3:], "-")
	case list[0] == "note" && len(list) > 1:
		lang = strings.Join(list[1:], "-")
	case len(list) > 1 && (list[0] == "tags" || list[0] == "mentions"):
		return words.T("versions.field.in", label, words.Network(list[1])), ""
	}
	if lang != "" {
		label = words.T("versions.field.in", label, words.Tongue(lang))
	}
	return label, lang
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
	no := number(r, "version")
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return edit.TakeBack(r.Context(), tx, id, no, number(r, "read"), r.Person)
	})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d/versions", id), Said: r.Words.T("versions.back", no)}, nil
}
