package book_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"

	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// attack is a transaction that must not commit: every statement but the last is let through, and the last one, or else the
// commit, is refused for the named reason (a constraint, a word of the message or an SQLSTATE), so that no attack fails by
// a slip of its own. Words that begin with a colon are ids of the scene.
type attack struct {
	name  string
	steps []string
	why   string
}

const (
	forbidden = "42501" // insufficient_privilege (https://www.postgresql.org/docs/15/errcodes-appendix.html)

	toQueue = `INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id,
  revision_id, guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id,
  revision_id, due_at FROM releases WHERE id = `
	toScheduled = `UPDATE deliveries d SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id,
  revision_id = r.revision_id FROM releases r WHERE r.delivery_id = d.id AND r.id = `
	toAttempt = `INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at)
SELECT q.delivery_id, 9, q.fence, 'k', 'x', sha256('x'), q.due_at FROM queue q WHERE q.delivery_id = `
	toCopy = `INSERT INTO copies (delivery_id, post_id, channel_id, language, remote_id, published_at)
SELECT id, post_id, channel_id, language, 'forged', due_at FROM deliveries WHERE id = `
	toApprove = `INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES (:open.submission, `
	toDeliver = `INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after, state, hold)
VALUES (`
	toRelease = `INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, s.id, d.post_id, s.revision_id, d.channel_id, d.language, d.due_at, d.not_after, 'x', sha256('x')
FROM deliveries d, submissions s WHERE d.id = :open.later AND s.id = `
	when = `'2027-07-30', '09:00', 'Etc/UTC', '2027-07-30 09:00+00', '2027-07-31 09:00+00', `
)

