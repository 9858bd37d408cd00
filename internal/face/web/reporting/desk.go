// Package reporting is the desk for reports to hand over: the page of an edition's report with its files, and the links by which people
// without an account read it. [Site] answers those.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask and whether the edition lies within their limits.
// internal/face/report writes reports, internal/flow/reach/share keeps links.
package reporting

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"daymark/internal/core/fault"
	"daymark/internal/face/report"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/texts"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach/share"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// fontsOf is where systems keep fonts; without it there are Latin and Arabic letters.
const fontsOf = "/usr/share/fonts"

// Desk is what the answers need.
type Desk struct {
	db     *postgres.DB
	pages  *page.Sets
	public *url.URL
	fonts  *lettering.Fonts
}

// New returns a desk; people reach Daymark at public, or without a host at the name that they ask.
func New(db *postgres.DB, pages *page.Sets, public *url.URL) Desk {
	return Desk{db: db, pages: pages, public: public, fonts: lettering.NewFonts(os.DirFS(fontsOf))}
}

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /reach/{id}/report", Needs: people.ReachRead, Answer: d.Show},
		{Pattern: "GET /reach/{id}/report.pdf", Needs: people.ReachRead, Answer: d.as(report.AsPDF)},
		{Pattern: "GET /reach/{id}/report.png", Needs: people.ReachRead, Answer: d.as(report.AsPNG)},
		{Pattern: "GET /reach/{id}/report.csv", Needs: people.ReachRead, Answer: d.as(report.AsCSV)},
		{Pattern: "GET /reach/{id}/report.json", Needs: people.ReachRead, Answer: d.as(report.AsJSON)},
		{Pattern: "POST /reach/{id}/report/links", Needs: people.ReachShare, Answer: d.Make},
		{Pattern: "POST /reach/{id}/report/links/{link}/revoke", Needs: people.ReachShare, Answer: d.Revoke},
		{Pattern: "GET /you/digests", Needs: ask.Member, Answer: d.Letters},
		{Pattern: "POST /you/digests", Needs: ask.Member, Answer: d.Choose},
	}
}

// reportPage is the page of a report.
type reportPage struct {
	page.Frame
	Edition string
	Back    string
	Files   []file
	Tables  []file
	Shares  bool   // the person may make links
	Made    string // the address of the one that was just made
	Links   []link
	Form    form.Form
}

type file struct{ ID, URL, Word string }

type link struct {
	ID     int64
	For    string
	By     string
	Speaks string
	State  string
	Open   bool
	Read   page.Moment
	Action string
}

// whole reads the edition that an address names, for somebody who sees all of it.
func (d Desk) whole(r ask.Request) (book.Edition, error) {
	id, err := r.Number("id")
	if err != nil {
		return book.Edition{}, err
	}
	e, err := book.EditionByID(r.Context(), d.db, id)
	if err != nil {
		return e, err
	}
	if len(r.Person.Labels) > 0 || r.Person.Role == people.RoleChapter {
		return e, fault.New(fault.Forbidden, "A report is over all accounts of an edition, and you work on some of them only.")
	}
	return e, nil
}

