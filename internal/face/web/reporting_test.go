package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/reach/share"
)

var sharedAddress = regexp.MustCompile(`value="https?://[^/"]+(/shared/[A-Z0-9]{26})"`)

// shares makes a link to a report and returns the path of its address.
func (v visitor) shares(edition int64, lang, lessons string) string {
	v.t.Helper()
	a := v.post(fmt.Sprintf("/reach/%d/report/links", edition), url.Values{"purpose": {"The board <b>"}, "days": {"30"}, "language": {lang}, "lessons": {lessons}})
	found := sharedAddress.FindStringSubmatch(a.body)
	if a.status != http.StatusOK || found == nil {
		v.t.Fatalf("make a link: %d\n%s", a.status, a.body)
	}
	return found[1]
}

// ownerDoes changes what the daemon may not.
func (s *site) ownerDoes(query string) {
	s.t.Helper()
	_, err := s.owner.ExecContext(s.t.Context(), query)
	s.must(err)
}

func TestAReportIsReadByALinkWithoutAnAccountUntilItEnds(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b, _ := booktest.Published(t, s.db, 3)
	s.exec(`INSERT INTO lessons (edition_id, message, body, person_id) VALUES ($1, 'message-1', 'Shorter is better.', $2)`, b.Edition, b.Author)
	manager := s.as("manager")
	at, without := manager.shares(b.Edition, "ar", "yes"), manager.shares(b.Edition, "en", "no")
	token := strings.TrimPrefix(at, share.Path)
	if s.count(`SELECT count(*) FROM report_links k WHERE strpos(k::text, '`+token+`') > 0`) != 0 || strings.Contains(s.log.String(), token) {
		t.Error("the database or the log has the token")
	}
	stranger := s.visitor()
	a := stranger.get(at)
	if a.status != http.StatusOK || !strings.Contains(a.body, `dir="rtl"`) || !strings.Contains(a.body, "Shorter is better.") || a.header.Get("Set-Cookie") != "" ||
		a.header.Get("X-Robots-Tag") != "noindex, nofollow" || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("%d %v\n%s", a.status, a.header, a.body)
	}
	for _, person := range []string{"Wren Writer", "Ana Approver", "Omar Approver", "manager@example.org"} {
		if strings.Contains(a.body, person) {
			t.Errorf("the page names %s", person)
		}
	}
	if strings.Contains(a.body, "<form") && strings.Contains(a.body, "/revoke") {
		t.Error("the page has forms of the team")
	}
	if again := s.as("admin").get(at); again.body != a.body {
		t.Error("who is logged in reads something else")
	}
	if a := stranger.get(without); a.status != http.StatusOK || strings.Contains(a.body, "Shorter is better.") || !strings.Contains(a.body, "What we did") {
		t.Errorf("without lessons: %d\n%s", a.status, a.body)
	}
	if a := stranger.get(at + "/report.pdf"); a.status != http.StatusOK || a.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.body, "%PDF-1.7") {
		t.Errorf("its PDF: %d %v", a.status, a.header)
	}
	for _, path := range []string{share.Path, share.Path + strings.Repeat("A", 26), share.Path + "x", at + "/nothing", share.Path + strings.ToLower(token)} {
		if a := stranger.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := stranger.do(http.MethodPost, at, nil, http.Header{"Sec-Fetch-Site": {"same-origin"}}); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
		t.Errorf("a form: %d", a.status)
	}
	id := s.count(`SELECT min(id) FROM report_links`)
	for _, role := range []string{"editor", "reviewer", "moderator"} {
		if a := s.as(role).post(fmt.Sprintf("/reach/%d/report/links/%d/revoke", b.Edition, id), nil); a.status != http.StatusForbidden {
			t.Errorf("a %s takes it back: %d", role, a.status)
		}
	}
	if a := manager.post(fmt.Sprintf("/reach/%d/report/links/%d/revoke", b.Edition, id), nil); a.status != http.StatusSeeOther {
		t.Fatalf("take back: %d\n%s", a.status, a.body)
	}
	s.ownerDoes(`UPDATE report_links SET made_at = made_at - interval '40 days', expires_at = expires_at - interval '40 days' WHERE revoked_at IS NULL`)
	for name, path := range map[string]string{"taken back": at, "ended": without} {
		for _, end := range []string{"", "/report.pdf"} {
			if a := stranger.get(path + end); a.status != http.StatusNotFound || strings.Contains(a.body, "%PDF") || strings.Contains(a.body, "World Day") {
				t.Errorf("%s: %d", name, a.status)
			}
		}
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action IN ('report.shared', 'report.link_revoked')`); n != 3 {
		t.Errorf("%d lines in the log, want 3", n)
	}
	page := manager.get(fmt.Sprintf("/reach/%d/report", b.Edition))
	if page.status != http.StatusOK || !strings.Contains(page.body, "The board &lt;b&gt;") || strings.Contains(page.body, token) || strings.Contains(page.body, "/revoke") {
		t.Errorf("%d\n%s", page.status, page.body)
	}
}

func TestTheFilesOfAReportAreForThoseWhoSeeAllOfIt(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b, _ := booktest.Published(t, s.db, 2)
	at := fmt.Sprintf("/reach/%d/report", b.Edition)
	reviewer := s.as("reviewer")
	for end, want := range map[string]string{".pdf?lang=ar": "%PDF-1.7", ".pdf?lang=xx": "%PDF-1.7", ".png": "\x89PNG", ".csv": "campaign,year", ".json": "{"} {
		a := reviewer.get(at + end)
		if a.status != http.StatusOK || !bytes.HasPrefix([]byte(a.body), []byte(want)) || !strings.Contains(a.header.Get("Content-Disposition"), "july-30-2027") {
			t.Errorf("%s: %d %v", end, a.status, a.header)
		}
	}
	if a := reviewer.get(at); a.status != http.StatusOK || strings.Contains(a.body, `id="link"`) {
		t.Errorf("the page of a reviewer: %d\n%s", a.status, a.body)
	}
	if a := s.as("manager").post(at+"/links", url.Values{"purpose": {" "}, "days": {"400"}, "language": {"en"}}); a.status != http.StatusUnprocessableEntity || strings.Count(a.body, "-problem") < 2 {
		t.Errorf("a link for nobody and for ever: %d\n%s", a.status, a.body)
	}
	s.exec(`UPDATE people SET labels = '{leeds}' WHERE role = 'reviewer'`)
	for _, end := range []string{"", ".pdf", ".png", ".csv", ".json"} {
		if a := reviewer.get(at + end); a.status != http.StatusForbidden {
			t.Errorf("%s for somebody of one chapter: %d", end, a.status)
		}
	}
}

func TestWhichLettersAboutFiguresComeIsChosen(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	manager := s.as("manager")
	a := manager.get("/you/digests")
	if a.status != http.StatusOK || strings.Count(a.body, " checked") != 2 {
		t.Fatalf("as usual: %d\n%s", a.status, a.body)
	}
	if a := manager.post("/you/digests", url.Values{"kind": {"week", "nonsense"}}); a.status != http.StatusSeeOther {
		t.Fatalf("choose: %d\n%s", a.status, a.body)
	}
	if a := manager.get("/you/digests"); !strings.Contains(a.body, `id="kind-week" checked`) || strings.Count(a.body, " checked") != 1 {
		t.Errorf("chosen: %s", a.body)
	}
	if a := s.as("chapter").get("/you/digests"); a.status != http.StatusOK || !strings.Contains(a.body, `id="limited"`) {
		t.Errorf("a chapter lead: %d\n%s", a.status, a.body)
	}
}
