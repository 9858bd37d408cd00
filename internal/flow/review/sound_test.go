package review_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
)

// TestMain asks rapid for fewer cases than its hundred, because each step here is several transactions, unless the command
// line says how many.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "25"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// sqlUnsound lists what must never be there: a row in the queue without a live clearance of the post's current revision or
// without enough approvals by people who did not write any of it, one whose release is not the delivery's or not of that
// revision, and a scheduled delivery outside the queue.
const sqlUnsound = `
SELECT 'delivery ' || q.delivery_id || ' is queued unsoundly'
FROM queue q
JOIN deliveries d ON d.id = q.delivery_id
JOIN posts p ON p.id = q.post_id
JOIN releases r ON r.id = q.release_id
JOIN submissions s ON s.id = q.submission_id
WHERE NOT (d.state = 'scheduled' AND d.release_id = q.release_id AND d.due_at = q.due_at AND r.delivery_id = d.id
  AND r.revision_id = p.current_revision AND s.revision_id = p.current_revision AND s.language = d.language
  AND EXISTS (SELECT 1 FROM clearances c WHERE c.submission_id = s.id)
  AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.submission_id = s.id AND v.verdict = 'changes'
    AND NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = s.id AND n.person_id = v.person_id AND n.id > v.id))
  AND s.approvals_needed <= (SELECT count(*) FROM verdicts v WHERE v.submission_id = s.id AND v.verdict = 'approve'
    AND NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = s.id AND n.person_id = v.person_id AND n.id > v.id)
    AND NOT EXISTS (SELECT 1 FROM revisions w WHERE w.post_id = s.post_id AND w.author_id = v.person_id)))
UNION ALL
SELECT 'delivery ' || d.id || ' is scheduled outside the queue'
FROM deliveries d
WHERE d.state = 'scheduled'
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id)`

// model is what the test itself knows of one post with one language and one delivery.
type model struct {
	wrote     map[int64]bool
	latest    map[int64]string // of each person on the current submission
	current   bool             // the submission is of the current text
	cleared   bool
	submitted bool
}

func (m *model) counts() (approvals int, stopped bool) {
	for person, verdict := range m.latest {
		if verdict == review.Approve && !m.wrote[person] {
			approvals++
		}
		stopped = stopped || verdict == review.Changes || verdict == review.Hold
	}
	return approvals, stopped
}

// guarded reports whether one of some people approves and counts.
func (m *model) guarded(by ...people.Person) bool {
	return slices.ContainsFunc(by, func(p people.Person) bool { return m.latest[p.ID] == review.Approve && !m.wrote[p.ID] })
}

// changes reports whether somebody asks for changes.
func (m *model) changes() bool {
	return slices.Contains(slices.Collect(maps.Values(m.latest)), review.Changes)
}

// held reports whether somebody holds it.
func (m *model) held() bool {
	return slices.Contains(slices.Collect(maps.Values(m.latest)), review.Hold)
}

