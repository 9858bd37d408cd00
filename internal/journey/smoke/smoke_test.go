// Package smoke starts the demo as a person does and holds three witnesses against each other: what the sandbox network has,
// what the database says was approved, and what the reach page shows.
//
// scripts/smoke builds this package's test program and runs it with the daemon's program in DAYMARK_SMOKE. Without that
// variable the program is an ordinary test of the comparisons: each of them must notice what it is there to notice.
package smoke

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"daymark/internal/flow/book"
	sandbox "daymark/internal/sandbox/mastodon"
)

// What the demo must have published.
const (
	leastMessages = 12
	patience      = 90 * time.Second
	fast          = "20s" // how long the rehearsal takes
)

var languages = []string{"ar", "en", "es", "fr"}

func TestMain(m *testing.M) {
	binary := os.Getenv("DAYMARK_SMOKE")
	if binary == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, binary)
	stop()
	if err != nil {
		fmt.Println("smoke: FAILED:", err)
		os.Exit(1)
	}
	fmt.Println("smoke: passed")
	os.Exit(0)
}

func say(format string, args ...any) { fmt.Printf("smoke: "+format+"\n", args...) }

// run is the whole smoke test, with the daemon's program.
func run(ctx context.Context, binary string) (err error) {
	folder, err := os.MkdirTemp("", "daymark-smoke-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	// A cluster that root starts runs as somebody else, who must be able to enter.
	if err := os.Chmod(folder, 0o755); err != nil {
		return err
	}
	d, err := newDaemon(binary, folder)
	if err != nil {
		return err
	}
	defer d.kill()
	say("starting %s demo on an empty folder", filepath.Base(binary))
	if err := d.start(ctx); err != nil {
		return err
	}
	say("ready at %s, timeline at %s", d.pages, d.timeline)
	manager, err := d.logIn(ctx, "mina@daymark.example")
	if err != nil {
		return err
	}
	say("logged in as the manager with the password it printed")
	before, edition, err := d.compare(ctx, manager)
	if err != nil {
		return err
	}
	if err := d.stop(); err != nil {
		return err
	}
	say("stopped with SIGTERM: exit code 0")
	if err := d.start(ctx); err != nil {
		return fmt.Errorf("the second start: %w", err)
	}
	// The session is in the database, so that the manager is still logged in.
	if err := d.unchanged(ctx, before, 10*time.Second); err != nil {
		return err
	}
	if err := d.reachIs(ctx, manager, edition, before); err != nil {
		return err
	}
	say("after stop and start: the same %d statuses, none twice, and the same figures", len(before))
	return d.stop()
}

// compare waits until the rehearsal is over and compares the three witnesses.
func (d *daemon) compare(ctx context.Context, manager *visitor) ([]sandbox.StatusState, int64, error) {
	db, err := d.open(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer db.close()
	published, err := db.published(ctx)
	if err != nil {
		return nil, 0, err
	}
	state, err := d.state(ctx)
	if err != nil {
		return nil, 0, err
	}
	if err := enough(published); err != nil {
		return nil, 0, err
	}
	say("%d deliveries are published: at least %d messages in each of %v", len(published), leastMessages, languages)
	if err := d.same(ctx, published, state.Statuses); err != nil {
		return nil, 0, err
	}
	say("each of the %d statuses has its release's text, hashtags, alt text, language and content note", len(state.Statuses))
	if err := d.notMore(ctx, manager, db.edition); err != nil {
		return nil, 0, err
	}
	say("the reach page shows no more than the sandbox counts by now")
	later, err := db.settle(ctx)
	if err != nil {
		return nil, 0, err
	}
	if err := wait(ctx, "the daemon to see the new time", func() error {
		if state, err = d.state(ctx); err == nil && state.Now.Before(later) {
			err = fmt.Errorf("the sandbox is at %s", state.Now)
		}
		return err
	}); err != nil {
		return nil, 0, err
	}
	say("product time moved on by ten days, when nobody reacts any more")
	return state.Statuses, db.edition, d.reachIs(ctx, manager, db.edition, state.Statuses)
}

// enough reports what is missing of the messages and languages that the demo is to publish.
func enough(published []delivery) error {
	messages := map[string]map[string]bool{}
	for _, p := range published {
		if messages[p.entry.Language] == nil {
			messages[p.entry.Language] = map[string]bool{}
		}
		messages[p.entry.Language][p.entry.Message] = true
	}
	for _, l := range languages {
		if len(messages[l]) < leastMessages {
			return fmt.Errorf("in %s %d messages are published, want at least %d", l, len(messages[l]), leastMessages)
		}
	}
	return nil
}

// same compares every published delivery with its status, and expects no other status.
func (d *daemon) same(ctx context.Context, published []delivery, statuses []sandbox.StatusState) error {
	if err := twice(statuses); err != nil {
		return err
	}
	if len(statuses) != len(published) {
		return fmt.Errorf("the sandbox has %d statuses, the database %d published deliveries", len(statuses), len(published))
	}
	for _, p := range published {
		i := slices.IndexFunc(statuses, func(s sandbox.StatusState) bool { return s.URL == p.entry.URL })
		if i < 0 {
			return fmt.Errorf("delivery %d says it is at %q, and the sandbox has nothing there", p.entry.Delivery, p.entry.URL)
		}
		tags, err := d.tags(ctx, statuses[i])
		if err != nil {
			return err
		}
		if wrong := differences(p, statuses[i], tags); len(wrong) > 0 {
			return fmt.Errorf("%s (%s in %s) is not its release: %v", statuses[i].URL, p.entry.Message, p.entry.Language, wrong)
		}
	}
	return nil
}

// delivery is a published delivery with its release and the hashtags of its source.
type delivery struct {
	entry   book.Entry
	release book.Release
	tags    []string // without their sign
}
