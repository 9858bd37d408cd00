package consenting_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/consenting"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/org/audit"
	"daymark/internal/org/consent"
	"daymark/internal/org/consent/linking"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

// name is that of the person who consents in these tests; it may stand nowhere but sealed.
const name = "Zephyrine Quillfeather"

type ledger struct {
	*booktest.Book
	t      *testing.T
	db     *postgres.DB
	owner  *postgres.DB
	keys   seal.Keys
	lead   people.Person // the safeguarding lead
	editor people.Person
}

// now is when consents are recorded: a month before posts fall due.
var now = booktest.Due.AddDate(0, -1, 0)

func setup(t *testing.T) *ledger {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	key, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger{t: t, db: both.App, owner: both.Owner, keys: seal.Keys{key}, Book: booktest.New(t, both.App)}
	for id, to := range map[int64]*people.Person{l.Author: &l.editor, l.Reviewers[1]: &l.lead} {
		if *to, err = people.ByID(t.Context(), l.db, id); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func (l *ledger) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func terms() consent.Terms {
	return consent.Terms{Uses: consent.Uses{Picture: true, Name: true, Words: true}, Until: civil.Date{Year: 2028, Month: 1, Day: 31}, How: consent.ByForm}
}

func (l *ledger) record(t consent.Terms) (id int64) {
	l.t.Helper()
	l.must(l.db.InTx(l.t.Context(), func(tx *postgres.Tx) (err error) {
		id, err = consent.Record(l.t.Context(), tx, l.keys[0], consent.Who{Name: name, Contact: "zephyrine@quill.example"}, t, l.lead, now, time.UTC)
		return err
	}))
	return id
}

func (l *ledger) link(id int64, to linking.Thing, uses consent.Uses) consenting.Outcome {
	l.t.Helper()
	out, err := consenting.Link(l.t.Context(), l.db, id, to, uses, l.lead, now)
	l.must(err)
	return out
}

var quoted, shown = consent.Uses{Words: true}, consent.Uses{Picture: true}

// place makes a delivery of a post of its own on a channel of its own.
func (l *ledger) place(message, picture, platform string) (post, delivery int64) {
	l.t.Helper()
	post = l.Post(message)
	return post, l.Deliver(booktest.Delivery{Post: post, Channel: l.Channel(booktest.Channel{Platform: platform}), Picture: picture})
}

func (l *ledger) stand(delivery int64) (state string) {
	l.t.Helper()
	l.must(l.db.GetContext(l.t.Context(), &state, `SELECT state || coalesce(': ' || hold, '') FROM deliveries WHERE id = $1`, delivery))
	return state
}

func (l *ledger) exec(query string, args ...any) error {
	_, err := l.db.ExecContext(l.t.Context(), query, args...)
	return err
}

// refuses reports whether the database refuses to put a delivery before reviewers.
func (l *ledger) refuses(delivery int64) bool {
	l.t.Helper()
	var body []byte
	l.must(l.db.GetContext(l.t.Context(), &body, `SELECT convert_to(json_build_object('parts', json_build_array(json_build_object('text', 'x')))::text, 'UTF8')`))
	return l.submits(delivery, body) == "consented"
}

func (l *ledger) submits(delivery int64, body []byte) string {
	l.t.Helper()
	err := l.db.InTx(l.t.Context(), func(tx *postgres.Tx) error {
		_, err := tx.ExecContext(l.t.Context(), `
WITH s AS (
  INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
  SELECT d.post_id, p.current_revision, d.language, 1, $2 FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE d.id = $1
  RETURNING id, revision_id)
SELECT id FROM s`, delivery, l.Author)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(l.t.Context(), `
INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, (SELECT max(id) FROM submissions WHERE post_id = d.post_id), d.post_id, p.current_revision, d.channel_id, d.language, d.due_at, d.not_after, $2, sha256($2)
FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE d.id = $1`, delivery, body)
		return err
	})
	return postgres.Constraint(err)
}

func TestAPostWithAPersonIsSubmittedOnlyUnderAConsentThatCoversIt(t *testing.T) {
	t.Parallel()
	l := setup(t)
	face := l.Picture("face")
	post, delivery := l.place("quote", "", "mastodon")
	if l.refuses(delivery) {
		t.Fatal("a post that shows nobody is refused")
	}
	l.must(consenting.Mark(t.Context(), l.db, post, l.editor, now))
	if !l.refuses(delivery) {
		t.Error("a post that quotes a person goes before reviewers without a consent")
	}
	for what, change := range map[string]func(*consent.Terms){
		"it ends before the post goes out": func(t *consent.Terms) { t.Until = civil.Date{Year: 2027, Month: 7, Day: 29} },
		"it is for another network":        func(t *consent.Terms) { t.Networks = []string{"bluesky"} },
		"it is in another language":        func(t *consent.Terms) { t.Languages = []string{"fr"} },
	} {
		post, delivery := l.place(what, "", "mastodon")
		given := terms()
		change(&given)
		l.link(l.record(given), linking.Thing{Post: post}, quoted)
		if !l.refuses(delivery) {
			t.Errorf("a post goes before reviewers although of its consent %s", what)
		}
	}
	given := terms()
	given.Networks, given.Languages, given.Until = []string{"mastodon"}, []string{"en"}, civil.Date{Year: 2027, Month: 7, Day: 30}
	l.link(l.record(given), linking.Thing{Post: post}, quoted)
	if l.refuses(delivery) {
		t.Error("a post is refused although a consent covers it on its last day")
	}

	_, pictured := l.place("picture", face, "mastodon")
	l.Submit(pictured) // nobody has said yet whom it shows
	l.must(l.exec(`UPDATE pictures SET shows_person = true WHERE sha256 = decode($1, 'hex')`, face))
	_, second := l.place("second", face, "mastodon")
	body := []byte(`{"parts":[{"pictures":[{"alt":"A face","sha256":"` + face + `"}],"text":"x"}]}`)
	if got := l.submits(second, body); got != "consented" {
		t.Errorf("a picture of a person is submitted without a consent: %q", got)
	}
	l.link(l.record(terms()), linking.Thing{Picture: face}, shown)
	if got := l.submits(second, body); got != "" {
		t.Errorf("a picture of a person is refused although a consent covers it: %q", got)
	}
}

func TestSayingThatAPostShowsAPersonTakesBackWhatIsApproved(t *testing.T) {
	t.Parallel()
	l := setup(t)
	face := l.Picture("face")
	post, delivery := l.place("quote", "", "mastodon")
	_, pictured := l.place("picture", face, "mastodon")
	_, plain := l.place("plain", "", "mastodon")
	for _, d := range []int64{delivery, pictured, plain} {
		l.Schedule(d)
	}
	l.must(consenting.Mark(t.Context(), l.db, post, l.editor, now))
	l.must(l.exec(`UPDATE pictures SET shows_person = true WHERE sha256 = decode($1, 'hex')`, face))
	for d, want := range map[int64]string{delivery: "held: edited", pictured: "held: edited", plain: "scheduled"} {
		if got := l.stand(d); got != want {
			t.Errorf("delivery %d is %s, want %s", d, got, want)
		}
	}
	told, err := notice.OpenFor(t.Context(), l.db, l.lead.ID, 10)
	l.must(err)
	if len(told) != 1 || told[0].Kind != "post" {
		t.Errorf("safeguarding was told %+v", told)
	}
	if told, _ := notice.OpenFor(t.Context(), l.db, l.editor.ID, 10); len(told) != 0 {
		t.Errorf("an editor was told %+v", told)
	}
}

func TestAnApprovalAfterAConsentEndedSchedulesNothing(t *testing.T) {
	t.Parallel()
	l := setup(t)
	post, delivery := l.place("quote", "", "mastodon")
	id := l.record(terms())
	l.link(id, linking.Thing{Post: post}, quoted)
	submission := l.Submit(delivery)
	_, err := consenting.Withdraw(t.Context(), l.db, l.keys, id, "asked", "", l.lead, now, time.UTC)
	l.must(err)
	l.Clear(submission)
	err = l.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `
UPDATE deliveries d SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r WHERE r.submission_id = $1 AND d.id = r.delivery_id`, submission); err != nil {
			return err
		}
		_, err := tx.ExecContext(t.Context(), `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id, guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id, revision_id, due_at FROM releases WHERE submission_id = $1`, submission)
		return err
	})
	if postgres.Constraint(err) != "consented" {
		t.Errorf("it is queued: %v", err)
	}
}

