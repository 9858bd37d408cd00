package attack

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft"
	"daymark/internal/org/fact"
	"daymark/internal/org/helpline"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// way is one way to change what an approved post says before it goes out.
type way struct {
	name   string
	before func(s *stage) // what is so before the post is approved
	change func(s *stage)
	stays  bool // the change is refused, or reaches no post that is approved: what was approved goes out
}

// ways are those that the product itself offers.
var ways = []way{
	{name: "the campaign's file is loaded again and the edition follows it", change: func(s *stage) {
		s.load(tampered+" "+words, s.people["ed"])
		s.plan(s.people["ed"])
	}},
	{name: "the file is loaded and the edition planned again in the browser", change: func(s *stage) {
		s.load(tampered+" "+words, s.people["ed"])
		s.as("ed").sends(fmt.Sprintf("/editions/%d/plan", s.edition), nil)
	}},
	{name: "the file is loaded and nobody plans", stays: true, change: func(s *stage) { s.load(tampered+" "+words, s.people["ed"]) }},
	{name: "the file's words are taken for a post that somebody edited", before: func(s *stage) { s.edit("Edited. " + words) }, change: func(s *stage) {
		s.load(tampered+" "+words, s.people["ed"])
		s.plan(s.people["ed"])
		s.as("ed").sends(fmt.Sprintf("/offers/%d/accept", s.offer()), nil)
	}},
	{name: "the file's words are kept away", stays: true, before: func(s *stage) { s.edit("Edited. " + words) }, change: func(s *stage) {
		s.load(tampered+" "+words, s.people["ed"])
		s.plan(s.people["ed"])
		s.as("ed").sends(fmt.Sprintf("/offers/%d/keep", s.offer()), nil)
	}},
	{name: "somebody edits the post", change: func(s *stage) { s.edit(tampered + " " + words) }},
	{name: "the theme changes in the browser", change: func(s *stage) {
		s.as("ed").sends(fmt.Sprintf("/editions/%d/theme", s.edition), url.Values{"theme": {tampered}})
	}},
	{name: "a fact changes", change: func(s *stage) {
		f, err := fact.Find(s.t.Context(), s.app.DB, "F03")
		s.must(err)
		f.Fact.Texts["en"] = tampered + " in 2022."
		_, err = draft.SaveFact(s.t.Context(), s.app.DB, f.Fact, f.Version, s.people["ed"], s.app.Clock.Now())
		s.must(err)
	}},
	{name: "a helpline changes", change: func(s *stage) {
		h, err := helpline.Find(s.t.Context(), s.app.DB, "gb-msh")
		s.must(err)
		h.Short["en"] = tampered + ": 08000 121 700"
		_, _, err = draft.SaveHelpline(s.t.Context(), s.app.DB, h.Helpline, s.people["ed"], s.app.Clock.Now())
		s.must(err)
	}},
	{name: "a helpline turns out to be dead", change: func(s *stage) {
		_, _, err := draft.CheckHelpline(s.t.Context(), s.app.DB, "gb-msh", helpline.NewCheck{How: helpline.Called, Result: helpline.Dead, Saw: "Nobody."}, s.people["rosa"], s.app.Clock.Now())
		s.must(err)
	}},
	{name: "the organisation's name and link change", change: func(s *stage) {
		p, err := profile.Get(s.t.Context(), s.app.DB)
		s.must(err)
		p.Name, p.Link = tampered, "https://"+strings.ToLower(tampered)+".example"
		_, err = draft.SaveProfile(s.t.Context(), s.app.DB, p, s.people["ada"])
		s.must(err)
	}},
	{name: "the account speaks to another country in the browser", change: func(s *stage) {
		s.as("ada").sends(fmt.Sprintf("/channels/%d/country", s.channel), url.Values{"country": {"FR"}})
	}},
}

// edit gives the post under attack new words by hand.
func (s *stage) edit(text string) {
	s.t.Helper()
	s.inTx(func(tx *postgres.Tx) error {
		p, err := book.FindPost(s.t.Context(), tx, s.posts["words"])
		if err != nil {
			return err
		}
		p.Source.Parts = []post.SourcePart{{Texts: map[string]string{"en": text}}}
		_, err = book.Revise(s.t.Context(), tx, p.ID, p.Version, p.Source, s.people["ed"].ID)
		return err
	})
}

// offer returns the words of the file that wait for an answer.
func (s *stage) offer() int {
	s.t.Helper()
	return s.count(`SELECT id FROM offers WHERE state = 'open'`)
}

