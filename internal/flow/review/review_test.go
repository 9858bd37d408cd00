package review_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

func TestALanguageThatIsNotCompleteWaitsWhileTheOthersAreSubmitted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Read {{link}}", "fr: Vu par {{reach}} personnes"), d.accra, d.lima)
	out := d.submit(t, id)
	if len(out.Submissions) != 1 {
		t.Fatalf("submitted %d languages, want one", len(out.Submissions))
	}
	if diff := cmp.Diff([]string{"French waits: {{reach}} is not known yet."}, out.Waiting); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	if card := d.card(t, out.Submissions[0], d.ana); card.Language != "en" || card.Groups[0].Final.Parts[0].Text != "Read https://charity.example" {
		t.Errorf("the card shows %q in %s", card.Groups[0].Final.Parts[0].Text, card.Language)
	}
	if out := d.say(t, out.Submissions[0], d.ana, review.Approve); out.Scheduled != 2 {
		t.Errorf("%d deliveries were scheduled, want the English two", out.Scheduled)
	}
	if got := d.standing(t, id); got != "scheduled, held approval, scheduled, held approval" {
		t.Errorf("the post stands %q", got)
	}
}

func TestWhatIsMissingIsSaidInOneSentenceEach(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	picture := d.pictured(t, "a candle", "").Parts[0].Pictures
	picture[0].Alt = map[string]string{"fr": "Une bougie de {{theme}}"}
	s := source("en: {{theme}} and {{visits}}", "fr:  ")
	s.Sensitive = true
	s.Parts[0].Pictures = picture
	got := d.submit(t, d.write(t, d.wren, s, d.accra))
	want := []string{
		"English waits: a sensitive post needs a content note in this language.",
		"English waits: {{theme}} is not known yet.",
		"English waits: {{visits}} is not known yet.",
		"English waits: its picture has no description (alt text) in this language.",
		"French waits: it has no text yet.",
	}
	if diff := cmp.Diff(want, got.Waiting); diff != "" || len(got.Submissions) != 0 {
		t.Errorf("submitted %v, waiting (-want +got):\n%s", got.Submissions, diff)
	}
}

func TestATextThatItsNetworkRefusesWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"), d.accra)
	answer := platform.Issue{Message: "The text is 3 characters too long.", Warning: true}
	check := networks(func(platform.Content) []platform.Issue { return []platform.Issue{answer} })
	out, err := review.Submit(d.ctx, d.db, review.Checks{Networks: check, Rules: d.checks.Rules}, id, d.wren, now)
	if err != nil || len(out.Submissions) != 1 {
		t.Fatalf("a warning kept it from being submitted: %+v, %v", out, err)
	}
	answer.Warning = false
	d.edit(t, id, d.wren, source("en: Remember them"))
	out, err = review.Submit(d.ctx, d.db, review.Checks{Networks: check, Rules: d.checks.Rules}, id, d.wren, now)
	if err != nil || len(out.Submissions) != 0 || len(out.Waiting) != 1 || !strings.HasSuffix(out.Waiting[0], "@127.0.0.1: The text is 3 characters too long.") {
		t.Errorf("submitted %+v, %v", out, err)
	}
}

func TestWhoMayNotSubmitDoesNot(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"), d.accra)
	for _, by := range []people.Person{d.ana, d.manager, {ID: d.wren.ID, Role: people.RoleEditor, Disabled: true}} {
		if _, err := review.Submit(d.ctx, d.db, d.checks, id, by, now); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s submits: %v", by.Role, err)
		}
	}
	if _, err := review.Submit(d.ctx, d.db, d.checks, 1<<40, d.wren, now); !fault.Is(err, fault.NotFound) {
		t.Errorf("a post that is not there is submitted: %v", err)
	}
}

func TestASensitivePostNeedsTwoPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := source("en: A survivor speaks")
	s.Sensitive, s.ContentNote = true, map[string]string{"en": "Violence"}
	id := d.write(t, d.wren, s, d.accra)
	submission := d.submitOne(t, id)
	if got, want := d.say(t, submission, d.ana, review.Approve), (review.Outcome{Missing: 1, Lacking: "safeguarding"}); got != want {
		t.Errorf("after one approval: %+v, want %+v", got, want)
	}
	d.refused(t, submission, d.ana, review.Approve, "", fault.Forbidden, "waits for one more person")
	if got := d.standing(t, id); got != "held approval" {
		t.Errorf("after one approval it is %s", got)
	}
	if got, want := d.say(t, submission, d.omar, review.Approve), (review.Outcome{Cleared: true, Scheduled: 1}); got != want {
		t.Errorf("after two approvals: %+v, want %+v", got, want)
	}
	d.refused(t, submission, d.zoe, review.Approve, "", fault.Conflict, "approved already")
}

