package prompt_test

import (
	"sync"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/flow/review"
	"daymark/internal/postgres"
)

// However an approval, new words and a new window meet, nobody gets an error that is not about the meeting, and what is queued is what was
// approved last, for the time that it has.
func TestApprovingRewritingAndHurryingMeet(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.write(s.wren, s.urgent())
	for range 12 {
		cards := s.submit(id, 2)
		words := prompt.Begun(s.post(id))
		version := s.post(id).Version
		now := s.now.Add(time.Minute)
		var all sync.WaitGroup
		expect := func(what string, err error) {
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, card := range cards {
			all.Go(func() {
				_, err := review.Say(t.Context(), s.db, card, s.ana, review.Approve, "", s.now)
				expect("approve", err)
			})
		}
		all.Go(func() {
			expect("rewrite", s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
				return prompt.Rewrite(t.Context(), tx, id, version, words, s.wren, now)
			}))
		})
		all.Go(func() {
			expect("hurry", s.db.InTx(t.Context(), func(tx *postgres.Tx) error {
				_, err := prompt.Now(t.Context(), tx, id, time.Hour, s.wren, now)
				return err
			}))
		})
		all.Wait()
		var wrong int
		s.get(&wrong, `
SELECT count(*)
FROM deliveries d
LEFT JOIN queue q ON q.delivery_id = d.id
LEFT JOIN releases r ON r.id = q.release_id
LEFT JOIN posts p ON p.id = d.post_id
WHERE d.post_id = $1
  AND ((d.state = 'scheduled') <> (q.delivery_id IS NOT NULL)
    OR (q.delivery_id IS NOT NULL AND (r.due_at <> d.due_at OR r.not_after <> d.not_after OR r.revision_id <> p.current_revision
      OR NOT EXISTS (SELECT 1 FROM clearances c WHERE c.submission_id = r.submission_id))))`, id)
		if wrong != 0 {
			t.Fatalf("%d places are queued with something that nobody approved: %s", wrong, s.stands(id))
		}
		s.now = now
		s.hurry(id, 3)
	}
}
