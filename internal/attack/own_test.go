package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/flow/review/policy"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// draftOf is the form of a post that cannot wait, with words for the one account.
func (s *stage) draftOf(text, do string) url.Values {
	return url.Values{"name": {"An appeal"}, "text-en": {text}, "channel": {fmt.Sprint(s.channel)}, "window": {"360"}, "do": {do}}
}

// writes lets somebody write a post and send it for review, and returns the post.
func (s *stage) writes(name string) int64 {
	s.t.Helper()
	var id int64
	to := s.as(name).sends("/compose", s.draftOf("A child is missing. Call the police.", "send"))
	if _, err := fmt.Sscanf(to, "/posts/%d", &id); err != nil {
		s.t.Fatalf("%s wrote to %s: %v", name, to, err)
	}
	return id
}

// rewrites lets somebody change the words of such a post, and send it for review again.
func (s *stage) rewrites(name string, id int64, text string) {
	s.t.Helper()
	form := s.draftOf(text, "send")
	form.Set("seen", fmt.Sprint(s.count(`SELECT version FROM posts WHERE id = $1`, id)))
	s.as(name).sends(fmt.Sprintf("/posts/%d/words", id), form)
}

// waiting returns the newest submission of a post, with its questions answered.
func (s *stage) waiting(id int64) int64 {
	s.t.Helper()
	submission := int64(s.count(`SELECT max(id) FROM submissions WHERE post_id = $1`, id))
	s.answer(submission)
	return submission
}

// exec changes rows as the application's role.
func (s *stage) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.app.DB.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatalf("%v\n%s", err, query)
	}
}

// asking makes the charity's policy for posts that are not sensitive what is named.
func (s *stage) asking(p policy.Policy) {
	s.t.Helper()
	s.inTx(func(tx *postgres.Tx) error { return policy.Save(s.t.Context(), tx, p, s.people["ada"]) })
}

// own is a way in which somebody comes before a draft that is theirs.
type own struct {
	name string
	come func(s *stage) (id int64, by string) // the post, and who tries to approve it
	why  string                               // what the page says
}

// owns are those of people who wrote a version of the post; those of people whose words came into it otherwise are [hands].
var owns = []own{
	{"an admin approves what they wrote", func(s *stage) (int64, string) { return s.writes("ada"), "ada" }, "wrote"},
	{"an editor is made an admin", func(s *stage) (int64, string) {
		id := s.writes("ed")
		s.exec(`UPDATE people SET role = 'admin' WHERE id = $1`, s.people["ed"].ID)
		return id, "ed"
	}, "wrote"},
	{"an editor is made a reviewer", func(s *stage) (int64, string) {
		id := s.writes("ed")
		s.exec(`UPDATE people SET role = 'reviewer' WHERE id = $1`, s.people["ed"].ID)
		return id, "ed"
	}, "wrote"},
	{"an author changes their name and address", func(s *stage) (int64, string) {
		id := s.writes("ada")
		s.exec(`UPDATE people SET name = 'Zoe', email = 'zoe@daymark.example' WHERE id = $1`, s.people["ada"].ID)
		return id, "zoe"
	}, "wrote"},
	{"a colleague saves a comma, and then approves", func(s *stage) (int64, string) {
		id := s.writes("ed")
		s.rewrites("bea", id, "A child is missing. Call the police, now.")
		return id, "bea"
	}, "wrote"},
	{"a colleague saves a comma, and the author approves", func(s *stage) (int64, string) {
		id := s.writes("ada")
		s.rewrites("bea", id, "A child is missing. Call the police, now.")
		return id, "ada"
	}, "wrote"},
	{"a colleague saves a comma and takes it out again", func(s *stage) (int64, string) {
		id := s.writes("ed")
		s.rewrites("bea", id, "A child is missing. Call the police, now.")
		s.rewrites("ed", id, "A child is missing. Call the police.")
		return id, "bea"
	}, "wrote"},
	{"an editor approves at once where the policy lets them after a rest", func(s *stage) (int64, string) {
		s.asking(policy.Policy{Approvals: 1, Own: true})
		return s.writes("ed"), "ed"
	}, "quarter of an hour"},
	{"an editor approves although they may not review", func(s *stage) (int64, string) { return s.writes("ed"), "ed" }, ""},
	{"an admin approves at once where the policy lets them after a rest", func(s *stage) (int64, string) {
		s.asking(policy.Policy{Approvals: 1, Own: true})
		return s.writes("ada"), "ada"
	}, "quarter of an hour"},
	{"product time runs an hour ahead of the rest", func(s *stage) (int64, string) {
		s.asking(policy.Policy{Approvals: 1, Own: true})
		id := s.writes("ada")
		s.at(s.app.Clock.Now().Add(time.Hour))
		return id, "ada"
	}, "quarter of an hour"},
	{"the policy is loosened after the draft was sent", func(s *stage) (int64, string) {
		id := s.writes("ada")
		s.asking(policy.Policy{Approvals: 1, Own: true})
		return id, "ada"
	}, "wrote"},
	{"an admin plans what they put into the file", func(s *stage) (int64, string) {
		s.load("Words of an admin.", s.people["ada"])
		s.as("ada").sends(fmt.Sprintf("/editions/%d/plan", s.edition), nil)
		s.as("ed").sends(fmt.Sprintf("/posts/%d/submit", s.posts["words"]), nil)
		return s.posts["words"], "ada"
	}, "wrote"},
	{"an admin takes the words of the file for their own", func(s *stage) (int64, string) {
		s.edit("Edited.")
		s.load("Words of an admin.", s.people["ada"])
		s.plan(s.people["ed"])
		s.as("ada").sends(fmt.Sprintf("/offers/%d/accept", s.offer()), nil)
		s.as("ed").sends(fmt.Sprintf("/posts/%d/submit", s.posts["words"]), nil)
		return s.posts["words"], "ada"
	}, "wrote"},
}

