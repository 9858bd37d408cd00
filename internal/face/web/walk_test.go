package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/org/licence"
	"daymark/internal/postgres"
)

type ctx = context.Context

func TestAnEditorSendsAnEditionForReviewAndAReviewerDecides(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	editor := s.as("editor")
	if a := editor.get("/campaigns"); !strings.Contains(a.body, fmt.Sprintf(`id="submit-%d"`, edition)) {
		t.Fatalf("no button to send for review\n%s", a.body)
	}
	if a := editor.post(fmt.Sprintf("/campaigns/%d/submit", edition), nil); a.status != http.StatusSeeOther {
		t.Fatalf("submit: %d %s", a.status, a.body)
	}
	if a := editor.get("/campaigns"); !strings.Contains(a.body, "posts are with the reviewers now.") {
		t.Errorf("nothing says what happened\n%s", a.body)
	}
	reviewer := s.as("reviewer")
	cards := s.submittedCards()
	card := cards[0]
	at := fmt.Sprintf("/review/%d", card.Submission)
	shown := reviewer.get(at)
	for _, want := range []string{`id="blocked"`, `id="questions"`, `/media/`, `lang="` + card.Language + `"`, card.Groups[0].Places[0].Zone, "Alt text:"} {
		if !strings.Contains(shown.body, want) {
			t.Errorf("the card lacks %q", want)
		}
	}
	if a := reviewer.post(at+"/changes", url.Values{"comment": {"  "}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="comment-problem"`) {
		t.Errorf("changes without words: %d", a.status)
	}
	if a := reviewer.post(at+"/approve", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "have to be answered first") {
		t.Errorf("approved with open questions: %d", a.status)
	}
	s.answered(card)
	if a := reviewer.get(at); !strings.Contains(a.body, `id="approve"`) || strings.Contains(a.body, `id="blocked"`) {
		t.Error("the card cannot be approved although every question is answered")
	}
	if a := reviewer.post(at+"/approve", nil); a.status != http.StatusSeeOther || a.to != "/review" {
		t.Fatalf("approve: %d %s", a.status, a.body)
	}
	if a := reviewer.get("/review"); !strings.Contains(a.body, "Approved: ") || strings.Contains(a.body, fmt.Sprintf(`id="card-%d"`, card.Submission)) {
		t.Error("the queue does not say what happened, or still has the card")
	}
	if a := reviewer.post(at+"/withdraw", nil); a.status != http.StatusSeeOther {
		t.Errorf("withdraw: %d", a.status)
	}
	if a := reviewer.post(at+"/changes", url.Values{"comment": {`Say "supported" <b>here</b>`}}); a.status != http.StatusSeeOther {
		t.Errorf("changes: %d", a.status)
	}
	post := s.as("editor").get(fmt.Sprintf("/posts/%d", card.Post))
	if !strings.Contains(post.body, "Say &#34;supported&#34; &lt;b&gt;here&lt;/b&gt;") || !strings.Contains(post.body, "Changes asked") {
		t.Error("the post does not show what the reviewer said")
	}
}

func TestTheCalendarFiltersByItsAddress(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("manager")
	for path, want := range map[string]string{
		"/calendar?month=2027-07":                           `id="day-2027-07-30"`,
		"/calendar":                                         "July 2027",
		"/calendar?month=nonsense":                          "July 2027",
		"/calendar?month=2027-07&view=list":                 `<section class="section" id="day-2027-07-30"`,
		"/calendar?month=2027-07&zone=channel":              "channel&#39;s own zone",
		"/calendar?month=2027-07&state=published":           "Nothing matches",
		"/calendar?month=2028-01":                           "Nothing goes out in these days",
		"/calendar?month=2027-07&language=ar&edition=1":     `name="language" value="ar" checked`,
		"/calendar?month=2027-07&language=%3Cscript%3E&x=1": "Nothing matches",
	} {
		if a := v.get(path); a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d without %q", path, a.status, want)
		}
	}
}

func TestWhatWentOutAndItsReachAreShownWithLinks(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b, deliveries := booktest.Published(t, s.db, 2)
	s.clock.Set(booktest.Due.Add(time.Hour))
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `
INSERT INTO latest_counts (delivery_id, taken_at, changed_at, favourites, boosts)
VALUES ($1, $2, $2, 41, 0)`, deliveries[0], booktest.Due.Add(time.Minute))
		return err
	})
	v := s.as("manager")
	out := v.get("/published")
	if got := strings.Count(out.body, `class="live-copy"`); got != 2 {
		t.Errorf("%d links to live copies, want 2\n%s", got, out.body)
	}
	for _, path := range []string{"/reach", fmt.Sprintf("/reach/%d", b.Edition), fmt.Sprintf("/reach?edition=%d", b.Edition)} {
		a := v.get(path)
		for _, want := range []string{`id="total-favourites" data-value="41"`, `id="total-boosts" data-value="0"`, `id="total-replies" class="unsaid">not reported`, `id="reach-channel"`, "has not been asked yet about 1 of 2"} {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s lacks %q", path, want)
			}
		}
	}
}

func TestAPauseIsSaidOnEveryPage(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		_, err := licence.Raise(ctx, tx, licence.NewPause{Scope: licence.Everything, Cause: licence.ByPerson, Reason: "A partner asked us <to wait>"})
		return err
	})
	if a := s.visitor().get("/login"); strings.Contains(a.body, "A partner asked us") {
		t.Error("a stranger reads why the team paused")
	}
	v := s.as("editor")
	for _, path := range []string{"/", "/calendar", "/campaigns", "/review", "/published", "/reach", "/channels", "/more", "/nowhere"} {
		if a := v.get(path); !strings.Contains(a.body, "nothing goes out anywhere. A partner asked us &lt;to wait&gt;.") {
			t.Errorf("%s says nothing of the pause", path)
		}
	}
}

func TestWhatPeopleTypeIsShownAsTyped(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	channel := b.Channel(booktest.Channel{Name: "<i>Trust</i>", Handle: "a<b>@x.test"})
	id := b.Post("message")
	b.Revise(id, `<script>alert("x")</script> & more`)
	b.Submit(b.Deliver(booktest.Delivery{Post: id, Channel: channel}))
	v := s.as("admin")
	for _, path := range []string{"/", fmt.Sprintf("/posts/%d", id), "/calendar?month=2027-07&view=list", "/review", "/review/1", "/channels"} {
		a := v.get(path)
		if a.status != http.StatusOK || strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<i>Trust") || strings.Contains(a.body, "a<b>@x") {
			t.Errorf("%s: %d, or something came through unescaped", path, a.status)
		}
	}
}
