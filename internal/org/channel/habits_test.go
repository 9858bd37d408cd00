package channel_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func at(hour, minute int) civil.Clock { return civil.Clock{Hour: hour, Minute: minute} }

func TestQuietHoursMayCrossMidnight(t *testing.T) {
	t.Parallel()
	night := channel.Habits{QuietFrom: at(22, 0), QuietTo: at(7, 0)}
	noon := channel.Habits{QuietFrom: at(12, 0), QuietTo: at(13, 0)}
	for _, tt := range []struct {
		habits channel.Habits
		at     civil.Clock
		want   bool
	}{
		{night, at(21, 59), false},
		{night, at(22, 0), true},
		{night, at(0, 0), true},
		{night, at(6, 59), true},
		{night, at(7, 0), false},
		{noon, at(12, 0), true},
		{noon, at(13, 0), false},
		{noon, at(0, 0), false},
		{channel.Usual(), at(0, 0), false},
	} {
		if got := tt.habits.Quiet(tt.at); got != tt.want {
			t.Errorf("from %s to %s, %s is quiet: %t", tt.habits.QuietFrom, tt.habits.QuietTo, tt.at, got)
		}
	}
}

func TestAChannelKeepsItsHabits(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	k := newKey(t)
	usual := add(t, db, sample(), k)
	night := channel.Habits{Spacing: time.Hour, QuietFrom: at(22, 0), QuietTo: at(7, 0)}
	own := add(t, db, sample(func(n *channel.NewChannel) { n.Handle, n.Habits = "night", &night }), k)
	if diff := cmp.Diff([]channel.Habits{channel.Usual(), night}, []channel.Habits{usual.Habits, own.Habits}); diff != "" {
		t.Errorf("habits (-want +got):\n%s", diff)
	}
	save := func(h channel.Habits) error {
		return db.InTx(t.Context(), func(tx *postgres.Tx) error { return channel.SaveHabits(t.Context(), tx, own.ID, h, 0) })
	}
	for range 2 { // the second time changes nothing
		if err := save(channel.Habits{}); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := channel.Get(t.Context(), db, own.ID); err != nil || c.Habits != (channel.Habits{}) {
		t.Errorf("it has %+v, %v", c.Habits, err)
	}
	if rows, err := audit.List(t.Context(), db, audit.Filter{Action: "channel.habits_changed"}); err != nil || len(rows) != 1 {
		t.Errorf("the log has %d rows, %v", len(rows), err)
	}
	for _, h := range []channel.Habits{{Spacing: -1}, {Spacing: 25 * time.Hour}, {Spacing: 90 * time.Second}} {
		if err := save(h); !fault.Is(err, fault.Invalid) {
			t.Errorf("a spacing of %s: %v", h.Spacing, err)
		}
		if _, err := tryAdd(t, db, sample(func(n *channel.NewChannel) { n.Handle, n.Habits = "other", &h }), k); !fault.Is(err, fault.Invalid) {
			t.Errorf("a new channel with a spacing of %s: %v", h.Spacing, err)
		}
	}
}
