// Package takingdown makes the screens about taking down: what would be removed, with the reason that it needs, what became of each
// copy, and a person's word that one is removed by hand.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask, keeps sessions and writes the answer. The
// desk removes nothing itself: internal/flow/dispatch/takedown does.
package takingdown

import (
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/flow/dispatch/takedown/scope"
	"daymark/internal/org/helpline"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct{ db *postgres.DB }

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Row is one copy: what is out, and what became of it.
type Row struct {
	ID       string // copy-12-1, by delivery and part
	Name     string
	URL      string // of the post
	Language string
	Handle   string
	Network  string
	Part     int // from 1; 0 where the post has one part only
	Copy     string
	Mark     page.Mark
	Problem  string
	Hand     string      // where a person says that it is removed by hand; empty where nobody has to
	HandBy   string      // who said so
	HandAt   page.Moment // and when
}

// Picture is a picture of what would be taken down, which can be taken down everywhere.
type Picture struct {
	N      int // from 1
	Source string
	URL    string
}

// FormPage asks whether to take down, and why.
type FormPage struct {
	page.Frame
	Name     string
	BackURL  string
	BackWord string
	Rows     []Row
	Shows    string // the address of the picture that is taken down; else empty
	Pictures []Picture
	Why      form.Form
}

// ResultPage says what became of each copy.
type ResultPage struct {
	page.Frame
	SelfURL string
	BackURL string
	Back    string
	Reason  string
	By      string
	When    page.Moment
	Held    int
	Left    int // copies that a person has to remove by hand
	Done    bool
	Shows   string // the address of the picture that is taken down; else empty
	Rows    []Row
	Kept    []Row // what waited, and is held with it or was held already
	Every   int   // seconds after which it renews itself; 0 when all is done
}

// maxReason is how long a reason may be.
const maxReason = 500

// subject is what is taken down, with its name and its page.
type subject struct {
	scope     takedown.Scope
	name, url string
}

// back is where the page of what is taken down is; a picture has none of its own, and that of a consent is for few.
func (s subject) back() string {
	if s.scope.Picture != "" || s.scope.Consent != 0 {
		return "/published"
	}
	return s.url
}

func (s subject) shows() string {
	if s.scope.Picture != "" {
		return "/media/" + s.scope.Picture
	}
	return ""
}

// Of the things that can be taken down, these find out which one a request names.
func (d Desk) post(r ask.Request, id int64) (subject, error) {
	found, err := book.FindPost(r.Context(), d.db, id)
	if err != nil {
		return subject{}, err
	}
	return subject{takedown.Scope{Post: id}, page.Heading(found.Message, found.Source.Kind), fmt.Sprintf("/posts/%d", id)}, nil
}

func (d Desk) edition(r ask.Request, id int64) (subject, error) {
	found, err := book.EditionByID(r.Context(), d.db, id)
	if err != nil {
		return subject{}, err
	}
	return subject{takedown.Scope{Edition: id}, view.Title(found), view.EditionURL(id)}, nil
}

func (d Desk) helpline(r ask.Request, id string) (subject, error) {
	found, err := helpline.Find(r.Context(), d.db, id)
	if err != nil {
		return subject{}, err
	}
	return subject{takedown.Scope{Helpline: found.ID}, found.Name, "/helplines/" + found.ID}, nil
}

func (d Desk) picture(r ask.Request, sum string) (subject, error) {
	if _, err := book.FindBlob(r.Context(), d.db, sum); err != nil {
		return subject{}, err
	}
	return subject{takedown.Scope{Picture: sum}, r.Words.T("down.picture.name"), "/pictures/" + sum}, nil
}

// Post answers with what of a post would be taken down, and Edition, Helpline and Picture with what of theirs.
func (d Desk) Post(r ask.Request) (ask.Answer, error) { return d.show(r, d.postOf) }

// Edition answers with what of an edition would be taken down.
func (d Desk) Edition(r ask.Request) (ask.Answer, error) { return d.show(r, d.editionOf) }

// Helpline answers with what would be taken down because it shows a helpline.
func (d Desk) Helpline(r ask.Request) (ask.Answer, error) { return d.show(r, d.helplineOf) }

// Picture answers with what would be taken down because it shows a picture.
func (d Desk) Picture(r ask.Request) (ask.Answer, error) { return d.show(r, d.pictureOf) }

// BeginPost takes a post down.
func (d Desk) BeginPost(r ask.Request) (ask.Answer, error) { return d.begin(r, d.postOf) }

// BeginEdition takes every post of an edition down.
func (d Desk) BeginEdition(r ask.Request) (ask.Answer, error) { return d.begin(r, d.editionOf) }

// BeginHelpline takes every post down that shows a helpline.
func (d Desk) BeginHelpline(r ask.Request) (ask.Answer, error) { return d.begin(r, d.helplineOf) }

// BeginPicture takes every post down that shows a picture.
func (d Desk) BeginPicture(r ask.Request) (ask.Answer, error) { return d.begin(r, d.pictureOf) }

func (d Desk) postOf(r ask.Request) (subject, error) {
	id, err := r.Number("id")
	if err != nil {
		return subject{}, err
	}
	return d.post(r, id)
}

func (d Desk) editionOf(r ask.Request) (subject, error) {
	id, err := r.Number("id")
	if err != nil {
		return subject{}, err
	}
	return d.edition(r, id)
}

func (d Desk) helplineOf(r ask.Request) (subject, error) { return d.helpline(r, r.PathValue("id")) }

func (d Desk) pictureOf(r ask.Request) (subject, error) { return d.picture(r, r.PathValue("sha256")) }

func (d Desk) show(r ask.Request, which func(ask.Request) (subject, error)) (ask.Answer, error) {
	s, err := which(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.form(r, s)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// form makes the page that lists what would be removed.
func (d Desk) form(r ask.Request, s subject) (*FormPage, error) {
	live, err := takedown.Live(r.Context(), d.db, s.scope)
	if err != nil {
		return nil, err
	}
	p := &FormPage{
		Frame: page.Frame{Template: "takedown", Title: r.Words.T("down.title", s.name), Door: "published"}, Name: s.name,
		BackURL: s.back(), BackWord: s.name, Rows: rows(r, live, 0), Shows: s.shows(),
		Why: form.Form{
			ID: "takedown", Action: s.url + "/takedown", Button: r.Words.T("down.send"), Main: true,
			Groups: []form.Group{{Controls: []form.Control{
				form.Area("takedown-reason", r.Words.T("down.reason"), "", 3).As("reason").Hinted(r.Words.T("down.reason.hint")),
			}}},
		},
	}
	if s.scope.Post == 0 && s.scope.Edition == 0 {
		return p, nil
	}
	sums, err := scope.Pictures(r.Context(), d.db, s.scope)
	for i, sum := range sums {
		p.Pictures = append(p.Pictures, Picture{N: i + 1, Source: "/media/" + sum, URL: "/pictures/" + sum + "/takedown"})
	}
	return p, err
}

func (d Desk) begin(r ask.Request, which func(ask.Request) (subject, error)) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	s, err := which(r)
	if err != nil {
		return ask.Answer{}, err
	}
	id, err := d.take(r, s)
	if err == nil {
		return ask.Answer{To: fmt.Sprintf("/takedowns/%d", id), Said: r.Words.T("down.begun")}, nil
	}
	if !fault.Is(err, fault.Invalid) {
		return ask.Answer{}, err
	}
	p, pageErr := d.form(r, s)
	if pageErr != nil {
		return ask.Answer{}, pageErr
	}
	p.Why.Mend(r.PostForm, r.Words.Problems(err))
	return ask.Again(p), nil
}

func (d Desk) take(r ask.Request, s subject) (id int64, err error) {
	reason, wrong := form.Reason(r.Words, r.PostForm.Get("takedown-reason"), maxReason)
	if wrong != "" {
		return 0, fault.BadField("reason", "%s", wrong)
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		id, err = takedown.Begin(r.Context(), tx, s.scope, reason, r.Person, r.Now)
		return err
	})
	return id, err
}
