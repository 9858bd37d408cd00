package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"daymark/internal/flow/pause"
	"daymark/internal/org/licence"
	"daymark/internal/postgres"
)

func TestAnEditorPausesAPartAndLetsItGoOn(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("editor")
	if a := v.get("/pause"); !strings.Contains(a.body, `id="not-paused"`) || !strings.Contains(a.body, `value="network:mastodon"`) {
		t.Fatalf("the page offers no network: %d\n%s", a.status, a.body)
	}
	for reason, want := range map[string]string{"because": `id="reason-problem"`, "": `id="reason-problem"`} {
		if a := v.post("/pause", url.Values{"scope": {"everything"}, "reason": {reason}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) {
			t.Errorf("the reason %q: %d", reason, a.status)
		}
	}
	if a := v.post("/pause", url.Values{"scope": {"channel:99"}, "reason": {"A reason long enough"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="scope-problem"`) {
		t.Errorf("a channel that is not there: %d", a.status)
	}
	nasty := `A partner <script>alert(1)</script> asked`
	if a := v.post("/pause", url.Values{"scope": {"network:mastodon"}, "reason": {nasty}}); a.status != http.StatusSeeOther || a.to != "/pause" {
		t.Fatalf("pause: %d to %q", a.status, a.to)
	}
	list, err := pause.Active(t.Context(), s.db)
	if err != nil || len(list) != 1 || list[0].Scope != licence.Network || list[0].Reason != nasty {
		t.Fatalf("got %+v and %v", list, err)
	}
	lift := fmt.Sprintf("/pause/%d/lift", list[0].ID)
	reader := s.as("reviewer")
	for name, who := range map[string]visitor{"editor": v, "reviewer": reader} {
		a := who.get("/pause")
		if !strings.Contains(a.body, "The network Mastodon") || !strings.Contains(a.body, "by Ada editor") || strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s does not see who paused what, or the reason came through unescaped\n%s", name, a.body)
		}
		if !strings.Contains(a.body, "nothing goes out on Mastodon. A partner") {
			t.Errorf("%s sees no banner that names the network", name)
		}
		if may := name == "editor"; strings.Contains(a.body, lift) != may || strings.Contains(a.body, `id="stop-link"`) != may || strings.Contains(a.body, `id="pause-form"`) != may {
			t.Errorf("%s: the page offers what they may not do, or not what they may", name)
		}
	}
	if a := v.post(lift, nil); a.status != http.StatusSeeOther {
		t.Errorf("lift: %d", a.status)
	}
	if a := v.get("/pause"); !strings.Contains(a.body, `id="not-paused"`) {
		t.Error("it is paused still")
	}
}

func TestAPauseForTheLicenceIsNotLiftedOnThePage(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	var raised licence.Pause
	s.inTx(func(ctx ctx, tx *postgres.Tx) (err error) {
		raised, err = licence.Raise(ctx, tx, licence.NewPause{Scope: licence.Everything, Cause: licence.ByLicence, Reason: "This database is a copy"})
		return err
	})
	v := s.as("admin")
	lift := fmt.Sprintf("/pause/%d/lift", raised.ID)
	if a := v.get("/pause"); strings.Contains(a.body, lift) || !strings.Contains(a.body, "daymark licence take") || !strings.Contains(a.body, "by Daymark") {
		t.Errorf("the page offers to lift it, or does not say what to do\n%s", a.body)
	}
	if a := v.post(lift, nil); a.status != http.StatusConflict {
		t.Errorf("lifting it all the same: %d", a.status)
	}
}
