// Package told is the desk where a person chooses what Daymark writes to them, and when.
//
// Each exported method of [Desk] answers one route of face/web. Everybody chooses for themselves only. What may be chosen is said by
// internal/org/notify/matter.
package told

import (
	"fmt"
	"strconv"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/begin"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/matter"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db *postgres.DB
}

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// mailPage shows what a person is told by mail.
type mailPage struct {
	page.Frame
	Address string
	Refused string // what the server said of the address; empty while it takes mail
	Since   page.Moment
	Always  []string // kinds that the person's role cannot turn off
	Edit    form.Form
	Zones   []string
}

// Show answers with what the person is told.
func (d Desk) Show(r ask.Request) (ask.Answer, error) {
	p, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) page(r ask.Request) (*mailPage, error) {
	t := r.Words.T
	p := &mailPage{Frame: page.Frame{Template: "mail", Title: t("mail.title"), Door: "mail"}, Address: r.Person.Email, Zones: begin.Zones()}
	refusals, err := notify.Refusals(r.Context(), d.db, r.Person.ID)
	if err != nil {
		return nil, err
	}
	if refused, is := refusals[r.Person.ID]; is {
		p.Refused, p.Since = refused.Say, r.Words.Moment(refused.At, r.Zone)
	}
	all, err := matter.Of(r.Context(), d.db, r.Person)
	if err != nil {
		return nil, err
	}
	wishes := all[r.Person.ID]
	var kinds []form.Control
	for _, kind := range matter.Kinds() {
		choices := matter.Choices(kind, r.Person.Role)
		if len(choices) == 1 {
			p.Always = append(p.Always, t("mail.kind."+string(kind)))
			continue
		}
		if !matter.Concerns(kind, r.Person) && !named[kind] {
			continue
		}
		var options []page.Option
		for _, how := range choices {
			options = append(options, page.Option{Value: string(how), Word: t("mail.how." + string(how))})
		}
		kinds = append(kinds, form.Choice(string(kind), t("mail.kind."+string(kind)), string(wishes.How[kind]), options))
	}
	var hours []page.Option
	for h := range 24 {
		hours = append(hours, page.Option{Value: strconv.Itoa(h), Word: fmt.Sprintf("%02d:00", h)})
	}
	zone := form.Line("zone", t("mail.zone"), wishes.Zone).Hinted(t("mail.zone.hint", r.Zone.String()))
	zone.List, zone.Run = "zones", "ltr"
	p.Edit = form.Form{ID: "edit", Action: matter.Settings, Button: t("mail.save"), Main: true, Groups: []form.Group{
		{Legend: t("mail.what"), Controls: kinds},
		{Legend: t("mail.when"), Controls: []form.Control{form.Choice("hour", t("mail.hour"), strconv.Itoa(wishes.Hour), hours), zone}},
	}}
	return p, nil
}

// named are the kinds of which somebody may be told because a notice names them, whatever their role.
var named = map[matter.Kind]bool{matter.Task: true, matter.Review: true}

// Save keeps what a person chose.
func (d Desk) Save(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	wishes := matter.Wishes{How: map[matter.Kind]matter.How{}, Zone: r.PostForm.Get("zone")}
	for _, kind := range matter.Kinds() {
		wishes.How[kind] = matter.How(r.PostForm.Get(string(kind)))
	}
	var err error
	if wishes.Hour, err = strconv.Atoi(r.PostForm.Get("hour")); err != nil {
		wishes.Hour = -1 // no hour: the check says so
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return matter.Save(r.Context(), tx, r.Person, wishes) })
	if problems := r.Words.Problems(err); len(problems) > 0 {
		p, pageErr := d.page(r)
		if pageErr != nil {
			return ask.Answer{}, pageErr
		}
		p.Edit.Mend(r.PostForm, problems)
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: matter.Settings, Said: r.Words.T("mail.saved")}, nil
}

// Again lets mail go to the person's address again after a server refused it.
func (d Desk) Again(r ask.Request) (ask.Answer, error) {
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return notify.TryAgain(r.Context(), tx, r.Person.ID, r.Person) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: matter.Settings, Said: r.Words.T("mail.again.said")}, nil
}
