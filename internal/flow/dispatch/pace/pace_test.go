package pace_test

import (
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/pace"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestTheDistanceOfPostsIsSetByAdminsOnly(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	book := booktest.New(t, db)
	channel := book.Channel(booktest.Channel{})
	admin := people.Person{ID: book.Author, Name: "Ada", Role: people.RoleAdmin}
	for _, c := range []struct {
		name    string
		channel int64
		every   time.Duration
		by      people.Person
		refused fault.Kind
		now     time.Duration
	}{
		{"five seconds", channel, 5 * time.Second, admin, fault.Internal, 5 * time.Second},
		{"the same once more", channel, 5 * time.Second, admin, fault.Internal, 5 * time.Second},
		{"less than none", channel, -time.Second, admin, fault.Invalid, 5 * time.Second},
		{"longer than anything goes out late by itself", channel, 5 * time.Minute, admin, fault.Invalid, 5 * time.Second},
		{"by somebody who may not", channel, time.Second, people.Person{ID: book.Author, Name: "Wren", Role: people.RoleReviewer}, fault.Forbidden, 5 * time.Second},
		{"of a channel that is not there", channel + 9, time.Second, admin, fault.NotFound, 5 * time.Second},
		{"none again", channel, 0, admin, fault.Internal, 0},
	} {
		err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return pace.Space(t.Context(), tx, c.channel, c.every, c.by) })
		if taken := c.refused == fault.Internal; taken && err != nil || !taken && !fault.Is(err, c.refused) {
			t.Errorf("%s: %v", c.name, err)
		}
		if now, err := pace.Spacing(t.Context(), db, channel); err != nil || now != c.now {
			t.Errorf("%s: it is %s now, want %s (%v)", c.name, now, c.now, err)
		}
	}
	var written int
	if err := db.GetContext(t.Context(), &written, `SELECT count(*) FROM audit WHERE action = 'channel.spacing_changed'`); err != nil || written != 2 {
		t.Errorf("%d changes are in the log, want 2 (%v)", written, err)
	}
}

func TestWhatANetworkSaysBlocksAChannelUntilItsReset(t *testing.T) {
	t.Parallel()
	now := booktest.Due
	soon, later := now.Add(time.Minute), now.Add(time.Hour)
	for _, c := range []struct {
		name string
		said pace.Said
		want time.Time
	}{
		{"nothing", pace.Said{}, time.Time{}},
		{"there are calls left", pace.Said{Rate: platform.Rate{Limit: 300, Remaining: 1, Reset: soon}}, time.Time{}},
		{"none is left", pace.Said{Rate: platform.Rate{Limit: 300, Reset: soon}}, soon},
		{"none is left, and the reset is over", pace.Said{Rate: platform.Rate{Limit: 300, Reset: now}}, time.Time{}},
		{"a refusal with an instant", pace.Said{Until: later, Rate: platform.Rate{Limit: 300, Reset: soon}}, later},
	} {
		if got := c.said.Blocked(now); !got.Equal(c.want) {
			t.Errorf("%s: blocked until %s, want %s", c.name, got, c.want)
		}
	}
}
