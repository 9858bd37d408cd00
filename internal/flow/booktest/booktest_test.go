package booktest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/flow/booktest"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestDeliveriesReachEveryState(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b, published := booktest.Published(t, db, 2)
	if len(published) != 2 {
		t.Fatalf("Published made %d deliveries", len(published))
	}
	channel := b.Channel(booktest.Channel{Zone: "Asia/Kathmandu"})
	deliver := func(message string) int64 {
		return b.Deliver(booktest.Delivery{Post: b.Post(message), Channel: channel})
	}
	deliver("held")
	b.Schedule(deliver("scheduled"))
	b.Send(deliver("sending"), booktest.Due)
	b.Lose(deliver("unknown"), booktest.Due.Add(time.Second))
	b.Refuse(deliver("failed"), booktest.Due, "Too long.")
	b.Miss(deliver("missed"))
	removed := deliver("removed")
	b.Publish(removed, booktest.Due)
	b.AddPart(removed, 2, booktest.Due)
	b.TakeDown(removed, booktest.Due.Add(time.Hour))

	var got []string
	if err := db.SelectContext(t.Context(), &got, `
SELECT p.message || ': ' || s.state
FROM delivery_states s
JOIN deliveries d ON d.id = s.delivery_id
JOIN posts p ON p.id = d.post_id
ORDER BY d.id`); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"message-1: published", "message-2: published", "held: held", "scheduled: scheduled", "sending: sending",
		"unknown: unknown", "failed: failed", "missed: missed", "removed: removed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}
