// Package takedown takes a thread down that is out on four networks, kills the process at each step of it, and lets a daemon go on.
//
// The networks are the sandboxes of Mastodon, Bluesky and X, and one that people post to by hand and that Daymark cannot remove from.
// The sandboxes' timelines are the judges. The package holds tests only.
package takedown

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/civil"
	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/x"
	"daymark/migrations"
)

// patience is how long a test waits for something that takes a moment on a machine that has other things to do.
const patience = 90 * time.Second

// charity is the product on a database of its own, with an account on each of four networks, and the program that is killed.
type charity struct {
	t       *testing.T
	app     *app.App
	env     []string
	program string
	toots   *mastodon.Server
	skies   *bluesky.Server
	posts   *x.Server
	places  []channel.Channel // the one by hand is the last
	people  map[people.Role]people.Person
}

func newCharity(t *testing.T) *charity {
	t.Helper()
	c := &charity{t: t, people: map[people.Role]people.Person{}}
	ctx := t.Context()
	c.program = filepath.Join(t.TempDir(), "daymark-crash")
	built := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-tags", "crash", "-o", c.program, "daymark/cmd/daymark")
	built.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := built.CombinedOutput(); err != nil {
		t.Fatalf("build the command: %v\n%s", err, out)
	}
	s := app.Settings{DataDir: t.TempDir(), Addr: "127.0.0.1:0", SandboxSettling: 300 * time.Millisecond, Version: "test"}
	s.AppDatabaseURL, s.DatabaseURL = postgrestest.NewDSNs(t, migrations.FS)
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "DAYMARK_") && !strings.HasPrefix(pair, "DATABASE_URL=") {
			c.env = append(c.env, pair)
		}
	}
	c.env = append(c.env, "DATABASE_URL="+s.DatabaseURL, "DAYMARK_APP_DATABASE_URL="+s.AppDatabaseURL, "DAYMARK_DATA="+s.DataDir,
		"DAYMARK_ADDR=127.0.0.1:0", "DAYMARK_SANDBOX_SETTLING=300ms", "DAYMARK_PLAN_WEEKS=0")
	var err error
	c.app, err = app.Open(ctx, s, slog.New(slog.DiscardHandler))
	c.must(err)
	t.Cleanup(func() {
		bye, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := c.app.Close(bye); err != nil {
			t.Errorf("close Daymark: %v", err)
		}
	})
	c.settle()
	c.networks()
	return c
}

// settle makes the people, the charity and its campaign.
func (c *charity) settle() {
	c.t.Helper()
	ctx := c.t.Context()
	c.must(c.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		for _, role := range []people.Role{people.RoleAdmin, people.RoleEditor, people.RoleReviewer} {
			p, err := people.Add(ctx, tx, people.NewPerson{
				Email: string(role) + "@charity.example", Name: string(role), Role: role, Languages: []string{"en"}, Password: "a long pass phrase for tests",
				Cost: people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
			}, 0)
			if err != nil {
				return err
			}
			c.people[role] = p
		}
		return profile.Save(ctx, tx, profile.Profile{Name: "Hope Line", Link: "https://hopeline.example/july30", Zone: "Etc/UTC"}, c.people[people.RoleAdmin].ID)
	}))
	loaded, err := campaign.LoadShipped("july-30")
	c.must(err)
	_, err = c.app.Load(ctx, loaded, c.people[people.RoleEditor])
	c.must(err)
	c.must(c.app.CheckLicence(ctx))
}