func TestWhateverPeopleDoTheQueueHoldsOnlyWhatIsApproved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rapid.Check(t, func(t *rapid.T) {
		s := source("en: Version 1")
		need := 1
		if rapid.Bool().Draw(t, "sensitive") {
			s.Sensitive, s.ContentNote = true, map[string]string{"en": "Violence"}
			need = 2
		}
		id := d.write(t, d.wren, s)
		delivery := d.Deliver(booktest.Delivery{Post: id, Channel: d.accra})
		m := model{wrote: map[int64]bool{d.wren.ID: true}}
		var submission int64
		everybody := rapid.SampledFrom([]people.Person{d.ana, d.omar, d.zoe, d.boss, d.wren, d.manager})
		version := 1
		t.Repeat(map[string]func(*rapid.T){
			"edit": func(t *rapid.T) {
				by := rapid.SampledFrom([]people.Person{d.wren, d.boss}).Draw(t, "by")
				version++
				edited := s
				edited.Parts = source(fmt.Sprintf("en: Version %d", version)).Parts
				d.edit(t, id, by, edited)
				m.wrote[by.ID], m.current, m.cleared = true, false, false
			},
			"submit": func(t *rapid.T) {
				out, err := review.Submit(d.ctx, d.db, d.checks, id, d.wren, now)
				changes := m.changes()
				switch {
				case m.cleared: // nothing is left to submit
					if err != nil || len(out.Submissions) != 0 {
						t.Fatalf("what is scheduled was submitted: %+v, %v", out, err)
					}
				case m.submitted && m.current && changes:
					if !fault.Is(err, fault.Conflict) {
						t.Fatalf("a text that somebody wants changed was submitted: %+v, %v", out, err)
					}
				case err != nil || len(out.Submissions) != 1:
					t.Fatalf("submit: %+v, %v", out, err)
				case m.submitted && m.current && out.Submissions[0] != submission:
					t.Fatalf("the same text has a new card")
				case !m.submitted || !m.current:
					submission = out.Submissions[0]
					m.submitted, m.current, m.latest = true, true, map[int64]string{}
				}
			},
			"say": func(t *rapid.T) {
				if !m.submitted {
					t.Skip("nothing is submitted yet")
				}
				by := everybody.Draw(t, "by")
				verdict := rapid.SampledFrom([]string{review.Approve, review.Approve, review.Approve, review.Changes, review.Withdraw, review.Hold, review.Lift}).Draw(t, "verdict")
				out, err := review.Say(d.ctx, d.db, submission, by, verdict, "Because.", now)
				_, spoke := m.latest[by.ID]
				lifts := by.ID == d.omar.ID || by.ID == d.boss.ID
				may := map[string]bool{
					review.Approve:  by.May(people.PostApprove) && m.current && !m.cleared && !m.wrote[by.ID] && !m.held(),
					review.Changes:  by.May(people.PostApprove),
					review.Withdraw: by.May(people.PostApprove) || spoke,
					review.Hold:     true,
					review.Lift:     lifts && m.held(),
				}[verdict]
				switch {
				case err != nil && fault.KindOf(err) == fault.Internal:
					t.Fatalf("%s says %s: %v", by.Name, verdict, err)
				case err != nil:
					if may && (verdict != review.Approve || m.latest[by.ID] != review.Approve) {
						t.Fatalf("%s may not say %s: %v", by.Name, verdict, err)
					}
				case !may:
					t.Fatalf("%s said %s: %+v", by.Name, verdict, out)
				default:
					m.latest[by.ID] = verdict
					if verdict == review.Lift {
						maps.DeleteFunc(m.latest, func(_ int64, said string) bool { return said == review.Hold })
					}
					approvals, changes := m.counts()
					want := verdict == review.Approve && approvals >= need && !changes && (!s.Sensitive || m.guarded(d.omar, d.boss))
					if out.Cleared != want || (out.Scheduled == 1) != want {
						t.Fatalf("%s said %s: %+v, with %d of %d approvals, changes asked for: %t", by.Name, verdict, out, approvals, need, changes)
					}
					m.cleared = want
				}
			},
			"": func(t *rapid.T) {
				var unsound []string
				if err := d.db.SelectContext(d.ctx, &unsound, sqlUnsound); err != nil {
					t.Fatal(err)
				}
				if len(unsound) > 0 {
					t.Fatalf("%v", unsound)
				}
				entries, err := book.Entries(d.ctx, d.db, book.EntryFilter{Post: id, From: booktest.Due, To: booktest.Due.Add(time.Second)})
				if err != nil || len(entries) != 1 || entries[0].Delivery != delivery {
					t.Fatalf("entries: %+v, %v", entries, err)
				}
				if (entries[0].State == "scheduled") != (m.cleared && m.current) {
					t.Fatalf("it is %s %s; cleared: %t, current: %t", entries[0].State, entries[0].Hold, m.cleared, m.current)
				}
			},
		})
	})
}
