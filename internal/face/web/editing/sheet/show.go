package sheet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/editing/look"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/edit/kept"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Maker makes pages of the editor.
type Maker struct {
	DB     *postgres.DB
	Checks review.Checks
}

// Page makes the editor with what was typed into it, or with what the post is.
func (m Maker) Page(r ask.Request, s Subject, c edit.Change) (*Page, error) {
	p := &Page{
		Frame: page.Frame{Template: "editor", Title: r.Words.T("editor.new"), Door: "calendar"}, BackURL: "/calendar", BackWord: r.Words.T("door.calendar"),
		Action: s.Path(), Whose: r.Person.ID, Base: s.Now.Read, Copy: s.Copy.ID, No: s.Copy.No, New: s.New(),
		MayPlace: MayPlace(r.Person), MaySend: r.Person.May(people.PostSubmit),
	}
	var err error
	if p.New {
		p.Called = form.Line("name", r.Words.T("now.name"), c.Source.Message).Hinted(r.Words.T("now.name.hint"))
		p.Edition = form.Choice("edition", r.Words.T("editor.edition"), fmt.Sprint(s.Of.Edition), editions(r, s.Editions))
		if p.Begun, err = m.begun(r, s.Copy.ID); err != nil {
			return nil, err
		}
	} else {
		p.Name = page.Heading(s.Of.Message, s.Of.Source.Kind)
		p.Frame.Title = r.Words.T("editor.title", p.Name)
		p.BackURL, p.BackWord = fmt.Sprintf("/posts/%d", s.Of.ID), p.Name
		if err = m.undoes(r, p, s.Of); err != nil {
			return nil, err
		}
	}
	if p.Others, err = m.Others(r, s.Of.ID); err != nil {
		return nil, err
	}
	p.words(r, s, c)
	p.beside(r, s, c)
	p.where(r, s, c)
	p.Pick = picks(r, s, c)
	if tooLong(c) {
		return p, nil // what is wrong with it is said at its field
	}
	p.Look, err = m.See(r, s, c)
	return p, err
}

// See looks at what was typed.
func (m Maker) See(r ask.Request, s Subject, c edit.Change) (look.Look, error) {
	if tooLong(c) {
		return look.Look{}, fault.New(fault.Invalid, "This is too long to be kept. Shorten it; it is still in the field.")
	}
	allowed, err := edit.Capabilities(r.Context(), m.DB)
	if err != nil {
		return look.Look{}, err
	}
	draft := s.Of
	draft.Source, draft.Entries = c.Source, c.Entries(s.Of, s.Channels)
	if draft.Message == "" {
		draft.Message = c.Source.Message
	}
	same, err := edit.Same(c.Source, s.Of.Source)
	if err != nil {
		return look.Look{}, err
	}
	words := edit.Languages(c.Source)
	if len(words) == 0 {
		words = s.tongues(c)[:1]
	}
	unfolds, language, _ := strings.Cut(r.URL.Query().Get("unfold"), "-") // as a link in the page says
	return look.See(r.Context(), m.DB, r.Viewer, look.Asked{
		Unfolds: unfolds, Language: language,
		Post: draft, Saved: same && !s.New(), Words: inOrder(words, s.tongues(c)), Channels: s.Channels, Allowed: allowed, Values: s.Values, Checks: m.Checks,
	})
}

// inOrder returns those of a list that are among some, in the order of the list.
func inOrder(some, list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(one string) bool { return !slices.Contains(some, one) })
}

// undoes says what a save takes back: how many places are approved, and whether reviewers look at these words just now.
func (m Maker) undoes(r ask.Request, p *Page, of book.Post) error {
	for _, e := range of.Entries {
		if e.State == post.Scheduled {
			p.Undoes++
		}
	}
	asked, err := view.ReadAsked(r.Context(), m.DB, of.ID)
	p.Asked = len(asked) > 0
	return err
}

// Others returns who else has typed something into a post just now.
func (m Maker) Others(r ask.Request, id int64) ([]Other, error) {
	list, err := kept.Others(r.Context(), m.DB, r.Person, id)
	if err != nil {
		return nil, err
	}
	var out []Other
	for _, one := range list {
		out = append(out, Other{Name: one.Person, Since: r.Words.Moment(one.Begun, r.Zone)})
	}
	return out, nil
}

