package journey

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/book"
	sandbox "daymark/internal/sandbox/mastodon"
)

// TestAPostGoesItsWholeWay walks the three jobs: an editor sends a post for review, a reviewer reads and approves it, it goes
// out at its instant, and a manager sees what it did.
func TestAPostGoesItsWholeWay(t *testing.T) {
	t.Parallel()
	for _, w := range walks(true) {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			h.serve("This is a walk through Daymark.")
			deliveries := h.first()

			sendForReview(t, h, w)
			approve(t, h, w, deliveries)

			due := deliveries[0].DueAt
			h.at(due.Add(-2 * time.Second))
			seeItOut(t, h, w, deliveries)

			for i, s := range h.sandbox.State().Statuses {
				h.must(h.sandbox.React(s.ID, sandbox.Reactions{Favourites: 12 + i, Reblogs: 5 + i, Replies: 2}))
			}
			h.at(due.Add(20 * time.Hour)) // past several questions of the collector
			seeReach(t, h, w)
		})
	}
}

func sendForReview(t *testing.T, h *house, w walk) {
	t.Helper()
	ed := w.visit(t)
	ed.open(h.url + "/")
	if at := ed.where(); !strings.HasSuffix(at, "/login") {
		t.Fatalf("a visitor without a session is at %s, not at the log-in page", at)
	}
	ed.speak(w.speech)
	ed.look("log-in")
	ed.logIn(h, "editor@daymark.example", password)
	ed.look("home of an editor")
	ed.follow("#door-campaigns")
	ed.look("campaigns")
	ed.follow("#door-calendar")
	ed.reads("#month-title", h.words.MonthOf(2027, time.July))
	ed.look("calendar")
	ed.follow("a.entry")
	ed.reads("h1", "Teaser")
	ed.look("post, a draft")
	ed.follow("#submit")
	ed.reads("#flash", h.says("post.submitted"))
	ed.look("post, in review")
}

func approve(t *testing.T, h *house, w walk, deliveries []book.Entry) {
	t.Helper()
	h.answered()
	rosa := w.visit(t)
	rosa.logIn(h, "reviewer@daymark.example", password)
	rosa.reads("#wait-title", h.says("home.waiting", len(deliveries)))
	rosa.look("home of a reviewer")
	rosa.follow("#start-reviewing")
	rosa.look("queue")
	seen := map[string]bool{}
	for range deliveries {
		rosa.follow("#queue a.list-title")
		language := ask[string](rosa, `document.querySelector(".release .words").lang`)
		if seen[language] {
			t.Fatalf("the card in %q is there twice", language)
		}
		seen[language] = true
		h.readCard(rosa, language)
		rosa.look("card in " + language)
		rosa.follow("#approve")
		rosa.reads("#flash", h.says("card.scheduled", 1, "Teaser", h.words.Tongue(language)))
	}
	if !seen["en"] || !seen["ar"] {
		t.Errorf("approved in %v, want English and Arabic", seen)
	}
	rosa.reads("main", h.says("queue.empty"))
	rosa.look("queue, empty")
}

// readCard reads a card as a reviewer does: the words, the picture with its alt text, where it goes and when.
func (h *house) readCard(v *visitor, language string) {
	v.t.Helper()
	words, alt, dir := "Two weeks to go.", "A plain blue heart on a pale background.", "ltr"
	if language == "ar" {
		words, alt, dir = "بعد أسبوعين", "قلب أزرق سادة على خلفية فاتحة.", "rtl"
	}
	v.reads(".release .words", words, "#EndHumanTrafficking", "#HumanTrafficking", "https://hopeline.example/july30")
	if got := ask[string](v, `getComputedStyle(document.querySelector(".release .words")).direction`); got != dir {
		v.t.Errorf("the words in %q run %s, want %s", language, got, dir)
	}
	v.becomes("the picture", `(() => { const i = document.querySelector(".release .picture img"); return i.complete && i.naturalWidth > 0 })()`)
	if got := ask[string](v, `document.querySelector(".release .picture img").alt`); got != alt {
		v.t.Errorf("the picture's alt text is %q, want %q", got, alt)
	}
	v.reads(".release .picture figcaption", alt)
	v.reads(".release-places", "@"+account, h.words.LongDay("2027-07-16"), "10:00", "Europe/London")
}

