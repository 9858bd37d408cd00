// Package deciding is the desk for deliveries that wait for a person: those of which nobody can tell whether they are out, those
// whose time has passed, and those that their network refused.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The desk decides nothing: people do, and
// internal/flow/dispatch/decide writes it down. A post's page shows the same forms as the list of decisions, by [Read]; so does the
// review of what fell due during a pause.
package deciding

import (
	"cmp"
	"fmt"
	"slices"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db *postgres.DB
}

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Decisions answers with everything that waits for a decision.
func (d Desk) Decisions(r ask.Request) (ask.Answer, error) {
	p, err := d.page(r, about{})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// page reads what waits for a decision, of a post, of a pause or of all.
func (d Desk) page(r ask.Request, of about) (*decisionsPage, error) {
	if of.pause != 0 {
		return d.paused(r, of.pause)
	}
	waits, err := read(r.Context(), d.db, r.Viewer, of)
	if err != nil {
		return nil, err
	}
	return &decisionsPage{Frame: page.Frame{Template: "decisions", Title: r.Words.T("decide.title"), Door: "home"}, Waits: waits}, nil
}

// Live takes a person's word that a delivery is live, with the link.
func (d Desk) Live(r ask.Request) (ask.Answer, error) {
	return d.one(r, "live", func(tx *postgres.Tx, w decide.Waiting) (string, error) {
		said := "decide.said.live"
		if w.ByHand() {
			said = "hand.said"
		}
		return said, decide.Live(r.Context(), tx, w.Delivery, r.PostForm.Get(field("link", w.Delivery)), r.Person, r.Now)
	})
}

// Again takes a person's word that a delivery is not live.
func (d Desk) Again(r ask.Request) (ask.Answer, error) {
	return d.one(r, "again", func(tx *postgres.Tx, w decide.Waiting) (string, error) {
		queued, err := decide.NotLive(r.Context(), tx, w.Delivery, r.Person, r.Now)
		if queued {
			return "decide.said.again", err
		}
		return "decide.said.waits", err
	})
}

// Time gives a delivery a new time.
func (d Desk) Time(r ask.Request) (ask.Answer, error) {
	return d.one(r, "time", func(tx *postgres.Tx, w decide.Waiting) (string, error) {
		date, clock, err := d.when(r, r.PostForm.Get(field("date", w.Delivery)), r.PostForm.Get(field("clock", w.Delivery)))
		if err != nil {
			return "", err
		}
		return "decide.said.time", decide.NewTime(r.Context(), tx, w.Delivery, date, clock, r.Person, r.Now)
	})
}

// LeaveOut takes a person's reason for which a delivery does not go out.
func (d Desk) LeaveOut(r ask.Request) (ask.Answer, error) {
	return d.one(r, "leave", func(tx *postgres.Tx, w decide.Waiting) (string, error) {
		return "decide.said.leave", decide.LeaveOut(r.Context(), tx, w.Delivery, r.PostForm.Get(field("reason", w.Delivery)), r.Person, r.Now)
	})
}

// TimeAll gives every delivery of a post that can have one a new time, each by the clock of its zone.
func (d Desk) TimeAll(r ask.Request) (ask.Answer, error) {
	return d.all(r, aboutPost, "time", d.move(r))
}

// LeaveOutAll leaves every delivery of a post out that can have a new time, for one reason.
func (d Desk) LeaveOutAll(r ask.Request) (ask.Answer, error) {
	return d.all(r, aboutPost, "leave", d.leave(r))
}

// move gives one of many the time that the form about all of them has; without a time of day each keeps its own.
func (d Desk) move(r ask.Request) func(*postgres.Tx, decide.Waiting) error {
	return func(tx *postgres.Tx, w decide.Waiting) error {
		date, clock, err := d.when(r, r.PostForm.Get(field("date", 0)), cmp.Or(r.PostForm.Get(field("clock", 0)), w.Clock.String()))
		if err != nil {
			return err
		}
		return decide.NewTime(r.Context(), tx, w.Delivery, date, clock, r.Person, r.Now)
	}
}

func (d Desk) leave(r ask.Request) func(*postgres.Tx, decide.Waiting) error {
	return func(tx *postgres.Tx, w decide.Waiting) error {
		return decide.LeaveOut(r.Context(), tx, w.Delivery, r.PostForm.Get(field("reason", 0)), r.Person, r.Now)
	}
}

// when reads a day and a time of day.
func (d Desk) when(r ask.Request, day, time string) (civil.Date, civil.Clock, error) {
	var problems []fault.Problem
	date, err := civil.ParseDate(day)
	if err != nil || date.IsZero() {
		problems = append(problems, fault.Problem{Field: "date", Message: r.Words.T("decide.date.wrong")})
	}
	clock, err := civil.ParseClock(time)
	if err != nil {
		problems = append(problems, fault.Problem{Field: "clock", Message: r.Words.T("decide.clock.wrong")})
	}
	if len(problems) > 0 {
		return date, clock, fault.BadFields(problems)
	}
	return date, clock, nil
}

// one decides about the delivery of the path, and shows the decisions about its post again where a form needs mending.
func (d Desk) one(r ask.Request, what string, do func(*postgres.Tx, decide.Waiting) (string, error)) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	w, err := decide.Find(r.Context(), d.db, id)
	if err != nil {
		return ask.Answer{}, err
	}
	said := ""
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		said, err = do(tx, w)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		return d.mend(r, aboutPost(w.Post), id, what, err)
	}
	if err != nil {
		return ask.Answer{}, err
	}
	a := ask.Answer{To: fmt.Sprintf("/posts/%d", w.Post), Said: r.Words.T(said, at(w.Handle))}
	if to := back(r.URL.Query().Get("from")); to != "" {
		a.To = to
	}
	return a, nil
}

// all decides about every delivery of the path's post or pause.
func (d Desk) all(r ask.Request, which func(int64) about, what string, do func(*postgres.Tx, decide.Waiting) error) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	n, of := 0, which(id)
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		list, err := of.list(r.Context(), tx)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(w decide.Waiting) bool { return !r.Within.Channel(w.Channel) })
		n, err = decide.Each(list, func(w decide.Waiting) error { return do(tx, w) })
		return err
	})
	if fault.Is(err, fault.Invalid) {
		return d.mend(r, of, 0, what, err)
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: of.url(), Said: r.Words.T("decide.said.all."+what, n)}, nil
}

// mend answers with the decisions about a post or of a pause, with what was typed into one of the forms and what is wrong with it.
func (d Desk) mend(r ask.Request, of about, delivery int64, what string, cause error) (ask.Answer, error) {
	p, err := d.page(r, of)
	if err != nil {
		return ask.Answer{}, err
	}
	f := p.Waits.form(delivery, what)
	if f == nil || f.ID == "" {
		return ask.Answer{}, cause
	}
	f.Mend(r.PostForm, r.Words.Problems(cause))
	return ask.Again(p), nil
}

// form returns one of the forms about a delivery, or with 0 about the whole post.
func (w *Waits) form(delivery int64, what string) *form.Form {
	if delivery == 0 {
		return map[string]*form.Form{"time": &w.Time, "leave": &w.Leave}[what]
	}
	for i := range w.Items {
		if it := &w.Items[i]; it.ID == delivery {
			return map[string]*form.Form{"live": &it.Live, "again": &it.Again, "time": &it.Time, "leave": &it.Leave}[what]
		}
	}
	return nil
}