// networks starts three sandboxes and connects an account on each, and one by hand.
func (c *charity) networks() {
	c.t.Helper()
	now := app.LineClock(clock.Line{})
	var err error
	c.toots, err = mastodon.New(mastodon.Options{Accounts: []mastodon.Account{{Handle: "hope"}}, Clock: now, Quiet: true})
	c.must(err)
	c.skies, err = bluesky.New(bluesky.Options{Accounts: []bluesky.Account{{Handle: "hope.test"}}, Clock: now, Quiet: true})
	c.must(err)
	c.posts, err = x.New(x.Options{Accounts: []x.Account{{Handle: "hope"}}, Clock: now, Wall: time.Now, Quiet: true, Switches: x.Switches{Replies: true}})
	c.must(err)
	for _, s := range []interface {
		Start(addr string) error
		BaseURL() string
		Close() error
	}{c.toots, c.skies, c.posts} {
		c.must(s.Start("127.0.0.1:0"))
		c.t.Cleanup(func() { _ = s.Close() })
		c.app.Networks.Sandbox(s.BaseURL())
	}
	keys, err := c.posts.Keys("hope", false)
	c.must(err)
	for _, start := range []joining.Start{
		{Platform: "mastodon", Address: c.toots.BaseURL(), Keys: joining.Keys{AccessToken: c.toots.Token("hope")}},
		{Platform: "bluesky", Address: c.skies.BaseURL(), Keys: joining.Keys{Handle: "hope.test", AppPassword: c.skies.AppPassword(bluesky.Account{Handle: "hope.test"})}},
		{Platform: "x", Address: c.posts.BaseURL(), Keys: joining.Keys{
			ConsumerKey: keys.ConsumerKey, ConsumerSecret: keys.ConsumerSecret, AccessToken: keys.AccessToken, AccessSecret: keys.AccessSecret,
		}},
		{Platform: "byhand", Address: "https://www.instagram.example/hope", ByHand: joining.ByHand{Kind: "Instagram", Handle: "@hope", Characters: 2200}},
	} {
		start.Wanted = joining.Wanted{Name: "Hope on " + start.Platform, Zone: "Etc/UTC", Languages: []string{"en"}, Country: "GB"}
		made, err := c.app.Joins.Direct(c.t.Context(), c.people[people.RoleAdmin], start)
		c.must(err)
		c.places = append(c.places, made)
	}
}

// thread is a thread of two parts that is out on every network.
type thread struct {
	post   int64
	words  string // that both parts have and no other thread
	byHand int64  // the delivery that a person posted
}

// publish lets the daemon post n threads; a person posts those by hand.
func (c *charity) publish(n int) []thread {
	c.t.Helper()
	due := c.app.Clock.Now().Add(3 * time.Second).Truncate(time.Second)
	var list []thread
	for i := range n {
		list = append(list, c.approved(fmt.Sprintf("thread-%d", i+1), due))
	}
	d := c.start("", "serve")
	defer d.stop()
	for i := range list {
		for part := range 2 {
			c.byPerson(list[i].byHand, part+1, fmt.Sprintf("https://www.instagram.example/p/%d-%d", i+1, part+1))
		}
	}
	c.waitFor("every thread to be out", func() bool {
		return c.count(`SELECT count(*) FROM deliveries WHERE state = 'published'`) == n*len(c.places)
	})
	return list
}

// byPerson waits for the task of a part, and comes back with its link.
func (c *charity) byPerson(delivery int64, part int, link string) {
	c.t.Helper()
	ctx := c.t.Context()
	c.waitFor("a part to be posted by hand", func() bool {
		w, err := decide.FindTask(ctx, c.app.DB, delivery)
		return err == nil && w.Part == part
	})
	c.must(c.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return decide.Live(ctx, tx, delivery, link, c.people[people.RoleEditor], c.app.Clock.Now())
	}))
}