func TestWhatIsChangedBetweenApprovalAndDispatchGoesOutUnderNoOldApproval(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if w.before != nil {
				w.before(s)
			}
			approved := s.approve(s.posts["words"])
			s.approve(s.posts["witness"])
			s.inHand()
			w.change(s)
			s.judge(approved, w.stays)
		})
	}
}

// inHand starts a dispatcher shortly before the instant, and waits until it has the post in hand.
func (s *stage) inHand() {
	s.t.Helper()
	s.at(due.Add(-4 * time.Minute))
	s.t.Cleanup(s.dispatching())
	s.waitFor("the dispatcher to have the post in hand", func() bool {
		return s.count(`SELECT count(*) FROM queue WHERE post_id = $1 AND lease_owner IS NOT NULL`, s.posts["words"]) == 1
	})
}

// judge lets the instant come and looks at the timeline: the witness is there, nothing of the attack is, and what was approved is
// there exactly if it stays.
func (s *stage) judge(approved []string, stays bool) {
	s.t.Helper()
	s.at(due.Add(time.Minute + time.Second))
	s.waitFor("the witness to be out", func() bool { return slices.Contains(s.timeline(), "Nobody touches these words.") })
	if stays {
		s.waitFor("what was approved to be out", func() bool { return len(s.timeline()) > 1 })
	}
	out := s.timeline()
	for _, text := range out {
		if strings.Contains(strings.ToUpper(text), tampered) {
			s.t.Errorf("it went out changed: %q", text)
		}
	}
	there := slices.ContainsFunc(out, func(text string) bool { return slices.Contains(approved, text) })
	if there != stays || len(out) > 2 {
		s.t.Errorf("what was approved is out: %t, want %t\n%q\n%q", there, stays, approved, out)
	}
	if n := s.count(`SELECT count(*) FROM deliveries WHERE post_id = $1 AND state IN ('scheduled', 'published')`, s.posts["words"]); (n == 1) != stays {
		s.t.Errorf("%d deliveries of it are scheduled or published", n)
	}
}

// statement is what somebody tries who is in the database as the application's role. :post, :delivery, :submission and :release are
// those of the approved post, :ed its author, :body new words as a source and :final new words as a release.
type statement struct {
	name  string
	sql   []string
	why   string // what the last statement is refused for: a constraint or an SQLSTATE; empty where all of it is let through
	stays bool
}

const (
	forbidden = "42501" // insufficient_privilege (https://www.postgresql.org/docs/15/errcodes-appendix.html)

	newRevision   = `INSERT INTO revisions (post_id, no, author_id, body, sha256) VALUES (:post, 9, :ed, :body, sha256(:body))`
	newSubmission = `INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
SELECT id, current_revision, 'en', 1, :ed FROM posts WHERE id = :post`
	newRelease = `INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, s.id, d.post_id, s.revision_id, d.channel_id, d.language, d.due_at, d.not_after, :final, sha256(:final)
FROM deliveries d, submissions s WHERE d.id = :delivery AND s.id = (SELECT max(id) FROM submissions WHERE post_id = :post)`
)

