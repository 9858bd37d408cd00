package moving

import (
	"strconv"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/calendar/moving/aim"
	"daymark/internal/face/web/library/form"
	"daymark/internal/flow/draft/move"
	"daymark/internal/flow/review"
	"daymark/internal/postgres"
)

// farDays and farHours bound what a person can mean.
const (
	farDays  = 1000
	farHours = 24 * farDays
)

// Move moves the chosen posts: by days and hours, or to a day. It is also what a post that was dragged sends.
func (d Desk) Move(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	ids, err := aim.Chosen(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if len(ids) == 0 {
		return aim.Nothing(r), nil
	}
	p := aim.New(r, "move")
	p.Form = offsetForm(r)
	for _, id := range ids {
		p.Hide("post", strconv.FormatInt(id, 10))
	}
	c, asked, wrong := offset(r)
	if !asked {
		return ask.Shown(p), d.name(r, p, ids)
	}
	if wrong != nil {
		p.Form.Mend(r.PostForm, r.Words.Problems(wrong))
		return ask.Again(p), d.name(r, p, ids)
	}
	p.Offset = said(r)
	targets, back, err := d.look(r, p, ids, c)
	if err != nil {
		return ask.Answer{}, err
	}
	dragged := r.PostForm.Get("drag") == "yes" && p.Loses == 0 && p.Can == len(ids)
	if !aim.Sure(r) && !dragged {
		for _, name := range []string{"days", "hours", "minutes", "day"} {
			p.Hide(name, r.PostForm.Get(name))
		}
		p.Hide("sure", "yes")
		p.Form, p.Ready = form.Form{}, true
		return ask.Shown(p), nil
	}
	a, moved, err := d.move(r, p, targets, c, dragged)
	if err == nil && back != nil {
		a.To, err = aim.WithUndo(r.Context(), d.db, a.To, *back, moved)
	}
	return a, err
}

// look says what a change does to each post, and keeps on the page which version of it that is said of. It returns the one change that moves
// all of them back as well, where there is one.
func (d Desk) look(r ask.Request, p *aim.Page, ids []int64, c move.Change) ([]aim.Target, *move.Change, error) {
	var back *move.Change
	same := true
	targets := make([]aim.Target, 0, len(ids))
	for _, id := range ids {
		t, err := aim.Find(r.Context(), d.db, r, id)
		if err != nil {
			return nil, nil, err
		}
		targets = append(targets, t)
		p.Hide("seen", strconv.FormatInt(id, 10)+":"+strconv.Itoa(t.Version))
		it := t.Item()
		plan, err := t.Lay(r, d.db, c)
		if err != nil {
			if it.Failed, err = aim.Failed(r, err); err != nil {
				return nil, nil, err
			}
		} else {
			one, is := plan.Back(r.Now)
			same = same && is && len(t.Stuck) == 0 && (back == nil || *back == one)
			back = &one
			it = aim.ItemOf(r, t, plan)
			p.Can++
			if plan.Loses() {
				p.Loses++
			}
		}
		p.Items = append(p.Items, it)
	}
	if !same {
		back = nil
	}
	return targets, back, nil
}

// name lists the chosen posts beside the form that asks what they move by.
func (d Desk) name(r ask.Request, p *aim.Page, ids []int64) error {
	for _, id := range ids {
		t, err := aim.Find(r.Context(), d.db, r, id)
		if err != nil {
			return err
		}
		p.Items = append(p.Items, t.Item())
	}
	return nil
}

// move moves each post in a transaction of its own, and then sends those for review that it was asked to. It returns which were moved.
func (d Desk) move(r ask.Request, p *aim.Page, targets []aim.Target, c move.Change, dragged bool) (ask.Answer, []int64, error) {
	versions := aim.Seen(r)
	result := aim.NewTally(r)
	var moved []aim.Target
	var ids []int64
	for _, t := range targets {
		version, ok := versions[t.ID]
		if !ok {
			version = t.Version // dragged: nobody was shown anything yet
		}
		var err error
		if version != t.Version {
			err = fault.New(fault.Conflict, "Somebody changed this post meanwhile. Look at it again, then move it.")
		} else {
			err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return t.Do(r, tx, version, c) })
		}
		if err == nil {
			moved, ids = append(moved, t), append(ids, t.ID)
		}
		if err := result.Add(t.Name(), err); err != nil {
			return ask.Answer{}, nil, err
		}
	}
	a := result.Answer("moving.said", p.Back)
	if dragged && len(moved) == 1 && p.Items[0].To.At != "" {
		it := p.Items[0]
		a.Said = r.Words.T("moving.said.one", it.Name, it.To.Day, it.To.Clock, it.To.Zone)
	}
	if !aim.Again(r) || len(moved) == 0 {
		return a, ids, nil
	}
	sent, err := d.send(r, moved)
	if err != nil {
		return ask.Answer{}, nil, err
	}
	a.Said += " " + r.Words.T("moving.said.sent", sent.Done)
	a.Looks = append(a.Looks, sent.Looks...)
	return a, ids, nil
}

