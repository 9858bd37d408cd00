package takingdown

import (
	"fmt"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/org/consent"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// renew is how often, in seconds, the page asks whether there is more to say.
const renew = 2

// Result answers with what became of each copy of a take-down.
func (d Desk) Result(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	t, err := takedown.Find(r.Context(), d.db, id)
	if err != nil {
		return ask.Answer{}, err
	}
	s, err := d.subject(r, t)
	if err != nil {
		return ask.Answer{}, err
	}
	p := &ResultPage{
		Frame:   page.Frame{Template: "takendown", Title: r.Words.T("down.result.title", s.name), Door: "published"},
		SelfURL: fmt.Sprintf("/takedowns/%d", id), BackURL: s.back(), Back: s.name, Shows: s.shows(), Reason: t.Reason, By: t.Person,
		When: r.Words.Moment(t.At, r.Zone), Held: t.Held, Done: t.Done(), Rows: rows(r, t.Copies, id),
	}
	for _, k := range t.Kept {
		p.Kept = append(p.Kept, keptRow(r, k))
	}
	for _, c := range t.Copies {
		if c.State == takedown.Cannot {
			p.Left++
		}
	}
	if !p.Done {
		p.Every = renew
	}
	return ask.Shown(p), nil
}

func (d Desk) subject(r ask.Request, t takedown.Takedown) (subject, error) {
	switch {
	case t.Post != 0:
		return d.post(r, t.Post)
	case t.Edition != 0:
		return d.edition(r, t.Edition)
	case t.Picture != "":
		return d.picture(r, t.Picture)
	case t.Consent != 0:
		return subject{takedown.Scope{Consent: t.Consent}, r.Words.T("consent.one", consent.Ref(t.Consent)), fmt.Sprintf("/consents/%d", t.Consent)}, nil
	}
	return d.helpline(r, t.Helpline)
}

// marks are how results look.
var marks = map[string]page.Mark{
	takedown.Waiting: {Icon: "clock", Tone: "ready"},
	takedown.Removed: {Icon: "trash-2", Tone: "quiet"},
	takedown.Gone:    {Icon: "ban", Tone: "quiet"},
	takedown.Cannot:  {Icon: "hand", Tone: "harm"},
	takedown.Failed:  {Icon: "rotate-ccw", Tone: "look"},
}

// rows writes copies, of a take-down or with 0 of none yet. The part is named where a delivery has several.
func rows(r ask.Request, list []takedown.Copy, id int64) []Row {
	parts := map[int64]int{}
	for _, c := range list {
		parts[c.Delivery]++
	}
	out := make([]Row, 0, len(list))
	for _, c := range list {
		row := Row{
			ID: fmt.Sprintf("copy-%d-%d", c.Delivery, c.Part), Name: page.Heading(c.Message, ""), URL: fmt.Sprintf("/posts/%d", c.Post),
			Language: r.Words.Tongue(c.Language), Handle: c.Handle, Network: r.Words.Network(c.Platform), Copy: view.HTTPOnly(c.URL), Problem: c.Problem,
		}
		if parts[c.Delivery] > 1 {
			row.Part = c.Part
		}
		if m, ok := marks[c.State]; ok {
			m.ID, m.Word = c.State, r.Words.T("down.state."+c.State)
			row.Mark = m
		}
		if c.State == takedown.Cannot && r.Person.May(people.TakeDown) {
			row.Hand = fmt.Sprintf("/takedowns/%d/copies/%d/%d", id, c.Delivery, c.Part)
		}
		if c.HandAt != nil {
			row.HandBy, row.HandAt = c.HandBy, r.Words.Moment(*c.HandAt, r.Zone)
		}
		out = append(out, row)
	}
	return out
}

// keptRow writes a delivery that was held with a take-down.
func keptRow(r ask.Request, k takedown.Kept) Row {
	return Row{
		ID: fmt.Sprintf("kept-%d", k.Delivery), Name: page.Heading(k.Message, ""), URL: fmt.Sprintf("/posts/%d", k.Post),
		Language: r.Words.Tongue(k.Language), Handle: k.Handle, Network: r.Words.Network(k.Platform), Problem: r.Words.T("down.kept." + k.Why),
	}
}

// ByHand takes a person's word that a copy is removed which its network did not let Daymark remove.
func (d Desk) ByHand(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	delivery, err := r.Number("delivery")
	if err != nil {
		return ask.Answer{}, err
	}
	part, err := r.Number("part")
	if err != nil {
		return ask.Answer{}, err
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return takedown.ByHand(r.Context(), tx, id, delivery, int(min(part, 1<<14)), r.Person, r.Now)
	})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: fmt.Sprintf("/takedowns/%d", id), Said: r.Words.T("down.said.hand")}, nil
}
