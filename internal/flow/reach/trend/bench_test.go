package trend_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/flow/engagement/yeartest"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/trend"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// verdict says whether a figure keeps its aim.
func verdict(ok bool) string {
	if ok {
		return "PASS"
	}
	return "FAIL"
}

// times runs something often and returns the median and the time that 95 of 100 keep.
func times(b *testing.B, rounds int, run func(i int) error) (p50, p95 time.Duration) {
	b.Helper()
	took := make([]time.Duration, rounds)
	for i := range took {
		began := time.Now()
		if err := run(i); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[rounds/2], took[rounds*95/100]
}

// From raw the same days are worked out from every snapshot.
const sqlFromRaw = `
SELECT count(*)
FROM (
  SELECT s.day, s.platform, sum(s.favourites), sum(s.boosts), sum(s.replies), sum(s.quotes), sum(s.impressions), sum(s.clicks)
  FROM (
    SELECT (a.taken_at AT TIME ZONE d.zone)::date AS day, c.platform, a.favourites - coalesce(lag(a.favourites) OVER w, 0) AS favourites,
      a.boosts - coalesce(lag(a.boosts) OVER w, 0) AS boosts, a.replies - coalesce(lag(a.replies) OVER w, 0) AS replies,
      a.quotes - coalesce(lag(a.quotes) OVER w, 0) AS quotes, a.impressions - coalesce(lag(a.impressions) OVER w, 0) AS impressions,
      a.clicks - coalesce(lag(a.clicks) OVER w, 0) AS clicks
    FROM snapshots a
    JOIN deliveries d ON d.id = a.delivery_id
    JOIN channels c ON c.id = d.channel_id
    WINDOW w AS (PARTITION BY a.delivery_id ORDER BY a.taken_at)
  ) s
  GROUP BY s.day, s.platform
) t`

// BenchmarkYear reads a year of 120,000 deliveries and ten million snapshots. DAYMARK_BENCH_DELIVERIES makes it smaller; what is printed
// says how large it was.
func BenchmarkYear(b *testing.B) {
	dbs := postgrestest.NewBoth(b, migrations.FS)
	began := time.Now()
	year := yeartest.Counted(b, dbs.Owner, yeartest.Size(b, yeartest.Full))
	size := fmt.Sprintf("%d deliveries, %d snapshots, made in %.0f s", year.Deliveries, year.Snapshots, time.Since(began).Seconds())
	if year.Deliveries != yeartest.Full {
		size += fmt.Sprintf("; NOT the full size of %d", yeartest.Full)
	}
	fmt.Printf("\nyear: %s\n", size)
	began = time.Now()
	did, err := rollup.Rebuild(b.Context(), dbs.App, func(int, int) {})
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	fmt.Printf("year: %d sums rebuilt from raw in %.1f s, %.0f snapshots a second\n", did.Cells, took.Seconds(), float64(did.Snapshots)/took.Seconds())
	if _, err := dbs.Owner.ExecContext(b.Context(), `VACUUM ANALYZE reach_days`); err != nil {
		b.Fatal(err)
	}

	var bytes int64
	if err := dbs.Owner.GetContext(b.Context(), &bytes, `SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'snapshots'::regclass`); err != nil {
		b.Fatal(err)
	}
	each := float64(bytes) / float64(year.Snapshots)
	fmt.Printf("year: %.1f bytes a snapshot with indexes, aim 120: %s\n", each, verdict(each <= 120))

	var editions, channels []int64
	if err := dbs.App.SelectContext(b.Context(), &editions, `SELECT id FROM editions WHERE campaign_id LIKE 'year-%' ORDER BY id`); err != nil {
		b.Fatal(err)
	}
	if err := dbs.App.SelectContext(b.Context(), &channels, `SELECT id FROM channels WHERE name LIKE 'Channel %' ORDER BY id`); err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	for _, q := range []struct {
		name string
		aim  time.Duration // zero: told, without an aim
		run  func(i int) error
	}{
		{"an edition's days by network", 10 * time.Millisecond, func(i int) error {
			list, err := trend.Days(ctx, dbs.App, trend.Filter{Edition: editions[i%len(editions)]})
			return some(len(list), err)
		}},
		{"an edition's days in one language", 10 * time.Millisecond, func(i int) error {
			list, err := trend.Days(ctx, dbs.App, trend.Filter{Edition: editions[i%len(editions)], Language: "en"})
			return some(len(list), err)
		}},
		{"a channel's days", 10 * time.Millisecond, func(i int) error {
			list, err := trend.Days(ctx, dbs.App, trend.Filter{Channel: channels[i%len(channels)]})
			return some(len(list), err)
		}},
		{"a channel's hours of the week", 10 * time.Millisecond, func(i int) error {
			list, err := trend.Hours(ctx, dbs.App, channels[i%len(channels)])
			return some(len(list), err)
		}},
		{"a year over all by day and network", 25 * time.Millisecond, func(int) error {
			list, err := trend.Days(ctx, dbs.App, oneYear(trend.Filter{}))
			return some(len(list), err)
		}},
		{"a year over all in one language", 0, func(int) error {
			list, err := trend.Days(ctx, dbs.App, oneYear(trend.Filter{Language: "fr"}))
			return some(len(list), err)
		}},
		{"an edition in brief, from its newest counts", 0, func(i int) error {
			brief, err := reach.InBrief(ctx, dbs.App, editions[i%len(editions)])
			return some(brief.Posts, err)
		}},
		{"an edition's whole report, from its newest counts", 0, func(i int) error {
			report, err := reach.Summarise(ctx, dbs.App, editions[i%len(editions)])
			return some(report.PublishedDeliveries, err)
		}},
	} {
		p50, p95 := times(b, 200, q.run)
		aim := "no aim"
		if q.aim > 0 {
			aim = fmt.Sprintf("aim %v: %s", q.aim, verdict(p95 <= q.aim))
		}
		fmt.Printf("year: %s: p50 %.1f ms, p95 %.1f ms, %s\n", q.name, ms(p50), ms(p95), aim)
		b.ReportMetric(0, "ns/op") // the loop is not what is measured
	}
	began = time.Now()
	var days int
	if err := dbs.App.GetContext(ctx, &days, sqlFromRaw); err != nil {
		b.Fatal(err)
	}
	raw := time.Since(began)
	p50, _ := times(b, 20, func(int) error {
		list, err := trend.Days(ctx, dbs.App, trend.Filter{})
		return some(len(list), err)
	})
	fmt.Printf("year: all days from raw: %.1f s for %d rows, %.0f times as long as from the sums\n", raw.Seconds(), days, raw.Seconds()/p50.Seconds())
	for b.Loop() {
		if _, err := trend.Days(context.WithoutCancel(ctx), dbs.App, oneYear(trend.Filter{})); err != nil {
			b.Fatal(err)
		}
	}
}

func oneYear(f trend.Filter) trend.Filter {
	f.From, f.To = civil.Date{Year: 2026, Month: 3, Day: 1}, civil.Date{Year: 2027, Month: 2, Day: 28}
	return f
}

// some turns an empty answer into an error: it would be fast for nothing.
func some(rows int, err error) error {
	if err == nil && rows == 0 {
		return fmt.Errorf("the answer is empty")
	}
	return err
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
