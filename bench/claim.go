package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"daymark/internal/flow/pause"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// statement is a statement with its parameters, as the daemon sent it.
type statement struct {
	text   string
	params []any
}

// claim measures the daemon's own claim on queues of different sizes. The statement and its parameters are taken from the
// server's log of a daemon at work; they are repeated on three copies of the same database: as it is; with ten million rows
// more that are due later; with a hundred thousand more that are overdue on a channel that is paused. Those rows are put in
// by a superuser with triggers and foreign keys off: they have no posts behind them and are never claimed.
func (b *bench) claim(ctx context.Context) error {
	s, err := b.overhear(ctx)
	if err != nil {
		return err
	}
	queues := []struct{ name, fill string }{
		{"small", ""}, {"large", fillLater}, {"paused", fillPaused},
	}
	conns := map[string]*postgres.DB{}
	for _, q := range queues {
		began := time.Now()
		if err := b.copy(ctx, q.name, "burst"); err != nil {
			return err
		}
		if conns[q.name], err = b.database(ctx, q.name); err != nil {
			return err
		}
		defer func() { _ = conns[q.name].Close() }()
		switch q.name {
		case "large":
			err = b.fill(ctx, conns[q.name], q.fill, b.set.waiting)
		case "paused":
			if err = b.fill(ctx, conns[q.name], q.fill, 100_000); err == nil {
				// The clock stands where the daemon's did that was listened to.
				_, err = conns[q.name].ExecContext(ctx, sqlSetClock, time.Now(), day, day.Add(time.Second))
			}
			if err == nil {
				began := time.Now()
				err = b.pauseChannel(ctx, q.name)
				b.say("raising the pause took %s", time.Since(began).Round(time.Millisecond))
			}
		}
		if err != nil {
			return fmt.Errorf("fill the queue %q: %w", q.name, err)
		}
		// What the server does by itself is not to happen in the middle of one queue and not of the others.
		for _, query := range []string{"ALTER TABLE queue SET (autovacuum_enabled = off)", "ANALYZE queue"} {
			if _, err := conns[q.name].ExecContext(ctx, query); err != nil {
				return err
			}
		}
		b.say("the queue %q is made: %s", q.name, time.Since(began).Round(100*time.Millisecond))
	}
	if _, err := b.admin.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	took, plans := map[string][]time.Duration{}, map[string]string{}
	for _, q := range queues {
		if plans[q.name], err = b.explain(ctx, conns[q.name], s); err != nil {
			return err
		}
	}
	rows := 0
	for range 40 {
		n := 0
		for _, q := range queues {
			t, got, err := b.claimOnce(ctx, conns[q.name], s)
			if err != nil {
				return fmt.Errorf("claim from the queue %q: %w", q.name, err)
			}
			if n != 0 && got != n {
				return fmt.Errorf("the queue %q gave %d rows, the others %d", q.name, got, n)
			}
			n = got
			if n > 0 {
				took[q.name] = append(took[q.name], t)
			}
		}
		if n == 0 || rows > 0 && n < rows {
			break // the last of those that are due
		}
		rows = n
	}
	if rows == 0 {
		return errors.New("the claim found nothing to claim")
	}
	base := median(took["small"])
	for _, r := range []struct{ name, what string }{
		{"large", fmt.Sprintf("claim of %d with %s waiting, against %s", rows, thousands(b.set.waiting), thousands(b.set.channels*b.set.posts))},
		{"paused", fmt.Sprintf("claim of %d with 100,000 paused overdue, against none", rows)},
	} {
		ratio := float64(median(took[r.name])) / float64(base)
		if ratio > 1.2 {
			b.say("the claim, as the server ran it:\n%s\nand with nothing else waiting:\n%s", plans[r.name], plans["small"])
		}
		b.table.add(ratio <= 1.2, r.what, fmt.Sprintf("%.2f × (%s against %s, n = %d)", ratio, ms(median(took[r.name])), ms(base), len(took["small"])), "1.2 ×")
	}
	for _, q := range queues {
		if err := conns[q.name].Close(); err != nil {
			return err
		}
		if _, err := b.admin.ExecContext(ctx, "DROP DATABASE "+q.name); err != nil {
			return err
		}
	}
	return nil
}

