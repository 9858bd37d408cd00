package preflight_test

import (
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// many makes 10,000 scheduled deliveries on 100 channels out of one, past the guards, which are not what is measured.
const many = `
SET session_replication_role = replica;
INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
SELECT platform, address, 'h' || n, 'h' || n, 'Channel ' || n, zone, languages, sandbox, sealed, key_id FROM channels c, generate_series(1, 100) n WHERE c.id = (SELECT min(id) FROM channels);
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after, state, hold, release_id, submission_id, revision_id)
SELECT d.post_id, c.id, 'l' || n, d.due_date, d.due_clock, d.zone, d.due_at, d.not_after, 'scheduled', NULL, d.release_id, d.submission_id, d.revision_id
FROM deliveries d, channels c, generate_series(1, 100) n WHERE c.handle LIKE 'h%' AND c.name LIKE 'Channel %';
INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, d.submission_id, d.post_id, d.revision_id, d.channel_id, d.language, d.due_at, d.not_after, r.body, r.sha256
FROM deliveries d, releases r WHERE d.language LIKE 'l%';
UPDATE deliveries d SET release_id = r.id FROM releases r WHERE r.delivery_id = d.id;
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id, guard_submission, guard_revision, next_attempt_at, ready_at)
SELECT d.id, d.post_id, d.channel_id, d.language, d.due_at, d.not_after, d.release_id, d.submission_id, d.revision_id, d.submission_id, d.revision_id, d.due_at, d.due_at
FROM deliveries d WHERE d.language LIKE 'l%';
SET session_replication_role = origin;
ANALYZE`

// BenchmarkSweep measures a look at 10,000 deliveries that are due within a day, whose contents were looked at before, as every minute.
func BenchmarkSweep(b *testing.B) {
	dbs := postgrestest.NewBoth(b, migrations.FS)
	book := booktest.New(b, dbs.App)
	d := book.Deliver(booktest.Delivery{Post: book.Post("lamp"), Channel: book.Channel(booktest.Channel{})})
	book.Schedule(d)
	if _, err := dbs.Owner.ExecContext(b.Context(), many); err != nil {
		b.Fatal(err)
	}
	n := &networks{}
	first := time.Now()
	did, err := preflight.Sweep(b.Context(), dbs.App, n, booktest.Due.Add(-20*time.Hour))
	if err != nil || did.Looked != 10_001 {
		b.Fatalf("%+v, %v", did, err)
	}
	took, asked := time.Since(first), len(n.asked)
	for b.Loop() {
		if _, err := preflight.Sweep(b.Context(), dbs.App, n, booktest.Due.Add(-19*time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(took.Milliseconds()), "ms-first")
	b.ReportMetric(float64(asked), "accounts-asked")
}
