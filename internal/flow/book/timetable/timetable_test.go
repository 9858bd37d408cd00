package timetable_test

import (
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book/timetable"
	"daymark/internal/flow/booktest"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestTheSequenceOnlyGrowsAndTextsShowOnceTheyAreApproved(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	place := b.Deliver(booktest.Delivery{Post: b.Post("blue-heart"), Channel: b.Channel(booktest.Channel{})})
	last := 0
	now := func(what string, state post.State, worded bool, grows bool) timetable.Place {
		t.Helper()
		list, err := timetable.Places(t.Context(), db, booktest.Due.AddDate(0, -1, 0), booktest.Due.AddDate(0, 1, 0), 0)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %+v, %v", what, list, err)
		}
		p := list[0]
		if p.State != state || (p.Text != "") != worded || (p.Sequence > last) != grows || p.Sequence < last {
			t.Errorf("%s: %+v, the sequence was %d", what, p, last)
		}
		last = p.Sequence
		return p
	}
	exec := func(query string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, place); err != nil {
			t.Fatal(err)
		}
	}
	first := now("waiting", post.Held, false, true)
	exec(`UPDATE deliveries SET due_at = due_at + interval '1 hour' WHERE id = $1`)
	if moved := now("moved", post.Held, false, true); !moved.DueAt.Equal(first.DueAt.Add(time.Hour)) || !moved.ChangedAt.After(first.ChangedAt) {
		t.Errorf("%+v after %+v", moved, first)
	}
	exec(`UPDATE deliveries SET due_at = due_at - interval '1 hour' WHERE id = $1`)
	now("moved back", post.Held, false, true)
	exec(`UPDATE deliveries SET problem = 'x' WHERE id = $1`)
	now("noted", post.Held, false, false)
	exec(`UPDATE deliveries SET state = 'cancelled', hold = NULL WHERE id = $1`)
	now("left out", post.Cancelled, false, true)

	other := b.Deliver(booktest.Delivery{Post: b.Post("thanks"), Channel: b.Channel(booktest.Channel{})})
	b.Publish(other, booktest.Due)
	list, err := timetable.Places(t.Context(), db, booktest.Due, booktest.Due.Add(time.Second), b.Edition)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, p := range list {
		if (p.Delivery == other) != (p.Text != "") {
			t.Errorf("its text: %+v", p)
		}
	}
	b.TakeDown(other, booktest.Due.Add(time.Hour))
	if list, err = timetable.Places(t.Context(), db, booktest.Due, booktest.Due.Add(time.Second), 0); err != nil || list[len(list)-1].Text != "" {
		t.Errorf("what was taken down keeps its text: %+v, %v", list, err)
	}
}
