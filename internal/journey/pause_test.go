package journey

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
)

// TestAnEditorPausesOnAPhone walks from any page to the emergency stop: a channel is paused, what falls due there stays, and
// after the pause nothing of it goes out by itself.
func TestAnEditorPausesOnAPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	deliveries := h.first()
	release(h, deliveries[0].Post)

	v := visit(t, phone)
	v.logIn(h, "editor@daymark.example", password)
	v.follow("#stop-link")
	v.reads("main", "Nothing is paused")
	v.check("pause, nothing paused")
	v.fill("#reason", "because")
	v.reach("#pause-form-send")
	v.refused("#pause-form-send")
	v.reads("#reason-problem", "at least 10 characters")
	v.check("pause, with a mistake")
	v.choose("#scope", "channel:1")
	v.write("#reason", "A wrong number went out.")
	v.reach("#pause-form-send")
	v.follow("#pause-form-send")
	v.reads("#flash", "Paused: The channel Hope Line London")
	v.reads("#paused", "The channel Hope Line London", "A wrong number went out.", "by Ed")
	v.reads(".banner-stop", "nothing goes out on channel Hope Line London. A wrong number went out.")
	v.check("pause, a channel paused")

	reader := visit(t, phone)
	reader.logIn(h, "reviewer@daymark.example", password)
	reader.reads(".banner-stop", "Hope Line London")
	reader.open(h.url + "/more")
	reader.follow(`main a[href="/pause"]`)
	reader.reads("main", "A wrong number went out.", "can pause and let it go on")
	reader.check("pause, for a reviewer")

	h.at(deliveries[0].DueAt.Add(6 * time.Minute))
	h.waitFor("the deliveries to be held", func() bool {
		for _, e := range h.first() {
			if e.State != post.Held || e.Hold != post.ForOverdue {
				return false
			}
		}
		return true
	})
	v.reach(`#paused button`)
	v.follow(`#paused button`)
	v.reads("#flash", "The pause is lifted", "2 places fell due meanwhile")
	v.reads("#pause-line", "The channel Hope Line London", "A wrong number went out.")
	v.check("pause, what fell due")
	ask[bool](v, `(document.querySelector("#leave-all-fold").open = true)`)
	v.write("#reason-all", "It makes no sense any more.")
	v.reach("#leave-all-send")
	v.follow("#leave-all-send")
	v.reads("#nothing-left", "Nothing of it waits any more")
	v.check("pause, all decided")
	if n := len(h.sandbox.State().Statuses); n != 0 {
		t.Errorf("%d posts went out", n)
	}
}

// reach scrolls until a thing is in the middle of the window, where the bar of doors does not lie over it.
func (v *visitor) reach(selector string) {
	v.t.Helper()
	ask[bool](v, fmt.Sprintf(`document.querySelector(%q).scrollIntoView({block: "center"}) === undefined`, selector))
}

// release puts a post before reviewers and has it approved in every language.
func release(h *house, id int64) {
	h.t.Helper()
	ctx := h.t.Context()
	sent, err := review.Submit(ctx, h.app.DB, h.app.Checks(), id, h.byRole(people.RoleEditor), h.app.Clock.Now())
	h.must(err)
	h.answered()
	for _, s := range sent.Submissions {
		_, err := review.Say(ctx, h.app.DB, s, h.byRole(people.RoleReviewer), review.Approve, "", h.app.Clock.Now())
		h.must(err)
	}
	entries, err := book.Entries(ctx, h.app.DB, book.EntryFilter{Post: id})
	h.must(err)
	for _, e := range entries {
		if e.State != post.Scheduled {
			h.t.Fatalf("delivery %d is %s, want scheduled", e.Delivery, e.State)
		}
	}
}
