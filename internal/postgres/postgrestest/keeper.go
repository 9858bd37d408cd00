package postgrestest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"daymark/internal/postgres"
	"daymark/internal/postgres/private"
)

// keeperEnv tells a test binary to be the keeper of the folder that it names.
const keeperEnv = "DAYMARK_TEST_KEEPER"

// linger is how long the cluster outlives its last user: `go test ./...` compiles between packages.
const linger = 20 * time.Second

// layout changes when the folder or the cluster's settings change, so that runs of two checkouts do not share one.
const layout = "3"

// settings make the cluster fast and forgetful.
var settings = []private.Setting{
	{Name: "fsync", Value: "off"},
	{Name: "full_page_writes", Value: "off"},
	{Name: "max_connections", Value: "400"},
	{Name: "shared_buffers", Value: "64MB"},
	{Name: "max_wal_size", Value: "1GB"},
	{Name: "autovacuum_naptime", Value: "15s"},
	{Name: "idle_in_transaction_session_timeout", Value: "0"},
}

// The keeper's life begins and ends before any test of the binary runs.
var _ = beKeeper()

func beKeeper() bool {
	dir := os.Getenv(keeperEnv)
	if dir == "" {
		return false
	}
	if err := keep(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
	return true
}

// keep runs the cluster, says so on file descriptor 3, and stops it when no test process is left.
func keep(dir string) error {
	// The server must inherit neither the pipe for the answer nor what a script around the tests has left open: who reads
	// such a pipe waits until nobody holds it.
	closeInherited()
	said := os.NewFile(answerFD, "answer")
	ctx := context.Background()
	c, err := private.StartPrivate(ctx, filepath.Join(dir, "d"), slog.New(slog.DiscardHandler), settings...)
	if err != nil {
		fmt.Fprint(said, err.Error())
		_ = said.Close()
		return err
	}
	fmt.Fprint(said, "ok")
	_ = said.Close()
	users, err := os.OpenFile(filepath.Join(dir, "users"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	gate, err := os.OpenFile(filepath.Join(dir, "gate"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	for idle := time.Duration(0); ; {
		if free(users) {
			idle += time.Second
		} else {
			idle = 0
		}
		if idle >= linger && syscall.Flock(int(gate.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			if free(users) { // and with the gate held nobody can come
				break
			}
			_ = syscall.Flock(int(gate.Fd()), syscall.LOCK_UN)
		}
		<-time.After(time.Second)
	}
	err = c.Stop(ctx)
	_ = os.RemoveAll(c.Home())                // of tests only
	_ = os.RemoveAll(filepath.Join(dir, "d")) // the lock files stay: others may have them open
	_ = gate.Close()
	return err
}

// answerFD is the descriptor on which the keeper says how its start went.
const answerFD = 3

// closeInherited closes every descriptor that was left open for us beyond the answer's. Go's own all close on exec.
func closeInherited() {
	syscall.CloseOnExec(answerFD)
	for fd := answerFD + 1; fd < 1024; fd++ {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
}

// free reports whether no test process holds its shared lock.
func free(users *os.File) bool {
	if syscall.Flock(int(users.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	_ = syscall.Flock(int(users.Fd()), syscall.LOCK_UN)
	return true
}

// server is the shared cluster as one test process sees it.
type server struct {
	cluster   *private.Cluster
	admin     *postgres.DB
	dir       string
	mu        sync.Mutex
	templates map[string]bool
}

func (s *server) dsn(role, database string) string { return s.cluster.DSN(role, database) }

// underLock runs work while no other process does: templates are made one at a time.
func (s *server) underLock(work func() error) error {
	f, err := locked(filepath.Join(s.dir, "templates"), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return work()
}

var once struct {
	sync.Once
	server *server
	users  *os.File // this process's shared lock, held until it ends
	err    error
}

// shared joins the cluster, the first time in this process, and stays till the process ends.
func shared(t testing.TB) *server {
	t.Helper()
	once.Do(func() { once.server, once.err = join() })
	if once.err != nil {
		t.Fatalf("tests need PostgreSQL 15 or later: %v", once.err)
	}
	return once.server
}

func join() (*server, error) {
	base := os.TempDir()
	if probe, err := os.MkdirTemp("/dev/shm", "daymark-probe-"); err == nil {
		base = "/dev/shm"
		_ = os.Remove(probe)
	}
	dir := filepath.Join(base, fmt.Sprintf("daymark-test-%d-%s", os.Getuid(), layout))
	if err := os.MkdirAll(dir, 0o711); err != nil { //nolint:gosec // root's cluster runs as another user
		return nil, err
	}
	gate, err := locked(filepath.Join(dir, "gate"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer func() { _ = gate.Close() }()
	if once.users, err = locked(filepath.Join(dir, "users"), syscall.LOCK_SH); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := private.Join(ctx, filepath.Join(dir, "d"))
	if err != nil {
		if err := spawn(dir); err != nil {
			return nil, err
		}
		if c, err = private.Join(ctx, filepath.Join(dir, "d")); err != nil {
			return nil, err
		}
	}
	admin, err := postgres.Open(ctx, c.DSN("daymark_owner", "postgres"), postgres.Options{MaxConns: 4, Name: "postgrestest"})
	if err != nil {
		return nil, err
	}
	return &server{cluster: c, admin: admin, dir: dir, templates: make(map[string]bool)}, nil
}

// spawn starts the keeper and waits until it says how it went.
func spawn(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	hear, say, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = hear.Close() }()
	cmd := exec.Command(self) //nolint:noctx // it outlives us
	cmd.Env = append(os.Environ(), keeperEnv+"="+dir)
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{say}
	// A session of its own, and none of our standard streams: `go test` waits until nobody holds them.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	_ = say.Close()
	if err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // so that it is no zombie when it ends before us
	if err := hear.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	answer, err := io.ReadAll(hear)
	if err != nil {
		return err
	}
	if !bytes.Equal(answer, []byte("ok")) {
		return fmt.Errorf("%s", answer)
	}
	return nil
}

func locked(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