func TestOnlyAReviewerWhoReadsTheLanguageAndDidNotWriteItApproves(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.boss, source("fr: Souvenons-nous"), d.accra)
	submission := d.submitOne(t, id)
	english := d.zoe
	english.Languages = []string{"en"}
	d.refused(t, submission, d.boss, review.Approve, "", fault.Forbidden, "You wrote a version")
	d.refused(t, submission, english, review.Approve, "", fault.Forbidden, "you read French")
	d.refused(t, submission, d.wren, review.Approve, "", fault.Forbidden, "role")
	d.refused(t, submission, d.manager, review.Approve, "", fault.Forbidden, "role")
	d.refused(t, submission, d.ana, "maybe", "", fault.Invalid, "approve, changes, withdraw, hold or lift")
	d.refused(t, submission, d.ana, review.Approve, strings.Repeat("x", 4001), fault.Invalid, "too long")
	d.refused(t, 1<<40, d.ana, review.Approve, "", fault.NotFound, "no such draft")
	d.refused(t, 0, d.ana, review.Approve, "", fault.NotFound, "no such draft")
	disabled := d.ana
	disabled.Disabled = true
	d.refused(t, submission, disabled, review.Approve, "", fault.Forbidden, "role")
	if card := d.card(t, submission, d.boss); card.MayApprove || card.WhyNot == "" {
		t.Errorf("the author's card says %+v", card)
	}
	if card := d.card(t, submission, d.ana); !card.MayApprove || card.WhyNot != "" || card.Needed != 1 || card.Got != 0 {
		t.Errorf("the reviewer's card says %+v", card)
	}
	if _, err := d.db.ExecContext(d.ctx, `UPDATE people SET disabled_at = now() WHERE id = $1`, d.omar.ID); err != nil {
		t.Fatal(err)
	}
	d.refused(t, submission, d.omar, review.Approve, "", fault.Forbidden, "may not approve any more") // disabled since the page was read
	if got := d.standing(t, id); got != "held approval" {
		t.Errorf("after all this it is %s", got)
	}
}

func TestARequestForChangesNeedsAWordAndBlocks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"), d.accra)
	submission := d.submitOne(t, id)
	d.refused(t, submission, d.ana, review.Changes, " \n", fault.Invalid, "Say what should change")
	d.say(t, submission, d.ana, review.Changes)
	if got := d.say(t, submission, d.omar, review.Approve); got.Cleared {
		t.Errorf("it was cleared over a request for changes: %+v", got)
	}
	if card := d.card(t, submission, d.zoe); !card.Changes {
		t.Error("the card does not show the request")
	}
	if _, err := review.Submit(d.ctx, d.db, d.checks, id, d.wren, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same text was submitted again: %v", err)
	}
	if got := d.say(t, submission, d.ana, review.Approve); !got.Cleared {
		t.Errorf("who asked for changes cannot take it back: %+v", got)
	}
	d.say(t, submission, d.zoe, review.Changes)
	if got := d.standing(t, id); got != "held approval" {
		t.Errorf("a request for changes after the clearance leaves it %s", got)
	}
	d.edit(t, id, d.wren, source("en: Remember them"))
	if again := d.submitOne(t, id); again == submission {
		t.Error("the new text has the old card")
	}
}

func TestAWithdrawalHoldsWhatWasScheduledUntilSomebodyApprovesAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"), d.accra, d.lima)
	submission := d.submitOne(t, id)
	d.say(t, submission, d.ana, review.Approve)
	d.say(t, submission, d.zoe, review.Withdraw) // who never approved it
	if got := d.standing(t, id); got != "held approval, held approval" {
		t.Errorf("after the withdrawal it is %s", got)
	}
	if again := d.submitOne(t, id); again != submission {
		t.Error("the same text has a new card")
	}
	if cards, err := review.Queue(d.ctx, d.db, d.ana); err != nil || len(cards) != 1 || !cards[0].MayApprove {
		t.Errorf("the queue shows %+v, %v", cards, err)
	}
	if got := d.say(t, submission, d.ana, review.Approve); got.Scheduled != 2 {
		t.Errorf("approved anew: %+v", got)
	}
}

