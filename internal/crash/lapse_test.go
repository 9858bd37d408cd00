package crash

import (
	"os"
	"strings"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/campaign"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/review"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/postgres"
)

// A check of the helpline holds for a day, the post is due in a week, and a week passes in twenty seconds.
func TestAPostWhoseHelplineRunsOutGoesOutWithoutTheNumberAndTheTeamIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := open(t, s.data)
	ctx := t.Context()
	who := map[string]people.Person{}
	for _, email := range []string{admin, editor, reviewer} {
		p, err := people.ByEmail(ctx, a.DB, email)
		if err != nil {
			t.Fatal(err)
		}
		who[email] = p
	}
	var err error
	s.channel, err = a.Connect(ctx, app.NewChannel{
		Platform: platform.Mastodon, Address: s.way.url, Name: "Hope", Zone: "Etc/UTC", Languages: []string{"en"}, Country: "GB", Sandbox: true,
		Secret: mastodon.Credentials{AccessToken: s.sandbox.Token("hope", "read", "write")}.Secret(),
	}, who[admin])
	if err != nil {
		t.Fatal(err)
	}
	now := a.Clock.Now().Truncate(time.Minute)
	line := campaign.Helpline{
		ID: "hope-line", Country: "GB", Name: "Hope Line (invented)", Phone: "020 7946 0123", For: "everyone", Purpose: campaign.Support,
		CheckDays: 1, Invented: true,
	}
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		_, err := helpline.Add(ctx, tx, line, who[editor], now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = draft.CheckHelpline(ctx, a.DB, line.ID, helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "Sam answered at once."}, who[reviewer], now)
	if err != nil {
		t.Fatal(err)
	}
	due := now.Add(7 * 24 * time.Hour)
	text := randomText()
	delivery, postID := s.draft(a, who[editor], "week", text+" {{helpline}}", due)
	sent, err := review.Submit(ctx, a.DB, a.Checks(), postID, who[editor], now)
	if err != nil || len(sent.Submissions) != 1 {
		t.Fatalf("submit: %+v, %v", sent, err)
	}
	card, err := review.Find(ctx, a.DB, sent.Submissions[0], who[reviewer])
	if err != nil {
		t.Fatal(err)
	}
	final := card.Groups[0].Final
	if !strings.Contains(final.Parts[0].Text, "020 7946 0123") || len(final.Without) != 1 || strings.Contains(final.Without[0].Text, "7946") {
		t.Fatalf("the reviewer sees %+v, and without the number %+v", final.Parts, final.Without)
	}
	if out, err := review.Say(ctx, a.DB, sent.Submissions[0], who[reviewer], review.Approve, "", now); err != nil || out.Scheduled != 1 {
		t.Fatalf("approve: %+v, %v", out, err)
	}
	if err := a.SetFastClock(ctx, 0, now, due.Add(time.Hour), 30_000); err != nil {
		t.Fatal(err)
	}
	closeApp(t, a)
	d := serve(t, program(t, programs.shipped), s.data)
	list := s.published(s.db())
	if len(list) != 1 || list[0].Delivery != delivery || list[0].State != "published" {
		t.Fatalf("the delivery ended as %+v", list)
	}
	const emergency = "If someone is in danger now, call the local emergency number."
	if got := s.timeline()[text+" "+emergency]; len(got) != 1 {
		t.Errorf("the timeline shows %v", s.timeline())
	}
	var notices []string
	if err := s.db().SelectContext(ctx, &notices, `SELECT say FROM notices WHERE level = 'error' ORDER BY at`); err != nil {
		t.Fatal(err)
	}
	if len(notices) != 2 || !strings.Contains(notices[0], "its last check holds until") || !strings.Contains(notices[1], "went out on Hope with the emergency sentence") {
		t.Errorf("the team was told %q", notices)
	}
	if code := d.stop(os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
