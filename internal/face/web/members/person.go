package members

import (
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/people/membership"
	"daymark/internal/org/signin/totp"
	"daymark/internal/postgres"
)

// personPage shows one person with what they may do.
type personPage struct {
	page.Frame
	Email   string
	Does    string // the role
	State   string
	Form    form.Form // none for who reviews by links
	Disable string    // where access is ended; empty where it is
	Enable  string    // and where it is given again

	CodesOff string // where a second step is turned off that the person cannot take any more; empty where there is none
}

// Person answers with one person.
func (d Desk) Person(r ask.Request) (ask.Answer, error) {
	p, _, err := d.person(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) person(r ask.Request) (*personPage, membership.Member, error) {
	t := r.Words.T
	id, err := r.Number("id")
	if err != nil {
		return nil, membership.Member{}, err
	}
	m, err := membership.Find(r.Context(), d.DB, id)
	if err != nil {
		return nil, m, err
	}
	at := fmt.Sprintf("/people/%d", id)
	p := &personPage{
		Frame: page.Frame{Template: "person", Title: m.Name, Door: "people"}, Email: m.Email, Does: t("role." + string(m.Role)), State: t("people." + state(m)),
		Disable: at + "/disable",
	}
	if m.Disabled {
		p.Disable, p.Enable = "", at+"/enable"
	}
	if m.Role == people.RoleOutside {
		return p, m, nil
	}
	codes, err := totp.StateOf(r.Context(), d.DB, id)
	if err != nil {
		return nil, m, err
	}
	if codes.On {
		p.CodesOff = at + "/codes/off"
	}
	controls, err := d.controls(r, m.Access)
	if err != nil {
		return nil, m, err
	}
	p.Form = form.Form{ID: "person", Action: at, Button: t("people.save"), Main: true, Seen: form.Print(m), Groups: []form.Group{{Controls: append([]form.Control{
		form.Line("name", t("people.name"), m.Name),
	}, controls...)}}}
	return p, m, nil
}

// Save gives a person another name or access.
func (d Desk) Save(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, m, err := d.person(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if p.Form.Seen != r.PostForm.Get("seen") {
		p.Form.Meanwhile(r.PostForm, r.Words.T("people.meanwhile"))
		return ask.Again(p), nil
	}
	access, wrong := typed(r.PostForm, r.Zone)
	if err = fault.BadFields(wrong); err == nil {
		err = d.DB.InTx(r.Context(), func(tx *postgres.Tx) error {
			return membership.Change(r.Context(), tx, m.ID, r.PostForm.Get("name"), access, r.Person, d.Now())
		})
	}
	if fault.Is(err, fault.Invalid) {
		p.Form.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/people", Said: r.Words.T("people.saved", r.PostForm.Get("name"))}, nil
}

// Disable ends a person's access at once.
func (d Desk) Disable(r ask.Request) (ask.Answer, error) {
	return d.turn(r, "people.ended", func(tx *postgres.Tx, id int64) error { return people.Disable(r.Context(), tx, id, r.Person.ID) })
}

// Enable lets a person in again.
func (d Desk) Enable(r ask.Request) (ask.Answer, error) {
	return d.turn(r, "people.back", func(tx *postgres.Tx, id int64) error { return membership.Enable(r.Context(), tx, id, r.Person) })
}

func (d Desk) turn(r ask.Request, said string, do func(*postgres.Tx, int64) error) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if _, err := membership.Find(r.Context(), d.DB, id); err != nil { // Daymark itself is nobody here
		return ask.Answer{}, err
	}
	if err := d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return do(tx, id) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/people/%d", id), Said: r.Words.T(said)}, nil
}
