package linked

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
	"daymark/internal/org/outside"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Desk is what the team's pages about links need.
type Desk struct {
	db     *postgres.DB
	keys   seal.Keys
	public *url.URL
}

// New returns a desk; links begin with the public address.
func New(db *postgres.DB, keys seal.Keys, public *url.URL) Desk { return Desk{db, keys, public} }

// linksPage shows the links of a submission.
type linksPage struct {
	page.Frame
	CardURL string
	Name    string
	Fresh   string // a link that was made just now: it is shown this once
	FreshTo string
	Rows    []linkRow
	Make    form.Form
	May     bool // the submission still takes an approval
	Nobody  bool // no outside reviewer reads its language
}

// linkRow is a link in the list.
type linkRow struct {
	ID         string
	Reviewer   string
	Email      string
	MadeBy     string
	Made       page.Moment
	Until      page.Moment
	Mark       page.Mark
	Said       string
	Safeguards bool
	RevokeURL  string // empty where there is nothing to take back
}

// Links answers with the links of a submission.
func (d Desk) Links(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.links(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) links(r ask.Request, submission int64) (*linksPage, error) {
	ctx, t := r.Context(), r.Words.T
	card, err := review.Find(ctx, d.db, submission, r.Person)
	if err != nil {
		return nil, err
	}
	at := fmt.Sprintf("/review/%d", submission)
	name := page.Heading(card.Message, card.Kind) + ", " + r.Words.Tongue(card.Language)
	p := &linksPage{
		Frame: page.Frame{Template: "links", Title: t("links.title"), Door: "review"}, CardURL: at, Name: name, May: card.Current && !card.Cleared,
	}
	list, err := link.Of(ctx, d.db, submission)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		state := l.State(r.Now)
		row := linkRow{
			ID: fmt.Sprintf("link-%d", l.ID), Reviewer: l.Reviewer, Email: l.Email, MadeBy: l.MadeBy, Made: r.Words.Moment(l.MadeAt, r.Zone),
			Until: r.Words.Moment(l.ExpiresAt, r.Zone), Mark: mark(r.Words, state), Safeguards: l.Safeguards,
		}
		if l.Verdict != "" {
			row.Said = t("verdict." + l.Verdict)
		}
		if l.Holds(r.Now) {
			row.RevokeURL = fmt.Sprintf("%s/links/%d/revoke", at, l.ID)
		}
		p.Rows = append(p.Rows, row)
	}
	reviewers, err := outside.List(ctx, d.db)
	if err != nil {
		return nil, err
	}
	options := []page.Option{{Value: "", Word: t("links.choose")}}
	for _, one := range reviewers {
		if one.Disabled || !reads(one.Languages, card.Language) {
			continue
		}
		word := one.Name + ", " + one.Email
		if one.Safeguards {
			word += ", " + t("outside.safeguards")
		}
		options = append(options, page.Option{Value: fmt.Sprint(one.ID), Word: word})
	}
	p.Nobody = len(options) == 1
	p.Make = form.Form{ID: "make", Action: at + "/links", Button: t("links.make"), Main: true, Groups: []form.Group{{Controls: []form.Control{
		form.Choice("reviewer", t("links.reviewer"), "", options),
		form.Exact("hours", "number", t("links.hours"), strconv.Itoa(link.UsualHours)).Hinted(t("links.hours.hint")),
	}}}}
	return p, nil
}

func reads(languages []string, language string) bool {
	for _, l := range languages {
		if l == language {
			return true
		}
	}
	return false
}

func mark(words page.Words, state link.State) page.Mark {
	m := page.Mark{ID: string(state), Word: words.T("links.state." + string(state)), Icon: "undo-2", Tone: "quiet"}
	switch state {
	case link.Open:
		m.Icon, m.Tone = "clock", "look"
	case link.Used:
		m.Icon, m.Tone = "circle-check", "live"
	case link.Expired, link.Revoked, link.Gone, link.Edited:
	}
	return m
}

