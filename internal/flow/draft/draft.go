// Package draft is step 3 of 7: what posts say before reviewers see it. It changes the values that stand in many posts (facts, the
// organisation's profile, helplines) and renews the posts that say them.
//
// A changed value makes what was put before reviewers, or approved, untrue: such a post gets a new version with the same words, in
// the transaction of the change, so that nothing goes out with the old value. Whoever calls this submits those posts again
// (internal/flow/review), and reviewers see the changed words only. Posts that nobody has submitted yet simply get the new value
// then. The package fills no tokens, judges no text and sends nothing.
package draft

import (
	"context"
	"fmt"
	"slices"

	"daymark/internal/core/post"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Renewed says what a changed value did to posts.
type Renewed struct {
	Posts []int64            // in order: they were before reviewers or approved, and have to be submitted again
	Held  []int64            // deliveries that show the helpline and went back to held
	Live  []helpline.Carrier // where the helpline is out already, or may be
}

// again ends the sentence that a renewed post shows.
const again = "Send it for review again."

// Whoever submits a post locks it and reads the values once more: either the new value is seen there, or the submission here. Every
// post that waits is locked, because one that does not say the value now may be edited meanwhile to say it.
const sqlLockWaiting = `
SELECT p.id
FROM posts p
WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.post_id = p.id AND d.state IN ('held', 'scheduled'))
ORDER BY p.id
FOR NO KEY UPDATE OF p`

// lockWaiting locks the posts that have yet to go out somewhere. It comes before the lock of the value itself.
func lockWaiting(ctx context.Context, tx *postgres.Tx) error {
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, sqlLockWaiting); err != nil {
		return fmt.Errorf("lock what waits to go out: %w", err)
	}
	return nil
}

// reviewed is a post whose current words are before reviewers or approved in some languages, and have yet to go out there.
type reviewed struct {
	Post      int64
	Source    post.Source
	Languages []string
}

// A post that says a value has its name in its body: the filter spares reading the others.
const sqlReviewed = `
SELECT p.id, r.body, array_agg(DISTINCT s.language ORDER BY s.language) AS languages
FROM posts p
JOIN revisions r ON r.id = p.current_revision
JOIN submissions s ON s.post_id = p.id AND s.revision_id = p.current_revision
JOIN deliveries d ON d.post_id = p.id AND d.language = s.language AND d.state IN ('held', 'scheduled')
WHERE position(convert_to($1, 'UTF8') IN r.body) > 0
GROUP BY p.id, r.body
ORDER BY p.id`

// underReview returns the posts to look at after a value changed, among those whose body has the name in it.
func underReview(ctx context.Context, tx *postgres.Tx, name string) ([]reviewed, error) {
	var rows []struct {
		ID        int64          `db:"id"`
		Body      []byte         `db:"body"`
		Languages pq.StringArray `db:"languages"`
	}
	if err := tx.SelectContext(ctx, &rows, sqlReviewed, name); err != nil {
		return nil, fmt.Errorf("read what is before reviewers: %w", err)
	}
	list := make([]reviewed, len(rows))
	for i, row := range rows {
		source, err := post.ReadSource(row.Body)
		if err != nil {
			return nil, fmt.Errorf("post %d: %w", row.ID, err)
		}
		list[i] = reviewed{Post: row.ID, Source: source, Languages: row.Languages}
	}
	return list, nil
}

// The writers of themes, facts and helplines are known to the database, which puts them beside every post that says the value. Whoever
// changes the profile, or a country, is put beside the posts only that the change sends back: else whoever set the charity up could
// approve nothing any more.
const sqlHand = `
INSERT INTO hands (post_id, person_id, why)
VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING`

// renewal renews posts in one transaction, each once.
type renewal struct {
	tx     *postgres.Tx
	by     people.Person
	author int64  // Daymark itself: the words stay, and who wrote the value is known
	hand   string // what the person changed, where its writer is not known otherwise: they do not approve the posts that it renews
	done   *Renewed
}

func newRenewal(ctx context.Context, tx *postgres.Tx, by people.Person, done *Renewed) (*renewal, error) {
	author, err := people.System(ctx, tx)
	if err != nil {
		return nil, err
	}
	return &renewal{tx: tx, by: by, author: author.ID, done: done}, nil
}

// where renews each of the posts that says the value in one of its languages.
func (r *renewal) where(ctx context.Context, posts []reviewed, why string, says func(s post.Source, language string) bool) error {
	for _, p := range posts {
		if !slices.ContainsFunc(p.Languages, func(language string) bool { return says(p.Source, language) }) {
			continue
		}
		if err := r.renew(ctx, p.Post, why); err != nil {
			return err
		}
	}
	return nil
}

func (r *renewal) renew(ctx context.Context, id int64, why string) error {
	if slices.Contains(r.done.Posts, id) {
		return nil
	}
	if err := replan.Renew(ctx, r.tx, id, why, r.author, r.by.ID); err != nil {
		return err
	}
	if r.hand != "" {
		if _, err := r.tx.ExecContext(ctx, sqlHand, id, r.by.ID, r.hand); err != nil {
			return fmt.Errorf("write down whose words stand in post %d: %w", id, err)
		}
	}
	r.done.Posts = append(r.done.Posts, id)
	slices.Sort(r.done.Posts)
	return nil
}