// The names of the first group are the attacks that the schema was designed against; the others came later.
var attacks = []attack{
	{"schedule without a release", []string{`UPDATE deliveries SET state = 'scheduled', hold = NULL WHERE id = :held`}, "deliveries_check"},
	{"schedule with another post's release", []string{`UPDATE deliveries d SET state = 'scheduled', hold = NULL, release_id = r.id,
  submission_id = r.submission_id, revision_id = r.revision_id FROM releases r WHERE d.id = :held AND r.id = :ready.release`}, "deliveries_release_id_id_submission_id_revision_id_fkey"},
	{"queue another post's release", []string{toScheduled + `:ready.release`, strings.Replace(toQueue, "SELECT delivery_id", "SELECT :held", 1) + `:ready.release`}, "enter_queue"},
	{"schedule with a release not cleared", []string{toScheduled + `:open.release`, toQueue + `:open.release`}, "queue_guard_submission_fkey"},
	{"clear with too few", []string{`INSERT INTO clearances (submission_id) VALUES (:few.submission)`}, "clear_enough"},
	{"clear with an author among the counted", []string{`INSERT INTO clearances (submission_id) VALUES (:own.submission)`}, "clear_enough"},
	{"clear while somebody asks for changes", []string{`INSERT INTO clearances (submission_id) VALUES (:asked.submission)`}, "clear_enough"},
	{"clear again after a withdrawal", []string{`INSERT INTO clearances (submission_id) VALUES (:withdrawn.submission)`}, "clear_enough"},
	{"clear again after a withdrawal by somebody who never approved", []string{`INSERT INTO clearances (submission_id) VALUES (:stopped.submission)`}, "clear_enough"},
	{"move due of a scheduled delivery", []string{`UPDATE deliveries SET due_at = due_at - interval '1 hour' WHERE id = :scheduled`}, "queue_delivery_id_post_id_channel_id_language_due_at_not_a_fkey"},
	{"move window of a scheduled delivery", []string{`UPDATE deliveries SET not_after = not_after + interval '1 hour' WHERE id = :scheduled`}, "queue_delivery_id_post_id_channel_id_language_due_at_not_a_fkey"},
	{"move channel of a scheduled delivery", []string{`UPDATE deliveries SET channel_id = :channel2 WHERE id = :scheduled`}, forbidden},
	{"move language of a scheduled delivery", []string{`UPDATE deliveries SET language = 'fr' WHERE id = :scheduled`}, forbidden},
	{"move due of a delivery on its way", []string{`UPDATE deliveries SET due_at = due_at - interval '1 hour' WHERE id = :sending`}, "queue_delivery_id_post_id_channel_id_language_due_at_not_a_fkey"},
	{"add a release to a submission already before reviewers", []string{toRelease + `:few.submission`}, "sealed"},
	{"schedule after an edit", []string{toScheduled + `:edited.release`, toQueue + `:edited.release`}, "queue_post_id_guard_revision_fkey"},
	{"submit an old revision", []string{`INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
SELECT post_id, revision_id, language, 1, submitted_by FROM submissions WHERE id = :edited.submission`}, "newest_revision"},
	{"clear an old revision", []string{`INSERT INTO clearances (submission_id) VALUES (:old.submission)`}, "newest_revision"},
	{"point the post back to an old revision", []string{`UPDATE posts SET current_revision = (SELECT min(id) FROM revisions r WHERE r.post_id = posts.id)`}, forbidden},
	{"make a post that points to another post's revision", []string{`INSERT INTO posts (edition_id, message, current_revision)
SELECT :edition, 'borrowed', min(id) FROM revisions`}, "posts_id_current_revision_fkey"},
	{"a body that is not its hash: revision", []string{`INSERT INTO revisions (post_id, no, author_id, body, sha256)
SELECT post_id, 9, author_id, 'x', sha256('y') FROM revisions LIMIT 1`}, "revisions_check"},
	{"a body that is not its hash: release", []string{strings.Replace(toRelease, "sha256('x')", "sha256('y')", 1) + `:open.submission`}, "releases_check"},
	{"a body that is not its hash: blob", []string{`INSERT INTO blobs (sha256, mime, width, height, bytes) VALUES (sha256('y'), 'image/png', 1, 1, 'x')`}, "blobs_check"},
	{"a body that is not its hash: attempt", []string{strings.Replace(sendNow, "$", ":scheduled", 1), strings.Replace(toAttempt, "sha256('x')", "sha256('y')", 1) + `:scheduled`}, "attempts_check"},
	{"a body that is not its hash: campaign", []string{`UPDATE campaigns SET body = 'x'`}, "campaigns_check"},
	{"same message to the same channel and language twice", []string{toDeliver + `:held.post, :channel, 'en', ` + when + `'held', 'approval')`}, "one_live_delivery"},
	{"same message twice in an edition", []string{`INSERT INTO posts (edition_id, message) VALUES (:edition, 'held')`}, "posts_edition_id_message_key"},
	{"a rehearsal to a real channel", []string{toDeliver + `:rehearsed, :real, 'en', ` + when + `'held', 'approval')`}, "rehearsal_only"},
	{"published out of held although nobody had to decide", []string{`UPDATE deliveries SET state = 'published', hold = NULL, release_id = :ready.release, submission_id = :ready.submission,
  revision_id = (SELECT revision_id FROM releases WHERE id = :ready.release) WHERE id = :ready`}, "decided"},
	{"a transition outside the table: scheduled to published", []string{toCopy + `:scheduled`, `UPDATE deliveries SET state = 'published' WHERE id = :scheduled`}, "lawful"},
	{"a transition outside the table: published to held", []string{`UPDATE deliveries SET state = 'held', hold = 'approval' WHERE id = :published`}, "lawful"},
	{"a transition outside the table: sending to missed", []string{`UPDATE deliveries SET state = 'missed' WHERE id = :sending`}, "lawful"},
	{"a transition outside the table: failed to scheduled", []string{`UPDATE deliveries SET state = 'scheduled' WHERE id = :failed`}, "lawful"},
	{"insert a delivery already scheduled", []string{toDeliver + `:spare, :channel, 'en', ` + when + `'scheduled', NULL)`}, "deliveries_check4"},
	{"insert a delivery already published", []string{toDeliver + `:spare, :channel, 'en', ` + when + `'published', NULL)`}, "deliveries_check4"},
	{"insert a delivery already missed", []string{toDeliver + `:spare, :channel, 'en', ` + when + `'missed', NULL)`}, "begins_held"},
	{"insert a delivery already failed, to be retried by hand", []string{toDeliver + `:spare, :channel, 'en', ` + when + `'failed', NULL)`}, "begins_held"},
	{"retry after a withdrawal", []string{`UPDATE queue SET sending_at = NULL, lease_owner = NULL, lease_until = NULL WHERE delivery_id = :orphan`}, "guarded"},
	{"retry after an edit", []string{`UPDATE queue SET sending_at = NULL, lease_owner = NULL, lease_until = NULL WHERE delivery_id = :overtaken`}, "guarded"},
	{"disable a trigger", []string{`ALTER TABLE deliveries DISABLE TRIGGER lawful`}, forbidden},

	{"a second attempt after a withdrawal", []string{`UPDATE attempts SET outcome = 'again', ended_at = started_at WHERE delivery_id = :orphan`, toAttempt + `:orphan`}, "in_window"},
	{"a second attempt while the first is open", []string{toAttempt + `:sending`}, "in_window"},
	{"a second attempt after a success", []string{`UPDATE attempts SET outcome = 'published', ended_at = started_at WHERE delivery_id = :sending`, toAttempt + `:sending`}, "in_window"},
	{"a second attempt while the fate of the first is unknown", []string{`UPDATE attempts SET outcome = 'lost', ended_at = started_at WHERE delivery_id = :sending`, toAttempt + `:sending`}, "in_window"},
	{"a queue row without a scheduled delivery", []string{toQueue + `:ready.release`}, "enter_queue"},
	{"a scheduled delivery without a queue row", []string{toScheduled + `:ready.release`}, "scheduled_is_queued"},
	{"a scheduled delivery queued with another of its releases", []string{toScheduled + `:twice.release`, toQueue + `:twice.other`}, "enter_queue"},
	{"a scheduled delivery that changes its release", []string{
		toScheduled + `:twice.release`, toQueue + `:twice.release`,
		`UPDATE deliveries d SET release_id = r.id, submission_id = r.submission_id FROM releases r WHERE r.id = :twice.other AND d.id = r.delivery_id`,
	}, "lawful"},
	{"a published delivery that changes its release", []string{`UPDATE deliveries SET release_id = :ready.release, submission_id = :ready.submission WHERE id = :published`}, "lawful"},
	{"a queue row that begins as sent", []string{toScheduled + `:ready.release`, strings.NewReplacer("next_attempt_at)", "next_attempt_at, sending_at, lease_owner, lease_until)",
		"due_at FROM", "due_at, due_at, gen_random_uuid(), due_at FROM").Replace(toQueue) + `:ready.release`}, "enter_queue"},
	{"a queue row without its guards", []string{toScheduled + `:ready.release`, strings.Replace(toQueue, "id, submission_id, revision_id, submission_id,\n  revision_id,", "id, submission_id, revision_id, NULL::bigint, NULL::bigint,", 1) + `:ready.release`}, "guarded"},
	{"a queue row guarded by another submission", []string{toScheduled + `:ready.release`, strings.Replace(toQueue, "revision_id, submission_id,", "revision_id, :scheduled.submission,", 1) + `:ready.release`}, "queue_check"},
	{"a try before the due instant", []string{`UPDATE queue SET next_attempt_at = due_at - interval '1 second' WHERE delivery_id = :scheduled`}, "queue_check"},
	{"a guard given back", []string{`UPDATE queue SET guard_submission = submission_id WHERE delivery_id = :orphan`}, forbidden},
	{"a queue row deleted", []string{`DELETE FROM queue`}, forbidden},
	{"the clearance of a scheduled delivery deleted", []string{`DELETE FROM clearances WHERE submission_id = :scheduled.submission`}, "queue_guard_submission_fkey"},
	{"a clearance moved to another submission", []string{`UPDATE clearances SET submission_id = :open.submission WHERE submission_id = :ready.submission`}, forbidden},
	{"an attempt on an unsent row", []string{toAttempt + `:scheduled`}, "in_window"},
	{"an attempt on a held delivery", []string{`INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at)
VALUES (:held, 1, 0, 'k', 'x', sha256('x'), '2027-07-30 09:00+00')`}, "in_window"},
	{"an attempt before its window", []string{strings.Replace(sendNow, "$", ":scheduled", 1), strings.Replace(toAttempt, "q.due_at", "q.due_at - interval '1 second'", 1) + `:scheduled`}, "in_window"},
	{"an attempt after its window", []string{strings.Replace(sendNow, "$", ":scheduled", 1), strings.Replace(toAttempt, "q.due_at", "q.not_after + interval '1 second'", 1) + `:scheduled`}, "in_window"},
	{"an attempt at the end of its window", []string{strings.Replace(sendNow, "$", ":scheduled", 1), strings.Replace(toAttempt, "q.due_at", "q.not_after", 1) + `:scheduled`}, "in_window"},
	{"an attempt with a wrong fence", []string{strings.Replace(sendNow, "$", ":scheduled", 1), strings.Replace(toAttempt, "q.fence", "q.fence - 1", 1) + `:scheduled`}, "in_window"},
	{"an attempt with its outcome already written", []string{strings.Replace(sendNow, "$", ":scheduled", 1), strings.NewReplacer("started_at)", "started_at, outcome, ended_at)", "q.due_at", "q.due_at, 'published', q.due_at").Replace(toAttempt) + `:scheduled`}, "in_window"},
	{"an intent without a lease", []string{`UPDATE queue SET sending_at = due_at WHERE delivery_id = :scheduled`}, "queue_check"},
	{"published without a copy", []string{`UPDATE deliveries SET state = 'published' WHERE id = :sending`}, "every_part_is_out"},
	{"one remote post claimed for two deliveries", []string{strings.Replace(toCopy, "'forged'", "(SELECT remote_id FROM copies WHERE delivery_id = :published)", 1) + `:sending`}, "copies_channel_id_remote_id_key"},
	{"an attempt's outcome rewritten", []string{`UPDATE attempts SET outcome = 'again' WHERE delivery_id = :published`}, "already written"},
	{"an attempt's outcome erased", []string{`UPDATE attempts SET outcome = NULL, ended_at = NULL WHERE delivery_id = :published`}, "already written"},
	{"an attempt's request rewritten", []string{`UPDATE attempts SET request = 'x', request_sha256 = sha256('x')`}, forbidden},
	{"an attempt's fence rewritten", []string{`UPDATE attempts SET fence = 9`}, forbidden},
	{"a copy deleted", []string{`DELETE FROM copies`}, forbidden},
	{"a verdict slipped in before earlier ones", []string{`INSERT INTO verdicts (id, submission_id, person_id, role, verdict) OVERRIDING SYSTEM VALUE
VALUES (-1, :open.submission, :author, '', 'changes')`}, forbidden},
	{"the system person approves", []string{toApprove + `(SELECT id FROM people WHERE role = 'system'), 'reviewer', 'approve')`}, "verdict_role"},
	{"a disabled reviewer approves", []string{toApprove + `:disabled, 'reviewer', 'approve')`}, "verdict_role"},
	{"a disabled reviewer withdraws", []string{toApprove + `:disabled, 'reviewer', 'withdraw')`}, "verdict_role"},
	{"an editor approves", []string{toApprove + `:author, 'reviewer', 'approve')`}, "verdict_role"},
	{"a manager approves", []string{toApprove + `:manager, 'admin', 'approve')`}, "verdict_role"},
	{"changes asked for without a word", []string{toApprove + `:reviewer, '', 'changes')`}, "verdicts_check"},
	{"a submission that nobody has to approve", []string{`INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
SELECT post_id, revision_id, language, 0, submitted_by FROM submissions WHERE id = :open.submission`}, "submissions_approvals_needed_check"},
	{"a real post in a rehearsal", []string{`INSERT INTO posts (edition_id, rehearsal, message) VALUES (:edition, true, 'x')`}, "posts_edition_id_rehearsal_fkey"},
	{"a rehearsal turned real", []string{`UPDATE posts SET rehearsal = false WHERE id = :rehearsed`}, forbidden},
	{"a sandbox channel turned real", []string{`UPDATE channels SET sandbox = false`}, forbidden},
	{"a sandbox channel moved away from this machine", []string{`UPDATE channels SET address = 'https://social.example'`}, forbidden},
	{"a sandbox channel on another machine", []string{`INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
VALUES ('mastodon', 'https://social.example', '@a', '1', 'a', 'Etc/UTC', '{en}', true, '', 'k')`}, "channels_check"},
	{"a fast clock where a real channel exists", []string{`INSERT INTO fast_clock (real_start, starts_at, rate, until) VALUES (now(), now(), 60, now())`}, "fast clock"},
	{"a person deleted", []string{`DELETE FROM people`}, forbidden},
	{"a table made", []string{`CREATE TABLE mine (id int)`}, forbidden},
	{"a temporary table that hides ours", []string{`CREATE TEMPORARY TABLE legal (was text, now text)`}, forbidden},
	{"a table dropped", []string{`DROP TABLE clearances CASCADE`}, forbidden},
	{"a column added", []string{`ALTER TABLE deliveries ADD COLUMN x int`}, forbidden},
	{"a function replaced", []string{`CREATE OR REPLACE FUNCTION lawful() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'`}, forbidden},
	{"a constraint dropped", []string{`ALTER TABLE queue DROP CONSTRAINT guarded`}, forbidden},
	{"a change of state made legal", []string{`INSERT INTO legal VALUES ('held', 'published')`}, forbidden},
	{"a right given to oneself", []string{`SET ROLE daymark_owner`}, forbidden},
	{"triggers switched off for the session", []string{`SET session_replication_role = 'replica'`}, forbidden},
}

