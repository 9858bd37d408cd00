package journey

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"daymark/internal/flow/book"
)

// hit types keys where the focus is.
func (v *visitor) hit(keys string) {
	v.t.Helper()
	v.do("press a key", chromedp.KeyEvent(keys))
}

// focused says what has the focus: its id, else its class and name.
func (v *visitor) focused() string {
	v.t.Helper()
	return ask[string](v, `(() => { const e = document.activeElement; return e.id || [e.className || e.tagName.toLowerCase(), e.name || e.dataset.date || ""].join(" ").trim() })()`)
}

// at expects the focus to be on something.
func (v *visitor) at(want string) {
	v.t.Helper()
	if got := v.focused(); got != want {
		v.t.Errorf("the focus is on %q, want %q", got, want)
	}
}

// goesOut says on which days and at what times a post goes out.
func (h *house) goesOut(id int64) string {
	h.t.Helper()
	entries, err := book.Entries(h.t.Context(), h.app.DB, book.EntryFilter{Post: id})
	h.must(err)
	var list []string
	for _, e := range entries {
		list = append(list, fmt.Sprintf("%s %s %s", e.State, e.DueDate, e.DueClock))
	}
	return strings.Join(list, ", ")
}

// TestAnEditorMovesPostsInTheCalendar walks through the three views: an approved post is moved by keyboard alone and says first what
// that costs, another is dragged with the mouse, and two are moved together by their boxes.
func TestAnEditorMovesPostsInTheCalendar(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.serve("")
			first := h.first()[0]
			release(h, first.Post)
			ed := visit(t, size)
			ed.logIn(h, "editor@daymark.example", password)
			for _, view := range []string{"", "&view=list", "&view=week&day=2027-07-28"} {
				ed.open(h.url + "/calendar?month=2027-07" + view)
				ed.check("calendar" + view)
			}
			ed.open(h.url + "/calendar?month=2027-07")
			moveByKeys(t, h, ed, first)
			if size == desk {
				dragToAnotherDay(t, h, ed, first)
			}
			moveTogether(t, h, ed)
		})
	}
}

