package matter

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/org/notify"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// ownTrouble begins the keys of what is told about mail itself: a letter about it would be refused as well, and told of again.
const ownTrouble = "mail-"

// fresh is a notice of which nobody has worked out yet whom it concerns.
type fresh struct {
	ID      int64         `db:"id"`
	Key     string        `db:"key"`
	Subject string        `db:"subject_kind"`
	About   string        `db:"subject_id"`
	For     pq.Int64Array `db:"people"`
	Done    bool          `db:"done"`
}

const sqlFresh = `
SELECT id, key, subject_kind, subject_id, people, done_at IS NOT NULL AS done
FROM notices
WHERE spread_at IS NULL
ORDER BY id
LIMIT 200
FOR UPDATE SKIP LOCKED`

const sqlSpread = `
UPDATE notices
SET spread_at = clock_timestamp()
WHERE id = ANY ($1)`

const sqlConcern = `
INSERT INTO tellings (notice_id, person_id, kind, how)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING`

// Spread works out whom new notices concern and how each of these people wants to hear of it; it returns how many notices it saw.
func Spread(ctx context.Context, db *postgres.DB) (int, error) {
	seen := 0
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		var list []fresh
		if err := tx.SelectContext(ctx, &list, sqlFresh); err != nil {
			return fmt.Errorf("look for new notices: %w", err)
		}
		if seen = len(list); seen == 0 {
			return nil
		}
		team, err := people.List(ctx, tx)
		if err != nil {
			return err
		}
		team = slices.DeleteFunc(team, func(p people.Person) bool {
			return p.Disabled || p.Role == people.RoleSystem || p.Role == people.RoleOutside
		})
		wishes, err := Of(ctx, tx, team...)
		if err != nil {
			return err
		}
		ids := make([]int64, 0, len(team))
		for _, p := range team {
			ids = append(ids, p.ID)
		}
		deaf, err := notify.Refusals(ctx, tx, ids...)
		if err != nil {
			return err
		}
		ids = ids[:0]
		for _, n := range list {
			ids = append(ids, n.ID)
			if n.Done || strings.HasPrefix(n.Key, ownTrouble) {
				continue
			}
			kind := KindOf(n.Key, n.Subject)
			for _, p := range team {
				how := wishes[p.ID].How[kind]
				if _, refused := deaf[p.ID]; refused || how == Off {
					continue
				}
				is, err := concerns(ctx, tx, n, kind, p)
				if err != nil {
					return err
				}
				if !is {
					continue
				}
				if _, err := tx.ExecContext(ctx, sqlConcern, n.ID, p.ID, kind, how); err != nil {
					return fmt.Errorf("keep whom a notice concerns: %w", err)
				}
			}
		}
		if _, err := tx.ExecContext(ctx, sqlSpread, pq.Array(ids)); err != nil {
			return fmt.Errorf("keep that notices are spread: %w", err)
		}
		return nil
	})
	return seen, err
}

// Whether a person can say something about a submission: they read its language and wrote none of it, as internal/flow/review asks.
const sqlReads = `
SELECT EXISTS (
  SELECT 1
  FROM submissions s
  JOIN people p ON p.id = $2
  WHERE s.id = $1
    AND s.language = ANY (p.languages)
    AND NOT has_written(p.id, s.post_id))`

// scopes are the kinds of subjects that lie within or outside of somebody's limits.
var scopes = map[string]scope.Kind{
	"post": scope.Post, "submission": scope.Submission, "byhand": scope.Delivery, "edition": scope.Edition, "channel": scope.Channel,
	"takedown": scope.TakeDown,
}

// concerns reports whether a notice is a person's matter: it names them, or it names nobody and is of a kind that is theirs; and it is
// within their limits.
func concerns(ctx context.Context, q postgres.Querier, n fresh, kind Kind, p people.Person) (bool, error) {
	if len(n.For) > 0 && !slices.Contains(n.For, p.ID) || len(n.For) == 0 && !Concerns(kind, p) {
		return false, nil
	}
	id, err := strconv.ParseInt(n.About, 10, 64)
	if err != nil {
		return true, nil // facts and helplines have names, and are everybody's
	}
	if within, limited := scopes[n.Subject]; limited {
		if err := scope.Check(ctx, q, p, within, id); fault.Is(err, fault.NotFound) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	if kind != Now || n.Subject != "submission" || len(n.For) > 0 {
		return true, nil
	}
	var reads bool
	if err := q.GetContext(ctx, &reads, sqlReads, id, p.ID); err != nil {
		return false, fmt.Errorf("look who reads a draft: %w", err)
	}
	return reads, nil
}

const sqlSkip = `
UPDATE notices
SET spread_at = clock_timestamp()
WHERE spread_at IS NULL`

// Skip leaves new notices to the pages: nobody is written to of them later either. It is for where there is no mail, so that the day on
// which there is does not begin with a flood, and for rehearsals.
func Skip(ctx context.Context, q postgres.Querier) error {
	if _, err := q.ExecContext(ctx, sqlSkip); err != nil {
		return fmt.Errorf("leave notices to the pages: %w", err)
	}
	return nil
}
