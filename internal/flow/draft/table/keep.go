package table

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// On returns what a person's rows are read on.
func On(ctx context.Context, q postgres.Querier, by people.Person, now time.Time) (Ground, error) {
	g := Ground{Now: now, Pictures: map[string]bool{}}
	var err error
	if g.Channels, err = edit.Reachable(ctx, q, by); err != nil {
		return g, err
	}
	var sums []string
	if err := q.SelectContext(ctx, &sums, sqlPictures); err != nil {
		return g, fmt.Errorf("list the stored pictures: %w", err)
	}
	for _, sum := range sums {
		g.Pictures[sum] = true
	}
	return g, nil
}

const sqlPictures = `
SELECT encode(sha256, 'hex')
FROM blobs`

// Keep writes posts into an edition, or with 0 as posts of none, and returns their numbers. Nothing is written unless all can be.
func Keep(ctx context.Context, tx *postgres.Tx, drafts []Draft, edition int64, by people.Person, now time.Time) ([]int64, error) {
	var ids []int64
	for _, d := range drafts {
		if !d.Good() {
			return nil, fault.New(fault.Invalid, "Row %d cannot be taken as it is.", d.Rows[0])
		}
		saved, err := edit.Create(ctx, tx, edition, d.Change, by, now)
		if err != nil {
			return nil, err
		}
		ids = append(ids, saved.Post)
	}
	if len(ids) == 0 {
		return nil, fault.New(fault.Invalid, "Choose at least one post.")
	}
	return ids, audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "posts.taken", Kind: "edition", ID: edition, Detail: map[string]any{"posts": len(ids)}})
}