// Show answers with the page of a report.
func (d Desk) Show(r ask.Request) (ask.Answer, error) {
	e, err := d.whole(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.page(r, e)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) page(r ask.Request, e book.Edition) (*reportPage, error) {
	t, at := r.Words.T, reportURL(e.ID)
	p := &reportPage{
		Frame: page.Frame{Template: "report", Title: t("report.page.title", view.Title(e)), Door: "reach"}, Edition: view.Title(e), Back: fmt.Sprintf("/reach/%d", e.ID),
		Shares: r.Person.May(people.ReachShare) && !r.Person.Limited(),
		Tables: []file{{"csv", at + ".csv", t("report.page.csv")}, {"json", at + ".json", t("report.page.json")}},
	}
	for _, l := range texts.Languages() {
		p.Files = append(p.Files, file{"pdf-" + l.Code, at + ".pdf?lang=" + l.Code, t("report.page.pdf", r.Words.Tongue(l.Code))})
	}
	for _, l := range texts.Languages() {
		p.Files = append(p.Files, file{"png-" + l.Code, at + ".png?lang=" + l.Code, t("report.page.png", r.Words.Tongue(l.Code))})
	}
	if !p.Shares {
		return p, nil
	}
	list, err := share.Of(r.Context(), d.db, e.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		one := link{ID: l.ID, For: l.Purpose, By: l.MadeBy, Speaks: r.Words.Tongue(l.Language), Open: l.Open(), Action: fmt.Sprintf("%s/links/%d/revoke", at, l.ID)}
		until := r.Words.Moment(l.ExpiresAt, r.Zone)
		switch {
		case l.RevokedAt != nil:
			one.State = t("report.page.revoked", r.Words.Moment(*l.RevokedAt, r.Zone).Day)
		case l.Over:
			one.State = t("report.page.ended", until.Day)
		default:
			one.State = t("report.page.open", until.Day)
		}
		if l.OpenedAt != nil {
			one.Read = r.Words.Moment(*l.OpenedAt, r.Zone)
		}
		p.Links = append(p.Links, one)
	}
	var speaks []page.Option
	for _, l := range texts.Languages() {
		speaks = append(speaks, page.Option{Value: l.Code, Word: r.Words.Tongue(l.Code)})
	}
	yes := []page.Option{{Value: "no", Word: t("report.page.lessons.no")}, {Value: "yes", Word: t("report.page.lessons.yes")}}
	p.Form = form.Form{ID: "link", Action: at + "/links", Button: t("report.page.make"), Main: true, Groups: []form.Group{{Controls: []form.Control{
		form.Line("purpose", t("report.page.for"), "").Hinted(t("report.page.for.hint")),
		form.Exact("days", "number", t("report.page.days"), strconv.Itoa(share.UsualDays)).Hinted(t("report.page.days.hint")),
		form.Choice("language", t("report.page.language"), r.Words.Lang, speaks),
		form.Choice("lessons", t("report.page.lessons"), "no", yes),
	}}}}
	return p, nil
}

// as answers with a report as a file, in the language that is asked for.
func (d Desk) as(format report.Format) func(ask.Request) (ask.Answer, error) {
	return func(r ask.Request) (ask.Answer, error) {
		e, err := d.whole(r)
		if err != nil {
			return ask.Answer{}, err
		}
		words := r.Words
		if asked := r.URL.Query().Get("lang"); asked != "" {
			words = d.pages.In(asked).Words() // English for a language that there is not
		}
		org, err := profile.Get(r.Context(), d.db)
		if err != nil {
			return ask.Answer{}, err
		}
		made, err := report.Make(r.Context(), d.db, e.ID, format, report.Options{Words: words, Org: org.Name, Now: r.Now, Zone: r.Zone, Lessons: true}, d.fonts)
		if err != nil {
			return ask.Answer{}, err
		}
		return ask.Answer{File: &ask.File{Name: made.Name, Type: made.Type, Body: made.Body}}, nil
	}
}

// Make makes a link and shows its address, once.
func (d Desk) Make(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	e, err := d.whole(r)
	if err != nil {
		return ask.Answer{}, err
	}
	n := share.New{
		Edition: e.ID, Purpose: r.PostForm.Get("purpose"), Days: form.Number(r.PostForm.Get("days")), Lessons: r.PostForm.Get("lessons") == "yes",
		Language: d.pages.In(r.PostForm.Get("language")).Words().Lang,
	}
	var token string
	made := d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		token, err = share.Make(r.Context(), tx, r.Person, n)
		return err
	})
	if made != nil && !fault.Is(made, fault.Invalid) {
		return ask.Answer{}, made
	}
	p, err := d.page(r, e)
	if err != nil {
		return ask.Answer{}, err
	}
	if made != nil {
		p.Form.Mend(r.PostForm, r.Words.Problems(made))
		return ask.Again(p), nil
	}
	p.Made = d.base(r.Request) + share.Path + token
	return ask.Shown(p), nil
}

func (d Desk) base(r *http.Request) string {
	if d.public != nil && d.public.Host != "" {
		return d.public.Scheme + "://" + d.public.Host
	}
	return "http://" + r.Host
}

// Revoke takes a link back.
func (d Desk) Revoke(r ask.Request) (ask.Answer, error) {
	e, err := d.whole(r)
	if err != nil {
		return ask.Answer{}, err
	}
	id, err := r.Number("link")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return share.Revoke(r.Context(), tx, r.Person, e.ID, id) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: reportURL(e.ID), Said: r.Words.T("report.page.gone")}, nil
}

func reportURL(edition int64) string { return fmt.Sprintf("/reach/%d/report", edition) }