// sendNow gives a queue row its lease and its intent.
const sendNow = `UPDATE queue SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute', fence = fence + 1,
  sending_at = due_at WHERE delivery_id = $`

// frozenTables are those whose rows never change, for anybody.
var frozenTables = map[string]string{
	"revisions": "no", "submissions": "approvals_needed", "releases": "language", "verdicts": "verdict", "audit": "action", "blobs": "mime",
	"waivers": "reason", "answers": "answer", "submission_findings": "severity", "submission_questions": "wants", "release_helplines": "version",
	"helpline_checks": "result", "fact_versions": "version", "writers": "kind", "hands": "why",
}

func TestEveryAttackIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	dbs := postgrestest.NewBoth(t, migrations.FS)
	ids := setScene(t, dbs.App)
	list := slices.Clone(attacks)
	for table, column := range frozenTables {
		list = append(list,
			attack{"update " + table, []string{`UPDATE ` + table + ` SET ` + column + ` = ` + column}, forbidden},
			attack{"delete " + table, []string{`DELETE FROM ` + table}, forbidden},
			attack{"truncate " + table, []string{`TRUNCATE ` + table + ` CASCADE`}, forbidden})
	}
	list = append(list, attack{"delete attempts", []string{`DELETE FROM attempts`}, forbidden}, attack{"truncate attempts", []string{`TRUNCATE attempts CASCADE`}, forbidden})
	before := digest(t, dbs.App)
	for _, a := range list {
		t.Run(a.name, func(t *testing.T) {
			for i := range a.steps {
				a.steps[i] = ids.Replace(a.steps[i])
			}
			mustRefuse(t, dbs.App, a)
			after := digest(t, dbs.App)
			if diff := cmp.Diff(before, after); diff != "" {
				before = after
				t.Fatalf("it changed something (-before +after):\n%s", diff)
			}
		})
	}
	for table, column := range frozenTables {
		for _, statement := range []string{`UPDATE ` + table + ` SET ` + column + ` = ` + column, `DELETE FROM ` + table, `TRUNCATE ` + table + ` CASCADE`} {
			t.Run("the owner too: "+statement, func(t *testing.T) {
				mustRefuse(t, dbs.Owner, attack{steps: []string{statement}, why: "rows never change"})
			})
		}
	}
}

