package totp

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func TestTheCodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("12345678901234567890"))
	// RFC 6238, appendix B, the rows of SHA1; six digits are the last ones of eight.
	for at, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		instant := time.Unix(at, 0)
		if got := step(code, secret, 0, instant); got != at/30 {
			t.Errorf("%s at %d is of step %d, want %d", code, at, got, at/30)
		}
		if got := step(code, secret, at/30, instant); got != 0 {
			t.Errorf("%s at %d is taken again", code, at)
		}
		if step(code, secret, 0, instant.Add(30*time.Second)) == 0 || step(code, secret, 0, instant.Add(90*time.Second)) != 0 {
			t.Errorf("%s is not taken for one step more, or for three", code)
		}
	}
	for _, code := range []string{"", "28708", "2870822", "abcdef", "٢٨٧٠٨٢"} {
		if step(code, secret, 0, time.Unix(59, 0)) != 0 {
			t.Errorf("%q is taken", code)
		}
	}
}

// bench is a person with a database.
type bench struct {
	t    *testing.T
	db   *postgres.DB
	keys seal.Keys
	ana  people.Person
}

func setup(t *testing.T) bench {
	t.Helper()
	b := bench{t: t, db: postgrestest.New(t, migrations.FS)}
	k, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	b.must(err)
	b.keys = seal.Keys{k}
	b.tx(func(ctx context.Context, tx *postgres.Tx) (err error) {
		b.ana, err = people.Add(ctx, tx, people.NewPerson{
			Email: "ana@example.org", Name: "Ana", Role: people.RoleReviewer, Password: "plain blue heart", Cost: people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		}, 0)
		return err
	})
	return b
}

func (b bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b bench) tx(work func(ctx context.Context, tx *postgres.Tx) error) {
	b.t.Helper()
	b.must(b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error { return work(b.t.Context(), tx) }))
}

// on turns codes on at now and returns the secret and the recovery codes.
func (b bench) on() (secret string, recovery []string) {
	b.t.Helper()
	b.tx(func(ctx context.Context, tx *postgres.Tx) error { return Begin(ctx, tx, b.keys, rand.Reader, b.ana) })
	k, err := Shown(b.t.Context(), b.db, b.keys, b.ana, "Hope: Line")
	b.must(err)
	recovery, err = Confirm(b.t.Context(), b.db, b.keys, rand.Reader, b.ana, b.code(k.Secret(), now), now)
	b.must(err)
	return k.Secret(), recovery
}

func (b bench) code(secret string, at time.Time) string {
	b.t.Helper()
	code, err := totp.GenerateCode(secret, at)
	b.must(err)
	return code
}

func (b bench) check(typed string, at time.Time) error {
	return Check(b.t.Context(), b.db, b.keys, b.ana, typed, at)
}

func TestCodesAreOnOnlyOnceOneWasTyped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tx(func(ctx context.Context, tx *postgres.Tx) error { return Begin(ctx, tx, b.keys, rand.Reader, b.ana) })
	state, err := StateOf(t.Context(), b.db, b.ana.ID)
	if err != nil || state != (State{Begun: true}) {
		t.Fatalf("%+v, %v", state, err)
	}
	if _, err := Confirm(t.Context(), b.db, b.keys, rand.Reader, b.ana, "000000", now); !fault.Is(err, fault.Invalid) {
		t.Errorf("a wrong first code: %v", err)
	}
	secret, recovery := b.on()
	state, err = StateOf(t.Context(), b.db, b.ana.ID)
	if err != nil || state != (State{On: true, Left: RecoveryCodes}) || len(recovery) != RecoveryCodes {
		t.Fatalf("%+v, %v, %v", state, recovery, err)
	}
	if _, err := Shown(t.Context(), b.db, b.keys, b.ana, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("the secret is shown again: %v", err)
	}
	err = b.db.InTx(t.Context(), func(tx *postgres.Tx) error { return Begin(t.Context(), tx, b.keys, rand.Reader, b.ana) })
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("the secret is replaced while codes are on: %v", err)
	}
	var kept string
	b.must(b.db.GetContext(t.Context(), &kept, `SELECT (SELECT encode(sealed, 'escape') FROM totp) || (SELECT string_agg(encode(hash, 'escape'), '') FROM recovery_codes) || (SELECT string_agg(detail::text, '') FROM audit)`))
	for _, hidden := range append([]string{secret}, recovery...) {
		if strings.Contains(kept, hidden) || strings.Contains(kept, strings.ReplaceAll(hidden, "-", "")) {
			t.Error("the database holds a secret in the open")
		}
	}
}

func TestACodeIsTakenOnceEvenByTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	secret, recovery := b.on()
	if err := b.check(b.code(secret, now), now); !fault.Is(err, fault.Invalid) {
		t.Errorf("the code that turned codes on is taken again: %v", err)
	}
	later := now.Add(time.Minute)
	for _, typed := range []string{b.code(secret, later), recovery[0], strings.ToUpper(strings.ReplaceAll(recovery[1], "-", " "))} {
		var group sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			group.Go(func() { errs[i] = b.check(typed, later) })
		}
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%q is taken by both or none: %v", typed, errs)
		}
		b.must(errors.Join(b.clear()))
	}
	state, err := StateOf(t.Context(), b.db, b.ana.ID)
	if err != nil || state.Left != RecoveryCodes-2 {
		t.Errorf("%+v, %v", state, err)
	}
}

func (b bench) clear() error {
	_, err := b.db.ExecContext(b.t.Context(), `DELETE FROM code_tries`)
	return err
}

func TestAfterFiveWrongCodesNoneIsLookedAtForAWhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	secret, recovery := b.on()
	later := now.Add(time.Minute)
	for range maxWrong {
		if err := b.check("000000", later); !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	}
	for _, typed := range []string{b.code(secret, later), recovery[0]} {
		if err := b.check(typed, later); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a right code after five wrong ones: %v", err)
		}
	}
	_, err := b.db.ExecContext(t.Context(), `UPDATE code_tries SET since = since - interval '16 minutes'`)
	b.must(err)
	b.must(b.check(b.code(secret, later), later))
	var n int
	b.must(b.db.GetContext(t.Context(), &n, `SELECT count(*) FROM audit WHERE action = 'login.codes_stopped'`))
	if n != 1 {
		t.Errorf("%d lines in the log, want 1", n)
	}
}

func TestCodesThatAreTurnedOffAreGoneWithTheRecoveryCodes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.on()
	off := func() error {
		return b.db.InTx(t.Context(), func(tx *postgres.Tx) error { return Forget(t.Context(), tx, b.keys, b.ana.ID, 0) })
	}
	b.must(off())
	if state, err := StateOf(t.Context(), b.db, b.ana.ID); err != nil || state != (State{}) {
		t.Errorf("%+v, %v", state, err)
	}
	if err := off(); !fault.Is(err, fault.NotFound) {
		t.Errorf("twice: %v", err)
	}
}

func TestANewKeySealsTheSecretsAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	secret, _ := b.on()
	next, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	b.must(err)
	b.tx(func(ctx context.Context, tx *postgres.Tx) error {
		n, err := Reseal(ctx, tx, append(seal.Keys{next}, b.keys...))
		if n != 1 {
			t.Errorf("%d secrets", n)
		}
		return err
	})
	b.keys = seal.Keys{next}
	later := now.Add(time.Minute)
	b.must(b.check(b.code(secret, later), later))
}