func TestNobodyApprovesTheirOwnDraft(t *testing.T) {
	t.Parallel()
	for _, o := range slices.Concat(owns, hands) {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			id, by := o.come(s)
			submission := s.waiting(id)
			status, body, _ := s.as(by).post(fmt.Sprintf("/review/%d/approve", submission), nil)
			if status != http.StatusForbidden || !strings.Contains(body, o.why) {
				t.Errorf("%s approves: %d, and the page lacks %q: %s", by, status, o.why, fault(body))
			}
			s.unscheduled(id)
			// Nothing but the author stood in its way.
			s.as("omar").sends(fmt.Sprintf("/review/%d/approve", submission), nil)
			if n := s.count(`SELECT count(*) FROM queue WHERE post_id = $1`, id); n != 1 {
				t.Errorf("approved by somebody else, %d deliveries are in the queue", n)
			}
		})
	}
}

// fault returns the sentence of a page that says what is wrong.
func fault(page string) string {
	_, sentence, _ := strings.Cut(page, `id="fault">`)
	sentence, _, _ = strings.Cut(sentence, "<")
	return sentence
}

// unscheduled expects that nothing of a post is cleared or scheduled.
func (s *stage) unscheduled(id int64) {
	s.t.Helper()
	if n := s.count(`SELECT count(*) FROM clearances c JOIN submissions s ON s.id = c.submission_id WHERE s.post_id = $1`, id); n != 0 {
		s.t.Errorf("it is cleared")
	}
	if n := s.count(`SELECT count(*) FROM deliveries d LEFT JOIN queue q ON q.delivery_id = d.id WHERE d.post_id = $1 AND (d.state <> 'held' OR q.delivery_id IS NOT NULL)`, id); n != 0 {
		s.t.Errorf("%d deliveries of it are scheduled", n)
	}
}

