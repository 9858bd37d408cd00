package journey

import (
	"fmt"
	"strings"
	"testing"

	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
)

func TestTheFirstVisitorMakesTheAdminAndTheProfile(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.serve("")
			v := visit(t, size)
			v.open(h.url + "/")
			if at := v.where(); !strings.HasSuffix(at, "/first-run") {
				t.Fatalf("the first visitor is at %s, not at the first-run page", at)
			}
			v.check("first run")
			for field, text := range map[string]string{
				"name": "Ada Byron", "email": "ada@daymark.example", "password": "four plain blue hearts",
				"org-name": "Hope Line", "org-link": "https://hopeline.example", "org-zone": "Europe/London", "org-support": "Ring Sam.",
			} {
				v.fill("#"+field, text)
			}
			v.follow("#first-run-form #first-run")
			v.reads("#flash", "Daymark is yours, Ada Byron")
			v.reads("#support", "Ring Sam.")
			v.check("home, empty")
			doors := []string{"calendar", "campaigns", "review", "reach"}
			if size == desk {
				doors = nil // empty pages have nothing that a wide window lays out otherwise
			}
			for _, door := range doors {
				v.follow("#door-" + door)
				v.check(door + ", empty")
			}
			org, err := profile.Get(t.Context(), h.app.DB)
			h.must(err)
			if org.Name != "Hope Line" || org.Link != "https://hopeline.example" || org.Zone != "Europe/London" {
				t.Errorf("the profile is %+v", org)
			}
			ada, err := people.ByEmail(t.Context(), h.app.DB, "ada@daymark.example")
			h.must(err)
			if ada.Role != people.RoleAdmin {
				t.Errorf("the first person is %s, want admin", ada.Role)
			}
			other := visit(t, size)
			other.open(h.url + "/first-run")
			if at := other.where(); !strings.HasSuffix(at, "/login") {
				t.Errorf("the second visitor is at %s; there is one first run only", at)
			}
		})
	}
}

func TestAReviewerNeedsNoScript(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	sent, err := review.Submit(t.Context(), h.app.DB, h.app.Checks(), h.first()[0].Post, h.byRole(people.RoleEditor), h.app.Clock.Now())
	h.must(err)
	if len(sent.Submissions) != 2 {
		t.Fatalf("submitted %d, waiting: %v", len(sent.Submissions), sent.Waiting)
	}
	h.answered()
	v := visit(t, phone)
	v.withoutScript()
	v.logIn(h, "reviewer@daymark.example", password)
	v.follow("#start-reviewing")
	v.follow("#queue a.list-title")
	v.reads(".release-places", "@"+account)
	v.follow("#approve")
	v.reads("#flash", "Approved")
	v.follow("#queue a.list-title")
	v.do("open the fold", click("#changes-fold summary"))
	v.fill("#comment", "Please say it more gently.")
	v.follow("#ask-changes")
	v.reads("#flash", "Your words went to the author")
	states := map[string]int{}
	for _, e := range h.first() {
		states[string(e.State)]++
	}
	if states["scheduled"] != 1 || states["held"] != 1 {
		t.Errorf("the deliveries are %v, want one scheduled and one held", states)
	}
}
