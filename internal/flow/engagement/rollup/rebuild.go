package rollup

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// lockRebuild is the advisory lock of whoever rebuilds: two at once would mend the same difference twice.
const lockRebuild = 30072014035

// chunk is how many deliveries are read at a time.
const chunk = 2000

// Rebuilt says what a [Rebuild] did.
type Rebuilt struct {
	Deliveries int // of which there are snapshots
	Snapshots  int
	Cells      int // sums that there should be
	Mended     int // sums that differed, were missing or should not be there
}

// Rebuild adds everything up again from the snapshots and mends the sums that differ. Running it again mends nothing. It may run beside
// daemons: what it compares is one view of the database, in which a snapshot and its share of the sums are there together or not at
// all, and what it writes are differences, which other transactions may add to. progress is told how many of how many deliveries
// are read.
func Rebuild(ctx context.Context, db *postgres.DB, progress func(done, all int)) (Rebuilt, error) {
	var did Rebuilt
	led, err := db.Leader(ctx, lockRebuild, func(ctx context.Context) error {
		want, have, err := look(ctx, db, &did, progress)
		if err != nil {
			return err
		}
		did.Cells = len(want)
		add, none := differences(want, have)
		for cell := range none {
			if _, ok := add[cell]; !ok {
				did.Mended++
			}
		}
		did.Mended += len(add)
		return mend(ctx, db, add, none)
	})
	if err == nil && !led {
		return did, fault.New(fault.Conflict, "The sums are being rebuilt already; wait until that is done.")
	}
	return did, err
}

// look adds up the snapshots and reads the sums, both in one view of the database.
func look(ctx context.Context, db *postgres.DB, did *Rebuilt, progress func(done, all int)) (want, have Cells, err error) {
	inner, err := db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, nil, fmt.Errorf("begin to rebuild: %w", err)
	}
	defer func() { _ = inner.Rollback() }() // it has only read
	tx := &postgres.Tx{Tx: inner}
	if want, err = recompute(ctx, tx, did, progress); err != nil {
		return nil, nil, err
	}
	have, err = read(ctx, tx)
	return want, have, err
}

// Recompute adds up everything from the snapshots and changes nothing.
func Recompute(ctx context.Context, q postgres.Querier) (Cells, error) {
	return recompute(ctx, q, &Rebuilt{}, func(int, int) {})
}

const sqlCounted = `
SELECT l.delivery_id
FROM latest_counts l
ORDER BY l.delivery_id`

func recompute(ctx context.Context, q postgres.Querier, did *Rebuilt, progress func(done, all int)) (Cells, error) {
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlCounted); err != nil {
		return nil, fmt.Errorf("list what was counted: %w", err)
	}
	cells, zones := Cells{}, Zones{}
	for some := range slices.Chunk(ids, chunk) {
		if err := cells.replay(ctx, q, some, zones, did); err != nil {
			return nil, err
		}
		did.Deliveries += len(some)
		progress(did.Deliveries, len(ids))
	}
	return cells, nil
}

// The primary keys of the months find the rows.
const sqlReplay = `
SELECT s.delivery_id, s.taken_at, s.favourites, s.boosts, s.replies, s.quotes, s.impressions, s.clicks
FROM snapshots s
WHERE s.delivery_id BETWEEN $1 AND $2
ORDER BY s.delivery_id, s.taken_at`