// endings are the two ways in which a consent ends.
func endings(l *ledger, id int64) map[string]func() consenting.Outcome {
	return map[string]func() consenting.Outcome{
		"withdrawn": func() consenting.Outcome {
			out, err := consenting.Withdraw(l.t.Context(), l.db, l.keys, id, "danger", "Somebody found "+name+".", l.lead, now, time.UTC)
			l.must(err)
			return out
		},
		"expired": func() consenting.Outcome {
			over := time.Date(2028, 2, 1, 0, 0, 0, 0, time.UTC)
			if n, err := consenting.Expire(l.t.Context(), l.db, over.Add(-time.Second)); err != nil || n != 0 {
				l.t.Errorf("on its last day %d consents expire, %v", n, err)
			}
			n, err := consenting.Expire(l.t.Context(), l.db, over)
			if again, againErr := consenting.Expire(l.t.Context(), l.db, over); err != nil || n != 1 || againErr != nil || again != 0 {
				l.t.Errorf("%d consents expire, then %d: %v, %v", n, again, err, againErr)
			}
			var out consenting.Outcome
			l.must(l.db.GetContext(l.t.Context(), &out.TakeDown, `SELECT id FROM takedowns WHERE consent_id = $1`, id))
			return out
		},
	}
}

func TestTheEndOfAConsentHoldsWhatWaitsAndTakesDownWhatIsOut(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"withdrawn", "expired"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			l := setup(t)
			face := l.Picture("face")
			id, other := l.record(terms()), l.record(terms())
			var outs, waits []int64
			place := func(message, picture string) (post, delivery int64) {
				post, delivery = l.place(message, picture, "mastodon")
				return post, delivery
			}
			l.link(id, linking.Thing{Picture: face}, shown)
			one, live := place("live", "")
			l.link(id, linking.Thing{Post: one}, quoted)
			l.Publish(live, booktest.Due)
			_, pictured := place("live-picture", face)
			l.Publish(pictured, booktest.Due)
			_, waiting := place("waiting", face)
			l.Schedule(waiting)
			_, asked := place("asked", face)
			l.Submit(asked)
			_, sending := place("sending", face)
			l.Send(sending, booktest.Due)
			theirs, elsewhere := place("another-consent", "")
			l.link(other, linking.Thing{Post: theirs}, quoted)
			l.Publish(elsewhere, booktest.Due)
			if how == "expired" { // the other one holds on
				later := terms()
				later.Until = civil.Date{Year: 2029, Month: 1, Day: 1}
				_, err := consenting.Amend(t.Context(), l.db, l.keys[0], other, 1, consent.Who{Name: name}, later, l.lead, now, time.UTC)
				l.must(err)
			}
			outs, waits = []int64{live, pictured, sending}, []int64{waiting}

			out := endings(l, id)[how]()
			found, err := takedown.Find(t.Context(), l.db, out.TakeDown)
			l.must(err)
			var copies, kept []int64
			for _, c := range found.Copies {
				copies = append(copies, c.Delivery)
			}
			for _, k := range found.Kept {
				if k.Why == takedown.InScope {
					kept = append(kept, k.Delivery)
				}
			}
			slices.Sort(copies)
			if diff := cmp.Diff(outs, copies); diff != "" {
				t.Errorf("what is taken down (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(waits, kept); diff != "" {
				t.Errorf("what is held (-want +got):\n%s", diff)
			}
			for d, want := range map[int64]string{waiting: "held: decision", asked: "held: approval", elsewhere: "published"} {
				if got := l.stand(d); got != want {
					t.Errorf("delivery %d is %s, want %s", d, got, want)
				}
			}
			if found.Consent != id || !strings.Contains(found.Reason, consent.Ref(id)) {
				t.Errorf("the take-down is of consent %d, because: %s", found.Consent, found.Reason)
			}
			told, err := notice.OpenFor(t.Context(), l.db, l.lead.ID, 10)
			l.must(err)
			if !slices.ContainsFunc(told, func(n notice.Notice) bool { return n.Kind == "consent" && n.SubjectID == fmt.Sprint(id) }) {
				t.Errorf("safeguarding was told %+v", told)
			}
			rows, err := audit.List(t.Context(), l.db, audit.Filter{Kind: "consent", ID: id, Action: "consent." + how})
			l.must(err)
			if len(rows) != 1 {
				t.Errorf("the log has %d rows of the end", len(rows))
			}
			l.nowhere()
			if !l.refuses(asked) {
				body := []byte(`{"parts":[{"pictures":[{"alt":"A face","sha256":"` + face + `"}],"text":"x"}]}`)
				if got := l.submits(asked, body); got != "consented" {
					t.Errorf("a post under the consent goes before reviewers again: %q", got)
				}
			}
		})
	}
}

