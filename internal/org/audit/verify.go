package audit

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"time"

	"daymark/internal/postgres"
)

const (
	sqlSealAfter = `
SELECT id, at, last_id, row_count, prev, links, head
FROM audit_seals
WHERE id > $1
ORDER BY id
LIMIT 1`

	sqlUnsealed = `
SELECT count(*) AS rows, COALESCE(min(at), clock_timestamp()) AS oldest, clock_timestamp() AS now
FROM audit
WHERE id > $1`
)

// Verdict is what [Verify] found.
type Verdict struct {
	Rows     int64 // that the seals hold
	Seals    int64
	Head     Head   // the newest seal that holds
	Broken   string // the first thing that is wrong, in a sentence; empty when all is well
	Row      int64  // the first broken row; 0 when none is, or the break is not in a row
	Unsealed int64  // newer rows that no seal holds yet
	Late     bool   // the oldest of those has waited for more than a minute: no daemon seals them
}

// sealDelay is how long a row may wait for its seal before something must be wrong.
const sealDelay = time.Minute

// Verify walks through the whole log and computes every hash again. With a head that was printed earlier it also checks that the
// chain still goes through it: without one, somebody who computes all later hashes anew as the owner of the database is not found.
func Verify(ctx context.Context, q postgres.Querier, printed Head) (Verdict, error) {
	var v Verdict
	last := seal{LastID: math.MinInt64, Head: make([]byte, len(hash{}))} // a row below the first id was slipped in
	for {
		var found []seal
		if err := q.SelectContext(ctx, &found, sqlSealAfter, last.ID); err != nil {
			return v, fmt.Errorf("read the seal after %d: %w", last.ID, err)
		}
		if len(found) == 0 {
			break
		}
		next := found[0]
		if next.ID != last.ID+1 || !bytes.Equal(next.Prev, last.Head) || next.LastID <= last.LastID {
			v.Broken = fmt.Sprintf("Seal %d does not follow seal %d: a seal was removed or changed.", next.ID, last.ID)
			return v, nil
		}
		if err := v.check(ctx, q, last, next); err != nil || v.Broken != "" {
			return v, err
		}
		v.Head = headOf(next)
		if next.ID == printed.Seal && v.Head.Hash != printed.Hash {
			v.Broken = fmt.Sprintf("Seal %d is not the one that was printed: the log was written anew up to there.", next.ID)
			return v, nil
		}
		v.Rows, v.Seals, last = v.Rows+int64(next.Rows), next.ID, next
	}
	if printed.Seal > last.ID {
		v.Broken = fmt.Sprintf("Seal %d was printed and is not there: the end of the log was removed.", printed.Seal)
		return v, nil
	}
	var rest struct {
		Rows   int64     `db:"rows"`
		Oldest time.Time `db:"oldest"`
		Now    time.Time `db:"now"`
	}
	if err := q.GetContext(ctx, &rest, sqlUnsealed, last.LastID); err != nil {
		return v, fmt.Errorf("count the rows without a seal: %w", err)
	}
	v.Unsealed, v.Late = rest.Rows, rest.Now.Sub(rest.Oldest) > sealDelay
	return v, nil
}

// check holds one seal against the rows it seals.
func (v *Verdict) check(ctx context.Context, q postgres.Querier, last, next seal) error {
	var rows []record
	if err := q.SelectContext(ctx, &rows, sqlToSeal, last.LastID, next.LastID, nil); err != nil {
		return fmt.Errorf("read the rows of seal %d: %w", next.ID, err)
	}
	broken := func(row int64, what string) error {
		v.Row, v.Broken = row, fmt.Sprintf("Row %d %s after seal %d was made on %s.", row, what, next.ID, next.At.UTC().Format("2 January 2006 at 15:04:05 UTC"))
		return nil
	}
	chain, links := hash(last.Head), next.Links
	for len(links) >= linkSize {
		id, want, rest := cutLink(links)
		links = rest
		if len(rows) == 0 || rows[0].ID > id {
			return broken(id, "was removed")
		}
		if rows[0].ID < id {
			return broken(rows[0].ID, "was added")
		}
		if chain = link(chain, rows[0]); chain != want {
			return broken(id, "was changed")
		}
		rows = rows[1:]
	}
	if len(rows) > 0 {
		return broken(rows[0].ID, "was added")
	}
	if head := next.close(chain); !bytes.Equal(head[:], next.Head) {
		v.Broken = fmt.Sprintf("Seal %d itself was changed.", next.ID)
	}
	return nil
}
