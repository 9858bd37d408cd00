// Package drawing is the desk on which people make a card for a post: choose what it says and how it looks, see it in each language of the
// post, and put it there.
//
// Each exported method of [Desk] answers one route of face/web. The pages work without script: a button draws, another puts the card on the
// post. What a card takes from elsewhere and what may not be drawn is for internal/flow/campaign/deck; the desk draws nothing itself.
package drawing

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"os"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/campaign/cards"
	"daymark/internal/flow/campaign/deck"
	"daymark/internal/flow/draft/carded"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/media"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// fontsFolder is where Debian puts fonts; Hindi, Thai and Chinese need some of it.
const fontsFolder = "/usr/share/fonts"

// What a preview has at most: it is looked at on a page and sent with it.
const (
	previewBytes = 60_000
	previewSide  = 540
)

// Desk is what the answers need.
type Desk struct {
	db    *postgres.DB
	fonts *lettering.Fonts
}

// New returns a desk.
func New(db *postgres.DB) Desk {
	return Desk{db: db, fonts: lettering.NewFonts(os.DirFS(fontsFolder))}
}

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /posts/{id}/cards", Needs: people.PostEdit, Answer: d.Choose},
		{Pattern: "POST /posts/{id}/cards", Needs: people.PostEdit, Answer: d.Draw},
	}
}

// subject is the post that a card is for, with what the card may take.
type subject struct {
	of        book.Post
	values    fill.Values
	languages []string
	ready     []cards.Card // of the campaign
}

func (d Desk) about(r ask.Request) (subject, error) {
	id, err := r.Number("id")
	if err != nil {
		return subject{}, err
	}
	s := subject{}
	if s.of, err = book.FindPost(r.Context(), d.db, id); err != nil {
		return subject{}, err
	}
	if s.values, err = fill.Read(r.Context(), d.db, s.of.Edition); err != nil {
		return subject{}, err
	}
	if s.languages = edit.Languages(s.of.Source); len(s.languages) == 0 {
		s.languages = []string{r.Words.Lang}
	}
	s.languages = inOrder(s.languages)
	if s.values.Edition.ID != 0 {
		s.ready, err = deck.Planned(r.Context(), d.db, s.values.Edition.Campaign)
	}
	return s, err
}

// inOrder returns languages in the order in which forms ask for them.
func inOrder(languages []string) []string {
	return slices.DeleteFunc(form.Tongues(languages), func(one string) bool { return !slices.Contains(languages, one) })
}

// Choose answers with the form, filled with a card that the campaign has ready or with the template that was asked for.
func (d Desk) Choose(r ask.Request) (ask.Answer, error) {
	s, err := d.about(r)
	if err != nil {
		return ask.Answer{}, err
	}
	w := s.begin(r)
	if r.URL.Query().Has("template") {
		w.Card = cards.Card{Template: r.URL.Query().Get("template")}
	}
	return ask.Shown(d.page(r, s, w)), nil
}

// Draw shows what was asked for as a picture in each language, or puts it on the post.
func (d Desk) Draw(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	s, err := d.about(r)
	if err != nil {
		return ask.Answer{}, err
	}
	w := s.typed(r)
	p := d.page(r, s, w)
	p.Read = form.Number(r.PostForm.Get("read"))
	drawn, err := deck.Draw(w, s.values, s.languages, d.fonts, r.Now)
	if mendable(err) {
		p.wrong(r, err)
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if r.PostForm.Get("do") != "use" {
		return ask.Shown(p), p.preview(r, drawn)
	}
	var pictures []carded.Picture
	for _, one := range drawn {
		pictures = append(pictures, carded.Picture(one))
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return carded.Put(r.Context(), tx, s.of.ID, p.Read, pictures, r.Person, r.Now)
	})
	if mendable(err) {
		p.wrong(r, err)
		return ask.Again(p), p.preview(r, drawn)
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d/edit", s.of.ID), Said: r.Words.T("cards.used")}, nil
}

// mendable reports whether what was typed, or the state of what it names, is what is wrong.
func mendable(err error) bool {
	return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound)
}

// preview shows the pictures, made small and within the page itself: nothing is stored before the card is used.
func (p *Page) preview(r ask.Request, drawn []deck.Drawn) error {
	for _, one := range drawn {
		source, err := media.Open(one.Bytes)
		if err != nil {
			return err
		}
		small, err := source.Fit(media.Cut{}, media.Limits{Bytes: previewBytes, Side: previewSide})
		if err != nil {
			return err
		}
		p.Drawn = append(p.Drawn, Drawn{
			Language: r.Words.Tongue(one.Language), Alt: page.NewText(one.Language, one.Alt), Width: small.Width, Height: small.Height,
			URL: template.URL("data:" + small.MIME + ";base64," + base64.StdEncoding.EncodeToString(small.Bytes)), // of our own making, with no word of anybody in it
		})
	}
	return nil
}