func (m Maker) begun(r ask.Request, but int64) ([]Begun, error) {
	list, err := kept.New(r.Context(), m.DB, r.Person)
	if err != nil {
		return nil, err
	}
	var out []Begun
	for _, one := range list {
		if one.ID == but {
			continue
		}
		typed, err := fields.Decode(one.Body)
		if err != nil {
			return nil, err
		}
		words := strings.TrimSpace(typed.Get("name"))
		for field, values := range typed {
			if words == "" && strings.HasPrefix(field, "text-1-") {
				words = strings.TrimSpace(values[0])
			}
		}
		if words == "" {
			words = r.Words.T("editor.begun.empty")
		}
		out = append(out, Begun{URL: fmt.Sprintf("/new/post?copy=%d", one.ID), Text: page.NewText("", words).Short(60).Body, When: r.Words.Moment(one.At, r.Zone)})
	}
	return out, nil
}

// words makes the fields of the languages and of the pictures.
func (p *Page) words(r ask.Request, s Subject, c edit.Change) {
	p.Parts = max(1, len(c.Source.Parts))
	networks := networksOf(s)
	for _, code := range s.tongues(c) {
		name := r.Words.Tongue(code)
		one := Tongue{
			Code: code, Name: name,
			Note: form.Line(fields.Note(code), r.Words.T("now.note", name), c.Source.ContentNote[code]).In(code).Hinted(r.Words.T("now.note.hint")),
		}
		for i := range p.Parts {
			words, label := "", r.Words.T("now.text", name)
			if i < len(c.Source.Parts) {
				words = c.Source.Parts[i].Texts[code]
			}
			if p.Parts > 1 {
				label = r.Words.T("editor.text.part", i+1, name)
			}
			part := TonguePart{No: i + 1, Text: form.Area(fields.Text(i+1, code), label, words, 6).In(code)}
			for _, network := range networks {
				at := slices.IndexFunc(c.Source.Variants, func(v post.Variant) bool { return v.Part == i+1 && v.Language == code && v.Network == network })
				value := fmt.Sprintf("%d:%s:%s", i+1, code, network)
				if at < 0 {
					part.More = append(part.More, Button{Value: "own:" + value, Word: r.Words.T("editor.own.add", r.Words.Network(network))})
					continue
				}
				label := r.Words.T("editor.own", r.Words.Network(network), name)
				part.Own = append(part.Own, ForNetwork{
					Control: form.Area(fields.Own(i+1, code, network), label, c.Source.Variants[at].Text, 5).In(code), Out: "disown:" + value, OutWord: r.Words.T("editor.own.drop", r.Words.Network(network)),
				})
			}
			if words == "" {
				part.More = nil
			}
			one.Open = one.Open || words != ""
			one.Parts = append(one.Parts, part)
		}
		p.Tongues = append(p.Tongues, one)
	}
	if len(p.Tongues) > 0 && !slices.ContainsFunc(p.Tongues, func(one Tongue) bool { return one.Open }) {
		p.Tongues[0].Open = true
	}
	for i := range c.Source.Parts {
		p.Pictures = append(p.Pictures, pictured(r, s, c, i))
	}
}

