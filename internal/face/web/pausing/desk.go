// Package pausing is the desk for the emergency stop: what is paused, since when, by whom and why; stopping; going on.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The desk decides nothing: internal/flow/pause
// raises and lifts, and internal/flow/dispatch stops.
package pausing

import (
	"fmt"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/pause"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db *postgres.DB
}

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// pausePage says what is paused.
type pausePage struct {
	page.Frame
	Rows     []row
	OnTheWay int // deliveries that are at a network just now
	Overdue  int // deliveries that fell due while nothing could be sent
	MayPause bool
	Form     form.Form
}

// row is one pause.
type row struct {
	ID      int64
	What    string
	Since   page.Moment
	By      string
	Reason  string
	Held    bool // something fell due meanwhile
	Licence bool // it ends when an admin takes the licence
}

// Show answers with what is paused.
func (d Desk) Show(r ask.Request) (ask.Answer, error) {
	p, _, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// page reads what is paused, and for who may what can be.
func (d Desk) page(r ask.Request) (*pausePage, []pause.Part, error) {
	t := r.Words.T
	p := &pausePage{Frame: page.Frame{Template: "pause", Title: t("pause.title"), Door: "pause"}, MayPause: r.Person.May(people.PauseManage)}
	active, err := pause.Active(r.Context(), d.db)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range active {
		one := row{
			ID: s.ID, What: view.Stopped(r.Words, s.Scope, s.Name, ""), Since: r.Words.Moment(s.At, r.Zone), By: s.PersonName, Reason: s.Reason,
			Licence: s.Cause == licence.ByLicence,
		}
		held, err := decide.OfPause(r.Context(), d.db, s.ID)
		if err != nil {
			return nil, nil, err
		}
		one.Held = len(held) > 0
		if one.By == "" {
			one.By = "Daymark"
		}
		p.Rows = append(p.Rows, one)
	}
	n, err := pause.Count(r.Context(), d.db)
	if err != nil {
		return nil, nil, err
	}
	p.OnTheWay, p.Overdue = n.OnTheWay, n.Overdue
	if !p.MayPause {
		return p, nil, nil
	}
	parts, err := pause.Parts(r.Context(), d.db)
	if err != nil {
		return nil, nil, err
	}
	var options []page.Option
	for _, part := range parts {
		options = append(options, page.Option{Value: part.Key(), Word: view.Stopped(r.Words, part.Scope, part.Name, part.Handle)})
	}
	p.Form = form.Form{ID: "pause-form", Action: "/pause", Button: t("pause.button"), Main: true, Groups: []form.Group{{Controls: []form.Control{
		form.Choice("scope", t("pause.scope"), string(licence.Everything), options).Hinted(t("pause.scope.hint")),
		form.Area("reason", t("pause.reason"), "", 3).Hinted(t("pause.reason.hint")),
	}}}}
	return p, parts, nil
}

// Raise stops what a person chose.
func (d Desk) Raise(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, parts, err := d.page(r)
	if err != nil {
		return ask.Answer{}, err
	}
	at := slices.IndexFunc(parts, func(part pause.Part) bool { return part.Key() == r.PostForm.Get("scope") })
	if at < 0 {
		err = fault.BadField("scope", "%s", r.Words.T("pause.scope.gone"))
	} else {
		_, err = pause.Raise(r.Context(), d.db, parts[at], r.PostForm.Get("reason"), r.Person)
	}
	if fault.Is(err, fault.Invalid) {
		p.Form.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/pause", Said: r.Words.T("pause.raised", view.Stopped(r.Words, parts[at].Scope, parts[at].Name, ""))}, nil
}

// Lift lets what a pause stopped go on, and leads to the review of what fell due meanwhile.
func (d Desk) Lift(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	held, err := pause.Lift(r.Context(), d.db, id, r.Person, r.Now)
	if err != nil {
		return ask.Answer{}, err
	}
	if held == 0 {
		return ask.Answer{To: "/pause", Said: r.Words.T("pause.lifted")}, nil
	}
	return ask.Answer{To: fmt.Sprintf("/pause/%d/review", id), Said: r.Words.T("pause.lifted.held", held)}, nil
}
