package journey

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
)

// TestAnEditorPostsByHandOnAPhone walks from adding an account that Daymark cannot post to, over the task when a post is due, to the link
// with which whoever posted it comes back.
func TestAnEditorPostsByHandOnAPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	a := visit(t, phone)
	a.logIn(h, "admin@daymark.example", password)
	a.open(h.url + "/connect/byhand")
	a.check("connect, by hand")
	a.fill("#kind", "Instagram")
	a.fill("#handle", "hopeline")
	a.fill("#address", "instagram.com/hopeline")
	a.reach("#connect-send")
	a.refused("#connect-send")
	a.reads("#address-problem", "https://")
	a.write("#address", "https://www.instagram.example/hopeline")
	a.write("#country", "GB")
	a.reach("#connect-send")
	a.follow("#connect-send")
	a.reads("#flash", "Nothing was posted")
	a.reads("main", "By hand")

	_, err := plan.Make(t.Context(), h.app.DB, "july-30", 2027, plan.Options{By: h.byRole(people.RoleEditor), Now: h.app.Clock.Now()})
	h.must(err)
	deliveries := h.first()
	release(h, deliveries[0].Post)
	h.at(deliveries[0].DueAt.Add(time.Second))
	h.waitFor("the team to be told", func() bool {
		return h.count(`SELECT count(*) FROM notices WHERE subject_kind = 'byhand' AND done_at IS NULL`) == 1
	})
	var delivery int64
	h.must(h.app.DB.GetContext(t.Context(), &delivery, `SELECT subject_id::bigint FROM notices WHERE subject_kind = 'byhand'`))

	v := visit(t, phone)
	v.logIn(h, "editor@daymark.example", password)
	v.reads("main", "by hand")
	v.follow(fmt.Sprintf(`a[href="/deliveries/%d/by-hand"]`, delivery))
	v.reads("main", "Post by hand on Instagram", "hopeline (Instagram)")
	v.check("a post to make by hand")
	v.write(fmt.Sprintf("#link-%d", delivery), "https://www.instagram.example/p/1")
	v.reach(fmt.Sprintf("#live-%d-send", delivery))
	v.follow(fmt.Sprintf("#live-%d-send", delivery))
	v.reads("#flash", "it is out on @hopeline (Instagram)")
	if n := h.count(fmt.Sprintf(`SELECT count(*) FROM copies WHERE delivery_id = %d AND url = 'https://www.instagram.example/p/1'`, delivery)); n != 1 {
		t.Errorf("%d copies have the link, want 1", n)
	}
	if n := h.count(`SELECT count(*) FROM notices WHERE subject_kind = 'byhand' AND done_at IS NULL`); n != 0 {
		t.Errorf("%d tasks are told still", n)
	}
}
