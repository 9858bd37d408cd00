// Package messages is the desk for the messages of a campaign: when each goes out, its words, its pictures and to which accounts.
//
// What is wrong is found by the reader of campaign files and said under the field; everything typed stays, a picture too. Looking at the
// words by the rules saves nothing.
package messages

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/campaigning/typed"
	"daymark/internal/face/web/library/form"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	fields "daymark/internal/flow/campaign/form"
)

// MaxUpload is how much a form with a picture may send: the largest picture that networks take, and the words beside it.
const MaxUpload = 18 << 20

// Desk is what the answers need.
type Desk struct {
	db    *postgres.DB
	rules *lint.Set
}

// New returns a desk that looks at words by the rules.
func New(db *postgres.DB, rules *lint.Set) Desk { return Desk{db: db, rules: rules} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /campaigns/{campaign}/add", Needs: people.CampaignLoad, Answer: d.Add},
		{Pattern: "POST /campaigns/{campaign}/add", Needs: people.CampaignLoad, Answer: d.Added},
		{Pattern: "GET /campaigns/{campaign}/messages/{message}", Needs: people.CampaignLoad, Answer: d.Message},
		{Pattern: "POST /campaigns/{campaign}/messages/{message}", Needs: people.CampaignLoad, Answer: d.Reworded},
		{Pattern: "POST /campaigns/{campaign}/messages/{message}/remove", Needs: people.CampaignLoad, Answer: d.Remove},
	}
}

// Add answers with the form for a new message.
func (d Desk) Add(r ask.Request) (ask.Answer, error) {
	return d.showMessage(r, func(s *compose.Sheet) (int, error) { return fresh(s), nil })
}

// Added adds a message.
func (d Desk) Added(r ask.Request) (ask.Answer, error) {
	return d.takeMessage(r, func(s *compose.Sheet) (int, error) { return fresh(s), nil })
}

// Message answers with the form for a message.
func (d Desk) Message(r ask.Request) (ask.Answer, error) { return d.showMessage(r, named(r)) }

// Reworded writes a message.
func (d Desk) Reworded(r ask.Request) (ask.Answer, error) { return d.takeMessage(r, named(r)) }

// fresh puts a message without words at the end of a campaign.
func fresh(s *compose.Sheet) int {
	s.Posts = append(s.Posts, fields.Post{Offset: "D0", Time: "10:00", Text: fields.Texts{}})
	return len(s.Posts) - 1
}

// named finds the message that the path names.
func named(r ask.Request) func(*compose.Sheet) (int, error) {
	return func(s *compose.Sheet) (int, error) {
		at := slices.IndexFunc(s.Posts, func(p fields.Post) bool { return p.ID == r.PathValue("message") })
		if at < 0 {
			return 0, fault.New(fault.NotFound, "The campaign has no such message. It may have been taken out.")
		}
		return at, nil
	}
}

func (d Desk) showMessage(r ask.Request, find func(*compose.Sheet) (int, error)) (ask.Answer, error) {
	s, _, err := typed.Kept(r.Context(), d.db, r.Person, r.PathValue("campaign"))
	if err != nil {
		return ask.Answer{}, err
	}
	at, err := find(&s)
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.messagePage(r, s, at, nil, "")
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// takeMessage takes what was typed into a message and saves the campaign; or only looks at it by the rules; or shows the form again with
// everything that was typed.
func (d Desk) takeMessage(r ask.Request, find func(*compose.Sheet) (int, error)) (ask.Answer, error) {
	picture, wrongPicture, err := sent(r)
	if err != nil {
		return ask.Answer{}, err
	}
	s, _, err := typed.Kept(r.Context(), d.db, r.Person, r.PathValue("campaign"))
	if err != nil {
		return ask.Answer{}, err
	}
	at, err := find(&s)
	if err != nil {
		return ask.Answer{}, err
	}
	in := r.PostForm
	if picture != nil {
		if err := d.store(r, *picture); err != nil {
			return ask.Answer{}, err
		}
		in.Set("picture", picture.SHA256) // chosen on the form that comes back, too
	}
	before := s.Posts[at]
	p, err := d.messagePage(r, s, at, in, in.Get("picture"))
	if err != nil {
		return ask.Answer{}, err
	}
	if p.Wrong = wrongPicture; before.ID != "" && in.Get("seen") != form.Print(before) {
		p.Form.Meanwhile(in, r.Words.T("campaign.clash"))
		return ask.Again(p), nil
	}
	if s.Posts[at], err = d.reworded(r, &s, before, in); err != nil {
		return ask.Answer{}, err
	}
	if in.Get("do") == "look" {
		return d.look(r, p, s, at)
	}
	var problems []campaign.Problem
	if wrongPicture == "" {
		var changed bool
		changed, problems, err = compose.Save(r.Context(), d.db, s, r.Person, r.Now)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return ask.Answer{}, err
		}
		if err == nil && len(problems) == 0 {
			return ask.Answer{To: typed.Address(s.ID), Said: typed.Said(r.Words, changed)}, nil
		}
	}
	p.Form.Mend(in, append(typed.Problems(r.Words, s, problems, prefix(at)), r.Words.Problems(err)...))
	return ask.Again(p), nil
}

// prefix is how the reader of files begins what it says of a message.
func prefix(at int) string { return fmt.Sprintf("posts[%d].", at) }