func TestAnAuthorApprovesPlainWordsThatHaveRestedWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.asking(policy.Policy{Approvals: 1, Own: true})
	id := s.writes("ed")
	owner, err := postgres.Open(t.Context(), s.app.OwnerDSN, postgres.Options{MaxConns: 1})
	s.must(err)
	t.Cleanup(func() { _ = owner.Close() })
	// Nobody waits a quarter of an hour here: the schema's owner sends the same for review as of twenty minutes ago.
	s.must(owner.InTx(t.Context(), func(tx *postgres.Tx) error {
		for _, statement := range []string{
			`INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by, own, reader, at)
SELECT post_id, revision_id, language, approvals_needed, submitted_by, own, reader, clock_timestamp() - interval '20 minutes' FROM submissions WHERE post_id = $1`,
			`INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT r.delivery_id, (SELECT max(id) FROM submissions), r.post_id, r.revision_id, r.channel_id, r.language, r.due_at, r.not_after, r.body, r.sha256 FROM releases r WHERE r.post_id = $1`,
		} {
			if _, err := tx.ExecContext(t.Context(), statement, id); err != nil {
				return err
			}
		}
		return nil
	}))
	s.as("ed").sends(fmt.Sprintf("/review/%d/approve", s.waiting(id)), nil)
	if n := s.count(`SELECT count(*) FROM clearances WHERE own`); n != 1 {
		t.Errorf("%d clearances say that an author approved alone", n)
	}
}

func TestTwoVerdictsOfOnePersonAtOnceAreOneApproval(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.asking(policy.Policy{Approvals: 2})
	id := s.writes("ed")
	submission := s.waiting(id)
	at := fmt.Sprintf("/review/%d/approve", submission)
	phone, desk := s.as("rosa"), s.as("rosa")
	var group sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		v := phone
		if i%2 == 1 {
			v = desk
		}
		group.Go(func() { statuses[i], _, _ = v.post(at, nil) })
	}
	group.Wait()
	for _, status := range statuses {
		if status != http.StatusSeeOther && status != http.StatusForbidden && status != http.StatusConflict {
			t.Errorf("an answer of %d", status)
		}
	}
	s.unscheduled(id)
	// The author, made an admin meanwhile, and a second person at the same moment: only the second counts, and clears it once.
	s.exec(`UPDATE people SET role = 'admin' WHERE id = $1`, s.people["ed"].ID)
	ed, omar := s.as("ed"), s.as("omar")
	var author, other int
	group.Go(func() { author, _, _ = ed.post(at, nil) })
	group.Go(func() { other, _, _ = omar.post(at, nil) })
	group.Wait()
	if author != http.StatusForbidden && author != http.StatusConflict || other != http.StatusSeeOther {
		t.Errorf("the author: %d, somebody else: %d", author, other)
	}
	if n := s.count(`SELECT count(*) FROM verdicts WHERE submission_id = $1 AND person_id = $2`, submission, s.people["ed"].ID); n != 0 {
		t.Errorf("the author said something %d times", n)
	}
	if n := s.count(`SELECT count(*) FROM queue WHERE post_id = $1`, id); n != 1 {
		t.Errorf("%d deliveries are in the queue", n)
	}
}

func TestAnApprovalAndARequestForChangesAtOnceLeaveNothingScheduled(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	id := s.writes("ed")
	submission := s.waiting(id)
	rosa, omar := s.as("rosa"), s.as("omar")
	var group sync.WaitGroup
	var approved, asked int
	group.Go(func() { approved, _, _ = rosa.post(fmt.Sprintf("/review/%d/approve", submission), nil) })
	group.Go(func() {
		asked, _, _ = omar.post(fmt.Sprintf("/review/%d/changes", submission), url.Values{"comment": {"Name no street."}})
	})
	group.Wait()
	if asked != http.StatusSeeOther || approved != http.StatusSeeOther && approved != http.StatusConflict && approved != http.StatusForbidden {
		t.Errorf("approved: %d, changes asked: %d", approved, asked)
	}
	s.unscheduled(id)
}

