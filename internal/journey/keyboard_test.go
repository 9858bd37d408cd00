package journey

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tabTo goes on with Tab until each of the things has had the focus, in this order. Wherever the focus comes on its way, it is to be
// seen: within the window, with a mark around it (WCAG 2.2, 2.4.3, 2.4.7 and 2.4.11, https://www.w3.org/TR/WCAG22/).
func (v *visitor) tabTo(order ...string) {
	v.t.Helper()
	var way []string
	for _, want := range order {
		for way = nil; ; {
			v.hit(kb.Tab)
			way = append(way, v.focused())
			if fault := ask[string](v, `(() => {
				const e = document.activeElement;
				if (e === document.body) return "nothing has the focus";
				const box = e.getBoundingClientRect(), style = getComputedStyle(e);
				if (["date", "time"].includes(e.type)) return ""; // the browser marks the year, the month and the day within
				if (!e.matches(":focus-visible") || style.outlineStyle === "none" && style.boxShadow === "none") return "the focus is not marked";
				const x = Math.max(0, box.left) + Math.min(box.width, innerWidth) / 2, y = (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2;
				const top = document.elementFromPoint(Math.min(x, innerWidth - 1), y);
				if (box.bottom <= 0 || box.top >= innerHeight) return "the focus is out of the window";
				if (top && !e.contains(top) && !top.contains(e)) return "the focus is below " + top.tagName + "." + top.className;
				return "";
			})()`); fault != "" {
				v.t.Errorf("%s, at %q on the way to %q: %s", v.where(), way[len(way)-1], want, fault)
			}
			if v.focused() == want {
				break
			}
			if len(way) > 90 {
				v.t.Fatalf("%s: Tab does not come to %q after %q but to %q", v.where(), want, order, way)
			}
		}
	}
}

// enter presses Enter on what has the focus, which leads to another page.
func (v *visitor) enter() {
	v.t.Helper()
	v.arrive("press Enter", chromedp.KeyEvent(kb.Enter))
}

// TestTheJobsNeedNoMouse walks through the three jobs by Tab, Enter and typing alone, and asserts in which order the focus comes to what
// they need.
func TestTheJobsNeedNoMouse(t *testing.T) {
	t.Parallel()
	for _, w := range walks(true) {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			h.serve("")
			first := h.first()[0]

			// Somebody logs in, and the first Tab of every page leads past the doors.
			ed := w.visit(t)
			byKeys(ed, h, "editor")
			ed.open(h.url + "/")
			ed.hit(kb.Tab)
			ed.at("skip")
			ed.hit(kb.Enter)
			if got := ask[string](ed, `location.hash`); got != "#main" {
				t.Errorf("the way past the doors leads to %q", got)
			}

			// The editor changes a post and sends it for review.
			ed.open(fmt.Sprintf("%s/posts/%d", h.url, first.Post))
			ed.tabTo("edit", "versions", "submit")
			ed.open(fmt.Sprintf("%s/posts/%d/edit", h.url, first.Post))
			ed.tabTo("text-1-en", "text-1-ar", "date", "clock", "editor-send", "editor-save", "editor-look")
			ed.open(fmt.Sprintf("%s/posts/%d", h.url, first.Post))
			ed.tabTo("submit")
			ed.enter()
			ed.announces(h.says("post.submitted"))
			h.answered()

			// The reviewer goes from Home to the card and approves.
			rosa := w.visit(t)
			byKeys(rosa, h, "reviewer")
			rosa.open(h.url + "/")
			rosa.tabTo("start-reviewing")
			rosa.enter()
			rosa.tabTo("list-title")
			rosa.enter()
			language := ask[string](rosa, `document.querySelector(".release .words").lang`)
			rosa.tabTo("back", "approve", "button") // the last unfolds the form for changes
			ask[bool](rosa, `(document.querySelector(".back").focus(), true)`)
			rosa.tabTo("approve")
			rosa.enter()
			rosa.announces(h.says("card.scheduled", 1, "Teaser", h.words.Tongue(language)))

			// The day is watched.
			h.at(first.DueAt.Add(-10 * time.Minute))
			ed.open(h.url + "/")
			ed.tabTo("watch-day")
			ed.enter()
			ed.tabTo("day-prev", "day-next", "day-again", "day-pause")
		})
	}
}

// byKeys logs somebody in by keys alone.
func byKeys(v *visitor, h *house, role string) {
	v.t.Helper()
	v.open(h.url + "/login")
	v.speak(v.speech)
	v.tabTo("email")
	v.do("type", chromedp.KeyEvent(role+"@daymark.example"))
	v.tabTo("password")
	v.do("type", chromedp.KeyEvent(password))
	v.tabTo("login")
	v.enter()
}

// announces expects a sentence where a screen reader speaks it by itself.
func (v *visitor) announces(words string) {
	v.t.Helper()
	v.reads(`#flash[role="status"]`, words)
}
