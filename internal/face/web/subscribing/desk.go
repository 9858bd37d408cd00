// Package subscribing is the desk for a person's calendar feeds: the private addresses under which their calendar program asks for days,
// posts and duties.
//
// Each exported method of [Desk] answers one route of face/web. Everybody has addresses of their own only; one is shown once, when it is
// made. What they lead to is answered by internal/face/feed.
package subscribing

import (
	"net/http"
	"net/url"
	"strconv"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/people/feed"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db     *postgres.DB
	public *url.URL
}

// New returns a desk; people reach Daymark at public, or without a host at the name that they ask.
func New(db *postgres.DB, public *url.URL) Desk { return Desk{db: db, public: public} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /account/feeds", Needs: people.PostRead, Answer: d.List},
		{Pattern: "POST /account/feeds", Needs: people.PostRead, Answer: d.Make},
		{Pattern: "POST /account/feeds/{feed}/revoke", Needs: people.PostRead, Answer: d.Revoke},
	}
}

// feedsPage lists a person's feeds.
type feedsPage struct {
	page.Frame
	Made string // the address of the one that was just made
	Rows []row
	Form form.Form
}

type row struct {
	ID    int64
	Name  string
	Shows string
	Made  page.Moment
	Asked page.Moment
}

// List answers with a person's feeds.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	p, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) page(r ask.Request) (*feedsPage, error) {
	t := r.Words.T
	p := &feedsPage{Frame: page.Frame{Template: "feeds", Title: t("feeds.title"), Door: "account"}}
	editions, err := r.Editions(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	options := r.EditionOptions(editions, 0)
	options[0].Word = t("feeds.edition.none")
	list, err := feed.List(r.Context(), d.db, r.Person.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		one := row{ID: f.ID, Name: f.Name, Shows: t("feeds.kind." + string(f.Kind)), Made: r.Words.Moment(f.Made, r.Zone), Asked: r.Words.Moment(f.Asked.Time, r.Zone)}
		for _, o := range options {
			if f.Edition.Valid && o.Value == strconv.FormatInt(f.Edition.Int64, 10) {
				one.Shows = o.Word
			}
		}
		p.Rows = append(p.Rows, one)
	}
	var kinds []page.Option
	for _, k := range feed.Kinds() {
		kinds = append(kinds, page.Option{Value: string(k), Word: t("feeds.kind." + string(k))})
	}
	p.Form = form.Form{ID: "feed", Action: "/account/feeds", Button: t("feeds.make"), Main: true, Groups: []form.Group{{Controls: []form.Control{
		form.Line("name", t("feeds.name"), "").Hinted(t("feeds.name.hint")),
		form.Choice("kind", t("feeds.kind"), string(feed.Observances), kinds),
		form.Choice("edition", t("feeds.edition"), "", options).Hinted(t("feeds.edition.hint")),
	}}}}
	return p, nil
}

// Make makes a feed and shows its address, once.
func (d Desk) Make(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	edition, err := strconv.ParseInt(r.PostForm.Get("edition"), 10, 64)
	if err != nil {
		edition = 0 // none was chosen
	}
	var token string
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		token, err = feed.Make(r.Context(), tx, r.Person, feed.Kind(r.PostForm.Get("kind")), edition, r.PostForm.Get("name"))
		return err
	})
	if err != nil && !fault.Is(err, fault.Invalid) {
		return ask.Answer{}, err
	}
	p, pageErr := d.page(r)
	if pageErr != nil {
		return ask.Answer{}, pageErr
	}
	if err != nil {
		p.Form.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	p.Made = d.base(r.Request) + feed.Path + token + feed.Suffix
	return ask.Shown(p), nil
}

func (d Desk) base(r *http.Request) string {
	if d.public != nil && d.public.Host != "" {
		return d.public.Scheme + "://" + d.public.Host
	}
	return "http://" + r.Host
}

// Revoke takes a feed back.
func (d Desk) Revoke(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("feed")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return feed.Revoke(r.Context(), tx, r.Person, id) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/account/feeds", Said: r.Words.T("feeds.revoked")}, nil
}