func TestApprovingPutsEachDeliveryIntoTheQueueAtItsInstant(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"))
	later := booktest.Due.Add(90 * time.Minute)
	d.Deliver(booktest.Delivery{Post: id, Channel: d.accra})
	d.Deliver(booktest.Delivery{Post: id, Channel: d.lima, Due: later, Window: time.Hour})
	d.say(t, d.submitOne(t, id), d.ana, review.Approve)
	var rows []struct {
		Channel int64     `db:"channel_id"`
		Due     time.Time `db:"due_at"`
		Until   time.Time `db:"not_after"`
		Next    time.Time `db:"next_attempt_at"`
		Same    bool      `db:"same"`
	}
	if err := d.db.SelectContext(d.ctx, &rows, `
SELECT q.channel_id, q.due_at, q.not_after, q.next_attempt_at, q.release_id = v.release_id AS same
FROM queue q
JOIN deliveries v ON v.id = q.delivery_id
ORDER BY q.due_at`); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Fatalf("%d rows in the queue", len(rows))
	}
	for i, want := range []struct {
		channel    int64
		due, until time.Time
	}{{d.accra, booktest.Due, booktest.Due.Add(72 * time.Hour)}, {d.lima, later, later.Add(time.Hour)}} {
		if r := rows[i]; r.Channel != want.channel || !r.Due.Equal(want.due) || !r.Next.Equal(want.due) || !r.Until.Equal(want.until) || !r.Same {
			t.Errorf("row %d is %+v, want %+v", i, r, want)
		}
	}
}

func TestWhatIsApprovedTooLateIsOverdue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"))
	d.Deliver(booktest.Delivery{Post: id, Channel: d.accra})                                    // overdue by then
	d.Deliver(booktest.Delivery{Post: id, Channel: d.lima, Due: booktest.Due.Add(time.Minute)}) // still within the grace
	submission := d.submitOne(t, id)
	out, err := review.Say(d.ctx, d.db, submission, d.ana, review.Approve, "", booktest.Due.Add(book.Grace))
	if err != nil || !out.Cleared || out.Scheduled != 1 {
		t.Errorf("approved late: %+v, %v", out, err)
	}
	if got := d.standing(t, id); got != "held overdue, scheduled" {
		t.Errorf("it is %s", got)
	}
}

func TestSubmittingTwiceGivesTheSameCard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember {{org}}", "fr: Souvenons-nous"), d.accra)
	first := d.submit(t, id)
	if diff := cmp.Diff(first, d.submit(t, id)); diff != "" || len(first.Submissions) != 2 {
		t.Errorf("submitted again (-first +second):\n%s", diff)
	}
	d.inTx(t, func(tx *postgres.Tx) error {
		return profile.Save(d.ctx, tx, profile.Profile{Name: "New Name", Link: "https://charity.example", Zone: "Europe/London"}, d.boss.ID)
	})
	second := d.submit(t, id)
	if second.Submissions[0] == first.Submissions[0] || second.Submissions[1] != first.Submissions[1] {
		t.Errorf("under a new name the cards are %v, before %v; only the English text has the name", second.Submissions, first.Submissions)
	}
	if cards, err := review.Queue(d.ctx, d.db, d.ana); err != nil || len(cards) != 2 {
		t.Errorf("the queue has %d cards, %v", len(cards), err)
	}
}

func TestAnEditAfterTheApprovalNeedsANewOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"), d.accra)
	old := d.submitOne(t, id)
	d.say(t, old, d.ana, review.Approve)
	d.edit(t, id, d.wren, source("en: Remember them"))
	if got := d.standing(t, id); got != "held edited" {
		t.Errorf("after the edit it is %s", got)
	}
	d.refused(t, old, d.omar, review.Approve, "", fault.Conflict, "changed since")
	fresh := d.submitOne(t, id)
	if card := d.card(t, fresh, d.ana); card.Got != 0 || card.Cleared || !card.MayApprove {
		t.Errorf("the new card begins with %+v", card)
	}
	if got := d.say(t, fresh, d.ana, review.Approve); got.Scheduled != 1 {
		t.Errorf("the new text: %+v", got)
	}
	d.say(t, old, d.omar, review.Withdraw) // an old card's approval is withdrawn: nothing of the new one changes
	if got := d.standing(t, id); got != "scheduled" {
		t.Errorf("after withdrawing the old approval it is %s", got)
	}
}

func TestWhoEditsLosesTheRightToApprove(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"), d.accra)
	d.edit(t, id, d.boss, source("en: Remember them"))
	d.refused(t, d.submitOne(t, id), d.boss, review.Approve, "", fault.Forbidden, "You wrote a version")
}

