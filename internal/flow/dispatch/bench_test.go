package dispatch_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// running is a clock that runs as real time does, from an instant on.
type running struct{ start, from time.Time }

func (c running) Now() time.Time                 { return c.from.Add(time.Since(c.start)) }
func (c running) Wait(t time.Time) time.Duration { return t.Sub(c.Now()) }
func (running) Rate() float64                    { return 1 }

// BenchmarkDrain sends 1,000 deliveries that are due at one instant to the sandbox, which is in the same process.
func BenchmarkDrain(b *testing.B) {
	const n = 1000
	for b.Loop() {
		b.StopTimer()
		s := setup(b)
		s.schedule(n, booktest.Due)
		db, err := postgres.Open(b.Context(), s.dsn, postgres.Options{MaxConns: 24})
		if err != nil {
			b.Fatal(err)
		}
		now := running{start: time.Now(), from: booktest.Due.Add(-2 * time.Second)} // time to claim and to prepare
		d := dispatch.New(dispatch.Options{DB: db, Networks: s.networks, Licence: s.licence, Clock: now, Log: s.log, Worker: uuid.New()})
		b.StartTimer()
		stop := s.run(d)
		s.until("all are published", sqlAllPublished)
		took := now.Now().Sub(booktest.Due)
		stop()
		b.StopTimer()
		s.once(n)
		var late []float64
		if err := s.db.SelectContext(b.Context(), &late, `
SELECT extract(epoch FROM a.started_at - d.due_at)::float8 * 1000
FROM attempts a
JOIN deliveries d ON d.id = a.delivery_id`); err != nil {
			b.Fatal(err)
		}
		slices.Sort(late)
		b.ReportMetric(n/took.Seconds(), "deliveries/s")
		for _, p := range []int{1, 50, 99} {
			b.ReportMetric(late[len(late)*p/100], fmt.Sprintf("p%d-late-ms", p))
		}
		_ = db.Close()
		b.StartTimer()
	}
}