// send sends posts for review, one after the other.
func (d Desk) send(r ask.Request, list []aim.Target) (aim.Tally, error) {
	result := aim.NewTally(r)
	for _, t := range list {
		out, err := review.Submit(r.Context(), d.db, d.checks, t.ID, r.Person, r.Now)
		if err == nil && len(out.Submissions) == 0 && len(out.Waiting) == 0 {
			err = fault.New(fault.Conflict, "Nothing of it waits to be sent for review.")
		}
		for _, why := range out.Waiting {
			result.Looks = append(result.Looks, r.Words.T("moving.failed", t.Name(), r.Words.InEnglish(why)))
		}
		if err == nil && len(out.Submissions) == 0 {
			continue // every language of it waits, and each has said why
		}
		if err := result.Add(t.Name(), err); err != nil {
			return result, err
		}
	}
	return result, nil
}

func offsetForm(r ask.Request) form.Form {
	return form.Form{ID: "move", Main: true, Button: r.Words.T("moving.look"), Groups: []form.Group{{Controls: []form.Control{
		form.Exact("days", "number", r.Words.T("moving.days"), "").Hinted(r.Words.T("moving.days.hint")),
		form.Exact("hours", "number", r.Words.T("moving.hours"), ""),
		form.Exact("day", "date", r.Words.T("moving.day"), "").Hinted(r.Words.T("moving.day.hint")),
	}}}}
}

// offset reads what posts move by, whether anything was asked for, and what is wrong with it.
func offset(r ask.Request) (c move.Change, asked bool, wrong error) {
	typed := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	var problems []fault.Problem
	whole := func(name string, far int) int {
		if typed(name) == "" {
			return 0
		}
		n, err := strconv.Atoi(typed(name))
		if err != nil || n < -far || n > far {
			problems = append(problems, fault.Problem{Field: name, Message: r.Words.T("moving.number.wrong", far)})
		}
		return n
	}
	if typed("days")+typed("hours")+typed("minutes")+typed("day") == "" {
		return c, r.PostForm.Has("days"), fault.BadFields([]fault.Problem{{Field: "days", Message: r.Words.T("moving.offset.empty")}})
	}
	days, hours, minutes := whole("days", farDays), whole("hours", farHours), whole("minutes", farHours)
	c = move.By(days, 60*hours+minutes)
	if typed("day") != "" {
		date, err := civil.ParseDate(typed("day"))
		switch {
		case err != nil || date.IsZero():
			problems = append(problems, fault.Problem{Field: "day", Message: r.Words.T("decide.date.wrong")})
		case typed("days")+typed("hours") != "":
			problems = append(problems, fault.Problem{Field: "day", Message: r.Words.T("moving.offset.both")})
		}
		c = move.On(date)
	}
	if len(problems) > 0 {
		return c, true, fault.BadFields(problems)
	}
	return c, true, nil
}

// said writes what posts move by.
func said(r ask.Request) string {
	if day := r.PostForm.Get("day"); day != "" {
		return r.Words.T("moving.offset.day", r.Words.LongDay(day))
	}
	days, _ := strconv.Atoi(r.PostForm.Get("days"))
	hours, _ := strconv.Atoi(r.PostForm.Get("hours"))
	minutes, _ := strconv.Atoi(r.PostForm.Get("minutes"))
	hours += minutes / 60
	var list []string
	for _, one := range []struct {
		n    int
		unit string
	}{{days, "days"}, {hours, "hours"}} {
		switch {
		case one.n > 0:
			list = append(list, r.Words.T("moving.offset.later."+one.unit, one.n))
		case one.n < 0:
			list = append(list, r.Words.T("moving.offset.earlier."+one.unit, -one.n))
		}
	}
	return r.Words.Joined(list)
}