func TestARealChannelIsRefusedWhereTheClockIsFast(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO fast_clock (real_start, starts_at, rate, until) VALUES (now(), now(), 60, now())`); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, db, attack{steps: []string{realChannel}, why: "sandbox channels only"})
}

// mustRefuse runs an attack and fails unless it is refused at its last step, or at the commit, for its reason.
func mustRefuse(t *testing.T, db *postgres.DB, a attack) {
	t.Helper()
	last := 0
	err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
		for i, statement := range a.steps {
			last = i
			res, err := tx.ExecContext(t.Context(), statement)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); i < len(a.steps)-1 && (err != nil || n == 0) {
				t.Errorf("step %d touched no row: %s", i+1, statement)
			}
		}
		return nil
	})
	refusal := pq.As(err)
	switch {
	case refusal == nil:
		t.Fatalf("it was not refused by the database: %v", err)
	case last != len(a.steps)-1:
		t.Fatalf("step %d failed already: %v", last+1, err)
	case string(refusal.Code) != a.why && !strings.HasPrefix(refusal.Constraint, a.why) && !strings.Contains(refusal.Message, a.why):
		t.Fatalf("it was refused for another reason than %s: %v (constraint %s)", a.why, refusal, refusal.Constraint)
	}
}

const realChannel = `INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
VALUES ('mastodon', 'https://social.example', '@charity', '1', 'Charity', 'Etc/UTC', '{en}', false, '', 'k')
RETURNING id`

// scene builds the database that is attacked.
type scene struct {
	*booktest.Book
	t       *testing.T
	db      *postgres.DB
	channel int64
	ids     map[string]int64
}

// setScene makes a post in every state that an attack needs and returns the replacer of their ids: :name is the delivery,
// :name.post its post, :name.submission its latest submission and :name.release its release in that.
func setScene(t *testing.T, db *postgres.DB) *strings.Replacer {
	t.Helper()
	s := &scene{Book: booktest.New(t, db), t: t, db: db, ids: map[string]int64{}}
	s.channel = s.Channel(booktest.Channel{})
	s.ids["channel"], s.ids["channel2"] = s.channel, s.Channel(booktest.Channel{})
	s.ids["edition"], s.ids["author"], s.ids["reviewer"] = s.Edition, s.Author, s.Reviewers[0]
	s.ids["real"] = s.one(realChannel)
	s.ids["disabled"] = s.person("disabled", "reviewer", true)
	s.ids["manager"] = s.person("manager", "manager", false)
	third := s.person("third", "reviewer", false)
	a, b := s.Reviewers[0], s.Reviewers[1]

	s.delivery("held")
	s.ids["spare"] = s.Post("spare")
	s.submitted("open")
	s.beside("open")
	s.ids["open.later"] = s.Deliver(booktest.Delivery{Post: s.ids["open.post"], Channel: s.ids["channel2"]})
	s.submitted("few", s.say(a, "approve"), s.say(a, "approve"), s.say(s.Author, "withdraw"))
	s.delivery("own")
	s.one(`INSERT INTO revisions (post_id, no, author_id, body, sha256) SELECT $1, 2, $2, '{}', sha256('{}') RETURNING id`, s.ids["own.post"], a)
	s.ids["own.submission"] = s.Submit(s.ids["own"])
	s.say(a, "approve")("own")
	s.say(b, "approve")("own")
	s.submitted("asked", s.say(a, "approve"), s.say(b, "approve"), s.say(third, "approve"), s.say(s.Author, "changes"))
	s.submitted("ready")
	s.Clear(s.ids["ready.submission"])
	s.submitted("old", s.say(a, "approve"), s.say(b, "approve"))
	s.Revise(s.ids["old.post"], "A new text")
	s.submitted("twice")
	s.Clear(s.ids["twice.submission"])
	s.ids["twice.other"] = s.ids["twice.release"]
	s.named("twice", s.Submit(s.ids["twice"]))
	s.Clear(s.ids["twice.submission"])

	s.scheduled("scheduled")
	s.scheduled("withdrawn")
	s.say(a, "withdraw")("withdrawn")
	s.scheduled("stopped")
	s.say(third, "withdraw")("stopped")
	s.scheduled("edited")
	s.Revise(s.ids["edited.post"], "A new text")
	s.scheduled("sending")
	s.Send(s.ids["sending"], booktest.Due)
	s.scheduled("orphan")
	s.Send(s.ids["orphan"], booktest.Due)
	s.say(a, "withdraw")("orphan")
	s.scheduled("overtaken")
	s.Send(s.ids["overtaken"], booktest.Due)
	s.Revise(s.ids["overtaken.post"], "A new text")
	s.scheduled("published")
	s.Publish(s.ids["published"], booktest.Due)
	s.scheduled("failed")
	s.Refuse(s.ids["failed"], booktest.Due, "Too long.")
	s.rehearsal()
	s.one(`INSERT INTO audit (action, subject_kind) VALUES ('test', 'test') RETURNING id`)
	s.one(`INSERT INTO blobs (sha256, mime, width, height, bytes) VALUES (sha256('b'), 'image/png', 1, 1, 'b') RETURNING width`)

	var pairs []string
	for _, name := range slices.SortedFunc(mapKeys(s.ids), func(a, b string) int { return len(b) - len(a) }) { // the longer name first
		pairs = append(pairs, ":"+name, fmt.Sprint(s.ids[name]))
	}
	return strings.NewReplacer(pairs...)
}

func mapKeys(m map[string]int64) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (s *scene) delivery(name string) {
	s.t.Helper()
	s.ids[name+".post"] = s.Post(name)
	s.ids[name] = s.Deliver(booktest.Delivery{Post: s.ids[name+".post"], Channel: s.channel})
}

func (s *scene) submitted(name string, then ...func(string)) {
	s.t.Helper()
	s.delivery(name)
	s.named(name, s.Submit(s.ids[name]))
	for _, do := range then {
		do(name)
	}
}

func (s *scene) scheduled(name string) {
	s.t.Helper()
	s.delivery(name)
	s.Schedule(s.ids[name])
	s.named(name, s.one(`SELECT submission_id FROM deliveries WHERE id = $1`, s.ids[name]))
}

func (s *scene) named(name string, submission int64) {
	s.t.Helper()
	s.ids[name+".submission"] = submission
	s.ids[name+".release"] = s.one(`SELECT id FROM releases WHERE submission_id = $1`, submission)
}

// say lets a person give a verdict on a named submission.
func (s *scene) say(person int64, verdict string) func(string) {
	return func(name string) {
		s.t.Helper()
		s.one(`INSERT INTO verdicts (submission_id, person_id, role, verdict, comment) VALUES ($1, $2, '', $3, 'Because.') RETURNING id`,
			s.ids[name+".submission"], person, verdict)
	}
}

func (s *scene) person(name, role string, disabled bool) int64 {
	s.t.Helper()
	return s.one(`INSERT INTO people (email, name, role, disabled_at) VALUES ($1, $1, $2, CASE WHEN $3 THEN now() END) RETURNING id`, name, role, disabled)
}

func (s *scene) rehearsal() {
	s.t.Helper()
	edition := s.one(`INSERT INTO editions (campaign_id, year, rehearsal, first_day, last_day) VALUES ($1, 2027, true, '2027-07-30', '2027-07-30') RETURNING id`, s.Campaign)
	s.ids["rehearsed"] = s.one(`INSERT INTO posts (edition_id, rehearsal, message) VALUES ($1, true, 'rehearsed') RETURNING id`, edition)
}

func (s *scene) one(query string, args ...any) int64 {
	s.t.Helper()
	var id int64
	if err := s.db.GetContext(s.t.Context(), &id, query, args...); err != nil {
		s.t.Fatalf("set the scene: %v\n%s", err, query)
	}
	return id
}

// digest returns a hash of the rows of each table.
// beside writes what stands beside the words of a submission: a finding that was let stand, a question with its answer, a helpline
// that somebody checked, a fact.
func (s *scene) beside(name string) {
	s.t.Helper()
	submission := s.ids[name+".submission"]
	waiver := s.one(`INSERT INTO waivers (post_id, language, rule, finding, quote, reason, person_id) VALUES ($1, 'en', 'LANG-001', sha256(''), 'rescued', 'It quotes a law.', $2) RETURNING id`,
		s.ids[name+".post"], s.Author)
	s.one(`INSERT INTO submission_findings (submission_id, no, rule, severity, body, waiver_id) VALUES ($1, 1, 'LANG-001', 'error', '{}', $2) RETURNING no`, submission, waiver)
	s.one(`INSERT INTO submission_questions (submission_id, rule, about, severity, wants, body) VALUES ($1, 'IMG-006', sha256(''), 'warning', 'no', '{}') RETURNING submission_id`, submission)
	s.one(`INSERT INTO answers (rule, about, answer, person_id) VALUES ('IMG-006', sha256(''), 'no', $1) RETURNING id`, s.Author)
	s.one(`INSERT INTO helplines (id, body, sha256, country, purpose, invented, check_days, origin, updated_by, updated_at)
VALUES ('hope', '{}', sha256('{}'), 'GH', 'support', false, 90, 'person', $1, $2) RETURNING version`, s.Author, booktest.Due)
	s.one(`INSERT INTO helpline_checks (helpline_id, version, person_id, how, result, saw, at, until) VALUES ('hope', 1, $1, 'called', 'works', 'Yes.', $2, $3) RETURNING id`,
		s.Author, booktest.Due, booktest.Due.AddDate(0, 0, 1))
	s.one(`INSERT INTO release_helplines (release_id, helpline_id, version) VALUES ($1, 'hope', 1) RETURNING release_id`, s.ids[name+".release"])
	s.one(`INSERT INTO facts (id, body, sha256, origin, updated_by, updated_at) VALUES ('F02', '{}', sha256('{}'), 'person', $1, $2) RETURNING version`, s.Author, booktest.Due)
	s.one(`INSERT INTO fact_versions (fact_id, version, body, sha256, updated_by, updated_at) VALUES ('F02', 1, '{}', sha256('{}'), $1, $2) RETURNING version`, s.Author, booktest.Due)
}

func digest(t *testing.T, db *postgres.DB) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var query string
	if err := db.GetContext(ctx, &query, `
SELECT string_agg(format('SELECT %L AS name, count(*) || '' rows '' || coalesce(md5(string_agg(t::text, ''|'' ORDER BY t::text)), '''') AS sum FROM %I t', relname, relname), ' UNION ALL ')
FROM pg_class
WHERE relnamespace = 'public'::regnamespace
  AND relkind = 'r'
  AND has_table_privilege(oid, 'SELECT')`); err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Name, Sum string }
	if err := db.SelectContext(ctx, &rows, query); err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for _, r := range rows {
		sums[r.Name] = r.Sum
	}
	return sums
}
