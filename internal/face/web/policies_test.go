package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAnAdminChangesHowPostsAreReviewed(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	admin, manager := s.as("admin"), s.as("manager")
	for who, want := range map[string]bool{"admin": true, "manager": false} {
		a := s.as(who).get("/policy")
		if a.status != http.StatusOK || !strings.Contains(a.body, "2 people who did not write it approve.") || !strings.Contains(a.body, "Among them: safeguarding lead.") {
			t.Errorf("%s does not see how sensitive posts are reviewed: %d", who, a.status)
		}
		if got := strings.Contains(a.body, "<form class=\"form\""); got != want {
			t.Errorf("%s sees a form: %t, want %t", who, got, want)
		}
	}
	plain := func(approvals, hours string) url.Values {
		return url.Values{"seen": {"/plain"}, "policy-plain-approvals": {approvals}, "policy-plain-hours": {hours}, "policy-plain-roles": {""}, "policy-plain-own": {"yes"}}
	}
	if a := manager.post("/policy", plain("3", "6")); a.status != http.StatusForbidden {
		t.Errorf("a manager changed it: %d", a.status)
	}
	for _, bad := range []url.Values{plain("", "6"), plain("0", "6"), plain("99", "6"), plain("2", "-1"), plain("2", "x")} {
		a := admin.post("/policy", bad)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="policy-plain-form-problems"`) {
			t.Errorf("%v: %d", bad, a.status)
		}
	}
	if a := admin.post("/policy", url.Values{"seen": {""}, "approvals": {"2"}, "hours": {"1"}, "campaign": {""}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("for no campaign: %d", a.status)
	}
	if a := admin.post("/policy", plain("3", "6")); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	a := admin.get("/policy")
	for _, want := range []string{"3 people who did not write it approve.", "Approved 6 hours before", "Its author may approve it", "Set by"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	var campaign string
	s.must(s.db.GetContext(t.Context(), &campaign, `SELECT id FROM campaigns LIMIT 1`))
	own := url.Values{"seen": {""}, "campaign": {campaign}, "sensitive": {"yes"}, "approvals": {"4"}, "hours": {"48"}, "roles": {"admin"}}
	if a := admin.post("/policy", own); a.status != http.StatusSeeOther {
		t.Fatalf("add: %d %s", a.status, a.body)
	}
	removal := "/policy/" + campaign + "/sensitive/remove"
	if a := admin.get("/policy"); !strings.Contains(a.body, removal) {
		t.Error("the campaign's policy cannot be taken away")
	}
	if a := admin.post(removal, nil); a.status != http.StatusSeeOther {
		t.Errorf("remove: %d", a.status)
	}
	if a := admin.post(removal, nil); a.status != http.StatusNotFound {
		t.Errorf("removed twice: %d", a.status)
	}
}