// networksOf returns the networks that a post can have words of its own for: those of the accounts, and those that it has some for.
func networksOf(s Subject) []string {
	var list []string
	for _, c := range s.Channels {
		if !c.Archived() {
			list = append(list, c.Platform)
		}
	}
	for _, v := range s.Of.Source.Variants {
		list = append(list, v.Network)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// pictured makes the fields of the pictures of a part.
func pictured(r ask.Request, s Subject, c edit.Change, i int) Pictured {
	part := c.Source.Parts[i]
	one := Pictured{No: i + 1, Field: fields.Picked(i + 1), File: fields.Sent(i + 1), Value: fmt.Sprintf("upload:%d", i+1), Open: len(part.Pictures) > 0}
	if len(c.Source.Parts) == 1 {
		one.No = 0
	}
	all := slices.Clone(part.Pictures)
	for _, p := range s.Offers.Pictures {
		if !slices.ContainsFunc(all, func(o post.SourcePicture) bool { return o.SHA256 == p.SHA256 }) {
			all = append(all, p)
		}
	}
	for n, p := range all {
		word := p.Alt[r.Words.Lang]
		for _, language := range edit.Languages(c.Source) {
			if word == "" {
				word = p.Alt[language]
			}
		}
		if word == "" {
			word = r.Words.T("now.picture.undescribed")
		}
		one.Offered = append(one.Offered, Tick{
			ID: fmt.Sprintf("%s-%d", one.Field, n+1), Value: p.SHA256, Word: page.NewText("", word).Short(60).Body, URL: "/media/" + p.SHA256 + "?small", Chosen: n < len(part.Pictures),
		})
	}
	for _, p := range part.Pictures {
		shot := Shot{URL: "/media/" + p.SHA256 + "?small", Why: form.Line(fields.NoAlt(i+1, p.SHA256), r.Words.T("editor.noalt"), p.NoAlt).Hinted(r.Words.T("editor.noalt.hint"))}
		for _, language := range inOrder(edit.Languages(c.Source), s.tongues(c)) {
			if !p.Speaks(language) {
				continue
			}
			alt := form.Area(fields.Alt(i+1, p.SHA256, language), r.Words.T("now.alt", r.Words.Tongue(language)), p.Alt[language], 2).In(language)
			if strings.TrimSpace(p.Alt[language]) == "" && p.NoAlt == "" {
				alt.Problem = r.Words.T("editor.alt.missing")
			}
			shot.Alts = append(shot.Alts, alt)
		}
		one.Shots = append(one.Shots, shot)
	}
	return one
}

// Compare shows what somebody else saved meanwhile beside what was typed, and lets the next save go over it: then both were seen.
func (p *Page) Compare(r ask.Request, s Subject, c edit.Change) {
	p.Base = s.Now.Read
	p.Clash = Clash{Author: s.Of.Author, When: r.Words.Moment(s.Of.RevisedAt, r.Zone), Fields: Differences(r.Words, fields.Of(s.Now, nil), fields.Of(c, nil))}
}

// each calls do for every field that has a label of its own.
func (p *Page) each(do func(*form.Control)) {
	for _, one := range []*form.Control{
		&p.Called, &p.Edition, &p.Hashtags, &p.Link, &p.Helpline, &p.HelpFor, &p.Date, &p.Time, &p.Mode, &p.Zone, &p.Window,
	} {
		do(one)
	}
	for i := range p.Tongues {
		do(&p.Tongues[i].Note)
		for j := range p.Tongues[i].Parts {
			part := &p.Tongues[i].Parts[j]
			do(&part.Text)
			for k := range part.Own {
				do(&part.Own[k].Control)
			}
		}
	}
	for i := range p.Tags {
		do(&p.Tags[i].Control)
	}
	for i := range p.Mentions {
		do(&p.Mentions[i])
	}
	for i := range p.Pictures {
		for j := range p.Pictures[i].Shots {
			shot := &p.Pictures[i].Shots[j]
			do(&shot.Why)
			for k := range shot.Alts {
				do(&shot.Alts[k])
			}
		}
	}
}

// Mend writes what is wrong to its fields and on top.
func (p *Page) Mend(list []fault.Problem) {
	for _, wrong := range list {
		mended := false
		p.each(func(one *form.Control) {
			if one.ID != "" && one.ID == wrong.Field && !mended {
				one.Problem, mended = wrong.Message, true
				p.Problems = append(p.Problems, one.Field)
			}
		})
		switch {
		case mended:
		case wrong.Field == "places":
			p.WhereBad = wrong.Message
			p.Problems = append(p.Problems, page.Field{ID: "where", Problem: wrong.Message})
		default:
			p.Problems = append(p.Problems, page.Field{Label: page.Name(wrong.Field), Problem: wrong.Message})
		}
	}
	for i := range p.Tongues {
		one := &p.Tongues[i]
		one.Open = one.Open || one.Note.Problem != "" || slices.ContainsFunc(one.Parts, func(part TonguePart) bool {
			return part.Text.Problem != "" || slices.ContainsFunc(part.Own, func(own ForNetwork) bool { return own.Problem != "" })
		})
	}
}

func editions(r ask.Request, list []book.Edition) []page.Option {
	options := []page.Option{{Value: "0", Word: r.Words.T("editor.edition.none")}}
	for _, e := range list {
		options = append(options, page.Option{Value: strconv.FormatInt(e.ID, 10), Word: fmt.Sprintf("%s %d", e.Title, e.Year)})
	}
	return options
}
