package review_test

import (
	"testing"

	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// A value in a post can change without a new version of its words, and then it is submitted again. What reviewers were shown
// before must not go out any more, whoever approves it by whatever path.
func TestAnOlderSubmissionOfTheSameVersionIsNeverCleared(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	channel := b.Channel(booktest.Channel{})
	post := b.Post("twice")
	delivery := b.Deliver(booktest.Delivery{Post: post, Channel: channel})
	older := b.Submit(delivery)
	newer := b.Submit(delivery)
	ctx := t.Context()
	for _, submission := range []int64{older, newer} {
		for _, reviewer := range b.Reviewers {
			if _, err := db.ExecContext(ctx, `INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, 'reviewer', 'approve')`,
				submission, reviewer); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := db.ExecContext(ctx, `INSERT INTO clearances (submission_id) VALUES ($1)`, older); postgres.Constraint(err) != "newest_revision" {
		t.Errorf("the older submission was cleared, or refused for another reason: %v", err)
	}
	if _, err := db.ExecContext(ctx, `INSERT INTO clearances (submission_id) VALUES ($1)`, newer); err != nil {
		t.Errorf("the newest submission was not cleared: %v", err)
	}
}
