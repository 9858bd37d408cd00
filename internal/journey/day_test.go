package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestADayIsWatched walks through a day on a phone and on a desk: what is next, that it went out, said in one sentence without taking the
// focus away, what the network shows of it, and the same without script.
func TestADayIsWatched(t *testing.T) {
	t.Parallel()
	for _, w := range walks(true) {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			h.serve("A day to be watched.")
			deliveries := h.first()
			due, n := deliveries[0].DueAt, len(deliveries)
			release(h, deliveries[0].Post)

			h.at(due.Add(-10 * time.Minute))
			v := w.visit(t)
			v.logIn(h, "editor@daymark.example", password)
			v.reads("#day", h.says("home.day"), h.says("home.day.out", n, 0))
			v.look("home, on the day")
			v.follow("#watch-day")
			v.reads("h1", h.words.LongDay("2027-07-16"))
			v.reads("#soon", h.says("day.in", 10), "Teaser", h.says("day.places", n, n))
			v.look("day, before")

			ask[bool](v, `document.querySelector("#day-again").focus(); true`)
			h.at(due.Add(-time.Second))
			v.becomes("the sentence that it is out", fmt.Sprintf(`document.querySelector("#day-said").textContent.includes(%q)`, h.says("day.said.sent", "Teaser", n, n)))
			if got := ask[string](v, `document.activeElement.id`); got != "day-again" {
				t.Errorf("the focus went to %q while the page renewed itself", got)
			}
			v.reads("#out", "Teaser", h.says("day.places", n, n))
			h.waitFor("the post to be read back", func() bool { // half a minute later, which no test waits for
				_, err := h.app.DB.ExecContext(t.Context(), `UPDATE readbacks SET next_at = clock_timestamp() WHERE state = 'waiting' AND tries = 0`)
				h.must(err)
				return h.count(`SELECT count(*) FROM readbacks WHERE state = 'same'`) == n
			})
			v.becomes("the ticks", fmt.Sprintf(`document.querySelector("#out").textContent.includes(%q)`, h.says("day.ticks", n, n)))
			v.look("day, out")

			plain := w.visit(t)
			plain.logIn(h, "reviewer@daymark.example", password)
			plain.withoutScript()
			plain.open(h.url + "/day/2027-07-16")
			plain.follow("#day-again")
			plain.open(h.url + "/day/2027-07-20")
			plain.open(h.url + "/search?q=teaser")
		})
	}
}

// TestAPostIsSearchedFor opens the search by its key from any page, finds a post, and reads the notices.
func TestAPostIsSearchedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	for _, size := range []screen{phone, desk} {
		v := visit(t, size)
		v.logIn(h, "editor@daymark.example", password)
		ask[bool](v, `document.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true})); true`)
		h.waitFor("the search", func() bool { return strings.Contains(v.where(), "/search") })
		v.becomes("the focus on its field", `document.activeElement?.id === "q"`)
		v.check("search, before anything is typed")
		v.fill("#q", "blue heart")
		v.follow("#search")
		v.reads("#found-count", "post")
		if n := ask[int](v, `document.querySelectorAll("#found mark").length`); n == 0 {
			t.Error("no word is marked")
		}
		v.check("search, with results")
		v.open(h.url + "/search?q=nothing-like-this")
		v.reads("main", "No post has all of this")
		v.check("search, without results")
		v.open(h.url + "/notices")
		v.check("notices")
		v.open(h.url + "/day/2027-07-30")
		v.check("a day to come")
		v.open(h.url + "/day/2027-01-01")
		v.reads("main", "Nothing goes out on this day")
		v.check("an empty day")
	}
}