// approved writes a thread and has it approved for each network.
func (c *charity) approved(message string, due time.Time) thread {
	c.t.Helper()
	ctx, by := c.t.Context(), c.people[people.RoleEditor]
	made := thread{words: "Nobody is for sale. " + rand.Text()[:10]}
	day, at := civil.DateOf(due), civil.Clock{Hour: due.Hour(), Minute: due.Minute()}
	c.must(c.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		edition, err := book.SaveEdition(ctx, tx, book.Edition{Campaign: "july-30", Year: due.Year(), FirstDay: day.String(), LastDay: day.String()})
		if err != nil {
			return err
		}
		made.post, err = book.AddPost(ctx, tx, book.Draft{Edition: edition, Source: post.Source{
			Message: message, Kind: "fact", When: post.When{Date: day.String(), Clock: at.String()},
			Parts: []post.SourcePart{{Texts: map[string]string{"en": made.words + " One."}}, {Texts: map[string]string{"en": made.words + " Two."}}},
		}}, by.ID)
		if err != nil {
			return err
		}
		for _, place := range c.places {
			made.byHand, err = book.AddDelivery(ctx, tx, book.Delivery{
				Post: made.post, Channel: place.ID, Language: "en", Date: day, Clock: at, Zone: "Etc/UTC", DueAt: due, NotAfter: due.Add(24 * time.Hour),
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	before := due.Add(-time.Minute)
	sent, err := review.Submit(ctx, c.app.DB, c.app.Checks(), made.post, by, before)
	c.must(err)
	for _, s := range sent.Submissions {
		out, err := review.Say(ctx, c.app.DB, s, c.people[people.RoleReviewer], review.Approve, "", before)
		c.must(err)
		if out.Scheduled != len(c.places) {
			c.t.Fatalf("%d deliveries were scheduled, want %d", out.Scheduled, len(c.places))
		}
	}
	return made
}

// shown counts what the sandboxes show of a thread: on Mastodon, Bluesky and X.
func (c *charity) shown(words string) [3]int {
	var n [3]int
	for _, s := range c.toots.State().Statuses {
		n[0] += strings.Count(s.Text, words)
	}
	for _, s := range c.skies.State().Posts {
		n[1] += strings.Count(s.Text, words)
	}
	for _, s := range c.posts.State().Posts {
		n[2] += strings.Count(s.Text, words)
	}
	return n
}

func (c *charity) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *charity) count(query string, args ...any) int {
	c.t.Helper()
	var n int
	c.must(c.app.DB.GetContext(c.t.Context(), &n, query, args...))
	return n
}

// waitFor asks again and again until something is so.
func (c *charity) waitFor(what string, so func() bool) {
	c.t.Helper()
	limit, tick := time.NewTimer(patience), time.NewTicker(50*time.Millisecond)
	defer limit.Stop()
	defer tick.Stop()
	for !so() {
		select {
		case <-limit.C:
			c.t.Fatalf("waited %s for %s", patience, what)
		case <-tick.C:
		}
	}
}

// process is a running process of the program.
type process struct {
	c     *charity
	cmd   *exec.Cmd
	out   output
	ended chan struct{}
}

// output collects what a process says, while it says it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start starts the program; it kills itself at the step that is named.
func (c *charity) start(dieAt string, args ...string) *process {
	c.t.Helper()
	p := &process{c: c, cmd: exec.Command(c.program, args...), ended: make(chan struct{})} //nolint:noctx // the test ends it
	p.cmd.Env = append(c.env[:len(c.env):len(c.env)], "DAYMARK_DIE_AT="+dieAt)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	c.must(p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	c.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if c.t.Failed() {
			c.t.Logf("output of %v:\n%s", args, p.out.String())
		}
	})
	return p
}

// dies waits until the process has killed itself.
func (p *process) dies() {
	p.c.t.Helper()
	p.wait()
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		p.c.t.Fatalf("the process did not die at its step but ended with %v\n%s", p.cmd.ProcessState, p.out.String())
	}
}

// stop asks the daemon to stop and waits for it.
func (p *process) stop() {
	p.c.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.c.t.Fatal(err)
	}
	p.wait()
}

func (p *process) wait() {
	p.c.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		p.c.t.Fatalf("%v still runs after %s", p.cmd.Args, patience)
	}
}