// nowhere looks for the name in every table, as text.
func (l *ledger) nowhere() {
	l.t.Helper()
	var tables []string
	l.must(l.owner.SelectContext(l.t.Context(), &tables, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`))
	for _, table := range tables {
		var n int
		l.must(l.owner.GetContext(l.t.Context(), &n, fmt.Sprintf(`SELECT count(*) FROM %q t WHERE t::text ILIKE '%%Zephyrine%%' OR t::text ILIKE '%%' || encode('Zephyrine', 'hex') || '%%'`, table)))
		if n > 0 {
			l.t.Errorf("the name stands in %s", table)
		}
	}
}

func TestAConsentThatAllowsLessHoldsOnlyWhatItNoLongerCovers(t *testing.T) {
	t.Parallel()
	l := setup(t)
	id := l.record(terms())
	here, toot := l.place("toot", "", "mastodon")
	there, sky := l.place("sky", "", "bluesky")
	for _, p := range []int64{here, there} {
		l.link(id, linking.Thing{Post: p}, quoted)
	}
	l.Schedule(toot)
	l.Publish(sky, booktest.Due)
	less := terms()
	less.Networks = []string{"mastodon"}
	out, err := consenting.Amend(t.Context(), l.db, l.keys[0], id, 1, consent.Who{Name: name}, less, l.lead, now, time.UTC)
	l.must(err)
	if out.Copies != 1 || out.Held != 0 || l.stand(toot) != "scheduled" {
		t.Errorf("%+v, and what waits is %s", out, l.stand(toot))
	}
	if _, err := consenting.Amend(t.Context(), l.db, l.keys[0], id, 1, consent.Who{Name: name}, terms(), l.lead, now, time.UTC); !fault.Is(err, fault.Conflict) {
		t.Errorf("an old version was amended: %v", err)
	}
	less.Name, less.Words = true, false
	less.Networks = nil
	if out, err = consenting.Amend(t.Context(), l.db, l.keys[0], id, 2, consent.Who{Name: name}, less, l.lead, now, time.UTC); err != nil || out.Held != 1 || l.stand(toot) != "held: decision" {
		t.Errorf("words that are not allowed any more: %+v, %v, and it is %s", out, err, l.stand(toot))
	}
}

func TestNothingIsSentBetweenTheEndOfAConsentAndTheJobThatSeesIt(t *testing.T) {
	t.Parallel()
	l := setup(t)
	given := terms()
	given.Until = civil.Date{Year: 2027, Month: 7, Day: 30} // ends within the window of three days
	post, delivery := l.place("late", "", "mastodon")
	l.link(l.record(given), linking.Thing{Post: post}, quoted)
	l.Schedule(delivery)
	l.must(l.exec(`UPDATE queue SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute', fence = 1, tries = 1, sending_at = now() WHERE delivery_id = $1`, delivery))
	attempt := func(at time.Time) string {
		return postgres.Constraint(l.exec(`
INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at)
VALUES ($1, 1, 1, 'k', '{}', sha256('{}'), $2)`, delivery, at))
	}
	over := time.Date(2027, 7, 31, 0, 0, 0, 0, time.UTC)
	if got := attempt(over); got != "consented" {
		t.Errorf("an attempt after the last day: %q", got)
	}
	if got := attempt(over.Add(-time.Second)); got != "" {
		t.Errorf("an attempt on the last day: %q", got)
	}
}

func TestALinkThatWasAMistakeTakesBackWhatIsApprovedUnderIt(t *testing.T) {
	t.Parallel()
	l := setup(t)
	id := l.record(terms())
	post, delivery := l.place("quote", "", "mastodon")
	l.must(consenting.Mark(t.Context(), l.db, post, l.editor, now))
	l.link(id, linking.Thing{Post: post}, quoted)
	l.Schedule(delivery)
	links, err := linking.Links(t.Context(), l.db, id)
	l.must(err)
	l.must(l.db.InTx(t.Context(), func(tx *postgres.Tx) error { return linking.Remove(t.Context(), tx, id, links[0].ID, l.lead, now) }))
	if got := l.stand(delivery); got != "held: edited" || !l.refuses(delivery) {
		t.Errorf("it is %s", got)
	}
	l.must(consenting.Unmark(t.Context(), l.db, post, l.lead, now))
	if l.refuses(delivery) {
		t.Error("a post that shows nobody after all is refused")
	}
}

func TestAnApprovalAndAWithdrawalAtTheSameMomentLeaveNothingScheduled(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for i := range 12 {
		post, delivery := l.place(fmt.Sprintf("quote-%d", i), "", "mastodon")
		id := l.record(terms())
		l.link(id, linking.Thing{Post: post}, quoted)
		submission := l.Submit(delivery)
		l.Clear(submission)
		var both sync.WaitGroup
		var approved, withdrawn error
		both.Go(func() {
			approved = l.db.InTx(t.Context(), func(tx *postgres.Tx) error {
				if _, err := book.Lock(t.Context(), tx, post); err != nil {
					return err
				}
				_, err := book.Schedule(t.Context(), tx, submission, now, book.Grace)
				return err
			})
		})
		both.Go(func() {
			_, withdrawn = consenting.Withdraw(t.Context(), l.db, l.keys, id, "asked", "", l.lead, now, time.UTC)
		})
		both.Wait()
		l.must(withdrawn)
		if approved != nil && !fault.Is(approved, fault.Conflict) {
			t.Errorf("try %d: the approval ends with %v", i, approved)
		}
		var queued int
		l.must(l.db.GetContext(t.Context(), &queued, `SELECT count(*) FROM queue WHERE delivery_id = $1`, delivery))
		if got := l.stand(delivery); !strings.HasPrefix(got, "held") || queued != 0 {
			t.Errorf("try %d: it is %s, with %d rows in the queue", i, got, queued)
		}
	}
}
