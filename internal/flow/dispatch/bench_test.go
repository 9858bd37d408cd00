package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// running is a clock that runs as real time does, from an instant on.
type running struct{ start, from time.Time }

func (c running) Now() time.Time                 { return c.from.Add(time.Since(c.start)) }
func (c running) Wait(t time.Time) time.Duration { return t.Sub(c.Now()) }
func (running) Rate() float64                    { return 1 }

// many schedules as many posts as named on each of as many channels, all due at one instant, all on the bench's one account. The
// rows go the way of any others, past every trigger, many at a time.
func (b *bench) many(channels, posts int, due time.Time) {
	b.t.Helper()
	final, err := json.Marshal(post.Final{
		Platform: "mastodon", Account: "@hope@127.0.0.1", Language: "en", Zone: "Etc/UTC", DueAt: due, NotAfter: due.Add(72 * time.Hour), Visibility: "public",
		Parts: []post.FinalPart{{Text: "Nobody is for sale. THE-NUMBER #EndHumanTrafficking"}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.exec(`
INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
SELECT 'mastodon', 'http://127.0.0.1:1', '@many' || n || '@127.0.0.1', 'many' || n, 'many' || n, 'Etc/UTC', '{en}', true, '\x00', 'test'
FROM generate_series(1, $1) n`, channels)
	var ids []int64
	if err := b.db.SelectContext(b.t.Context(), &ids, `SELECT id FROM channels WHERE handle LIKE '@many%' ORDER BY id`); err != nil {
		b.t.Fatal(err)
	}
	b.networks.mu.Lock()
	for _, id := range ids {
		b.networks.accounts[id] = b.networks.accounts[b.channel]
	}
	b.networks.mu.Unlock()
	b.exec(`INSERT INTO posts (edition_id, message) SELECT $1, 'many-' || n FROM generate_series(1, $2) n`, b.book.Edition, posts)
	b.exec(`INSERT INTO revisions (post_id, no, author_id, body, sha256) SELECT id, 1, $1, '{}', sha256('{}') FROM posts WHERE message LIKE 'many-%'`, b.book.Author)
	b.exec(`
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after)
SELECT p.id, c.id, 'en', $1::timestamptz::date, '09:00', 'Etc/UTC', $1, $1::timestamptz + interval '3 days'
FROM posts p, channels c
WHERE p.message LIKE 'many-%'
  AND c.handle LIKE '@many%'`, due)
	b.exec(`
INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
SELECT id, current_revision, 'en', 2, $1
FROM posts
WHERE message LIKE 'many-%'`, b.book.Author)
	b.exec(`
INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, s.id, d.post_id, s.revision_id, d.channel_id, d.language, d.due_at, d.not_after, t.body, sha256(t.body)
FROM deliveries d
JOIN submissions s ON s.post_id = d.post_id,
LATERAL (SELECT convert_to(replace($1, 'THE-NUMBER', d.id::text), 'UTF8') AS body) t`, string(final))
	for _, reviewer := range b.book.Reviewers {
		b.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict) SELECT id, $1, '', 'approve' FROM submissions`, reviewer)
	}
	b.exec(`INSERT INTO clearances (submission_id) SELECT id FROM submissions`)
	err = b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error {
		_, err := tx.ExecContext(b.t.Context(), `
UPDATE deliveries d
SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r
WHERE d.id = r.delivery_id`)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(b.t.Context(), `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id, revision_id, due_at
FROM releases`)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.owner.ExecContext(b.t.Context(), `ANALYZE`); err != nil {
		b.t.Fatal(err)
	}
}

// instant answers each call at once, without a network.
type instant struct {
	*networks
	delay time.Duration
}

func (i instant) Prepare(context.Context, int64, platform.Content, int, platform.Handles) (platform.Handles, error) {
	return platform.Handles(`{}`), nil
}

func (i instant) Publish(ctx context.Context, _ int64, a platform.Attempt) (platform.Receipt, error) {
	if i.delay > 0 {
		timer := time.NewTimer(i.delay)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return platform.Receipt{}, ctx.Err()
		case <-timer.C:
		}
	}
	return platform.Receipt{Ref: platform.Ref{ID: a.Key}, URL: "https://example.org/" + a.Key}, nil
}

// loop makes the same calls from as many goroutines as named, with no database, and returns how long it took.
func (b *bench) loop(reach dispatch.Networks, n, workers int) time.Duration {
	var channels []int64
	if err := b.db.SelectContext(b.t.Context(), &channels, `SELECT id FROM channels WHERE handle LIKE '@many%' ORDER BY id`); err != nil {
		b.t.Fatal(err)
	}
	jobs := make(chan int)
	content := platform.Content{Parts: []platform.Part{{Text: "x"}}, Language: "en", Visibility: "public"}
	handles, err := reach.Prepare(b.t.Context(), channels[0], content, 0, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	var work sync.WaitGroup
	began := time.Now()
	for range workers {
		work.Go(func() {
			for j := range jobs {
				c := content
				c.Parts = []platform.Part{{Text: fmt.Sprintf("Nobody is for sale. loop %d #EndHumanTrafficking", j)}}
				if _, err := reach.Publish(b.t.Context(), channels[j%len(channels)], platform.Attempt{Key: fmt.Sprintf("loop-%d", j), No: 1, Content: c, Handles: handles}); err != nil {
					b.t.Error(err)
				}
			}
		})
	}
	for j := range n {
		jobs <- j
	}
	close(jobs)
	work.Wait()
	return time.Since(began)
}

// BenchmarkBurst sends 10,000 deliveries on 1,000 channels that are due at one instant, to the sandbox (in the same process) and to
// nobody, and compares with a loop that makes the same calls without a database.
func BenchmarkBurst(b *testing.B) {
	const channels, posts = 1000, 10
	for _, c := range []struct {
		name    string
		workers int
		reach   func(*networks) dispatch.Networks
	}{
		{"sandbox", 64, func(n *networks) dispatch.Networks { return n }},
		{"nobody", 64, func(n *networks) dispatch.Networks { return instant{n, 0} }},
		{"nobody in 50 ms", 512, func(n *networks) dispatch.Networks { return instant{n, 50 * time.Millisecond} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := setup(b)
				s.many(channels, posts, booktest.Due)
				reach := c.reach(s.networks)
				alone := s.loop(reach, channels*posts, c.workers)
				db, err := postgres.Open(b.Context(), s.dsn, postgres.Options{MaxConns: 12})
				if err != nil {
					b.Fatal(err)
				}
				now := running{start: time.Now(), from: booktest.Due.Add(-6 * time.Second)} // time to claim and to prepare
				d := dispatch.New(dispatch.Options{DB: db, Networks: reach, Licence: s.licence, Clock: now, Log: s.log, Worker: uuid.New()})
				b.StartTimer()
				stop := s.run(d)
				s.until("all are published", sqlAllPublished)
				took := now.Now().Sub(booktest.Due)
				stop()
				b.StopTimer()
				var late []float64
				if err := s.db.SelectContext(b.Context(), &late, `
SELECT extract(epoch FROM a.started_at - d.due_at)::float8 * 1000
FROM attempts a
JOIN deliveries d ON d.id = a.delivery_id`); err != nil {
					b.Fatal(err)
				}
				if len(late) != channels*posts {
					b.Errorf("%d attempts, want %d", len(late), channels*posts)
				}
				slices.Sort(late)
				b.ReportMetric(channels*posts/took.Seconds(), "deliveries/s")
				b.ReportMetric(alone.Seconds()/took.Seconds(), "of-the-loop")
				b.ReportMetric(late[len(late)/2], "p50-late-ms")
				b.ReportMetric(late[len(late)*99/100], "p99-late-ms")
				_ = db.Close()
				b.StartTimer()
			}
		})
	}
}
