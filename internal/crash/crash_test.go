// Package crash runs the real daemon as a process of its own and treats it as life does: kills it at labelled moments, puts
// an old dump of its database back, starts it twice, takes its port, stops it while it starts.
//
// Whatever was done to it, the sandbox's timeline is the judge: each post is there once. The package holds tests only. It
// does not test the dispatcher's own rules one by one; that is the business of the package dispatch.
package crash

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for something that takes a moment on a machine that has other things to do.
const patience = 2 * time.Minute

// dieAt is the variable that makes the crash build kill itself at a labelled point.
const dieAt = "DAYMARK_DIE_AT"

// programs are the two builds of the command: as it is shipped, and with the labelled points.
var programs struct{ shipped, crash func() (string, error) }

// TestMain builds the programs when the first test asks for them, and removes them at the end.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "daymark-crash-")
	if err != nil {
		panic(err)
	}
	programs.shipped = sync.OnceValues(func() (string, error) { return build(filepath.Join(dir, "daymark")) })
	programs.crash = sync.OnceValues(func() (string, error) { return build(filepath.Join(dir, "daymark-crash"), "-tags", "crash") })
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func build(path string, flags ...string) (string, error) {
	args := append([]string{"build", "-buildvcs=false", "-ldflags=-s -w", "-o", path}, flags...)
	cmd := exec.Command("go", append(args, "daymark/cmd/daymark")...) //nolint:noctx // shared by all tests
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
}

func program(t *testing.T, which func() (string, error)) string {
	t.Helper()
	path, err := which()
	if err != nil {
		t.Fatalf("build the command: %v", err)
	}
	return path
}

// folder returns a new folder in memory, where there is one, that PostgreSQL's user can enter when we are root.
func folder(t *testing.T) string {
	t.Helper()
	base := "/dev/shm"
	if _, err := os.Stat(base); err != nil {
		base = ""
	}
	dir, err := os.MkdirTemp(base, "daymark-crash-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// environment is what every command of the tests gets: nothing of ours, short waits, and what the test adds.
func environment(more ...string) []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "DAYMARK_") && !strings.HasPrefix(pair, "DATABASE_URL=") {
			env = append(env, pair)
		}
	}
	return append(append(env, "DAYMARK_SANDBOX_SETTLING=300ms", "DAYMARK_ADDR=127.0.0.1:0"), more...)
}

// daemon is a running process of the command.
type daemon struct {
	t     *testing.T
	cmd   *exec.Cmd
	addr  string // once it is ready
	out   output
	ended chan struct{}
	err   error // how it ended
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

// start starts the command on a data folder and does not wait for anything.
func start(t *testing.T, program, data string, env []string, args ...string) *daemon {
	t.Helper()
	d := &daemon{t: t, ended: make(chan struct{})}
	d.cmd = exec.Command(program, args...) //nolint:noctx // the test ends it
	d.cmd.Env = append(env, "DAYMARK_DATA="+data)
	d.cmd.Stdout, d.cmd.Stderr = &d.out, &d.out
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		d.err = d.cmd.Wait()
		close(d.ended)
	}()
	t.Cleanup(func() {
		d.kill()
		if t.Failed() {
			t.Logf("output of %v:\n%s", args, d.out.String())
		}
	})
	return d
}

// serve starts the daemon and waits until it is ready.
func serve(t *testing.T, program, data string, env ...string) *daemon {
	t.Helper()
	d := start(t, program, data, environment(env...), "serve")
	d.ready()
	return d
}

// ready waits until the daemon says where its pages are.
func (d *daemon) ready() {
	d.t.Helper()
	poll(d.t, "the daemon to be ready", func() bool {
		select {
		case <-d.ended:
			d.t.Fatalf("the daemon ended before it was ready: %v", d.err)
		default:
		}
		lines := bufio.NewScanner(strings.NewReader(d.out.String()))
		for lines.Scan() {
			if _, addr, ok := strings.Cut(lines.Text(), "Daymark is ready: http://"); ok {
				d.addr = addr
				return true
			}
		}
		return false
	})
}

// kill ends the daemon as a power cut does.
func (d *daemon) kill() {
	_ = d.cmd.Process.Kill()
	<-d.ended
}

// dies waits until the daemon has killed itself.
func (d *daemon) dies() {
	d.t.Helper()
	d.wait(patience)
	status, ok := d.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		d.t.Fatalf("the daemon did not die at the point but ended with %v", d.err)
	}
}

// stop asks the daemon to stop and returns its exit code.
func (d *daemon) stop(signal os.Signal) int {
	d.t.Helper()
	if err := d.cmd.Process.Signal(signal); err != nil {
		d.t.Fatalf("ask the daemon to stop: %v", err)
	}
	return d.wait(patience)
}

// wait waits until the process has ended and returns its exit code.
func (d *daemon) wait(limit time.Duration) int {
	d.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-d.ended:
	case <-timer.C:
		d.t.Fatalf("%v still runs after %s", d.cmd.Args, limit)
	}
	return d.cmd.ProcessState.ExitCode()
}

// command runs a command of the program to its end.
func command(t *testing.T, program, data string, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(env, "DAYMARK_DATA="+data)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	noTrace(t, said.String())
	return cmd.ProcessState.ExitCode(), out.String(), said.String()
}

// noTrace fails the test if a person was shown the inside of the program.
func noTrace(t *testing.T, said string) {
	t.Helper()
	for _, inside := range []string{"panic:", "goroutine ", "runtime error", ".go:", "DATA RACE", "pq: "} {
		if strings.Contains(said, inside) {
			t.Errorf("%q is in what a person sees:\n%s", inside, said)
		}
	}
}

// poll waits until a condition holds.
func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-limit.C:
			t.Fatalf("waited %s for %s", patience, what)
		case <-tick.C:
		}
	}
}

// get reads a page.
func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	resp, err := client.Get(url) //nolint:noctx // the daemon is ours
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// taken listens on an address that is then in use.
func taken(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed by the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
