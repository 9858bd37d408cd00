package journey

import (
	"testing"
	"time"

	"daymark/internal/flow/book"
)

// TestAMissingChildWaitsForNoCampaignAndIsCorrected walks a post that cannot wait from an editor's form to the network, through a
// reviewer without script, and then a correction of it, which answers it there.
func TestAMissingChildWaitsForNoCampaignAndIsCorrected(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")

	editor := visit(t, phone)
	editor.logIn(h, "editor@daymark.example", password)
	editor.open(h.url + "/compose")
	editor.check("compose")
	editor.reach("#compose-send")
	editor.refused("#compose-send")
	editor.reads("#problems", "write the text in at least one language")
	editor.check("compose, with mistakes")
	editor.write("#name", "Missing child")
	editor.write("#text-en", "A girl of eleven is missing in London.\nCall the police on the emergency number if you see her.")
	editor.reach("#compose-look")
	editor.follow("#compose-look")
	editor.reads("#preview-en", "A girl of eleven", "of 500 characters", "as soon as it is approved, until")
	editor.check("compose, looked at")
	editor.reach("#compose-send")
	editor.follow("#compose-send")
	editor.reads("#flash", "Reviewers are asked to look at it now")
	editor.reads("#goes-now", "Goes out as soon as it is approved, until")
	editor.check("a post that goes out at once")
	post := editor.where()
	editor.open(h.url + "/review")
	editor.reads(`[data-state="now"]`, "Now")
	editor.check("the queue, with a post that goes out at once")
	editor.open(h.url + "/")
	editor.check("home, with a post that goes out at once")
	editor.follow("#now a.list-title")
	editor.check("the card of a post that goes out at once")

	// Nobody looks for longer than a planned post may be late: it goes out all the same, as soon as somebody does.
	h.at(h.app.Clock.Now().Add(40 * time.Minute))
	reviewer := visit(t, phone)
	reviewer.withoutScript()
	approveNow(reviewer, h, "Missing child")
	h.waitFor("the post to be out", func() bool { return len(h.sandbox.State().Statuses) == 1 })

	h.waitFor("the book to know", func() bool {
		return h.count(`SELECT count(*) FROM deliveries WHERE state = 'published'`) == 1
	})
	editor.open(post)
	editor.follow("#correct")
	editor.check("correct")
	editor.write("#reason", "She is twelve, her mother says.")
	editor.write("#text-en", "Correction: the girl who is missing in London is twelve.")
	editor.reach("#compose-send")
	editor.follow("#compose-send")
	editor.reads("#corrects", "Missing child", "She is twelve, her mother says.")
	editor.check("a correction")
	approveNow(reviewer, h, "Correction of Missing child")
	h.waitFor("the correction to be out", func() bool { return len(h.sandbox.State().Statuses) == 2 })
	out := h.sandbox.State().Statuses
	if out[0].InReplyTo != out[1].ID {
		t.Errorf("the correction %+v does not answer %+v", out[0], out[1])
	}
	editor.open(post)
	editor.reads("#corrected", "Correction of Missing child")

	// A copy that is removed before its correction goes out has nothing to be answered: a person decides.
	editor.follow("#correct")
	editor.write("#reason", "She was found in the meantime.")
	editor.write("#text-en", "Correction: she is found.")
	editor.reach("#compose-send")
	editor.follow("#compose-send")
	last := editor.where()
	if _, err := h.app.DB.ExecContext(t.Context(), `UPDATE copies SET removed_at = published_at WHERE remote_id = $1`, out[1].ID); err != nil {
		t.Fatal(err)
	}
	approveNow(reviewer, h, "Correction of Missing child")
	h.waitFor("the correction to be held", func() bool {
		return h.count(`SELECT count(*) FROM deliveries WHERE hold = 'decision'`) == 1
	})
	editor.open(last)
	editor.reads("main", "The post that this one answers is not there any more.")
	editor.follow("#publish-now")
	editor.check("publish now")
	editor.follow("#now-send")
	approveNow(reviewer, h, "Correction of Missing child")
	h.waitFor("it to be out by itself", func() bool { return len(h.sandbox.State().Statuses) == 3 })
	if s := h.sandbox.State().Statuses[0]; s.InReplyTo != "" {
		t.Errorf("it answers %s", s.InReplyTo)
	}
	entries, err := book.Entries(t.Context(), h.app.DB, book.EntryFilter{State: "published"})
	h.must(err)
	for _, e := range entries {
		if !e.Prompt || e.ReadyAt.Before(e.DueAt) || e.PublishedAt == nil || e.PublishedAt.Before(e.ReadyAt) {
			t.Errorf("it went out before its approval: %+v", e)
		}
	}
}

// approveNow lets a reviewer come to Home, find what waits for an approval now on top, and approve it.
func approveNow(v *visitor, h *house, name string) {
	v.t.Helper()
	h.answered()
	if v.where() == "about:blank" {
		v.logIn(h, "reviewer@daymark.example", password)
	}
	v.open(h.url + "/")
	v.reads("#now", name)
	v.follow("#now a.list-title")
	v.reads("#goes-now", "until")
	v.follow("#approve")
	v.reads("#flash", "Approved")
}
