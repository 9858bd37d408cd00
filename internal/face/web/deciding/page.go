package deciding

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// decisionsPage lists what waits for a decision.
type decisionsPage struct {
	page.Frame
	Pause *pauseLine // what the page is about; nil for all that waits
	Waits Waits
}

// Waits is what waits for a decision, with the forms that the person who looks may send.
type Waits struct {
	Items   []Item
	More    int       // that wait, too, and are not among the items
	Whole   bool      // of one post: each form below is about all its places
	PostURL string    // of that post
	Time    form.Form // without an id where it does not apply
	Leave   form.Form
}

// Item is one delivery that waits for a decision.
type Item struct {
	ID       int64
	Name     string
	URL      string // of its post
	Handle   string
	Network  string
	Language string
	When     page.Moment // by the clock of its zone
	Mark     page.Mark
	Problem  string
	Copy     string // the address of what is out of it
	Hand     string // where what a person has to post is shown; empty for what Daymark posts
	Live     form.Form
	Again    form.Form
	Time     form.Form
	Leave    form.Form
}

// Read returns what of a post waits for a decision.
func Read(ctx context.Context, q postgres.Querier, v view.Viewer, postID int64) (Waits, error) {
	return read(ctx, q, v, aboutPost(postID))
}

func read(ctx context.Context, q postgres.Querier, v view.Viewer, of about) (Waits, error) {
	all, err := of.list(ctx, q)
	all = slices.DeleteFunc(all, func(w decide.Waiting) bool { return !v.Within.Channel(w.Channel) })
	if err != nil {
		return Waits{}, err
	}
	var w Waits
	movable := 0
	for i, one := range all {
		if i < shown {
			w.Items = append(w.Items, itemOf(v, one, of.from()))
		}
		if one.MayMove() {
			movable++
		}
	}
	w.More = len(all) - len(w.Items)
	if of.url() == fromAll {
		return w, nil
	}
	if of.post != 0 {
		w.Whole, w.PostURL = true, of.url()
	}
	if movable > 1 && v.Person.May(people.PostDecide) {
		w.Time = timeForm(v, of.forms()+"/time", 0, v.Now.In(v.Zone), all[0].Clock)
		if of.pause != 0 {
			keepClock(v, &w.Time)
		}
		w.Leave = leaveForm(v, of.forms()+"/leave-out", 0)
	}
	return w, nil
}

func itemOf(v view.Viewer, w decide.Waiting, from string) Item {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		zone = v.Zone
	}
	it := Item{
		ID: w.Delivery, Name: page.Heading(w.Message, w.Kind), URL: fmt.Sprintf("/posts/%d", w.Post), Handle: at(w.Handle),
		Network: v.Words.Network(string(w.Network)), Language: v.Words.Tongue(w.Language), When: v.Words.Moment(w.DueAt, zone),
		Mark: v.Words.MarkOf(page.StandingOf(w.State, w.Hold, "")), Problem: w.Problem, Copy: view.HTTPOnly(w.URL),
	}
	it.Hand = handURL(w)
	if w.Unknown && w.State == post.Missed && !w.ByHand() {
		it.Problem = strings.TrimSpace(it.Problem + " " + v.Words.T("decide.unknown"))
	}
	if !v.Person.May(people.PostDecide) {
		return it
	}
	to := func(what string) string {
		address := fmt.Sprintf("/deliveries/%d/%s", w.Delivery, what)
		if from != "" {
			address += "?from=" + from
		}
		return address
	}
	if w.MayBeLive() {
		it.Live = liveForm(v, w, to("live"))
	}
	if w.MayGoAgain() {
		button := "decide.again"
		if !w.Unknown {
			button = "decide.retry"
		}
		it.Again = form.Form{ID: field("again", w.Delivery), Action: to("again"), Button: v.Words.T(button)}
	}
	if w.MayMove() {
		it.Time = timeForm(v, to("time"), w.Delivery, v.Now.In(zone), w.Clock)
	}
	if w.MayLeave() {
		it.Leave = leaveForm(v, to("leave-out"), w.Delivery)
	}
	return it
}

func liveForm(v view.Viewer, w decide.Waiting, action string) form.Form {
	f := form.Form{ID: field("live", w.Delivery), Action: action, Button: v.Words.T("decide.live")}
	if w.Unknown && w.ByHand() {
		f.Button, f.Main = v.Words.T("hand.live"), true
		f.Groups = []form.Group{{Controls: []form.Control{
			form.Exact(field("link", w.Delivery), "url", v.Words.T("decide.link"), "").As("link").Hinted(v.Words.T("hand.link.hint")),
		}}}
		return f
	}
	if w.Unknown {
		f.Groups = []form.Group{{Controls: []form.Control{
			form.Exact(field("link", w.Delivery), "url", v.Words.T("decide.link"), "").As("link").Hinted(v.Words.T("decide.link.hint", at(w.Handle))),
		}}}
	}
	return f
}

// timeForm offers the same time of day tomorrow.
func timeForm(v view.Viewer, action string, delivery int64, now time.Time, clock civil.Clock) form.Form {
	hint := v.Words.T("decide.clock.each")
	if delivery != 0 {
		hint = v.Words.T("decide.clock.zone", now.Location().String())
	}
	return form.Form{
		ID: field("time", delivery), Action: action, Button: v.Words.T("decide.time.send"),
		Groups: []form.Group{{Controls: []form.Control{
			form.Exact(field("date", delivery), "date", v.Words.T("decide.date"), civil.DateOf(now).AddDays(1).String()).As("date"),
			form.Exact(field("clock", delivery), "time", v.Words.T("decide.clock"), clock.String()).As("clock").Hinted(hint),
		}}},
	}
}

func leaveForm(v view.Viewer, action string, delivery int64) form.Form {
	return form.Form{
		ID: field("leave", delivery), Action: action, Button: v.Words.T("decide.leave.send"),
		Groups: []form.Group{{Controls: []form.Control{form.Area(field("reason", delivery), v.Words.T("decide.reason"), "", 2).As("reason")}}},
	}
}

// field names a field of the form about a delivery, or with 0 about a whole post: a page has the forms of many.
func field(name string, delivery int64) string {
	if delivery == 0 {
		return name + "-all"
	}
	return fmt.Sprintf("%s-%d", name, delivery)
}

// at writes an account with one sign before it.
func at(handle string) string { return "@" + strings.TrimPrefix(handle, "@") }
