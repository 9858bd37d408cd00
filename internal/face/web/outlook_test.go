package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/flow/dispatch/readback"
	"daymark/internal/platform"
)

// dull is a network that takes everything, and of which a link is dead.
type dull struct{}

func (dull) LookAhead(context.Context, int64, bool) error { return nil }

func (dull) Limits(context.Context, int64) (preflight.Limits, error) {
	return preflight.Limits{Check: func(platform.Content) []platform.Issue {
		return []platform.Issue{{Field: "text", Code: "too_long", Message: "The text has <501> characters, and this server takes 500."}}
	}}, nil
}

func (dull) Answers(context.Context, int64, string) (string, bool) { return "", true }

// shows is a network that shows a text of its own.
type shows string

func (shows) Reads(context.Context, int64) (readback.How, error) {
	return readback.How{Expected: func(c platform.Content, part int) platform.Shown { return platform.Shown{Text: c.Parts[part].Text} }}, nil
}

func (s shows) Read(_ context.Context, _ int64, refs []platform.Ref) (map[string]platform.Shown, error) {
	out := map[string]platform.Shown{}
	for _, r := range refs {
		out[r.ID] = platform.Shown{Text: string(s)}
	}
	return out, nil
}

func TestWhatIsAtRiskIsOnThePostThePlanTheCalendarAndHome(t *testing.T) {
	t.Parallel()
	s := newTeam(t, func(d *Deps) { d.Ahead = dull{} })
	b := booktest.New(s.t, s.db)
	post := b.Post("blue-heart")
	d := b.Deliver(booktest.Delivery{Post: post, Channel: b.Channel(booktest.Channel{Handle: "hope@127.0.0.1"})})
	b.Schedule(d)
	lamp := b.Deliver(booktest.Delivery{Post: b.Post("lamp"), Channel: b.Channel(booktest.Channel{})})
	s.clock.Set(booktest.Due.Add(-20 * time.Hour))
	ed := s.as("editor")
	at := fmt.Sprintf("/posts/%d", post)
	says(t, ed.get(at), `id="outlook"`, `id="no-risks"`, `id="look-ahead"`)
	if a := s.as("manager").get(at); strings.Contains(a.body, `id="look-ahead"`) {
		t.Error("a manager is offered to ask the networks")
	}
	if a := ed.post(at+"/preflight", nil); a.status != http.StatusSeeOther || a.to != at {
		t.Fatalf("ask: %d to %q", a.status, a.to)
	}
	says(t, ed.get(at), "Checked. 1 place is at risk.", "The text has &lt;501&gt; characters, and this server takes 500.", "Change the post, and let it be approved again", "@hope@127.0.0.1")
	plan := fmt.Sprintf("/editions/%d", b.Edition)
	if a := ed.post(plan+"/preflight", nil); a.status != http.StatusSeeOther || a.to != plan {
		t.Fatalf("ask of the plan: %d to %q", a.status, a.to)
	}
	if _, err := preflight.Sweep(t.Context(), s.db, dull{}, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	says(t, ed.get("/calendar?month=2027-07"), "data-risk", "At risk: The text has &lt;501&gt;", "At risk: It has not been sent for review.")
	says(t, ed.get("/calendar?month=2027-07&view=list"), "At risk: The text has &lt;501&gt;")
	says(t, ed.get("/"), `data-state="risk"`, "The text has &lt;501&gt; characters", "Not approved yet and due from")
	b.Schedule(lamp)
	if _, err := preflight.Sweep(t.Context(), s.db, dull{}, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if a := ed.get("/calendar?month=2027-07"); strings.Contains(a.body, "It has not been sent for review.") {
		t.Error("what is mended is still at risk")
	}
	if a := ed.post("/posts/4711/preflight", nil); a.status != http.StatusNotFound {
		t.Errorf("no such post: %d", a.status)
	}
}

func TestAPostShowsWhatNetworksMakeOfIt(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(s.t, s.db)
	good, bad := b.Post("blue-heart"), b.Post("lamp")
	channel := b.Channel(booktest.Channel{Handle: "hope@127.0.0.1"})
	for _, p := range []int64{good, bad} {
		b.Publish(b.Deliver(booktest.Delivery{Post: p, Channel: channel}), booktest.Due)
	}
	if _, err := readback.Run(t.Context(), readback.Options{DB: s.db, Networks: shows("Text of blue-heart"), Now: func() time.Time { return booktest.Due }, Rate: 1}); err != nil {
		t.Fatal(err)
	}
	s.clock.Set(booktest.Due.Add(time.Hour))
	ed := s.as("manager")
	says(t, ed.get(fmt.Sprintf("/posts/%d", good)), `data-state="seen-same"`, "Seen as approved", "hope@127.0.0.1")
	says(t, ed.get(fmt.Sprintf("/posts/%d", bad)), `data-state="seen-changed"`, "Not as approved", "Text of lamp", "Text of blue-heart")
}

func TestPunctualityIsShownWithItsReasons(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(s.t, s.db)
	channel := b.Channel(booktest.Channel{Name: "London <b>"})
	for name, late := range map[string]time.Duration{"blue-heart": 4 * time.Millisecond, "lamp": 90 * time.Second} {
		b.Publish(b.Deliver(booktest.Delivery{Post: b.Post(name), Channel: channel}), booktest.Due.Add(late))
	}
	b.Miss(b.Deliver(booktest.Delivery{Post: b.Post("missed"), Channel: channel}))
	s.clock.Set(booktest.Due.Add(time.Hour))
	v := s.as("manager")
	says(t, v.get("/published"), `href="/punctuality"`)
	says(t, v.get("/punctuality"), "2 went out.", "1 was late by a second or more.", "1\u00a0min 30\u00a0s", "It waited for its turn", "London &lt;b&gt;", "1 place was missed", `id="by-day"`, `id="by-channel"`, `id="by-edition"`, "Fri 30 July 2027")
	says(t, v.get("/punctuality?days=1&channel=4711"), "Nothing went out in this time")
	says(t, v.get(fmt.Sprintf("/punctuality?days=30&edition=%d", b.Edition)), "2 went out.", `<option value="30" selected>`)
	says(t, v.get("/punctuality?days=x&edition=y&channel=-1"), `<option value="7" selected>`)
	s.clock.Set(booktest.Due.AddDate(0, 0, 8))
	says(t, v.get("/punctuality"), "Nothing went out in this time")
}