// claimOnce runs the claim, looks how long it took, and commits.
func (b *bench) claimOnce(ctx context.Context, db *postgres.DB, s statement) (took time.Duration, n int, err error) {
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		began := time.Now()
		rows, err := tx.QueryContext(ctx, s.text, s.params...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			n++
		}
		took = time.Since(began)
		return errors.Join(rows.Err(), rows.Close())
	})
	return took, n, err
}

// errUndo takes back what was only done to be looked at.
var errUndo = errors.New("undo")

// explain says how the server runs a claim, and takes that claim back.
func (b *bench) explain(ctx context.Context, db *postgres.DB, s statement) (string, error) {
	var lines []string
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		if err := tx.SelectContext(ctx, &lines, "EXPLAIN (ANALYZE, BUFFERS) "+s.text, s.params...); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		return "", fmt.Errorf("explain the claim: %w", err)
	}
	return strings.Join(lines, "\n"), nil
}

// overhear lets a daemon claim from a queue and finds the first claim in the server's log.
func (b *bench) overhear(ctx context.Context) (statement, error) {
	if err := b.fixture(ctx, "burst"); err != nil {
		return statement{}, err
	}
	path, size, err := b.serverLog()
	if err != nil {
		return statement{}, err
	}
	b.overheard = logAll
	d, err := b.daemon(ctx, "burst", 0, b.set.lead)
	b.overheard = ""
	if err != nil {
		return statement{}, err
	}
	if !until(ctx, d.due.Add(-b.set.lead/2)) {
		return statement{}, ctx.Err()
	}
	d.kill()
	if err := d.db.Close(); err != nil {
		return statement{}, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return statement{}, err
	}
	return findClaim(string(text[size:]))
}

// serverLog finds the database server's log.
func (b *bench) serverLog() (path string, size int64, err error) {
	err = filepath.WalkDir(b.cluster.Home(), func(p string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !e.IsDir() && strings.HasSuffix(p, ".log") {
			info, err := e.Info()
			if err != nil {
				return err
			}
			path, size = p, info.Size()
		}
		return nil
	})
	if err == nil && path == "" {
		err = errors.New("the database server has no log")
	}
	return path, size, err
}

var (
	entryStart = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)
	executed   = regexp.MustCompile(`(?s)LOG:\s+duration: [\d.]+ ms\s+execute [^:]*:\s*(.*)`)
	detail     = regexp.MustCompile(`(?s)DETAIL:\s+parameters: (.*)`)
	parameter  = regexp.MustCompile(`(?s)\$\d+ = (NULL|'(?:[^']|'')*')`)
)

// findClaim finds the first statement that leases rows of the queue, with the parameters it was sent with.
func findClaim(log string) (statement, error) {
	starts := entryStart.FindAllStringIndex(log, -1)
	entry := func(i int) string {
		if i >= len(starts) {
			return ""
		}
		end := len(log)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		return log[starts[i][0]:end]
	}
	for i := range starts {
		m := executed.FindStringSubmatch(entry(i))
		if m == nil {
			continue
		}
		words := strings.ToLower(onLine(m[1]))
		if !strings.Contains(words, "skip locked") || !strings.Contains(words, "update queue") || !strings.Contains(words, "set lease_owner") || !strings.Contains(words, "limit") {
			continue
		}
		d := detail.FindStringSubmatch(entry(i + 1))
		if d == nil {
			continue
		}
		s := statement{text: strings.TrimSpace(m[1])}
		for _, p := range parameter.FindAllStringSubmatch(d[1], -1) {
			if p[1] == "NULL" {
				s.params = append(s.params, nil)
				continue
			}
			s.params = append(s.params, strings.ReplaceAll(p[1][1:len(p[1])-1], "''", "'"))
		}
		return s, nil
	}
	return statement{}, errors.New("the server's log shows no claim: no statement with UPDATE queue, SET lease_owner, LIMIT and SKIP LOCKED")
}

