package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement/ledger"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/flow/engagement/yeartest"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// writers is how many channels are written at a time, as the collector does.
const writers = 4

// BenchmarkIngest keeps answers as the collector does, those of a channel in one transaction and four channels at a time, with the sums by
// day: half of them as before, half with a change. Each delivery is answered about for the first time before that. The database does
// not wait for its disk, as in all tests.
func BenchmarkIngest(b *testing.B) {
	dbs := postgrestest.NewBoth(b, migrations.FS)
	year := yeartest.Book(b, dbs.Owner, yeartest.Size(b, 20_000))
	if _, err := dbs.Owner.ExecContext(b.Context(), `SELECT make_snapshot_months('2027-07-01', 12)`); err != nil {
		b.Fatal(err)
	}
	var list []struct {
		ID      int64 `db:"id"`
		Channel int64 `db:"channel_id"`
	}
	if err := dbs.App.SelectContext(b.Context(), &list, `SELECT id, channel_id FROM deliveries ORDER BY channel_id, id`); err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(30, 7)) //nolint:gosec // the same each time
	told := map[int64]int64{}
	at := booktest.Due
	round := func() time.Duration {
		at = at.Add(6 * time.Hour)
		var batches [][]ledger.Answer
		last := int64(0)
		for _, d := range list {
			if d.Channel != last {
				last, batches = d.Channel, append(batches, nil)
			}
			told[d.ID] += random.Int64N(2)
			n := told[d.ID]
			batches[len(batches)-1] = append(batches[len(batches)-1], ledger.Answer{Delivery: d.ID, Figures: rollup.Figures{&n, new(n / 2), new(n / 4), nil, nil, nil}})
		}
		began := time.Now()
		var group errgroup.Group
		group.SetLimit(writers)
		for _, answers := range batches {
			group.Go(func() error {
				return dbs.App.InKeyTx(b.Context(), func(key *postgres.KeyTx) error {
					tx := postgres.Prepared{KeyTx: key}
					_, gains, err := ledger.Keep(b.Context(), tx, at, time.Minute, answers)
					if err != nil {
						return err
					}
					return rollup.Add(b.Context(), tx, gains)
				})
			})
		}
		if err := group.Wait(); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	round()
	if _, err := dbs.Owner.ExecContext(b.Context(), `ANALYZE latest_counts, reach_days`); err != nil {
		b.Fatal(err)
	}
	const aim, rounds = 25_000, 8
	took, before := time.Duration(0), processor(b, dbs.App)
	for range rounds {
		took += round()
	}
	used := processor(b, dbs.App) - before
	polls := float64(rounds * len(list))
	rate, verdict := polls/took.Seconds(), "PASS"
	if rate < aim {
		verdict = "FAIL"
	}
	fmt.Printf("\ningest: %.0f polls a second with sums kept, %d deliveries of %d channels, %d channels at a time, aim %d: %s (%.0f a second of processor time, test and database)\n",
		rate, year.Deliveries, year.Channels, writers, aim, verdict, polls/used.Seconds())
	for b.Loop() {
		round()
	}
	cells, err := rollup.Rebuild(b.Context(), dbs.App, func(int, int) {})
	if err != nil || cells.Mended != 0 {
		b.Fatalf("the sums are not what was kept: %+v, %v", cells, err)
	}
}

// processor is the time of processors that this process and the backends of its database have used, which a busy machine does not change
// as it changes how long something takes.
func processor(b *testing.B, db *postgres.DB) time.Duration {
	b.Helper()
	var pids []int
	if err := db.SelectContext(b.Context(), &pids, `SELECT pid FROM pg_stat_activity WHERE datname = current_database()`); err != nil {
		b.Fatal(err)
	}
	total := time.Duration(0)
	for _, pid := range append(pids, os.Getpid()) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		for _, field := range fields[11:13] { // utime and stime: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
			ticks, err := strconv.Atoi(field)
			if err != nil {
				b.Fatal(err)
			}
			total += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return total
}
