package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
)

// waiting is a book of which one delivery's fate is unknown, one was missed and one is overdue, an hour after all fell due.
func (s *site) waiting() (b *booktest.Book, lost, missed, overdue int64) {
	s.t.Helper()
	b = booktest.New(s.t, s.db)
	channel := b.Channel(booktest.Channel{Handle: "@trust@127.0.0.1"})
	lost = b.Deliver(booktest.Delivery{Post: b.Post("blue-heart"), Channel: channel})
	b.Lose(lost, booktest.Due)
	s.exec(`UPDATE deliveries SET state = 'held', hold = 'decision', ask_at = NULL, release_id = NULL, submission_id = NULL, revision_id = NULL,
  problem = 'Nobody can tell <b>whether</b> it is out.' WHERE id = $1`, lost)
	p := b.Post("lamp")
	missed = b.Deliver(booktest.Delivery{Post: p, Channel: channel})
	b.Miss(missed)
	overdue = b.Deliver(booktest.Delivery{Post: p, Channel: b.Channel(booktest.Channel{Zone: "Africa/Dakar"})})
	s.exec(`UPDATE deliveries SET hold = 'overdue' WHERE id = $1`, overdue)
	s.clock.Set(booktest.Due.Add(time.Hour))
	return b, lost, missed, overdue
}

func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	_, err := s.db.ExecContext(s.t.Context(), query, args...)
	s.must(err)
}

func (s *site) standing(delivery int64) (got string) {
	s.t.Helper()
	s.must(s.db.GetContext(s.t.Context(), &got, `SELECT state || coalesce(': ' || hold, '') FROM deliveries WHERE id = $1`, delivery))
	return got
}

func TestWhatWaitsForADecisionIsOnHomeOnItsPageAndOnThePost(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	ed := s.as("editor")
	says(t, ed.get("/decisions"), "Nothing waits for a decision")
	_, lost, missed, overdue := s.waiting()
	says(t, ed.get("/"), `href="/decisions"`, "3 places wait for a decision")
	var post int64
	s.must(s.db.GetContext(t.Context(), &post, `SELECT post_id FROM deliveries WHERE id = $1`, lost))
	for _, path := range []string{"/decisions", fmt.Sprintf("/posts/%d", post)} {
		a := ed.get(path)
		says(t, a, fmt.Sprintf(`id="live-%d"`, lost), fmt.Sprintf(`action="/deliveries/%d/live`, lost), fmt.Sprintf(`action="/deliveries/%d/again`, lost),
			"It is live, here is the link", "It is not live, send it again", "@trust@127.0.0.1", "Nobody can tell &lt;b&gt;whether&lt;/b&gt; it is out.")
		if strings.Contains(a.body, fmt.Sprintf(`/deliveries/%d/time`, lost)) {
			t.Errorf("%s: a new time is offered for what may be live", path)
		}
	}
	a := ed.get("/decisions")
	says(t, a, fmt.Sprintf(`id="time-%d"`, missed), fmt.Sprintf(`id="leave-%d"`, overdue), "By the clock of Africa/Dakar", `value="2027-07-31"`, `value="09:00"`)
	if a := s.as("manager").get("/decisions"); a.status != http.StatusOK || strings.Contains(a.body, "/deliveries/") {
		t.Errorf("who may not decide sees forms: %d", a.status)
	}
}

