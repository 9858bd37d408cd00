package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/pause"
	"daymark/internal/org/licence"
	"daymark/internal/postgres"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"
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

func TestWhatFellDueDuringAPauseIsGoneThroughWhenItEnds(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	channel := b.Channel(booktest.Channel{Zone: "Asia/Kathmandu"})
	var d []int64
	for i := range 4 {
		d = append(d, b.Deliver(booktest.Delivery{Post: b.Post(fmt.Sprintf("message-%d", i)), Channel: channel, Due: booktest.Due.Add(time.Duration(i) * time.Minute)}))
		b.Schedule(d[i])
	}
	b.Send(d[3], booktest.Due.Add(3*time.Minute)) // on the wire when the stop comes
	v, reader := s.as("editor"), s.as("reviewer")
	v.post("/pause", url.Values{"scope": {"everything"}, "reason": {"A crisis in our town"}})
	if a := reader.get("/calendar"); !strings.Contains(a.body, "1 post was at a network already and is not called back.") {
		t.Error("the banner does not say what was on the wire")
	}
	list, err := pause.Active(t.Context(), s.db)
	if err != nil || len(list) != 1 {
		t.Fatalf("got %+v and %v", list, err)
	}
	s.clock.Set(booktest.Due.Add(4 * time.Minute)) // less than what may go out late by itself
	base := fmt.Sprintf("/pause/%d", list[0].ID)
	a := v.post(base+"/lift", nil)
	if a.status != http.StatusSeeOther || a.to != base+"/review" {
		t.Fatalf("lift: %d to %q\n%s", a.status, a.to, a.body)
	}
	page := v.get(a.to)
	for _, want := range []string{
		"3 places fell due meanwhile and are held", "A crisis in our town", "by Ada editor", `id="decide-` + fmt.Sprint(d[0]), `action="` + base + `/time"`,
		`action="` + base + `/leave-out"`, fmt.Sprintf(`action="/deliveries/%d/time?from=pause-%d"`, d[1], list[0].ID),
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the review lacks %q\n%s", want, page.body)
		}
	}
	if strings.Contains(page.body, `id="decide-`+fmt.Sprint(d[3])) {
		t.Error("what was on the wire is listed as if it had been held")
	}
	if a := reader.get(base + "/review"); a.status != http.StatusOK || strings.Contains(a.body, "<form class=\"form\" method=\"post\" action=\"/pause") {
		t.Errorf("for a reviewer: %d, or with forms", a.status)
	}
	if a := v.post(fmt.Sprintf("/deliveries/%d/leave-out?from=pause-%d", d[0], list[0].ID), url.Values{fmt.Sprintf("reason-%d", d[0]): {"Too late now."}}); a.to != base+"/review" {
		t.Errorf("leaving one out: %d to %q", a.status, a.to)
	}
	if a := v.post(base+"/time", url.Values{"date-all": {"yesterday"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="date-all-problem"`) {
		t.Errorf("a day that is none: %d", a.status)
	}
	if a := v.post(base+"/time", url.Values{"date-all": {"2027-08-02"}}); a.status != http.StatusSeeOther || a.to != base+"/review" {
		t.Errorf("a new day for all: %d to %q\n%s", a.status, a.to, a.body)
	}
	var now []string
	if err := s.db.SelectContext(t.Context(), &now, `
SELECT state || ' ' || coalesce(hold, '') || ' ' || due_date || ' ' || due_clock FROM deliveries WHERE id = ANY($1) ORDER BY id`, pq.Array(d[:3])); err != nil {
		t.Fatal(err)
	}
	want := []string{"cancelled  2027-07-30 14:45:00", "held approval 2027-08-02 14:46:00", "held approval 2027-08-02 14:47:00"}
	if diff := cmp.Diff(want, now); diff != "" {
		t.Errorf("each keeps its own time of day (-want +got):\n%s", diff)
	}
	if a := v.get(base + "/review"); !strings.Contains(a.body, `id="nothing-left"`) {
		t.Error("something waits still")
	}
	if a := v.get("/pause/999/review"); a.status != http.StatusNotFound {
		t.Errorf("a pause that never was: %d", a.status)
	}
}
