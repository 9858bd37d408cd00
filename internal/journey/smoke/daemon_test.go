package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	coretext "daymark/internal/core/text"
	sandbox "daymark/internal/sandbox/mastodon"

	"github.com/google/go-cmp/cmp"
)

// daemon is "daymark demo" in a folder of its own.
type daemon struct {
	binary, data    string
	addr, box       string // where pages and sandbox listen
	pages, timeline string
	passwords       map[string]string   // those printed at the first start
	marked          map[string][]string // the hashtags of each post on Bluesky
	process         *exec.Cmd
	output          *output
	ended           chan error
}

// newDaemon chooses free ports.
func newDaemon(binary, folder string) (*daemon, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // opening a local listener does not wait
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.Close() }()
	addr := l.Addr().String()
	box, err := freePorts()
	if err != nil {
		return nil, err
	}
	return &daemon{binary: binary, data: filepath.Join(folder, "data"), addr: addr, box: box, pages: "http://" + addr, timeline: "http://" + box}, nil
}

// start starts the daemon and waits until it is ready.
func (d *daemon) start(ctx context.Context) error {
	d.output = &output{}
	d.process = exec.Command(d.binary, "demo", "--data", d.data, "--addr", d.addr, "--sandbox-addr", d.box, "--demo-fast", fast)
	d.process.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "DAYMARK_") || strings.HasPrefix(v, "DATABASE_URL=")
	})
	d.process.Stdout, d.process.Stderr = d.output, d.output
	if err := d.process.Start(); err != nil {
		return err
	}
	process, ended := d.process, make(chan error, 1)
	d.ended = ended
	go func() { ended <- process.Wait() }()
	return wait(ctx, "the daemon to be ready", func() error {
		select {
		case err := <-ended:
			ended <- err
			return final{fmt.Errorf("the daemon ended: %w\n%s", err, d.output.last())}
		default:
		}
		if !strings.Contains(d.output.all(), "Daymark is ready.") {
			return fmt.Errorf("it has not said that it is:\n%s", d.output.last())
		}
		_, err := fetch(ctx, d.pages+"/readyz")
		return err
	})
}

// stop asks the daemon to end and expects it to end well.
func (d *daemon) stop() error {
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-d.ended:
		d.process = nil
		if err != nil {
			return fmt.Errorf("the daemon did not stop well: %w\n%s", err, d.output.last())
		}
		return nil
	case <-time.After(patience):
		return errors.New("the daemon did not stop")
	}
}

// kill ends a daemon that a failed run leaves behind, with its database if it can.
func (d *daemon) kill() {
	if d.process == nil {
		return
	}
	if d.stop() != nil && d.process != nil {
		_ = d.process.Process.Kill()
		<-d.ended
	}
}

var printed = regexp.MustCompile(`(?m)^ +(\S+@daymark\.example) +(\S+)`)

// password returns the password of a person that the first start printed.
func (d *daemon) password(email string) string {
	if d.passwords == nil {
		d.passwords = map[string]string{}
		for _, m := range printed.FindAllStringSubmatch(d.output.all(), -1) {
			d.passwords[m[1]] = m[2]
		}
	}
	return d.passwords[email]
}

// state asks the sandboxes what they have.
func (d *daemon) state(ctx context.Context) (sandbox.State, error) {
	var s sandbox.State
	if err := d.ask(ctx, 0, &s); err != nil {
		return s, err
	}
	return s, d.others(ctx, &s)
}

// tags asks the sandbox, as any client would, which hashtags it reads in a status. X tells nobody: its own words are taken.
func (d *daemon) tags(ctx context.Context, s sandbox.StatusState) ([]string, error) {
	switch {
	case strings.HasPrefix(s.Key, onBluesky):
		return d.marked[s.ID], nil
	case strings.HasPrefix(s.Key, onX):
		var list []string
		for _, tag := range coretext.Hashtags(s.Text) {
			list = append(list, strings.TrimPrefix(tag.Text, "#"))
		}
		return list, nil
	}
	return d.tooted(ctx, s.ID)
}

func (d *daemon) tooted(ctx context.Context, id string) ([]string, error) {
	var status struct {
		Tags []struct{ Name string }
	}
	body, err := fetch(ctx, d.timeline+"/api/v1/statuses/"+id)
	if err == nil {
		err = json.Unmarshal(body, &status)
	}
	list := make([]string, len(status.Tags))
	for i, t := range status.Tags {
		list[i] = t.Name
	}
	return list, err
}

// notMore compares a page with what the sandbox counts a moment later: figures of a network never fall.
func (d *daemon) notMore(ctx context.Context, v *visitor, edition int64) error {
	page, err := d.reach(ctx, v, edition)
	if err != nil {
		return err
	}
	state, err := d.state(ctx)
	if err != nil {
		return err
	}
	for name, n := range of(state.Statuses) {
		if got := page.totals[name]; got <= 0 || got > n {
			return fmt.Errorf("the page shows %d %s, the sandbox counts %d", got, name, n)
		}
	}
	return nil
}

// reachIs waits until the page shows exactly what the sandbox counts, and counted before.
func (d *daemon) reachIs(ctx context.Context, v *visitor, edition int64, before []sandbox.StatusState) error {
	err := wait(ctx, "the reach page to show the sandbox's figures", func() error {
		first, err := d.state(ctx)
		if err != nil {
			return err
		}
		page, err := d.reach(ctx, v, edition)
		if err != nil {
			return err
		}
		second, err := d.state(ctx)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(first.Statuses, second.Statuses); diff != "" {
			return fmt.Errorf("the sandbox's figures moved meanwhile: %s", diff)
		}
		if !cmp.Equal(before, second.Statuses) {
			return final{errors.New("the statuses are not those of before")}
		}
		return agree(page, second.Statuses)
	})
	if err == nil {
		state, _ := d.state(ctx)
		f := of(state.Statuses)
		say("the reach page shows what the sandbox counts, in all, by channel and by language: %d favourites, %d boosts, %d replies", f["favourites"], f["boosts"], f["replies"])
	}
	return err
}

// unchanged watches the sandbox for a while and expects nothing new.
func (d *daemon) unchanged(ctx context.Context, before []sandbox.StatusState, long time.Duration) error {
	end := time.NewTimer(long)
	defer end.Stop()
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	for {
		state, err := d.state(ctx)
		if err != nil {
			return err
		}
		if err := twice(state.Statuses); err != nil {
			return err
		}
		if diff := cmp.Diff(before, state.Statuses); diff != "" {
			return fmt.Errorf("the statuses changed over the restart (-before +after):\n%s", diff)
		}
		select {
		case <-again.C:
		case <-end.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// final is a failure that waiting does not mend.
type final struct{ error }

// wait asks again and again until there is no complaint any more.
func wait(ctx context.Context, what string, ask func() error) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		if over, ok := errors.AsType[final](err); ok {
			return over.error
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return fmt.Errorf("waited %s in vain for %s: %w", patience, what, err)
		}
	}
}

func fetch(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", address, resp.Status)
	}
	return body, err
}

// output collects what the daemon writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps what is written.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) all() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// last returns the last lines.
func (o *output) last() string {
	lines := strings.Split(strings.TrimSpace(o.all()), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
