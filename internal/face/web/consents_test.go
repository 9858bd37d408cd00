package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"daymark/internal/org/people"
)

// theirName is the name of somebody who consented. It tries to break out of a page as well.
const theirName = "Zephyrine Quillfeather"

// consented lets a safeguarding lead record a consent, links it to a post of which an editor says that it quotes a person, and withdraws
// another one.
func (s *site) consented(post int64) {
	s.t.Helper()
	lead := s.as("safeguarding")
	given := url.Values{
		"name": {theirName + breakout}, "contact": {"zephyrine@quill.example" + breakout}, "minor": {"yes"}, "guardian": {"Ottoline Quillfeather" + breakout}, "notes": {"Her sister knows." + breakout},
		"kept": {"The blue folder." + breakout}, "until": {"2029-01-31"}, "how": {"form"}, "uses": {"picture", "name", "words"},
	}
	for i := range 2 {
		if a := lead.post("/new/consent", given); a.to != fmt.Sprintf("/consents/%d", i+1) {
			s.t.Fatalf("record a consent: %d to %s\n%s", a.status, a.to, a.body)
		}
	}
	for at, form := range map[string]url.Values{
		"/consents/1/links":    {"thing": {fmt.Sprint(post)}, "shows": {"words"}},
		"/consents/2/withdraw": {"why": {"danger"}, "said": {"Zephyrine rang in tears." + breakout}},
	} {
		if a := lead.post(at, form); a.status != http.StatusSeeOther {
			s.t.Fatalf("%s: %d\n%s", at, a.status, a.body)
		}
	}
	if a := s.as("editor").post(fmt.Sprintf("/posts/%d/people", post), nil); a.status != http.StatusSeeOther {
		s.t.Fatalf("say that it quotes a person: %d\n%s", a.status, a.body)
	}
}

// TestTheLedgerIsThereForSafeguardingLeadsOnly asks each of its addresses as each role, and reads every page of the route list as everybody
// else: the name is nowhere.
func TestTheLedgerIsThereForSafeguardingLeadsOnly(t *testing.T) {
	t.Parallel()
	s := beforeReviewers(t)
	routes := []string{"GET /consents", "GET /new/consent", "GET /consents/1", "GET /consents/999999"}
	forms := []string{"/new/consent", "/consents/1", "/consents/1/links", "/consents/1/links/1/end", "/consents/1/withdraw", "/consents/2/erase", "/nobody-shown"}
	state := func() (got string) {
		s.must(s.db.GetContext(t.Context(), &got, `
SELECT concat_ws('|', (SELECT string_agg(c::text, ',' ORDER BY id) FROM consents c), (SELECT count(*) FROM consent_versions), (SELECT string_agg(l::text, ',' ORDER BY id) FROM consent_links l),
  (SELECT string_agg(m::text, ',' ORDER BY id) FROM post_people m))`))
		return got
	}
	before := state()
	for _, role := range people.Roles() {
		v := s.as(string(role))
		if role == people.RoleSafeguarding {
			for at, want := range map[string][]string{"/consents": {"C-0001", theirName}, "/consents/1": {theirName, "Ottoline", "The blue folder."}, "/consents/2": {"Zephyrine rang in tears."}} {
				a := v.get(at)
				for _, w := range want {
					if a.status != http.StatusOK || !strings.Contains(a.body, w) {
						t.Errorf("%s as a safeguarding lead: %d, without %q", at, a.status, w)
					}
				}
				if strings.Contains(a.body, "<script>alert") {
					t.Errorf("%s: a name breaks out", at)
				}
			}
			continue
		}
		for _, at := range routes {
			if a := v.get(strings.TrimPrefix(at, "GET ")); a.status != http.StatusNotFound {
				t.Errorf("%s as %s: %d, want that there is nothing", at, role, a.status)
			}
		}
		for _, at := range forms {
			if a := v.post(at, url.Values{"why": {"asked"}, "name": {"x"}, "post": {"1"}, "thing": {"1"}}); a.status != http.StatusNotFound {
				t.Errorf("POST %s as %s: %d, want that there is nothing", at, role, a.status)
			}
		}
		read := 0
		for pattern, addresses := range s.pages() {
			for _, at := range addresses {
				if a := v.get(at); strings.Contains(a.body, "Zephyrine") || strings.Contains(a.body, "Quillfeather") {
					t.Errorf("%s (%s) shows the name to %s", at, pattern, role)
				} else if strings.Contains(a.body, "C-0001") {
					read++
				}
			}
		}
		if role == people.RoleEditor && read == 0 {
			t.Error("an editor sees no reference anywhere")
		}
	}
	if after := state(); after != before {
		t.Errorf("something changed:\n%s\n%s", before, after)
	}
	// A lead whose work is limited to some accounts keeps no ledger of all.
	s.exec(`UPDATE people SET labels = '{york}' WHERE role = 'safeguarding'`)
	if a := s.as("safeguarding").get("/consents/1"); a.status != http.StatusNotFound {
		t.Errorf("a limited safeguarding lead: %d", a.status)
	}
	if strings.Contains(s.log.String(), "Zephyrine") {
		t.Error("the log has the name")
	}
}

func TestWhatIsWrongWithAConsentIsSaidBesideItsField(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	lead := s.as("safeguarding")
	a := lead.post("/new/consent", url.Values{"name": {"Ana"}, "minor": {"yes"}, "networks": {"bluesky"}, "until": {"2020-01-01"}})
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("got %d", a.status)
	}
	for _, want := range []string{`value="Ana"`, `id="guardian-problem"`, `id="until-problem"`, `id="uses-problem"`, `href="#uses-picture"`, `value="bluesky" id="networks-bluesky" checked`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	lead.post("/new/consent", url.Values{"name": {"Ana"}, "until": {"2028-01-01"}, "how": {"form"}, "uses": {"words"}})
	for at, c := range map[string]struct {
		form url.Values
		want string
	}{
		"/consents/1/links":    {url.Values{"thing": {"the second one"}, "shows": {"words"}}, `id="thing-problem"`},
		"/consents/1/withdraw": {url.Values{}, `id="why-problem"`},
	} {
		if a := lead.post(at, c.form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %d, without %s", at, a.status, c.want)
		}
	}
	if a := lead.post("/consents/1/erase", nil); a.status != http.StatusConflict {
		t.Errorf("who gave a consent that holds is erased: %d", a.status)
	}
	if a := lead.post("/consents/1/links", url.Values{"thing": {"1"}, "shows": {"picture"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="shows-picture"`) {
		t.Errorf("a use beyond the consent: %d", a.status)
	}
}
