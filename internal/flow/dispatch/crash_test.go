package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/mischief"

	"github.com/google/uuid"
)

// moments are the points at which a worker may die.
var moments = []string{"after claim", "after attempt", "answer read", "before commit", "after settle"}

// stopAt lets a dispatcher do one round, of which every goroutine ends at a moment.
func (b *bench) stopAt(d *dispatch.Dispatcher, moment string) {
	d.At(func(name string) {
		if name == moment {
			runtime.Goexit()
		}
	})
	var work sync.WaitGroup
	work.Go(func() { b.begin(d) })
	work.Wait()
	d.Finish()
}

// dieAt does the same and lets the worker be gone, as when its process is killed: nothing more is written.
func (b *bench) dieAt(d *dispatch.Dispatcher, moment string) {
	b.stopAt(d, moment)
	d.CutLife()
	b.gone(d)
}

func TestAWorkerThatDiesIsTakenOverFromAtOnce(t *testing.T) {
	t.Parallel()
	for _, moment := range moments {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			b.dieAt(b.dispatcher(), moment)
			d := b.dispatcher()
			b.turn(d)
			switch moment {
			case "after claim", "after settle":
				b.want(delivery, "published", 1)
			case "after attempt": // nothing was sent: the network does not show it
				b.want(delivery, "unknown", 0)
			default: // it was sent, and is found
				b.want(delivery, "published", 1)
			}
			b.drain(d)
			b.want(delivery, "published", 1)
		})
	}
}

func TestAWorkerThatLivesIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.schedule(1, booktest.Due)[0]
	d := b.dispatcher()
	d.At(func(name string) {
		if name == "answer read" {
			b.turn(b.dispatcher())
		}
	})
	b.turn(d)
	b.want(delivery, "published", 1)
	var outcome string
	b.get(&outcome, `SELECT outcome FROM attempts`)
	if outcome != "published" {
		t.Errorf("the attempt is %s: another worker took it over", outcome)
	}
}

func TestAWorkerTakenForDeadStillTellsThatThePostIsOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.schedule(1, booktest.Due)[0]
	d, other := b.dispatcher(), b.dispatcher()
	d.At(func(name string) {
		if name == "answer read" {
			b.exec(`UPDATE queue SET lease_until = clock_timestamp() - interval '1 second'`)
			b.fault(mischief.Fault{Kind: mischief.Reject500, Endpoint: "GET /api/v1/accounts/:id/statuses"})
			b.turn(other)
			b.want(delivery, "unknown", 1)
		}
	})
	b.turn(d)
	b.want(delivery, "published", 1)
	b.drain(other)
	b.want(delivery, "published", 1)
}

func TestARowThatNobodyHoldsIsTakenBackByItsOwnWorker(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"after claim", "after attempt"} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			d := b.dispatcher()
			// As when the database took a claim, or an attempt, and the connection broke before it said so.
			b.stopAt(d, moment)
			d.At(func(string) {})
			b.drain(d)
			b.want(delivery, "published", 1)
		})
	}
}

// order is what a worker in a process of its own is told.
type order struct {
	DSN, Address, Secret, Moment string
	Channel                      int64
}

const orderEnv = "DAYMARK_TEST_DISPATCHER"

func TestMain(m *testing.M) {
	if text := os.Getenv(orderEnv); text != "" {
		if err := work(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// work runs a dispatcher until it kills its own process.
func work(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, err := postgres.Open(ctx, o.DSN, postgres.Options{Name: "dispatcher"})
	if err != nil {
		return err
	}
	now := clock.NewFake(booktest.Due)
	reach, _ := connect(o.Address, now)
	reach.accounts[o.Channel] = account(o.Address, o.Secret)
	d := dispatch.New(dispatch.Options{DB: db, Networks: reach, Licence: &licence{token: token}, Clock: now, Log: slog.New(slog.DiscardHandler), Worker: uuid.New()})
	d.At(func(name string) {
		if name == o.Moment {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	return errors.Join(d.Run(ctx), errors.New("nobody killed the worker"))
}

func TestAKilledProcessIsTakenOverFrom(t *testing.T) {
	t.Parallel()
	for _, moment := range moments {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.schedule(3, booktest.Due)
			text, err := json.Marshal(order{DSN: b.dsn, Address: b.server.BaseURL(), Secret: b.server.Token("hope"), Moment: moment, Channel: b.channel})
			if err != nil {
				t.Fatal(err)
			}
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = append(os.Environ(), orderEnv+"="+string(text))
			out, err := cmd.CombinedOutput()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the worker was not killed: %v\n%s", err, out)
			}
			b.drain(b.dispatcher())
			b.once(3)
		})
	}
}

// trouble is a sequence of faults and deaths, the same for the same seed.
type trouble struct{ *rand.Rand }

func (r trouble) fault() mischief.Fault {
	f := mischief.Fault{Endpoint: posting, Skip: r.IntN(3), Kind: []mischief.Kind{
		mischief.CommitThenDrop, mischief.CommitLate, mischief.CommitThen504, mischief.Reject500, mischief.RateLimited429, mischief.TruncateBody,
		mischief.HTMLInsteadOfJSON, mischief.DropBeforeRead, mischief.CachedErrorReplayed, mischief.KeyBurnt, mischief.Repeat500, mischief.Slow,
	}[r.IntN(12)]}
	switch f.Kind { //nolint:exhaustive // the others need nothing more
	case mischief.CommitLate:
		f.After = "GET /api/v1/accounts/:id/statuses"
	case mischief.RateLimited429:
		f.ResetSeconds = 2
	case mischief.Slow:
		f.DelayMS = 50
	}
	if r.IntN(4) == 0 { // the looking fails too
		f = mischief.Fault{Endpoint: []string{"GET /api/v1/accounts/:id/statuses", "GET /api/v1/statuses/:id/source"}[r.IntN(2)], Kind: mischief.Reject500, Skip: r.IntN(2)}
	}
	return f
}

func TestWhateverFailsAndWhoeverDiesEachPostIsOutOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			const n = 5
			r := trouble{rand.New(rand.NewPCG(seed, 1))}
			b := setup(t)
			b.timeout = 400 * time.Millisecond
			b.schedule(n, booktest.Due)
			for range 3 + r.IntN(5) {
				b.fault(r.fault())
			}
			for range r.IntN(4) {
				d := b.dispatcher()
				left := int64(1 + r.IntN(12))
				var passed atomic.Int64
				d.At(func(string) {
					if passed.Add(1) >= left { // all of the process ends
						runtime.Goexit()
					}
				})
				var work sync.WaitGroup
				work.Go(func() { b.begin(d) })
				work.Wait()
				d.Finish()
				d.CutLife()
				b.gone(d)
				b.exec(`UPDATE deliveries SET ask_at = clock_timestamp() WHERE state = 'unknown'`)
				b.twice(t)
			}
			b.server.Faults().Clear()
			b.drain(b.dispatcher())
			b.once(n)
		})
	}
}

// twice fails the test when a post is out twice.
func (b *bench) twice(t *testing.T) {
	t.Helper()
	var texts []string
	for _, s := range b.server.State().Statuses {
		if slices.Contains(texts, s.Text) {
			t.Errorf("%q is out twice", s.Text)
		}
		texts = append(texts, s.Text)
	}
}
