package channel_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func reveal(t *testing.T, db *postgres.DB, keys seal.Keys, id int64) string {
	t.Helper()
	value, err := channel.Credentials(t.Context(), db, keys, id)
	if err != nil {
		t.Fatal(err)
	}
	return string([]byte(value))
}

func TestCredentialsAreRenewedOnceHoweverManyFindThemOld(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	keys := seal.Keys{newKey(t)}
	c := add(t, db, sample(), keys[0])
	var exchanged atomic.Int64
	renew := func(ctx context.Context, old seal.Secret) (seal.Secret, error) {
		if string([]byte(old)) != token {
			return nil, nil // another replica was first
		}
		exchanged.Add(1)
		return seal.Secret("fresh"), nil
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := channel.Renew(t.Context(), db, keys, c.ID, renew); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := reveal(t, db, keys, c.ID); got != "fresh" || exchanged.Load() != 1 {
		t.Errorf("the credentials are %q after %d exchanges", got, exchanged.Load())
	}
	rows, err := audit.List(t.Context(), db, audit.Filter{Action: "channel.renewed"})
	if err != nil || len(rows) != 1 {
		t.Errorf("audit: %+v, %v", rows, err)
	}
	refused := errors.New("the network says no")
	if err := channel.Renew(t.Context(), db, keys, c.ID, func(context.Context, seal.Secret) (seal.Secret, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Errorf("the network's refusal got lost: %v", err)
	}
	if got := reveal(t, db, keys, c.ID); got != "fresh" {
		t.Errorf("a refused exchange left %q", got)
	}
}

func TestANewKeySealsEveryChannelOrNone(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	ctx := t.Context()
	old, fresh := newKey(t), newKey(t)
	first := add(t, db, sample(), old)
	second := add(t, db, sample(func(n *channel.NewChannel) { n.Handle, n.Name = "two", "Two" }), old)
	reseal := func(keys seal.Keys) (n int, err error) {
		err = db.InTx(ctx, func(tx *postgres.Tx) error {
			n, err = channel.Reseal(ctx, tx, keys, 0)
			return err
		})
		return n, err
	}
	if n, err := reseal(seal.Keys{fresh, old}); err != nil || n != 2 {
		t.Fatalf("sealed %d, %v", n, err)
	}
	for _, id := range []int64{first.ID, second.ID} {
		if got := reveal(t, db, seal.Keys{fresh}, id); got != token {
			t.Errorf("channel %d holds %q", id, got)
		}
		if _, err := channel.Credentials(ctx, db, seal.Keys{old}, id); !fault.Is(err, fault.Conflict) {
			t.Errorf("the old key still opens channel %d: %v", id, err)
		}
	}
	other := add(t, db, sample(func(n *channel.NewChannel) { n.Handle, n.Name = "three", "Three" }), newKey(t))
	if _, err := reseal(seal.Keys{old, fresh}); !fault.Is(err, fault.Conflict) {
		t.Errorf("channel %d is sealed with a key that nobody has: %v", other.ID, err)
	}
	if got := reveal(t, db, seal.Keys{fresh}, first.ID); got != token {
		t.Errorf("half of the channels got another key: %q", got)
	}
}