// Make makes a link and shows it this once.
func (d Desk) Make(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	who, hours := int64(form.Number(r.PostForm.Get("reviewer"))), form.Number(r.PostForm.Get("hours"))
	if hours == 0 {
		hours = -1 // what is no number is not the usual one
	}
	address, problem := link.Make(r.Context(), d.db, link.Making{Submission: id, Reviewer: who, Hours: hours, Base: d.base(r), Key: d.keys[0]}, r.Person, r.Now)
	if problem != nil && !fault.Is(problem, fault.Invalid) {
		return ask.Answer{}, problem
	}
	p, err := d.links(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	if problem != nil {
		p.Make.Mend(r.PostForm, r.Words.Problems(problem))
		return ask.Again(p), nil
	}
	to, err := outside.Find(r.Context(), d.db, who)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Fresh, p.FreshTo = address, to.Email
	return ask.Shown(p), nil
}

// base is what links begin with. Without a public address people come from this machine, by the name they used.
func (d Desk) base(r ask.Request) string {
	if d.public.Host == "" {
		return "http://" + r.Host
	}
	return strings.TrimSuffix(d.public.String(), "/")
}

// Revoke takes a link back.
func (d Desk) Revoke(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	one, err := r.Number("link")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return link.Revoke(r.Context(), tx, id, one, r.Person) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/review/%d/links", id), Said: r.Words.T("links.revoked")}, nil
}

// outsidePage lists the outside reviewers.
type outsidePage struct {
	page.Frame
	Rows  []reviewerRow
	Add   form.Form
	Admin bool
}

type reviewerRow struct {
	ID         int64
	Name       string
	Email      string
	Languages  string
	Safeguards bool
	Removed    bool
}

// Reviewers answers with the outside reviewers.
func (d Desk) Reviewers(r ask.Request) (ask.Answer, error) {
	p, err := d.reviewers(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) reviewers(r ask.Request) (*outsidePage, error) {
	t := r.Words.T
	p := &outsidePage{Frame: page.Frame{Template: "outside", Title: t("outside.title"), Door: "outside"}, Admin: r.Person.Role == people.RoleAdmin}
	list, err := outside.List(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		var tongues []string
		for _, l := range one.Languages {
			tongues = append(tongues, r.Words.Tongue(l))
		}
		p.Rows = append(p.Rows, reviewerRow{one.ID, one.Name, one.Email, strings.Join(tongues, ", "), one.Safeguards, one.Disabled})
	}
	controls := []form.Control{
		form.Line("name", t("outside.name"), ""),
		form.Exact("email", "email", t("outside.email"), "").Hinted(t("outside.email.hint")),
		form.Exact("languages", "text", t("outside.languages"), "").Hinted(t("outside.languages.hint")),
	}
	if p.Admin {
		controls = append(controls, form.Choice("safeguards", t("outside.safeguard"), "no",
			[]page.Option{{Value: "no", Word: t("outside.safeguard.no")}, {Value: "yes", Word: t("outside.safeguard.yes")}}).Hinted(t("outside.safeguard.hint")))
	}
	p.Add = form.Form{ID: "add", Action: "/outside", Button: t("outside.add"), Main: true, Groups: []form.Group{{Controls: controls}}}
	return p, nil
}

// Name puts an outside reviewer on file.
func (d Desk) Name(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	f := r.PostForm
	n := outside.New{
		Name: f.Get("name"), Email: f.Get("email"), Safeguards: f.Get("safeguards") == "yes",
		Languages: strings.FieldsFunc(f.Get("languages"), func(c rune) bool { return c == ',' || c == ' ' || c == ';' || c == '،' }),
	}
	var made outside.Reviewer
	problem := d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		made, err = outside.Name(r.Context(), tx, n, r.Person)
		return err
	})
	if problem == nil {
		return ask.Answer{To: "/outside", Said: r.Words.T("outside.added", made.Name)}, nil
	}
	if !fault.Is(problem, fault.Invalid) {
		return ask.Answer{}, problem
	}
	p, err := d.reviewers(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Add.Mend(f, r.Words.Problems(problem))
	return ask.Again(p), nil
}

// Safeguard says whether a reviewer's yes counts as the safeguarding yes.
func (d Desk) Safeguard(r ask.Request) (ask.Answer, error) {
	return d.change(r, "outside.changed", func(tx *postgres.Tx, id int64) error {
		return outside.Safeguard(r.Context(), tx, id, r.PostForm.Get("counts") == "yes", r.Person)
	})
}

// Remove ends what a reviewer may do.
func (d Desk) Remove(r ask.Request) (ask.Answer, error) {
	return d.change(r, "outside.removed", func(tx *postgres.Tx, id int64) error { return outside.Remove(r.Context(), tx, id, r.Person) })
}

func (d Desk) change(r ask.Request, said string, work func(*postgres.Tx, int64) error) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return work(tx, id) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/outside", Said: r.Words.T(said)}, nil
}