// sent reads the form and the picture with it, if there is one. The sentence says what is wrong with the picture.
func sent(r ask.Request) (*campaign.Picture, string, error) {
	err := r.ParseMultipartForm(MaxUpload)
	if errors.Is(err, http.ErrNotMultipart) {
		return nil, "", r.Form()
	}
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return nil, "", fault.Wrap(fault.Invalid, err, "What was sent is larger than %d MB. Go back and choose a smaller picture.", MaxUpload>>20)
	}
	if err != nil {
		return nil, "", fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	file, head, err := r.FormFile("file")
	if err != nil || head.Size == 0 {
		return nil, "", nil //nolint:nilerr // no picture was chosen
	}
	defer func() { _ = file.Close() }()
	body, err := io.ReadAll(file)
	if err != nil {
		return nil, "", fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	p, err := campaign.ReadPicture(body)
	if err != nil {
		return nil, r.Words.T("campaign.picture.wrong"), nil
	}
	return &p, "", nil
}

// store keeps a picture, so that it is not lost when the words beside it have to be mended.
func (d Desk) store(r ask.Request, p campaign.Picture) error {
	return d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return book.AddBlob(r.Context(), tx, book.Blob{MIME: p.MIME, Width: p.Width, Height: p.Height, Bytes: p.Bytes})
	})
}

// Remove takes a message out of a campaign. What is planned of it follows when it is planned again.
func (d Desk) Remove(r ask.Request) (ask.Answer, error) {
	s, _, err := typed.Kept(r.Context(), d.db, r.Person, r.PathValue("campaign"))
	if err != nil {
		return ask.Answer{}, err
	}
	at, err := named(r)(&s)
	if err != nil {
		return ask.Answer{}, err
	}
	s.Posts = slices.Delete(s.Posts, at, at+1)
	_, problems, err := compose.Save(r.Context(), d.db, s, r.Person, r.Now)
	if err == nil && len(problems) > 0 {
		err = fault.New(fault.Conflict, "The campaign cannot be saved without this message. Mend its other messages first.")
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: typed.Address(s.ID), Said: r.Words.T("campaign.removed")}, nil
}

// reworded returns a message with what was typed. What a form has no field for stays.
func (d Desk) reworded(r ask.Request, s *compose.Sheet, p fields.Post, in url.Values) (fields.Post, error) {
	p.Kind = typed.Line(in, "kind")
	if p.ID == "" {
		id, err := d.messageName(r, s, typed.Line(in, "id"), p.Kind)
		if err != nil {
			return p, err
		}
		p.ID = id
	}
	if p.Series == nil {
		p.Offset, p.Time = typed.Line(in, "offset"), typed.Line(in, "time")
	} else {
		p.Series = &fields.Series{Cron: typed.Line(in, "series-cron"), From: typed.Line(in, "series-from"), To: typed.Line(in, "series-to")}
	}
	if p.Mode, p.Zone = "", ""; typed.Line(in, "mode") == "fixed" {
		p.Mode, p.Zone = "fixed", typed.Line(in, "zone")
	}
	p.Window, p.Sensitive = typed.Line(in, "window"), in.Get("sensitive") == "yes"
	p.Text = texts(in, "text-", s.Languages)
	if p.ContentNote = texts(in, "note-", s.Languages); empty(p.ContentNote) {
		p.ContentNote = nil
	}
	p.Thread = slices.Clone(p.Thread)
	for i := range p.Thread {
		p.Thread[i].Text = texts(in, fmt.Sprintf("thread-%d-", i), s.Languages)
	}
	p.Variants = slices.Clone(p.Variants)
	for i := range p.Variants {
		p.Variants[i].Text = typed.Words(in, fmt.Sprintf("variant-%d", i))
	}
	p.Hashtags, p.Labels, p.WithoutLabels = typed.Split(in.Get("hashtags")), typed.Split(in.Get("labels")), typed.Split(in.Get("without"))
	p.Networks, p.Facts = typed.Split(in.Get("networks")), typed.Split(in.Get("facts"))
	p.Helpline, p.HelplineFor, p.Audience = typed.Line(in, "helpline"), typed.Line(in, "for"), typed.Line(in, "audience")
	p.Review = nil
	if n, roles := form.Number(in.Get("approvals")), typed.Split(in.Get("roles")); typed.Line(in, "approvals") != "" || len(roles) > 0 {
		p.Review = &fields.Review{Approvals: n, Roles: roles}
	}
	return p, d.pictured(r, s, &p, in)
}

// pictured puts the pictures of a form into a message: those that are kept, and one that came.
func (d Desk) pictured(r ask.Request, s *compose.Sheet, p *fields.Post, in url.Values) error {
	var media []fields.Media
	if p.Media != nil {
		for i, m := range *p.Media {
			if in.Get(fmt.Sprintf("keep-%d", i)) != "no" {
				m.Alt = texts(in, fmt.Sprintf("alt-%d-", i), s.Languages)
				media = append(media, m)
			}
		}
	}
	if sum := in.Get("picture"); sum != "" {
		file, err := s.Take(r.Context(), d.db, sum)
		if err != nil {
			return err
		}
		media = append(media, fields.Media{File: file, Alt: texts(in, "alt-new-", s.Languages)})
	}
	if p.Media = nil; len(media) > 0 {
		p.Media = &media
	}
	return nil
}

// messageName returns the short name of a new message. One that was used before is refused: its posts would be found by it.
func (d Desk) messageName(r ask.Request, s *compose.Sheet, in, kind string) (string, error) {
	if in == "" {
		return s.FreeMessage(r.Context(), d.db, kind)
	}
	used, err := s.Used(r.Context(), d.db, in)
	if err == nil && used {
		err = fault.New(fault.Conflict, "The campaign has, or had, a message of this name. Choose another name.")
	}
	return in, err
}

func texts(in url.Values, prefix string, languages []string) fields.Texts {
	all := fields.Texts{}
	for _, language := range languages {
		all[language] = typed.Words(in, prefix+language)
	}
	return all
}

func empty(all fields.Texts) bool {
	for _, words := range all {
		if words != "" {
			return false
		}
	}
	return true
}