func TestReviewersAreShownExactlyWhatIsStored(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := source("en: Remember {{org}}, {{year}}. {{helpline}}")
	s.Hashtags = []string{"#EndTrafficking"}
	id := d.write(t, d.wren, s, d.accra, d.lima)
	submission := d.submitOne(t, id)
	stored, err := book.ReleasesOf(d.ctx, d.db, submission)
	if err != nil || len(stored) != 2 {
		t.Fatalf("%d releases, %v", len(stored), err)
	}
	var shown []post.FinalPart
	for _, g := range d.card(t, submission, d.ana).Groups {
		for range g.Places {
			shown = append(shown, g.Final.Parts...)
		}
	}
	for i, r := range stored {
		if diff := cmp.Diff(r.Final.Parts[0], shown[i]); diff != "" {
			t.Errorf("release %d (-stored +shown):\n%s", i, diff)
		}
		var bare bool
		d.get(t, &bare, `SELECT convert_from(body, 'UTF8') LIKE '%{{%' FROM releases WHERE id = $1`, r.ID)
		if bare {
			t.Errorf("release %d still has a token: %s", i, r.Final.Parts[0].Text)
		}
	}
	want := "Remember Open Doors, 2027. If someone is in danger now, call the local emergency number.\n\n#EndTrafficking"
	if got := stored[0].Final.Parts[0].Text; got != want {
		t.Errorf("the release says %q, want %q", got, want)
	}
}

func TestReleasesThatSayTheSameAreShownOnceWithTheirPlaces(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"))
	due := func(zone string) time.Time {
		z, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(2027, 7, 30, 9, 0, 0, 0, z)
	}
	odd := d.Channel(booktest.Channel{Zone: "Asia/Kathmandu"})
	d.Deliver(booktest.Delivery{Post: id, Channel: d.accra, Due: due("Africa/Accra")})
	d.Deliver(booktest.Delivery{Post: id, Channel: d.lima, Due: due("America/Lima")})
	d.Deliver(booktest.Delivery{Post: id, Channel: odd, Due: due("Asia/Kathmandu").Add(time.Hour)}) // at another hour of the day
	card := d.card(t, d.submitOne(t, id), d.ana)
	var got [][]string
	for _, g := range card.Groups {
		var places []string
		for _, p := range g.Places {
			places = append(places, p.Zone+" "+p.DueDate+" "+p.DueClock)
		}
		got = append(got, places)
	}
	want := [][]string{{"Asia/Kathmandu 2027-07-30 10:00"}, {"Africa/Accra 2027-07-30 09:00", "America/Lima 2027-07-30 09:00"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if !card.First.Equal(due("Asia/Kathmandu").Add(time.Hour)) {
		t.Errorf("the first is due at %v", card.First)
	}
}

func TestAPostEditedWhileItIsSubmittedIsAConflict(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.write(t, d.wren, source("en: Remember"), d.accra)
	meanwhile := networks(func(platform.Content) []platform.Issue {
		d.edit(t, id, d.boss, source("en: Remember them"))
		return nil
	})
	if out, err := review.Submit(d.ctx, d.db, review.Checks{Networks: meanwhile, Rules: d.checks.Rules}, id, d.wren, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("submitted %+v, %v", out, err)
	}
	var n int
	if d.get(t, &n, `SELECT count(*) FROM submissions`); n != 0 {
		t.Errorf("%d submissions are left", n)
	}
}

func TestTheQueueShowsWhatWaitsSoonestFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	write := func(due time.Time) int64 {
		id := d.write(t, d.wren, source("en: Remember"))
		d.Deliver(booktest.Delivery{Post: id, Channel: d.accra, Due: due})
		return d.submitOne(t, id)
	}
	third, first, second := write(booktest.Due.Add(2*time.Hour)), write(booktest.Due), write(booktest.Due.Add(time.Hour))
	done := write(booktest.Due.Add(-time.Hour))
	d.say(t, done, d.ana, review.Approve)
	cards, err := review.Queue(d.ctx, d.db, d.ana)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, c := range cards {
		got = append(got, c.Submission)
	}
	if diff := cmp.Diff([]int64{first, second, third}, got); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
	if want := "World Day Against Trafficking in Persons 2027"; cards[0].Title != want || cards[0].SubmittedBy != "Wren Writer" {
		t.Errorf("the card is titled %q, by %q", cards[0].Title, cards[0].SubmittedBy)
	}
	if card := d.card(t, done, d.ana); !card.Cleared || card.Verdicts[0].Person != "Ana Approver" {
		t.Errorf("the decided card is %+v", card)
	}
}