const sqlColumns = `
SELECT column_name, udt_name
FROM information_schema.columns
WHERE table_schema = 'public'
  AND table_name = 'queue'
  AND is_generated = 'NEVER'
ORDER BY ordinal_position`

// How the further rows differ from those that are there: numbers nobody has, and other instants. %s is a column.
const (
	fillLater  = `%s + interval '1 day' + g * interval '3 seconds'`
	fillPaused = `%s - interval '1 minute' - g * interval '1 millisecond'`
)

// fill adds rows to the queue that are like those in it, on other instants. The columns are read from the schema, so that a new one
// needs no change here.
func (b *bench) fill(ctx context.Context, db *postgres.DB, instants string, n int) error {
	var columns []struct {
		Name string `db:"column_name"`
		Type string `db:"udt_name"`
	}
	if err := db.SelectContext(ctx, &columns, sqlColumns); err != nil {
		return err
	}
	names, values := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		names[i], values[i] = pq.QuoteIdentifier(c.Name), "s."+pq.QuoteIdentifier(c.Name)
		switch {
		case c.Name == "delivery_id":
			values[i] = "1000000000 + g"
		case c.Name == "channel_id" && instants == fillPaused:
			values[i] = fmt.Sprint(b.set.channels + 1)
		case c.Type == "timestamptz":
			values[i] = fmt.Sprintf(instants, values[i])
		}
	}
	// Like a thousand of the rows, one on each channel, in turns.
	query := fmt.Sprintf(`
WITH s AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY channel_id) - 1 AS place, q.*
  FROM (SELECT DISTINCT ON (channel_id) * FROM queue ORDER BY channel_id, delivery_id) q
), many AS MATERIALIZED (SELECT count(*) AS n FROM s)
INSERT INTO queue (%s)
SELECT %s
FROM generate_series(1, %d) g
JOIN many ON true
JOIN s ON s.place = g %% many.n`, strings.Join(names, ", "), strings.Join(values, ", "), n)
	// Indexes are made when the rows are there, which is three times faster; room for that, and for the log of it.
	var indexes []struct {
		Name string `db:"name"`
		Made string `db:"made"`
	}
	if err := db.SelectContext(ctx, &indexes, sqlIndexes); err != nil {
		return err
	}
	steps := []string{"SET LOCAL session_replication_role = replica", "SET LOCAL maintenance_work_mem = '512MB'"}
	for _, x := range indexes {
		steps = append(steps, "DROP INDEX "+x.Name)
	}
	steps = append(steps, query)
	for _, x := range indexes {
		steps = append(steps, x.Made)
	}
	if err := b.roomForLog(ctx, "'8GB'"); err != nil {
		return err
	}
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		for _, step := range steps {
			if _, err := tx.ExecContext(ctx, step); err != nil {
				return fmt.Errorf("%s: %w", onLine(step), err)
			}
		}
		return nil
	})
	return errors.Join(err, b.roomForLog(ctx, "DEFAULT"))
}

// roomForLog says how much the server writes ahead before it has to tidy up.
func (b *bench) roomForLog(ctx context.Context, size string) error {
	if _, err := b.admin.ExecContext(ctx, "ALTER SYSTEM SET max_wal_size = "+size); err != nil {
		return err
	}
	_, err := b.admin.ExecContext(ctx, "SELECT pg_reload_conf()")
	return err
}

// Indexes that are no constraint.
const sqlIndexes = `
SELECT quote_ident(c.relname) AS name, pg_get_indexdef(c.oid) AS made
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'queue'::regclass
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY c.relname`

// pauseChannel stops the channel that has none of the posts of the burst, as a person does.
func (b *bench) pauseChannel(ctx context.Context, database string) (err error) {
	a, err := b.app(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	who, err := people.ByEmail(ctx, a.DB, admin)
	if err != nil {
		return err
	}
	parts, err := pause.Parts(ctx, a.DB)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.Scope == "channel" && p.ID == fmt.Sprint(b.set.channels+1) {
			_, err := pause.Raise(ctx, a.DB, p, "The benchmark wants to see what a pause costs.", who)
			return err
		}
	}
	return sql.ErrNoRows
}
