package audit

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"daymark/internal/postgres"
)

// sealSize is how many rows one seal takes at most.
const sealSize = 10_000

const (
	sqlNewest = `
SELECT COALESCE(max(id), 0) AS id
FROM audit`

	// An INSERT locks the table in this mode before it takes an id, and holds the lock until its transaction has ended.
	sqlWriters = `
SELECT DISTINCT virtualtransaction
FROM pg_locks
WHERE locktype = 'relation'
  AND relation = 'audit'::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode = 'RowExclusiveLock'`

	sqlStillWriting = `
SELECT count(*)
FROM pg_locks
WHERE locktype = 'relation'
  AND relation = 'audit'::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode = 'RowExclusiveLock'
  AND virtualtransaction = ANY ($1)`

	sqlLastSeal = `
SELECT id, at, last_id, head
FROM audit_seals
ORDER BY id DESC
LIMIT 1`

	sqlToSeal = `
SELECT id, at, COALESCE(person_id, 0) AS person_id, '' AS person_name, action, subject_kind,
       COALESCE(subject_id, 0) AS subject_id, detail, COALESCE(via, '') AS via, COALESCE(host(address), '') AS address
FROM audit
WHERE id > $1
  AND id <= $2
ORDER BY id
LIMIT $3`

	sqlNow = `SELECT clock_timestamp()`

	sqlSeal = `
INSERT INTO audit_seals (id, at, last_id, row_count, prev, links, head)
VALUES ($1, $2, $3, $4, $5, $6, $7)`
)

// Sealer chains hashes over the rows of the log, oldest first. Only one may work at a time: [Sealer.Lead] sees to that.
//
// A row gets its id before its transaction ends, so one with a lower id may become visible after one with a higher. The sealer
// therefore marks the newest id it sees, then asks who is writing at that moment, and seals up to the mark only when all of
// those have ended: whoever took a lower id did so before the mark and held the table's lock by then. It locks nothing itself and
// nobody waits for it; a transaction that writes to the log and stays open delays the seals and nothing else. (Ordering by
// transaction id would not do: a row's id is taken before its transaction has one, and numbers start again in a restored copy.)
type Sealer struct {
	db      *postgres.DB
	mark    int64    // the newest row seen at the last look; 0 when nothing is marked
	writers []string // who was writing then
}

// NewSealer returns the sealer of a database.
func NewSealer(db *postgres.DB) *Sealer { return &Sealer{db: db} }

// Seal seals what has settled since it was marked, marks what is there now, and seals that too where nobody is writing. It
// returns how many rows it sealed.
func (s *Sealer) Seal(ctx context.Context) (int, error) {
	n, settled, err := s.settle(ctx)
	if err != nil || !settled {
		return n, err
	}
	if err := s.look(ctx); err != nil {
		return n, err
	}
	more, _, err := s.settle(ctx)
	return n + more, err
}

// lockSealing is the advisory lock of whoever seals.
const lockSealing = 30072014016

// Lead seals, as [Sealer.Seal] does, unless another process of the same database is at it.
func (s *Sealer) Lead(ctx context.Context) error {
	_, err := s.db.Leader(ctx, lockSealing, func(ctx context.Context) error {
		_, err := s.Seal(ctx)
		return err
	})
	return err
}

// look marks the newest row, and after that who is writing.
func (s *Sealer) look(ctx context.Context) error {
	s.writers = nil
	if err := s.db.GetContext(ctx, &s.mark, sqlNewest); err != nil {
		return fmt.Errorf("look for rows to seal: %w", err)
	}
	if err := s.db.SelectContext(ctx, &s.writers, sqlWriters); err != nil {
		s.mark = 0
		return fmt.Errorf("look who writes to the log: %w", err)
	}
	return nil
}

// settle seals up to the mark when everybody has ended who was writing then. It reports whether nothing is marked any more.
func (s *Sealer) settle(ctx context.Context) (n int, settled bool, err error) {
	if s.mark == 0 {
		return 0, true, nil
	}
	if len(s.writers) > 0 {
		var still int
		if err := s.db.GetContext(ctx, &still, sqlStillWriting, pq.Array(s.writers)); err != nil {
			return 0, false, fmt.Errorf("look who still writes to the log: %w", err)
		}
		if still > 0 {
			return 0, false, nil
		}
	}
	for {
		rows, err := s.next(ctx)
		if err != nil {
			return n, false, err
		}
		if n += rows; rows < sealSize {
			s.mark, s.writers = 0, nil
			return n, true, nil
		}
	}
}

// next writes one seal and returns how many rows it took.
func (s *Sealer) next(ctx context.Context) (taken int, err error) {
	err = s.db.InTx(ctx, func(tx *postgres.Tx) error {
		taken = 0
		last, err := lastSeal(ctx, tx)
		if err != nil || s.mark <= last.LastID {
			return err
		}
		var rows []record
		if err := tx.SelectContext(ctx, &rows, sqlToSeal, last.LastID, s.mark, sealSize); err != nil {
			return fmt.Errorf("read rows to seal: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		next := seal{ID: last.ID + 1, LastID: rows[len(rows)-1].ID, Rows: len(rows), Prev: last.Head}
		if err := tx.GetContext(ctx, &next.At, sqlNow); err != nil {
			return fmt.Errorf("read the time: %w", err)
		}
		chain := hash(last.Head)
		for _, r := range rows {
			chain = link(chain, r)
			next.Links = appendLink(next.Links, r.ID, chain)
		}
		head := next.close(chain)
		if _, err := tx.ExecContext(ctx, sqlSeal, next.ID, next.At, next.LastID, next.Rows, next.Prev, next.Links, head[:]); err != nil {
			return fmt.Errorf("write seal %d: %w", next.ID, err)
		}
		taken = len(rows)
		return nil
	})
	return taken, err
}

// lastSeal returns the newest seal without its links; before the first, one with a head of zeros.
func lastSeal(ctx context.Context, q postgres.Querier) (seal, error) {
	var last seal
	err := q.GetContext(ctx, &last, sqlLastSeal)
	if errors.Is(err, sql.ErrNoRows) {
		return seal{Head: make([]byte, len(hash{}))}, nil
	}
	if err != nil {
		return seal{}, fmt.Errorf("read the last seal: %w", err)
	}
	return last, nil
}

// Newest returns the head of the log: the zero Head while nothing is sealed.
func Newest(ctx context.Context, q postgres.Querier) (Head, error) {
	last, err := lastSeal(ctx, q)
	if err != nil || last.ID == 0 {
		return Head{}, err
	}
	return headOf(last), nil
}

func headOf(s seal) Head {
	return Head{Seal: s.ID, At: s.At.UTC().Truncate(time.Microsecond), LastID: s.LastID, Hash: hex.EncodeToString(s.Head)}
}