// replay adds what some deliveries gained from each of their snapshots to the next. Their numbers rise.
func (c Cells) replay(ctx context.Context, q postgres.Querier, ids []int64, zones Zones, did *Rebuilt) error {
	var places []Place
	if err := q.SelectContext(ctx, &places, sqlPlaces, pq.Array(ids)); err != nil {
		return fmt.Errorf("read where counts belong: %w", err)
	}
	of := make(map[int64]Place, len(places))
	for _, p := range places {
		of[p.Delivery] = p
	}
	rows, err := q.QueryxContext(ctx, sqlReplay, ids[0], ids[len(ids)-1])
	if err != nil {
		return fmt.Errorf("read snapshots: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var last int64
	var was Figures
	for rows.Next() {
		var id int64
		var at time.Time
		var is Figures
		if err := rows.Scan(&id, &at, &is[0], &is[1], &is[2], &is[3], &is[4], &is[5]); err != nil {
			return fmt.Errorf("read a snapshot: %w", err)
		}
		if id != last {
			last, was = id, Figures{}
		}
		c.Put(of[id], at, Gain(was, is), zones)
		was = is
		did.Snapshots++
	}
	return rows.Err()
}

const sqlReadCells = `
SELECT r.edition_id, r.channel_id, r.day, r.platform, r.language, r.favourites, r.boosts, r.replies, r.quotes, r.impressions, r.clicks
FROM reach_days r`

// read reads every sum there is.
func read(ctx context.Context, q postgres.Querier) (Cells, error) {
	rows, err := q.QueryxContext(ctx, sqlReadCells)
	if err != nil {
		return nil, fmt.Errorf("read the sums: %w", err)
	}
	defer func() { _ = rows.Close() }()
	cells := Cells{}
	for rows.Next() {
		var k Cell
		var f Figures
		var day civil.Date
		if err := rows.Scan(&k.Edition, &k.Channel, &day, &k.Platform, &k.Language, &f[0], &f[1], &f[2], &f[3], &f[4], &f[5]); err != nil {
			return nil, fmt.Errorf("read a sum: %w", err)
		}
		k.Day = day
		cells[k] = f
	}
	return cells, rows.Err()
}

// differences returns what has to be added to the sums, and the cells with the figures (as ones) that nobody told: those are brought
// to nothing first, and then cleared.
func differences(want, have Cells) (add, none Cells) {
	add, none = Cells{}, Cells{}
	for cell, is := range want {
		had := have[cell]
		if had.Equal(is) {
			continue
		}
		add[cell] = difference(had, is)
		note(none, cell, had, is)
	}
	for cell, had := range have {
		if _, ok := want[cell]; ok {
			continue
		}
		if had.Told() {
			add[cell] = difference(had, Figures{})
		}
		note(none, cell, had, Figures{})
		if !had.Told() {
			none[cell] = Figures{} // an empty row
		}
	}
	return add, none
}

func difference(had, is Figures) Figures {
	var d Figures
	for i := range d {
		if (had[i] == nil) != (is[i] == nil) || number(had[i]) != number(is[i]) {
			d[i] = new(number(is[i]) - number(had[i]))
		}
	}
	return d
}

func note(none Cells, cell Cell, had, is Figures) {
	for i := range had {
		if had[i] != nil && is[i] == nil {
			f := none[cell]
			f[i] = new(int64(1))
			none[cell] = f
		}
	}
}

// A figure is cleared only where it is nothing: what a daemon has added meanwhile stays.
const sqlClearCells = `
UPDATE reach_days r
SET favourites = CASE WHEN i.favourites = 1 THEN nullif(r.favourites, 0) ELSE r.favourites END,
  boosts = CASE WHEN i.boosts = 1 THEN nullif(r.boosts, 0) ELSE r.boosts END,
  replies = CASE WHEN i.replies = 1 THEN nullif(r.replies, 0) ELSE r.replies END,
  quotes = CASE WHEN i.quotes = 1 THEN nullif(r.quotes, 0) ELSE r.quotes END,
  impressions = CASE WHEN i.impressions = 1 THEN nullif(r.impressions, 0) ELSE r.impressions END,
  clicks = CASE WHEN i.clicks = 1 THEN nullif(r.clicks, 0) ELSE r.clicks END
FROM unnest($1::bigint[], $2::bigint[], $3::date[], $4::text[], $5::text[],
  $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
  AS i (edition_id, channel_id, day, platform, language, favourites, boosts, replies, quotes, impressions, clicks)
WHERE r.edition_id = i.edition_id
  AND r.channel_id = i.channel_id
  AND r.day = i.day
  AND r.platform = i.platform
  AND r.language = i.language`

const sqlDropEmpty = `
DELETE FROM reach_days
WHERE num_nonnulls(favourites, boosts, replies, quotes, impressions, clicks) = 0`

// mend writes differences, all or none.
func mend(ctx context.Context, db *postgres.DB, add, none Cells) error {
	if len(add)+len(none) == 0 {
		return nil
	}
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		if err := add.add(ctx, tx); err != nil {
			return err
		}
		if len(none) == 0 {
			return nil
		}
		for list := range slices.Chunk(none.ordered(), atOnce) {
			if _, err := tx.ExecContext(ctx, sqlClearCells, none.columns(list)...); err != nil {
				return fmt.Errorf("clear what nobody told: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, sqlDropEmpty); err != nil {
			return fmt.Errorf("drop empty sums: %w", err)
		}
		return nil
	})
}
