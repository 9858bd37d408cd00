package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"daymark/internal/org/people"
	"daymark/internal/org/people/reset"
	"daymark/internal/postgres"
)

func (s *site) number(query string, args ...any) (n int) {
	s.t.Helper()
	s.must(s.db.GetContext(s.t.Context(), &n, query, args...))
	return n
}

var shownOnce = regexp.MustCompile(`<code id="link" dir="ltr">(http://[^/<]+)(/invitation/[A-Z2-7]{26})</code>`)

func TestAnInvitedPersonComesInWithTheirOwnPassword(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	admin := s.as("admin")
	form := url.Values{"email": {"lea@example.org"}, "role": {"chapter"}, "languages": {"en, fr"}, "labels": {"leeds"}, "until": {"2199-07-30"}}
	a := admin.post("/people/invitations", form)
	link := shownOnce.FindStringSubmatch(a.body)
	if a.status != http.StatusCreated || link == nil || link[1] != s.server.URL {
		t.Fatalf("%d %v\n%s", a.status, link, a.body)
	}
	a = admin.get("/people")
	if says(t, a, "lea@example.org", "Invited by Ada admin"); strings.Contains(a.body, link[2]) {
		t.Error("the link is shown twice")
	}
	lea := s.visitor()
	says(t, lea.get(link[2]), "Ada admin invites you. You log in with lea@example.org", `autocomplete="new-password"`, "chapter lead")
	if a := lea.post(link[2], url.Values{"name": {""}, "password": {"short"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="name-problem"`) || strings.Contains(a.body, `value="short"`) {
		t.Errorf("mistakes: %d", a.status)
	}
	if a := lea.post(link[2], url.Values{"name": {hostile}, "password": {"a plain blue heart"}}); a.status != http.StatusSeeOther || a.to != "/" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := lea.get("/"); a.status != http.StatusOK || strings.Contains(a.body, "<script>alert") {
		t.Errorf("home: %d", a.status)
	}
	p, err := people.ByEmail(t.Context(), s.db, "lea@example.org")
	s.must(err)
	if p.Role != people.RoleChapter || len(p.Labels) != 1 || len(p.Languages) != 2 {
		t.Errorf("%+v", p)
	}
	var until time.Time
	s.must(s.db.GetContext(t.Context(), &until, `SELECT access_until FROM people WHERE id = $1`, p.ID))
	if want := time.Date(2199, 7, 30, 23, 0, 0, 0, time.UTC); !until.Equal(want) { // midnight after the day in London's summer
		t.Errorf("access ends at %s, want %s", until.UTC(), want)
	}
	if a := s.visitor().get(link[2]); a.status != http.StatusNotFound || !strings.Contains(a.body, "taken up already") {
		t.Errorf("the link again: %d", a.status)
	}
	says(t, admin.get("/people"), "&lt;script&gt;", "30 July 2199")
}

func TestAnInvitationWithMistakesNamesThemAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	admin := s.as("admin")
	a := admin.post("/people/invitations", url.Values{"email": {"editor@example.org"}, "role": {"chapter"}, "until": {"tomorrow"}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="until-problem"`) || !strings.Contains(a.body, `value="editor@example.org"`) {
		t.Errorf("a day that is none: %d", a.status)
	}
	a = admin.post("/people/invitations", url.Values{"email": {"editor@example.org"}, "role": {"reviewer"}})
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "belongs to Ada editor already") {
		t.Errorf("an address that exists: %d", a.status)
	}
	if n := s.number(`SELECT count(*) FROM invitations`) + s.number(`SELECT count(*) FROM outbox`); n != 0 {
		t.Errorf("%d rows", n)
	}
	admin.post("/people/invitations", url.Values{"email": {"lea@example.org"}, "role": {"reviewer"}})
	id := s.number(`SELECT id FROM invitations`)
	if a := admin.post(fmt.Sprintf("/invitations/%d/revoke", id), nil); a.status != http.StatusSeeOther {
		t.Errorf("take back: %d", a.status)
	}
	if a := admin.post(fmt.Sprintf("/invitations/%d/revoke", id), nil); a.status != http.StatusNotFound {
		t.Errorf("take back twice: %d", a.status)
	}
}

func TestAnAdminChangesWhatAPersonMayDo(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	admin, editor := s.as("admin"), s.as("editor")
	at := fmt.Sprintf("/people/%d", s.person("editor").ID)
	seen := func() string {
		return regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`).FindStringSubmatch(admin.get(at).body)[1]
	}
	old := seen()
	form := url.Values{"seen": {old}, "name": {"Ada"}, "role": {"reviewer"}, "languages": {"en"}, "labels": {"leeds، york"}}
	if a := admin.post(at, form); a.status != http.StatusSeeOther || a.to != "/people" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if p := s.person("editor"); p.Role != people.RoleReviewer || len(p.Labels) != 2 {
		t.Errorf("%+v", p)
	}
	if a := editor.get("/compose"); a.status != http.StatusForbidden {
		t.Errorf("an editor no more: %d", a.status)
	}
	form.Set("role", "admin")
	if a := admin.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="person-clash"`) || s.person("editor").Role != people.RoleReviewer {
		t.Errorf("over what somebody else saved: %d", a.status)
	}
	form.Set("seen", seen())
	if a := admin.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="role-problem"`) {
		t.Errorf("a limited admin: %d", a.status)
	}
	if a := admin.post(at+"/disable", nil); a.status != http.StatusSeeOther {
		t.Errorf("disable: %d", a.status)
	}
	if a := editor.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("after the end of access: %d", a.status)
	}
	if a := admin.post(at+"/enable", nil); a.status != http.StatusSeeOther {
		t.Errorf("enable: %d", a.status)
	}
	if a := editor.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("the old session goes on: %d", a.status)
	}
	self := fmt.Sprintf("/people/%d", s.person("admin").ID)
	if a := admin.post(self+"/disable", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "last admin") {
		t.Errorf("the last admin: %d", a.status)
	}
	var system int64
	s.must(s.db.GetContext(t.Context(), &system, `SELECT id FROM people WHERE role = 'system'`))
	for _, path := range []string{"", "/disable", "/enable"} {
		if a := admin.post(fmt.Sprintf("/people/%d%s", system, path), nil); a.status != http.StatusNotFound {
			t.Errorf("Daymark itself %s: %d", path, a.status)
		}
	}
}

func TestAForgottenPasswordSaysTheSameWhoeverHasTheAddress(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	editor := s.as("editor")
	says(t, s.visitor().get("/login"), `href="/forgotten"`)
	known, unknown := s.visitor().post("/forgotten", url.Values{"email": {"editor@example.org"}}), s.visitor().post("/forgotten", url.Values{"email": {"nobody@example.org"}})
	if known.status != http.StatusOK || known.body != unknown.body || unknown.status != known.status {
		t.Errorf("the answers differ: %d, %d", known.status, unknown.status)
	}
	if n := s.number(`SELECT count(*) FROM reset_asks`); n != 2 {
		t.Errorf("%d asks", n)
	}
	var token string
	_, err := reset.Send(t.Context(), s.db, newKey(t), func(secret string) string { token = secret; return "https://x/reset/" + secret })
	s.must(err)
	v := s.visitor()
	says(t, v.get("/reset/"+token), "Choose a new password", `autocomplete="new-password"`)
	if a := v.post("/reset/"+token, url.Values{"password": {"short"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="password-problem"`) {
		t.Errorf("short: %d", a.status)
	}
	if a := v.post("/reset/"+token, url.Values{"password": {"another blue heart"}}); a.status != http.StatusSeeOther || a.to != "/login" {
		t.Errorf("%d to %q", a.status, a.to)
	}
	if a := v.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("the link let somebody in: %d", a.status)
	}
	if a := editor.get("/"); a.status != http.StatusSeeOther {
		t.Errorf("the old session goes on: %d", a.status)
	}
	if a := v.get("/reset/" + token); a.status != http.StatusNotFound || !strings.Contains(a.body, "used already") {
		t.Errorf("again: %d", a.status)
	}
	for range 3 {
		s.visitor().post("/forgotten", url.Values{"email": {"Nobody@example.org "}})
	}
	if a := s.visitor().post("/forgotten", url.Values{"email": {"nobody@example.org"}}); a.status != http.StatusTooManyRequests {
		t.Errorf("a fifth letter to one address: %d", a.status)
	}
}

func TestALogInFloodWaitsAndIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for _, email := range []string{"editor@example.org", "nobody@example.org"} {
		for i := range 7 {
			a := s.visitor().post("/login", url.Values{"email": {email}, "password": {"not the password"}})
			want := http.StatusUnprocessableEntity
			if i == 6 {
				want = http.StatusTooManyRequests
			}
			if a.status != want {
				t.Errorf("%s, try %d: %d, want %d", email, i+1, a.status, want)
			}
		}
		// The right password has to wait too, or the wait would tell it.
		if a := s.visitor().post("/login", url.Values{"email": {email}, "password": {password}}); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "Too many tries") {
			t.Errorf("%s with the right password: %d", email, a.status)
		}
	}
	if n := s.number(`SELECT count(*) FROM audit WHERE action = 'login.flood' AND via = 'browser' AND address IS NOT NULL`); n != 2 {
		t.Errorf("%d lines in the log", n)
	}
	s.exec(`UPDATE log_in_tries SET free_at = free_at - interval '1 minute'`)
	s.as("editor")
	if n := s.number(`SELECT count(*) FROM log_in_tries WHERE kind = 'address' AND tries = 0`); n != 1 {
		t.Errorf("%d counts began anew", n)
	}
}

func TestPeopleSeeWhereTheyAreLoggedInAndEndIt(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	phone, desk, other := s.as("editor"), s.as("editor"), s.as("manager")
	id := func(person string, n int) int {
		return s.number(`SELECT id FROM sessions WHERE person_id = $1 ORDER BY id OFFSET $2 LIMIT 1`, s.person(person).ID, n)
	}
	a := desk.get("/account")
	says(t, a, "This browser:", "Go-http-client", "127.0.0.1", fmt.Sprintf(`action="/account/sessions/%d/end"`, id("editor", 0)))
	if strings.Contains(a.body, fmt.Sprintf("sessions/%d/end", id("editor", 1))) || strings.Contains(a.body, fmt.Sprintf("place-%d", id("manager", 0))) {
		t.Error("the page offers to end this session, or shows somebody else's")
	}
	if a := other.post(fmt.Sprintf("/account/sessions/%d/end", id("editor", 0)), nil); a.status != http.StatusNotFound {
		t.Errorf("somebody else's: %d", a.status)
	}
	if a := desk.post(fmt.Sprintf("/account/sessions/%d/end", id("editor", 0)), nil); a.status != http.StatusSeeOther || phone.get("/").status != http.StatusSeeOther {
		t.Errorf("end the phone's: %d", a.status)
	}
	phone = s.as("editor")
	if a := desk.post("/account/others/end", nil); a.status != http.StatusSeeOther || phone.get("/").status != http.StatusSeeOther || desk.get("/").status != http.StatusOK {
		t.Errorf("all others: %d", a.status)
	}
	phone = s.as("editor")
	if a := desk.post("/account/password", url.Values{"old": {"not the password"}, "new": {"another blue heart"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="old-problem"`) {
		t.Errorf("a wrong old password: %d", a.status)
	}
	if a := desk.post("/account/password", url.Values{"old": {password}, "new": {"short"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="new-problem"`) {
		t.Errorf("a short new password: %d", a.status)
	}
	if a := desk.post("/account/password", url.Values{"old": {password}, "new": {"another blue heart"}}); a.status != http.StatusSeeOther {
		t.Fatalf("a new password: %d %s", a.status, a.body)
	}
	if phone.get("/").status != http.StatusSeeOther || desk.get("/account").status != http.StatusOK || other.get("/").status != http.StatusOK {
		t.Error("the others are not logged out, or this one is")
	}
	s.inTx(func(ctx ctx, tx *postgres.Tx) error { return people.Disable(ctx, tx, s.person("editor").ID, 0) })
	if n := s.number(`SELECT count(*) FROM sessions WHERE person_id = $1`, s.person("editor").ID); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}