// forgeries are what an author in the database as the application's role tries. :submission is that of their draft, :post the post.
var forgeries = []statement{
	{name: "a verdict of their own, and a clearance", sql: []string{
		`INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES (:submission, :ada, '', 'approve')`,
		`INSERT INTO clearances (submission_id) VALUES (:submission)`,
	}, why: "clear_enough"},
	{name: "a clearance alone", sql: []string{`INSERT INTO clearances (submission_id) VALUES (:submission)`}, why: "clear_enough"},
	{name: "a clearance that says that it may be their own", sql: []string{
		`INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES (:submission, :ada, '', 'approve')`,
		`INSERT INTO clearances (submission_id, own) VALUES (:submission, true)`,
	}, why: "clear_enough"},
	{name: "a verdict in the role of a reviewer", sql: []string{`INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES (:submission, :ed, 'reviewer', 'approve')`}, why: "verdict_role"},
	{name: "a verdict of Daymark itself", sql: []string{`INSERT INTO verdicts (submission_id, person_id, role, verdict) SELECT :submission, id, 'admin', 'approve' FROM people WHERE role = 'system'`}, why: "verdict_role"},
	{name: "a verdict of somebody whose access is over", sql: []string{
		`UPDATE people SET access_until = clock_timestamp() - interval '1 second' WHERE id = :rosa`,
		`INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES (:submission, :rosa, '', 'approve')`,
	}, why: "verdict_role"},
	{name: "a verdict dated back", sql: []string{`INSERT INTO verdicts (submission_id, person_id, role, verdict, at) VALUES (:submission, :ada, '', 'approve', '2000-01-01')`}, why: forbidden},
	{name: "a verdict that says that they read the language", sql: []string{
		`UPDATE people SET languages = '{fr}' WHERE id = :rosa`,
		`INSERT INTO verdicts (submission_id, person_id, role, verdict, reads) VALUES (:submission, :rosa, '', 'approve', true)`,
		`INSERT INTO clearances (submission_id) VALUES (:submission)`,
	}, why: "clear_enough"},
	{name: "the revisions written to another name", sql: []string{`UPDATE revisions SET author_id = :bea WHERE post_id = :post`}, why: forbidden},
	{name: "the loader's hand taken from the post", sql: []string{`DELETE FROM hands WHERE post_id = :post`}, why: forbidden},
	{name: "the loader's hand given to another", sql: []string{`UPDATE hands SET person_id = :bea WHERE post_id = :post`}, why: forbidden},
	{name: "the writers of the values forgotten", sql: []string{`DELETE FROM writers`}, why: forbidden},
	{name: "a value written in another's name", sql: []string{`INSERT INTO writers (kind, subject, part, person_id) VALUES ('fact', 'F03', '', :bea)`}, why: forbidden},
	{name: "the submission asks for less", sql: []string{`UPDATE submissions SET own = true, approvals_needed = 1 WHERE id = :submission`}, why: forbidden},
	{name: "the queue without a clearance", sql: []string{
		`UPDATE deliveries d SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r WHERE r.delivery_id = d.id AND r.submission_id = :submission`,
		`INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id, guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id, revision_id, due_at
FROM releases WHERE submission_id = :submission`,
	}, why: "queue_guard_submission_fkey"},
	{name: "a copy that was never sent", sql: []string{`INSERT INTO copies (delivery_id, post_id, channel_id, language, remote_id, published_at)
SELECT id, post_id, channel_id, language, 'forged', due_at FROM deliveries WHERE post_id = :post`, `UPDATE deliveries SET state = 'published', hold = NULL WHERE post_id = :post`}, why: "deliveries_check"},
}

func TestAnAuthorInTheDatabaseAsTheApplicationSchedulesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	id := s.writes("ada")
	submission := s.waiting(id)
	pairs := []string{":post", fmt.Sprint(id), ":submission", fmt.Sprint(submission)}
	for name, p := range s.people {
		pairs = append(pairs, ":"+name, fmt.Sprint(p.ID))
	}
	ids := strings.NewReplacer(pairs...)
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			last := 0
			err := s.app.DB.InTx(t.Context(), func(tx *postgres.Tx) error {
				for i, statement := range f.sql {
					last = i
					if _, err := tx.ExecContext(t.Context(), ids.Replace(statement)); err != nil {
						return err
					}
				}
				return nil
			})
			refusal := pq.As(err)
			if refusal == nil || last != len(f.sql)-1 || string(refusal.Code) != f.why && !strings.HasPrefix(refusal.Constraint, f.why) {
				t.Errorf("statement %d: %v, want it refused for %s", last+1, err, f.why)
			}
			s.unscheduled(id)
		})
	}
}
