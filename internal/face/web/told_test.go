package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAPersonChoosesWhatTheyAreToldByMail(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	editor, admin := s.as("editor"), s.as("admin")
	a := editor.get("/you/mail")
	for _, want := range []string{"editor@example.org", `id="missed"`, `id="takedown"`, `value="off"`, "Europe/London"} {
		if a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q: %d", want, a.status)
		}
	}
	if a := admin.get("/you/mail"); strings.Contains(a.body, `<select id="takedown"`) || !strings.Contains(a.body, `id="always"`) {
		t.Error("an admin may turn off what is taken down")
	}
	wishes := url.Values{"missed": {"daily"}, "risk": {"off"}, "hour": {"6"}, "zone": {"Africa/Nairobi"}}
	if a := editor.post("/you/mail", wishes); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	a = editor.get("/you/mail")
	for _, want := range []string{`value="Africa/Nairobi"`, `value="6" selected`, `value="daily" selected`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for name, bad := range map[string]url.Values{
		"zone": {"hour": {"6"}, "zone": {"<script>alert(1)</script>"}}, "hour": {"hour": {"x"}, "zone": {""}}, "missed": {"hour": {"6"}, "missed": {"pigeon"}},
	} {
		a := editor.post("/you/mail", bad)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="`+name+`-problem"`) || strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := admin.post("/you/mail", url.Values{"hour": {"6"}, "takedown": {"off"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an admin turned off what is taken down: %d", a.status)
	}
}

func TestAnAddressThatTakesNoMailIsShownToItsOwner(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	if _, err := s.db.ExecContext(t.Context(), `INSERT INTO mail_people (person_id, refused_at, refused, refused_for) VALUES ($1, now(), 'no <b>such</b> user', 'editor@example.org')`,
		s.person("editor").ID); err != nil {
		t.Fatal(err)
	}
	editor := s.as("editor")
	if a := editor.get("/you/mail"); !strings.Contains(a.body, "no &lt;b&gt;such&lt;/b&gt; user") {
		t.Errorf("the page does not say what the server said")
	}
	if a := s.as("admin").get("/you/mail"); strings.Contains(a.body, "/you/mail/again") {
		t.Error("it is shown to somebody else")
	}
	if a := editor.post("/you/mail/again", nil); a.status != http.StatusSeeOther {
		t.Errorf("again: %d", a.status)
	}
	if a := editor.get("/you/mail"); strings.Contains(a.body, "/you/mail/again") {
		t.Error("it is still said to take none")
	}
}