// moveByKeys finds the first post with arrow keys, opens its move with m, and goes through the forms with Tab and Enter.
func moveByKeys(t *testing.T, h *house, ed *visitor, first book.Entry) {
	t.Helper()
	line := fmt.Sprintf(`document.querySelector("[data-post='%d']")`, first.Post)
	ask[bool](ed, `(document.querySelector("[data-grid] .entry[tabindex='0']").focus(), true)`)
	if got := ask[int](ed, `[...document.querySelectorAll("[data-grid] .entry")].filter(e => e.tabIndex === 0).length`); got != 1 {
		t.Errorf("Tab comes to %d posts of the month, want one", got)
	}
	for range 40 { // from wherever the grid begins, back to the first post and on to it
		if ask[bool](ed, `document.activeElement === `+line) {
			break
		}
		ed.hit(kb.ArrowLeft)
	}
	id := ask[string](ed, line+".id")
	for range 60 {
		if ed.focused() == id {
			break
		}
		ed.hit(kb.ArrowRight)
	}
	ed.at(id)
	ed.hit(kb.Tab) // with the post come its own ways: to move it, before that its box
	ed.at("mv")
	ask[bool](ed, `(`+line+`.focus(), true)`)
	ed.arrive("m", chromedp.KeyEvent("m"))
	ed.reads("h1", "Move a post")
	ed.check("move a post")
	ask[bool](ed, `(document.querySelector("#date").value = "2027-07-19", document.querySelector("#clock").value = "11:15", document.querySelector("#zone").focus(), true)`)
	ed.hit(kb.Tab)
	ed.at("move-send")
	ed.arrive("send the form", chromedp.KeyEvent(kb.Enter))
	ed.reads("#will", "What will happen", "The approval of 2 places ends.", "19 July 2027", "11:15")
	ed.check("what a move costs")
	if got := h.goesOut(first.Post); strings.Contains(got, "2027-07-19") {
		t.Fatalf("it moved before anybody said so: %s", got)
	}
	ask[bool](ed, `(document.querySelector("#do-submit").focus(), true)`)
	ed.hit(kb.Tab)
	ed.at("do")
	ask[bool](ed, `(document.querySelector("#do-submit").focus(), true)`)
	ed.arrive("move it", chromedp.KeyEvent(kb.Enter))
	ed.reads("#flash", "19 July 2027", "Sent 1 post for review.")
	if got, want := h.goesOut(first.Post), "held 2027-07-19 11:15, held 2027-07-19 11:15"; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

// dragToAnotherDay drags the post with the mouse two days on; it is before reviewers, which the page says first.
func dragToAnotherDay(t *testing.T, h *house, ed *visitor, first book.Entry) {
	t.Helper()
	ed.open(h.url + "/calendar?month=2027-07")
	type point struct{ X, Y float64 }
	middle := func(selector string) point {
		return ask[point](ed, fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + Math.min(r.height / 2, 40)} })()`, selector))
	}
	ed.reach("#day-2027-07-21")
	from, to := middle(fmt.Sprintf("[data-post='%d']", first.Post)), middle("#day-2027-07-21")
	press := func(kind input.DispatchMouseEventType, at point) input.DispatchMouseEventParams {
		return input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1}
	}
	mouse := func(kind input.DispatchMouseEventType, at point) {
		_, err := chromedp.Call(ed.ctx, input.DispatchMouseEvent, press(kind, at))
		ed.must("use the mouse", err)
	}
	mouse(input.DispatchMouseEventTypeMousePressed, from)
	mouse(input.DispatchMouseEventTypeMouseMoved, point{from.X + 10, from.Y + 10})
	mouse(input.DispatchMouseEventTypeMouseMoved, to)
	ed.becomes("the day to drop on", `document.querySelector("#day-2027-07-21.drop") !== null`)
	ed.arrive("drop it", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.DispatchMouseEvent, press(input.DispatchMouseEventTypeMouseReleased, to))
		return err
	}))
	ed.reads("#will", "2 days later", "are before reviewers", "21 July 2027")
	ed.follow("#do")
	ed.reads("#flash", "Moved 1 post.")
	if got, want := h.goesOut(first.Post), "held 2027-07-21 11:15, held 2027-07-21 11:15"; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

// moveTogether chooses two posts by their boxes and moves them an hour on.
func moveTogether(t *testing.T, h *house, ed *visitor) {
	t.Helper()
	ed.open(h.url + "/calendar?month=2027-07&view=list&state=draft")
	ask[bool](ed, `([...document.querySelectorAll("#chosen input[name=post]")].slice(-2).forEach(b => b.click()), true)`)
	ed.reads("#chosen-count", "Chosen: 2")
	ed.reach("#chosen-move")
	ed.follow("#chosen-move")
	ed.reads("h1", "Move posts")
	ed.check("move posts")
	ed.fill("#hours", "1")
	ed.reach("#move-send")
	ed.follow("#move-send")
	ed.reads("#will", "1 hour later")
	ed.check("what will happen to posts")
	ed.reach("#do")
	ed.follow("#do")
	ed.reads("#flash", "Moved 2 posts.")
}

// TestAPostIsMovedWithoutScript walks the same way with forms alone.
func TestAPostIsMovedWithoutScript(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	first := h.first()[0]
	ed := visit(t, phone)
	ed.withoutScript()
	ed.logIn(h, "editor@daymark.example", password)
	ed.open(h.url + "/calendar?month=2027-07")
	ed.follow(fmt.Sprintf(`a.mv[href="/posts/%d/move"]`, first.Post))
	ed.reads("#spots", "@"+account)
	ed.write("#date", "2027-07-20")
	ed.reach("#move-send")
	ed.follow("#move-send")
	ed.reads("#flash", "20 July 2027")
	if got := h.goesOut(first.Post); strings.Count(got, "2027-07-20") != 2 {
		t.Errorf("it is %s", got)
	}
	if at := ed.where(); !strings.Contains(at, "/calendar?month=2027-07") {
		t.Errorf("the way back leads to %s", at)
	}
}

// TestTheCalendarIsMirroredInArabic looks at the three views in Arabic, where the left arrow goes on and the right one back.
func TestTheCalendarIsMirroredInArabic(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.serve("")
			ed := visit(t, size)
			ed.logIn(h, "editor@daymark.example", password)
			ed.reach(`button[value="ar"]`)
			ed.follow(`button[value="ar"]`)
			for _, view := range []string{"&view=list", "&view=week&day=2027-07-28", ""} {
				ed.open(h.url + "/calendar?month=2027-07" + view)
				ed.check("calendar in Arabic" + view)
			}
			if got := ask[string](ed, `document.documentElement.dir`); got != "rtl" {
				t.Fatalf("the page runs %s", got)
			}
			day := `document.activeElement.closest("[data-date]").dataset.date`
			ask[bool](ed, `(document.querySelector("[data-grid] .entry[tabindex='0']").focus(), true)`)
			before := ask[string](ed, day)
			ed.hit(kb.ArrowLeft)
			on := ask[string](ed, day)
			ed.hit(kb.ArrowRight)
			if back := ask[string](ed, day); on <= before || back != before {
				t.Errorf("from %s the left arrow leads to %s and the right one back to %s", before, on, back)
			}
			ed.open(fmt.Sprintf("%s/posts/%d/move", h.url, h.first()[0].Post))
			ed.check("move a post, in Arabic")
		})
	}
}