// seeItOut waits on the sandbox's own page until the post is there, and then sees what Daymark says of it.
func seeItOut(t *testing.T, h *house, w walk, deliveries []book.Entry) {
	t.Helper()
	reader := w.visit(t)
	h.waitFor("both posts on the timeline", func() bool { return len(h.sandbox.State().Statuses) == len(deliveries) })
	reader.open(h.sandbox.BaseURL() + "/@" + account)
	reader.reads("main", "Two weeks to go. On 30 July we mark the World Day", "بعد أسبوعين", "A plain blue heart on a pale background.")
	if n := ask[int](reader, `document.querySelectorAll("article").length`); n != len(deliveries) {
		t.Errorf("the timeline shows %d posts, want %d", n, len(deliveries))
	}
	reader.check("timeline")
	for _, s := range h.sandbox.State().Statuses {
		if s.CreatedAt.Before(deliveries[0].DueAt.Truncate(time.Second)) {
			t.Errorf("status %s was made at %s, before its time %s", s.ID, s.CreatedAt, deliveries[0].DueAt)
		}
	}
	ed := w.visit(t)
	ed.logIn(h, "editor@daymark.example", password)
	ed.open(h.url + "/published")
	ed.becomes("both live copies", fmt.Sprintf(`document.querySelectorAll("a.live-copy").length === %d`, len(deliveries)))
	ed.look("published")
	ed.follow("a.live-copy")
	ed.reads("main", "#EndHumanTrafficking")
}

// seeReach waits until the page shows what the sandbox itself counts. The page renews itself.
func seeReach(t *testing.T, h *house, w walk) {
	t.Helper()
	want := map[string]int{}
	for _, s := range h.sandbox.State().Statuses {
		want["favourites"] += s.Favourites
		want["boosts"] += s.Reblogs
		want["replies"] += s.Replies
	}
	mina := w.visit(t)
	mina.logIn(h, "manager@daymark.example", password)
	mina.look("home of a manager")
	mina.follow("#door-reach")
	for figure, n := range want {
		if n == 0 {
			t.Fatalf("the sandbox counts no %s", figure)
		}
		mina.becomes(fmt.Sprintf("%d %s", n, figure), fmt.Sprintf(`document.querySelector("#total-%s")?.dataset.value === "%d"`, figure, n))
		mina.reads("#total-"+figure, strconv.Itoa(n))
	}
	mina.reads("#total-impressions", h.says("reach.unsaid"))
	mina.look("reach")
	mina.open(h.url + "/more")
	mina.look("more")
	mina.open(h.url + "/channels")
	mina.reads("main", "@"+account)
	mina.look("channels")
}

// TestACampaignIsQueuedFromItsFileToSubmitted walks from a campaign file that was loaded and planned to all of its drafts before reviewers.
func TestACampaignIsQueuedFromItsFileToSubmitted(t *testing.T) {
	t.Parallel()
	for _, w := range walks(true) {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			h.serve("")
			ed := w.visit(t)
			ed.logIn(h, "editor@daymark.example", password)
			ed.follow("#door-campaigns")
			ed.look("campaigns, with drafts")
			submit := fmt.Sprintf("#submit-%d", h.edition.ID)
			ed.reach(submit)
			ed.follow(submit)
			n := h.count(`SELECT count(*) FROM submissions`)
			if n == 0 {
				t.Fatal("nothing is before reviewers")
			}
			ed.look("campaigns, sent for review")
			ed.follow("#door-calendar")
			ed.open(h.url + "/calendar?month=2027-07&view=list&state=held")
			ed.look("calendar of what reviewers were asked")
			rosa := w.visit(t)
			rosa.logIn(h, "reviewer@daymark.example", password)
			rosa.reads("#wait-title", h.says("home.waiting", n))
			rosa.follow("#start-reviewing")
			rosa.look("queue of a campaign")
		})
	}
}
