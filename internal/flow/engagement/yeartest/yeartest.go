// Package yeartest makes a year of a large charity for benchmarks: channels, editions of fifty campaigns, deliveries that went out, and a
// snapshot for each time that each was asked about.
//
// It writes past the guards of the database, as its owner, because two hundred thousand approvals are not what is measured. The figures
// are a pure function of the numbers of rows. It is never part of the binary.
package yeartest

import (
	"os"
	"strconv"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
)

// Year says how much there is.
type Year struct {
	Deliveries int // 120,000 unless DAYMARK_BENCH_DELIVERIES says otherwise
	Channels   int // a sixtieth
	Editions   int // 50, of about 14 posts each
	Snapshots  int // 85 for each delivery
}

// First is the day on which the first edition begins.
var First = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// Full is the size that benchmarks are meant for.
const Full = 120_000

// Size returns how many deliveries there are to be: as many as usual, or as DAYMARK_BENCH_DELIVERIES says.
func Size(t testing.TB, usual int) int {
	t.Helper()
	text := os.Getenv("DAYMARK_BENCH_DELIVERIES")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		t.Fatalf("DAYMARK_BENCH_DELIVERIES is %q; write a number from 1000", text)
	}
	return n
}

// Each edition goes to as many channels as its 14 posts need. One connection runs all of it.
const makeBook = `
SET session_replication_role = replica;
INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
SELECT (ARRAY['mastodon', 'bluesky', 'mastodon', 'x'])[1 + n % 4], 'http://127.0.0.1:1', 'year' || n, 'year' || n, 'Channel ' || n,
  (ARRAY['Europe/London', 'America/Bogota', 'Africa/Dakar', 'Asia/Kathmandu', 'Pacific/Auckland', 'America/New_York', 'Asia/Beirut', 'Etc/UTC'])[1 + n % 8],
  ARRAY[(ARRAY['en', 'fr', 'es', 'ar'])[1 + n % 3]], true, '\x00', 'test'
FROM generate_series(1, current_setting('year.channels')::int) n;
INSERT INTO campaigns (id, observance, title, body, sha256, loaded_by, loaded_at)
SELECT 'year-' || n, '{"id": "year"}', '{"en": "A day"}', '{}', sha256('{}'), 1, '2026-01-01'
FROM generate_series(1, 50) n;
INSERT INTO editions (campaign_id, year, first_day, last_day)
SELECT 'year-' || n, 2026, '2026-01-05'::date + n * 7, '2026-01-05'::date + n * 7
FROM generate_series(1, 50) n;
INSERT INTO posts (edition_id, message)
SELECT e.id, 'message-' || m
FROM editions e, generate_series(1, 14) m
WHERE e.campaign_id LIKE 'year-%';
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after, state, hold, release_id, submission_id, revision_id)
SELECT p.id, c.id, c.languages[1], t.day, t.clock, c.zone, (t.day + t.clock) AT TIME ZONE c.zone, (t.day + t.clock) AT TIME ZONE c.zone + interval '3 days',
  'published', NULL, 1, 1, 1
FROM editions e
JOIN posts p ON p.edition_id = e.id
CROSS JOIN LATERAL generate_series(0, (SELECT ceil(current_setting('year.deliveries')::numeric / 700)::int - 1)) k
CROSS JOIN LATERAL (SELECT e.first_day + substr(p.message, 9)::int - 7 AS day, make_time(8 + (k + substr(p.message, 9)::int) % 12, (k * 7) % 60, 0) AS clock) t
JOIN channels c ON c.name = 'Channel ' || (1 + (e.id * 97 + k) % current_setting('year.channels')::int)
WHERE e.campaign_id LIKE 'year-%'
LIMIT current_setting('year.deliveries')::int;
INSERT INTO copies (delivery_id, post_id, channel_id, language, remote_id, published_at)
SELECT d.id, d.post_id, d.channel_id, d.language, 'remote-' || d.id, d.due_at
FROM deliveries d
WHERE d.state = 'published';
SET session_replication_role = origin;
ANALYZE channels, posts, deliveries, copies, editions;`

// The marks are those of internal/flow/engagement, in minutes, with the same tenth of an interval for each delivery. Every answer changes
// something, so that each is a row.
const makeCounts = `
SET work_mem = '512MB';
SELECT make_snapshot_months(m::date, 12) FROM generate_series('2025-12-01'::date, '2027-12-01', interval '12 months') m;
INSERT INTO snapshots (delivery_id, taken_at, favourites, boosts, replies, quotes, impressions, clicks)
SELECT d.id, d.due_at + (q.at + (q.at - q.before) * (d.id * 7919 % 1000) / 10000.0) * interval '1 minute', 30 + q.no + d.id % 20, 10 + q.no / 2, q.no / 8,
  CASE WHEN c.platform <> 'mastodon' OR d.channel_id % 2 = 0 THEN q.no / 16 END, CASE WHEN c.platform = 'x' THEN 100 * q.no END, NULL
FROM deliveries d
JOIN channels c ON c.id = d.channel_id,
LATERAL (
  SELECT no, at, coalesce(lag(at) OVER (ORDER BY no), 0) AS before
  FROM unnest(ARRAY[5, 15, 30, 60, 120, 240, 480, 960] || ARRAY(SELECT 1440 * n FROM generate_series(1, 30) n)
    || ARRAY(SELECT 1440 * (30 + 7 * n) FROM generate_series(1, 47) n)) WITH ORDINALITY AS u (at, no)
) q
ORDER BY 2;
INSERT INTO latest_counts (delivery_id, taken_at, changed_at, favourites, boosts, replies, quotes, impressions, clicks)
SELECT DISTINCT ON (s.delivery_id) s.delivery_id, s.taken_at, s.taken_at, s.favourites, s.boosts, s.replies, s.quotes, s.impressions, s.clicks
FROM snapshots s
ORDER BY s.delivery_id, s.taken_at DESC;
RESET work_mem;
ANALYZE snapshots, latest_counts;`

// Book makes the channels, editions and deliveries.
func Book(t testing.TB, owner *postgres.DB, deliveries int) Year {
	t.Helper()
	booktest.New(t, owner) // the people
	y := Year{Deliveries: deliveries, Channels: deliveries / 60, Editions: 50}
	run(t, owner, "SET year.channels = '"+strconv.Itoa(y.Channels)+"'; SET year.deliveries = '"+strconv.Itoa(y.Deliveries)+"';"+makeBook)
	if err := owner.GetContext(t.Context(), &y.Deliveries, `SELECT count(*) FROM deliveries`); err != nil {
		t.Fatal(err)
	}
	return y
}

// Counted is [Book] with every snapshot of two years, in the order in which they came; the sums are still to be made.
func Counted(t testing.TB, owner *postgres.DB, deliveries int) Year {
	t.Helper()
	y := Book(t, owner, deliveries)
	run(t, owner, makeCounts)
	if err := owner.GetContext(t.Context(), &y.Snapshots, `SELECT count(*) FROM snapshots`); err != nil {
		t.Fatal(err)
	}
	return y
}

func run(t testing.TB, owner *postgres.DB, query string) {
	t.Helper()
	if _, err := owner.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("make a year: %v", err)
	}
}
