package moving

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/calendar/moving/aim"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/agenda"
	"daymark/internal/flow/draft/move"
	"daymark/internal/flow/review"
	"daymark/internal/postgres"
)

// Post answers with the form that gives a post another time.
func (d Desk) Post(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	p, _, err := d.post(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// post writes the page of one post.
func (d Desk) post(r ask.Request, id int64) (*aim.Page, aim.Target, error) {
	t, err := aim.Find(r.Context(), d.db, r, id)
	if err != nil {
		return nil, t, err
	}
	p := aim.New(r, "post")
	p.Name, p.URL = t.Name(), aim.PostURL(id)
	date, clock := t.First()
	zones := []page.Option{{Word: r.Words.T("moving.mode.local")}}
	from, err := agenda.Chosen(r.Context(), d.db, r.Person.Limited(), r.Person.ID)
	if err != nil {
		return nil, t, err
	}
	for _, zone := range slices.Compact(slices.Sorted(slices.Values(append(from.Zones, r.Zone.String(), cmp.Or(t.Fixed(), r.Zone.String()))))) {
		zones = append(zones, page.Option{Value: zone, Word: r.Words.T("moving.mode.fixed", zone)})
	}
	p.Form = form.Form{ID: "move", Main: true, Button: r.Words.T("moving.button"), Groups: []form.Group{{Controls: []form.Control{
		form.Exact("date", "date", r.Words.T("decide.date"), date.String()),
		form.Exact("clock", "time", r.Words.T("decide.clock"), clock.String()),
		form.Choice("zone", r.Words.T("moving.mode"), t.Fixed(), zones).Hinted(r.Words.T("moving.mode.hint")),
	}}}}
	p.Hide("seen", strconv.FormatInt(id, 10)+":"+strconv.Itoa(t.Version))
	p.Spots = spots(r, t.Found, 0)
	return p, t, nil
}

// spots lists the places of a post, each with the way to move it alone.
func spots(r ask.Request, f move.Found, here int64) []aim.Spot {
	var list []aim.Spot
	for _, s := range f.Spots {
		one := aim.Spot{
			Where: "@" + s.Handle + ", " + r.Words.Network(s.Platform) + ", " + r.Words.Tongue(s.Language), Here: s.Delivery == here,
			When: page.Moment{At: s.DueAt.UTC().Format(aim.RFC3339), Day: r.Words.LongDay(s.Date.String()), Clock: s.Clock.String(), Zone: s.Zone},
		}
		if s.Waits() && !one.Here && r.Within.Place(f.Edition, s.Channel) {
			one.MoveURL = "/deliveries/" + strconv.FormatInt(s.Delivery, 10) + "/move"
		}
		list = append(list, one)
	}
	return list
}

// when reads the form of a new time.
func when(r ask.Request) (move.Change, error) {
	var problems []fault.Problem
	date, err := civil.ParseDate(r.PostForm.Get("date"))
	if err != nil || date.IsZero() {
		problems = append(problems, fault.Problem{Field: "date", Message: r.Words.T("decide.date.wrong")})
	}
	clock, err := civil.ParseClock(r.PostForm.Get("clock"))
	if err != nil {
		problems = append(problems, fault.Problem{Field: "clock", Message: r.Words.T("decide.clock.wrong")})
	}
	zone := r.PostForm.Get("zone")
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		problems = append(problems, fault.Problem{Field: "zone", Message: r.Words.T("moving.zone.wrong")})
	}
	if len(problems) > 0 {
		return move.Change{}, fault.BadFields(problems)
	}
	return move.At(date, clock, zone), nil
}

// MovePost moves a post to the time of its form. What costs somebody's approval says so first.
func (d Desk) MovePost(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, t, err := d.post(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	c, err := when(r)
	if err != nil {
		return mend(r, p, err)
	}
	plan, err := t.Lay(r, d.db, c)
	if err != nil {
		return mend(r, p, err)
	}
	if version, ok := aim.Seen(r)[id]; ok && version != t.Version {
		return mend(r, p, fault.New(fault.Conflict, "Somebody changed this post meanwhile. Look at it again, then move it."))
	}
	if plan.Loses() && !aim.Sure(r) {
		return confirm(r, p, aim.ItemOf(r, t, plan)), nil
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return t.Do(r, tx, t.Version, c) })
	if err != nil {
		return mend(r, p, err)
	}
	a, err := d.moved(r, p.Back, aim.ItemOf(r, t, plan), id)
	if back, is := plan.Back(r.Now); err == nil && is && len(t.Stuck) == 0 {
		a.To, err = aim.WithUndo(r.Context(), d.db, a.To, back, []int64{id})
	}
	return a, err
}

// mend shows the form of one post again, with what was typed and what is wrong with it.
func mend(r ask.Request, p *aim.Page, err error) (ask.Answer, error) {
	if !aim.Mendable(err) {
		return ask.Answer{}, err
	}
	problems := r.Words.Problems(err)
	p.Form.Mend(r.PostForm, problems)
	if len(problems) == 0 {
		p.Form.Clash = r.Words.Say(err)
		return ask.Answer{Page: p, Status: http.StatusConflict}, nil
	}
	return ask.Again(p), nil
}

// confirm says what the move of one post costs, before it is done.
func confirm(r ask.Request, p *aim.Page, it aim.Item) ask.Answer {
	for _, name := range []string{"date", "clock", "zone"} {
		p.Hide(name, r.PostForm.Get(name))
	}
	p.Hide("sure", "yes")
	p.Form, p.Ready, p.Items, p.Loses, p.Can = form.Form{}, true, []aim.Item{it}, 1, 1
	return ask.Shown(p)
}

// moved says where one post is now, and sends it for review again where that was asked for.
func (d Desk) moved(r ask.Request, to string, it aim.Item, id int64) (ask.Answer, error) {
	a := ask.Answer{To: to, Said: r.Words.T("moving.said.one", it.Name, it.To.Day, it.To.Clock, it.To.Zone)}
	if it.To.At == "" { // only what was missed has a new time
		a.Said = r.Words.T("moving.said", 1)
	}
	if !aim.Again(r) {
		return a, nil
	}
	sent, err := review.Submit(r.Context(), d.db, d.checks, id, r.Person, r.Now)
	if err != nil {
		say, err := aim.Failed(r, err)
		if err != nil {
			return ask.Answer{}, err
		}
		a.Looks = append(a.Looks, r.Words.T("moving.failed.review", it.Name, say))
		return a, nil
	}
	if len(sent.Submissions) > 0 {
		a.Said += " " + r.Words.T("moving.said.sent", 1)
	}
	for _, why := range sent.Waiting {
		a.Looks = append(a.Looks, r.Words.InEnglish(why))
	}
	return a, nil
}

// Place answers with the form that gives one place of a post another time.
func (d Desk) Place(r ask.Request) (ask.Answer, error) {
	p, _, _, err := d.place(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) place(r ask.Request) (*aim.Page, aim.Target, int64, error) {
	delivery, err := r.Number("id")
	if err != nil {
		return nil, aim.Target{}, 0, err
	}
	id, err := move.PostOf(r.Context(), d.db, delivery)
	if err != nil {
		return nil, aim.Target{}, 0, err
	}
	t, err := aim.Find(r.Context(), d.db, r, id)
	if err != nil {
		return nil, t, 0, err
	}
	t.Stuck = nil
	p := aim.New(r, "place")
	p.Name, p.URL = t.Name(), aim.PostURL(id)
	at := slices.IndexFunc(t.Spots, func(s move.Spot) bool { return s.Delivery == delivery })
	if at < 0 || !t.Spots[at].Waits() {
		return nil, t, 0, fault.New(fault.Conflict, "This place does not wait to go out, so there is nothing to move.")
	}
	s := t.Spots[at]
	p.Spots = spots(r, t.Found, delivery)
	p.Where = p.Spots[at].Where
	p.Form = form.Form{ID: "move", Main: true, Button: r.Words.T("moving.button"), Groups: []form.Group{{Controls: []form.Control{
		form.Exact("date", "date", r.Words.T("decide.date"), s.Date.String()).Hinted(r.Words.T("moving.clock.hint", s.Zone)),
		form.Exact("clock", "time", r.Words.T("decide.clock"), s.Clock.String()),
	}}}}
	p.Hide("seen", strconv.FormatInt(id, 10)+":"+strconv.Itoa(t.Version))
	return p, t, delivery, nil
}

// MovePlace moves one place to the time of its form.
func (d Desk) MovePlace(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, t, delivery, err := d.place(r)
	if err != nil {
		return ask.Answer{}, err
	}
	c, err := when(r)
	if err != nil {
		return mend(r, p, err)
	}
	plan, err := move.LayOne(t.Found, delivery, c, r.Now)
	if err != nil {
		return mend(r, p, err)
	}
	if version, ok := aim.Seen(r)[t.ID]; ok && version != t.Version {
		return mend(r, p, fault.New(fault.Conflict, "Somebody changed this post meanwhile. Look at it again, then move it."))
	}
	if plan.Loses() && !aim.Sure(r) {
		return confirm(r, p, aim.ItemOf(r, t, plan)), nil
	}
	err = d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		_, err := move.Place(r.Context(), tx, delivery, t.Version, c, r.Person, r.Now)
		return err
	})
	if err != nil {
		return mend(r, p, err)
	}
	return d.moved(r, p.Back, aim.ItemOf(r, t, plan), t.ID)
}