var statements = []statement{
	{"new words", []string{newRevision}, "", false},
	{"other words in the approved version", []string{`UPDATE revisions SET body = :body, sha256 = sha256(:body) WHERE post_id = :post`}, forbidden, true},
	{"other words in what reviewers were shown", []string{`UPDATE releases SET body = :final, sha256 = sha256(:final) WHERE id = :release`}, forbidden, true},
	{"what reviewers were shown deleted", []string{`DELETE FROM releases WHERE id = :release`}, forbidden, true},
	{"a second release in the approved submission", []string{strings.Replace(newRelease, "(SELECT max(id) FROM submissions WHERE post_id = :post)", ":submission", 1)}, "sealed", true},
	{"the queue points to other words", []string{newSubmission, newRelease, `UPDATE queue SET release_id = (SELECT max(id) FROM releases) WHERE delivery_id = :delivery`}, forbidden, true},
	{"the delivery points to other words", []string{newSubmission, newRelease, `UPDATE deliveries SET release_id = (SELECT max(id) FROM releases),
  submission_id = (SELECT max(id) FROM submissions) WHERE id = :delivery`}, "lawful", true},
	{"the delivery goes back and out again with other words", []string{
		newRevision, newSubmission, newRelease,
		`UPDATE deliveries d SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r WHERE r.delivery_id = d.id AND r.id = (SELECT max(id) FROM releases)`,
		`INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id, guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id, revision_id, due_at
FROM releases WHERE id = (SELECT max(id) FROM releases)`,
	}, "queue_guard_submission_fkey", true},
	{"other words, approved by their author", []string{
		newRevision, newSubmission, newRelease, `UPDATE people SET role = 'admin' WHERE id = :ed`,
		`INSERT INTO verdicts (submission_id, person_id, role, verdict) SELECT max(id), :ed, '', 'approve' FROM submissions`,
		`INSERT INTO clearances (submission_id) SELECT max(id) FROM submissions`,
	}, "clear_enough", true},
	{"other words, with the old clearance", []string{newRevision, newSubmission, newRelease, `UPDATE clearances SET submission_id = (SELECT max(id) FROM submissions) WHERE submission_id = :submission`}, forbidden, true},
	{"the guard of the queue given back", []string{newRevision, `UPDATE queue SET guard_revision = revision_id, guard_submission = submission_id WHERE delivery_id = :delivery`}, forbidden, true},
	{"the post points to another version", []string{`UPDATE posts SET current_revision = NULL WHERE id = :post`}, forbidden, true},
	{"another account", []string{`UPDATE channels SET handle = '@other@127.0.0.1' WHERE id = 1`}, forbidden, true},
	{"an earlier instant", []string{`UPDATE deliveries SET due_at = due_at - interval '1 hour' WHERE id = :delivery`}, "queue_delivery_id", true},
	{"a verdict taken back by deleting it", []string{`DELETE FROM verdicts WHERE submission_id = :submission`}, forbidden, true},
	{"the campaign's words", []string{`UPDATE campaigns SET body = :body, sha256 = sha256(:body)`}, "", true},
	{"the theme", []string{`UPDATE editions SET theme = 'TAMPERED'`}, "", true},
	{"the organisation's name", []string{`UPDATE profile SET name = 'TAMPERED'`}, "", true},
}

func TestNobodyInTheDatabaseAsTheApplicationChangesWhatWasApproved(t *testing.T) {
	t.Parallel()
	for _, one := range statements {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			approved := s.approve(s.posts["words"])
			s.approve(s.posts["witness"])
			s.inHand()
			s.attempt(one)
			s.judge(approved, one.stays)
		})
	}
}

// attempt runs statements in one transaction and expects the last to be refused for its reason, or all to be let through.
func (s *stage) attempt(one statement) {
	s.t.Helper()
	last := 0
	err := s.app.DB.InTx(s.t.Context(), func(tx *postgres.Tx) error {
		for i, statement := range one.sql {
			last = i
			if _, err := tx.ExecContext(s.t.Context(), s.named(statement)); err != nil {
				return err
			}
		}
		return nil
	})
	refusal := pq.As(err)
	switch {
	case one.why == "":
		s.must(err)
	case refusal == nil:
		s.t.Errorf("it was not refused: %v", err)
	case last != len(one.sql)-1:
		s.t.Errorf("statement %d was refused already: %v", last+1, err)
	case string(refusal.Code) != one.why && !strings.HasPrefix(refusal.Constraint, one.why):
		s.t.Errorf("refused for another reason than %s: %v (constraint %s)", one.why, refusal, refusal.Constraint)
	}
}

// named puts the ids and bodies into a statement.
func (s *stage) named(statement string) string {
	s.t.Helper()
	var at struct {
		Delivery   int64  `db:"id"`
		Release    int64  `db:"release_id"`
		Submission int64  `db:"submission_id"`
		Body       []byte `db:"body"`
		Final      []byte `db:"final"`
	}
	s.must(s.app.DB.GetContext(s.t.Context(), &at, `
SELECT d.id, d.release_id, d.submission_id, v.body, r.body AS final
FROM deliveries d
JOIN releases r ON r.id = d.release_id
JOIN revisions v ON v.id = d.revision_id
WHERE d.post_id = $1`, s.posts["words"]))
	change := func(body []byte) string {
		return `'\x` + fmt.Sprintf("%x", strings.ReplaceAll(string(body), "Stand with us", tampered)) + `'::bytea`
	}
	return strings.NewReplacer(
		":post", fmt.Sprint(s.posts["words"]), ":delivery", fmt.Sprint(at.Delivery), ":submission", fmt.Sprint(at.Submission), ":release", fmt.Sprint(at.Release),
		":ed", fmt.Sprint(s.people["ed"].ID), ":body", change(at.Body), ":final", change(at.Final),
	).Replace(statement)
}
