package takingdown

import (
	"fmt"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/takedown"
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
		SelfURL: fmt.Sprintf("/takedowns/%d", id), BackURL: s.url, Back: s.name, Reason: t.Reason, By: t.Person,
		When: page.NewMoment(t.At, r.Zone), Held: t.Held, Done: t.Done(), Rows: rows(r, t.Copies),
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

// rows writes copies. The part is named where a delivery has several.
func rows(r ask.Request, list []takedown.Copy) []Row {
	parts := map[int64]int{}
	for _, c := range list {
		parts[c.Delivery]++
	}
	out := make([]Row, 0, len(list))
	for _, c := range list {
		row := Row{
			ID: fmt.Sprintf("copy-%d-%d", c.Delivery, c.Part), Name: page.Heading(c.Message, ""), URL: fmt.Sprintf("/posts/%d", c.Post),
			Language: view.Language(c.Language), Handle: c.Handle, Network: view.Network(c.Platform), Copy: view.HTTPOnly(c.URL), Problem: c.Problem,
		}
		if parts[c.Delivery] > 1 {
			row.Part = c.Part
		}
		if m, ok := marks[c.State]; ok {
			m.ID, m.Word = c.State, r.Words.T("down.state."+c.State)
			row.Mark = m
		}
		out = append(out, row)
	}
	return out
}