func TestAPersonDecidesInTheBrowser(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	_, lost, missed, overdue := s.waiting()
	ed := s.as("editor")
	field := func(name string, id int64) string { return fmt.Sprintf("%s-%d", name, id) }
	at := func(id int64, what string) string { return fmt.Sprintf("/deliveries/%d/%s", id, what) }

	for link, why := range map[string]string{
		"":                               "Copy the link of the post from",
		"javascript:alert(1)":            "That is no link.",
		"https://evil.test/@trust/1":     "That link leads to evil.test, but the posts of @trust@127.0.0.1 are at 127.0.0.1:1.",
		"http://127.0.0.1:1/@other/1":    "That is a post of other",
		`http://"><script>x</script>/@t`: "link",
	} {
		a := ed.post(at(lost, "live"), url.Values{field("link", lost): {link}})
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, why) || !strings.Contains(a.body, `id="`+field("link", lost)+`-problem"`) {
			t.Errorf("link %q: %d", link, a.status)
		}
		if strings.Contains(a.body, "<script>x") {
			t.Errorf("link %q came back unescaped", link)
		}
	}
	if a := ed.post(at(lost, "live")+"?from=decisions", url.Values{field("link", lost): {"http://127.0.0.1:1/@trust/42"}}); a.status != http.StatusSeeOther || a.to != "/decisions" {
		t.Errorf("live: %d to %q", a.status, a.to)
	}
	if got := s.standing(lost); got != "published" {
		t.Errorf("the lost one is %s", got)
	}
	says(t, ed.get("/decisions"), "Written down as live on @trust@127.0.0.1. It is not sent again.")
	if a := ed.post(at(lost, "again"), nil); a.status != http.StatusNotFound || s.standing(lost) != "published" {
		t.Errorf("again after live: %d, %s", a.status, s.standing(lost))
	}

	for _, when := range []url.Values{
		{field("date", missed): {"2027-02-30"}, field("clock", missed): {"09:00"}},
		{field("date", missed): {"2027-08-02"}, field("clock", missed): {"25:00"}},
		{field("date", missed): {"2027-07-01"}, field("clock", missed): {"09:00"}},
		{},
	} {
		if a := ed.post(at(missed, "time"), when); a.status != http.StatusUnprocessableEntity || s.standing(missed) != "missed" {
			t.Errorf("%v: %d, %s", when, a.status, s.standing(missed))
		}
	}
	a := ed.post(at(missed, "time"), url.Values{field("date", missed): {"2027-08-02"}, field("clock", missed): {"10:30"}})
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/posts/") || s.standing(missed) != "held: approval" {
		t.Errorf("a new time: %d to %q, %s", a.status, a.to, s.standing(missed))
	}
	says(t, ed.get(a.to), "has a new time. Send it for review again.", "gave a place a new time.", "Mon 2 August 2027")

	if a := ed.post(at(overdue, "leave-out"), url.Values{field("reason", overdue): {" "}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no reason: %d", a.status)
	}
	a = ed.post(at(overdue, "leave-out"), url.Values{field("reason", overdue): {hostile}})
	if a.status != http.StatusSeeOther || s.standing(overdue) != "cancelled" {
		t.Errorf("left out: %d, %s", a.status, s.standing(overdue))
	}
	a = ed.get(a.to)
	says(t, a, "left a place out.", "because &lt;script&gt;alert(1)&lt;/script&gt;")
	if strings.Contains(a.body, "<script>alert") {
		t.Error("the reason came through unescaped")
	}
}

func TestAllPlacesOfAPostAreDecidedAtOnce(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	_, _, missed, overdue := s.waiting()
	ed := s.as("editor")
	var post int64
	s.must(s.db.GetContext(t.Context(), &post, `SELECT post_id FROM deliveries WHERE id = $1`, missed))
	path := fmt.Sprintf("/posts/%d", post)
	says(t, ed.get(path), `id="time-all"`, `id="leave-all"`)
	a := ed.post(path+"/leave-out", url.Values{"reason-all": {""}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="reason-all-problem"`) {
		t.Errorf("no reason: %d", a.status)
	}
	if a := ed.post(path+"/time", url.Values{"date-all": {"2027-08-03"}, "clock-all": {"12:00"}}); a.status != http.StatusSeeOther || a.to != path {
		t.Errorf("all: %d to %q\n%s", a.status, a.to, a.body)
	}
	for _, d := range []int64{missed, overdue} {
		if got := s.standing(d); got != "held: approval" {
			t.Errorf("delivery %d is %s", d, got)
		}
	}
	says(t, ed.get(path), "2 places have a new time.")
	if a := ed.post(path+"/time", url.Values{"date-all": {"2027-08-03"}, "clock-all": {"12:00"}}); a.status != http.StatusConflict {
		t.Errorf("nothing waits any more: %d", a.status)
	}
}
