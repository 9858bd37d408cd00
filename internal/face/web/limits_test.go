package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"daymark/internal/flow/booktest"
)

// everybodys are the numbered addresses of what everybody who may take the route sees: it belongs to no chapter and no campaign.
var everybodys = []string{
	"/facts/{id}", "/helplines/{id}", "/notices/{id}", "/pause/{id}", "/people/{id}", "/invitations/{id}", "/outside/{id}",
	"/consents/{id}", // a person and what they agreed to belong to no chapter and no campaign
}

func TestEveryNumberedRouteSaysWhetherItIsLimited(t *testing.T) {
	t.Parallel()
	for _, r := range (&server{}).routes() {
		_, path, _ := strings.Cut(r.pattern, " ")
		if !strings.Contains(path, "{id}") || kindOf(r.pattern) != "" {
			continue
		}
		known := false
		for _, p := range everybodys {
			known = known || path == p || strings.HasPrefix(path, p+"/")
		}
		if !known {
			t.Errorf("%s: say in limits.go what its number names, or here that everybody sees it", r.pattern)
		}
	}
}

func TestAChapterLeadSeesTheirChapterAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	leeds, york := b.Channel(booktest.Channel{Handle: "@leeds@127.0.0.1"}), b.Channel(booktest.Channel{Handle: "@york@127.0.0.1"})
	s.exec(`UPDATE channels SET labels = '{leeds}' WHERE id = $1`, leeds)
	s.exec(`UPDATE channels SET labels = '{york}' WHERE id = $1`, york)
	s.exec(`UPDATE people SET labels = '{leeds}' WHERE role = 'chapter'`)
	ours, theirs := b.Post("ours"), b.Post("theirs")
	ourPlace, theirPlace := b.Deliver(booktest.Delivery{Post: ours, Channel: leeds}), b.Deliver(booktest.Delivery{Post: theirs, Channel: york})
	ourDraft, theirDraft := b.Submit(ourPlace), b.Submit(theirPlace)
	lead, admin := s.as("chapter"), s.as("admin")
	for _, one := range []struct {
		path         string
		ours, theirs int64
	}{{"/posts/%d", ours, theirs}, {"/review/%d", ourDraft, theirDraft}, {"/channels/%d", leeds, york}} {
		if a := lead.get(fmt.Sprintf(one.path, one.ours)); a.status != http.StatusOK && a.status != http.StatusForbidden {
			t.Errorf("%s of the chapter: %d", one.path, a.status)
		}
		inside, outside, nowhere := admin.get(fmt.Sprintf(one.path, one.theirs)), lead.get(fmt.Sprintf(one.path, one.theirs)), lead.get(fmt.Sprintf(one.path, 999999))
		if inside.status != http.StatusOK {
			t.Fatalf("%s: an admin sees %d", one.path, inside.status)
		}
		if outside.status != nowhere.status || outside.status == http.StatusOK {
			t.Errorf("%s of another chapter: %d, of none: %d", one.path, outside.status, nowhere.status)
		}
	}
	for _, path := range []string{fmt.Sprintf("/deliveries/%d/leave-out", theirPlace), fmt.Sprintf("/posts/%d/submit", theirs), fmt.Sprintf("/posts/%d/takedown", theirs)} {
		if a := lead.post(path, nil); a.status != http.StatusNotFound {
			t.Errorf("POST %s of another chapter: %d", path, a.status)
		}
	}
	month := "/calendar?month=" + booktest.Due.Format("2006-01")
	for _, path := range []string{month, "/review", "/channels", "/campaigns", "/"} {
		if body := lead.get(path).body; strings.Contains(body, "Theirs") || strings.Contains(body, "york@") || strings.Contains(body, fmt.Sprintf("/posts/%d\"", theirs)) {
			t.Errorf("%s shows what belongs to another chapter", path)
		}
	}
	if body := lead.get(month).body; !strings.Contains(body, fmt.Sprintf("/posts/%d", ours)) {
		t.Error("the calendar does not show the chapter's own post")
	}
	s.exec(`UPDATE people SET labels = '{}' WHERE role = 'chapter'`)
	if body := lead.get(month).body; strings.Contains(body, fmt.Sprintf("/posts/%d", ours)) {
		t.Error("a chapter lead without a chapter sees posts")
	}
	s.exec(`UPDATE people SET access_until = clock_timestamp() - interval '1 second' WHERE role = 'chapter'`)
	if a := lead.get("/"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/login") {
		t.Errorf("after the end of their access: %d %s", a.status, a.to)
	}
}
