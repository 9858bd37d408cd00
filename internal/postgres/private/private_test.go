package private_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/postgres"
	"daymark/internal/postgres/private"
)

// asDaemon tells the test binary to be a daemon on the folder that it names.
const asDaemon = "DAYMARK_TEST_PRIVATE_DAEMON"

// TestMain lets the test binary be the daemon that the tests kill.
func TestMain(m *testing.M) {
	if dir := os.Getenv(asDaemon); dir != "" {
		c, err := private.StartPrivate(context.Background(), dir, quiet())
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("ready", serverOf(c))
		_, _ = io.Copy(io.Discard, os.Stdin) // until our parent goes
		_ = c.Stop(context.Background())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// folder returns a data folder that the server's user can enter when we are root, which t.TempDir is not.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "daymark-private-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

func start(t *testing.T, dir string) *private.Cluster {
	t.Helper()
	c, err := private.StartPrivate(t.Context(), dir, quiet())
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	return c
}

func stop(t *testing.T, c *private.Cluster) {
	t.Helper()
	if err := c.Stop(t.Context()); err != nil {
		t.Fatalf("stop: %v", err)
	}
}

func open(t *testing.T, dsn string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), dsn, postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// serverOf returns the process number of a cluster's server, 0 when there is none.
func serverOf(c *private.Cluster) int {
	text, err := os.ReadFile(filepath.Join(c.Home(), "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	return pid
}

// gone waits until a process has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-time.After(5 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Fatalf("process %d is still there", pid)
}

// daemon runs the test binary as a daemon and returns it with its server's process number.
func daemon(t *testing.T, dir string) (*exec.Cmd, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asDaemon+"="+dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "ready ") {
		t.Fatalf("the daemon says %q, %v", line, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "ready ")))
	if err != nil {
		t.Fatal(err)
	}
	return cmd, pid
}

func TestColdAndWarmStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := start(t, dir)
	db := open(t, c.OwnerDSN())
	for name, want := range map[string]string{
		"listen_addresses": "", "data_checksums": "on", "server_encoding": "UTF8", "synchronous_commit": "on", "jit": "off",
		"unix_socket_permissions": "0700", "client_connection_check_interval": "2s", "idle_in_transaction_session_timeout": "1min", "fsync": "on",
	} {
		var got string
		if err := db.GetContext(t.Context(), &got, "SELECT current_setting($1)", name); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", name, got, err, want)
		}
	}
	db.MustExecContext(t.Context(), "CREATE TABLE kept AS SELECT 42 AS n")
	var app struct {
		Name  string
		Super bool
	}
	if err := open(t, c.AppDSN()).GetContext(t.Context(), &app, "SELECT rolname AS name, rolsuper OR rolcreatedb OR rolcreaterole AS super FROM pg_roles WHERE rolname = session_user"); err != nil || app.Name != "daymark_app" || app.Super {
		t.Errorf("the application is %+v, %v", app, err)
	}
	if _, err := open(t, c.AppDSN()).ExecContext(t.Context(), "CREATE TABLE mine (id int)"); !postgres.IsCode(err, "42501") {
		t.Errorf("the application made a table: %v", err)
	}
	pid := serverOf(c)
	stop(t, c)
	stop(t, c)
	gone(t, pid)

	began := time.Now()
	c = start(t, dir)
	t.Logf("warm start in %v", time.Since(began))
	var n int
	if err := open(t, c.OwnerDSN()).GetContext(t.Context(), &n, "SELECT n FROM kept"); err != nil || n != 42 {
		t.Errorf("kept %d, %v", n, err)
	}
	if c.Adopted() || c.Version() == "" || c.BinDir() == "" {
		t.Errorf("adopted %v, version %q, programs in %q", c.Adopted(), c.Version(), c.BinDir())
	}
}

func TestSeveralAtOnceShareOneServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	var mu sync.Mutex
	var owners, joiners []*private.Cluster
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			c, err := private.StartPrivate(t.Context(), dir, quiet())
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if c.Adopted() {
				joiners = append(joiners, c)
			} else {
				owners = append(owners, c)
			}
		})
	}
	wg.Wait()
	if len(owners) != 1 || len(joiners) != 2 {
		t.Fatalf("%d owners and %d joiners", len(owners), len(joiners))
	}
	stop(t, joiners[0])
	if err := open(t, joiners[1].AppDSN()).PingContext(t.Context()); err != nil {
		t.Errorf("a joiner's stop stopped the server: %v", err)
	}
	pid := serverOf(owners[0])
	stop(t, owners[0])
	gone(t, pid)
}

func TestKilledDaemon(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	stop(t, start(t, dir))
	for i := range 3 {
		cmd, pid := daemon(t, dir)
		joined := start(t, dir)
		if !joined.Adopted() {
			t.Fatal("the daemon's server was not joined")
		}
		db := open(t, joined.OwnerDSN())
		db.MustExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS kept (n int)")
		db.MustExecContext(t.Context(), "INSERT INTO kept VALUES ($1)", i)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		c := start(t, dir) // at once
		gone(t, pid)
		var n int
		if err := open(t, c.OwnerDSN()).GetContext(t.Context(), &n, "SELECT count(*) FROM kept"); err != nil || n != i+1 || c.Adopted() {
			t.Fatalf("after kill %d: %d rows, %v, adopted %v", i, n, err, c.Adopted())
		}
		stop(t, c)
	}
}

func TestKilledServerComesBack(t *testing.T) {
	t.Parallel()
	c := start(t, folder(t))
	old := serverOf(c)
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; <-time.After(10 * time.Millisecond) {
		db, err := postgres.Open(t.Context(), c.AppDSN(), postgres.Options{})
		if err == nil {
			_ = db.Close()
			if now := serverOf(c); now != old && now != 0 {
				break
			}
		}
		if time.Now().After(end) {
			t.Fatalf("the server did not come back: %v", err)
		}
	}
	stop(t, c)
}

func TestStalePidFile(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := start(t, dir)
	stop(t, c)
	zombie := exec.Command("/bin/true")
	zombie.SysProcAttr = &syscall.SysProcAttr{}
	if info, err := os.Stat(c.Home()); err == nil && os.Geteuid() == 0 {
		st := info.Sys().(*syscall.Stat_t) //nolint:forcetypeassert // on every system with this package
		zombie.SysProcAttr.Credential = &syscall.Credential{Uid: st.Uid, Gid: st.Gid}
	}
	sleeper := exec.Command("/bin/sleep", "600")
	sleeper.SysProcAttr = zombie.SysProcAttr
	for _, cmd := range []*exec.Cmd{zombie, sleeper} {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	}
	for name, pid := range map[string]int{
		"a number that nobody has":                 4194303,
		"a process that nobody waited for":         zombie.Process.Pid,
		"a number reused by another of the user's": sleeper.Process.Pid,
		"our own number, as in a container again":  os.Getpid(),
	} {
		content := fmt.Sprintf("%d\n%s/data\n1700000000\n5432\n/tmp\n\n  1234567  999999\nready   \n", pid, c.Home())
		if err := os.WriteFile(filepath.Join(c.Home(), "data", "postmaster.pid"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(c.Home()); err == nil && os.Geteuid() == 0 {
			st := info.Sys().(*syscall.Stat_t) //nolint:forcetypeassert // on every system with this package
			_ = os.Chown(filepath.Join(c.Home(), "data", "postmaster.pid"), int(st.Uid), int(st.Gid))
		}
		again, err := private.StartPrivate(t.Context(), dir, quiet())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		stop(t, again)
	}
}

func TestInterruptedInitdbIsMadeGood(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	half := filepath.Join(dir, "postgres", "init.1", "base")
	if err := os.MkdirAll(half, 0o711); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Join(dir, "postgres")} {
		if err := os.Chmod(d, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	stop(t, start(t, dir))
	if _, err := os.Stat(filepath.Dir(half)); !os.IsNotExist(err) {
		t.Errorf("the half-made cluster is still there: %v", err)
	}
}

func TestLongPathGetsAShortSocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("long/", 25))
	c := start(t, dir)
	if strings.Contains(c.AppDSN(), "long") {
		t.Errorf("the socket is in %s", c.AppDSN())
	}
	joined := start(t, dir)
	if !joined.Adopted() || joined.AppDSN() != c.AppDSN() {
		t.Errorf("a second command found %s, adopted %v", joined.AppDSN(), joined.Adopted())
	}
	socket := strings.Split(strings.TrimPrefix(c.AppDSN(), "host='"), "'")[0]
	t.Cleanup(func() { _ = os.RemoveAll(socket) })
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder has mode %v, %v", info.Mode(), err)
	}
	stop(t, c)
}

func TestFolderThatCannotBeEntered(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // only root's server runs as somebody else
	}
	closed := filepath.Dir(folder(t))
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	dir := filepath.Join(closed, "data")
	c, err := private.StartPrivate(t.Context(), dir, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()); _ = os.RemoveAll(c.Home()) })
	if strings.HasPrefix(c.Home(), closed) || !strings.Contains(log.String(), c.Home()) {
		t.Errorf("the cluster is in %s; the log says %s", c.Home(), log.String())
	}
	open(t, c.OwnerDSN()).MustExecContext(t.Context(), "CREATE TABLE kept (n int)")
	stop(t, c)
	again := start(t, dir)
	if again.Home() != c.Home() {
		t.Errorf("found %s, want %s", again.Home(), c.Home())
	}
	if _, err := open(t, again.OwnerDSN()).ExecContext(t.Context(), "SELECT n FROM kept"); err != nil {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, dir string, kind fault.Kind, says string) {
		t.Helper()
		c, err := private.StartPrivate(t.Context(), dir, quiet())
		if err == nil {
			_ = c.Stop(t.Context())
			t.Fatal("it started")
		}
		if !fault.Is(err, kind) || !strings.Contains(fault.Say(err), says) {
			t.Errorf("got %v: %v", fault.KindOf(err), err)
		}
	}
	t.Run("a data folder below a file", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		check(t, filepath.Join(file, "data"), fault.Invalid, "cannot be written")
	})
	t.Run("a data folder on a file system that takes no files", func(t *testing.T) {
		t.Parallel()
		check(t, "/proc", fault.Invalid, "cannot be written")
	})
	t.Run("a cluster of a version that is not installed is left alone", func(t *testing.T) {
		t.Parallel()
		dir := folder(t)
		data := filepath.Join(dir, "postgres", "data")
		if err := os.MkdirAll(data, 0o711); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("99\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		check(t, dir, fault.Unavailable, "made by PostgreSQL 99")
		if text, err := os.ReadFile(filepath.Join(data, "PG_VERSION")); err != nil || string(text) != "99\n" {
			t.Errorf("the folder was touched: %q, %v", text, err)
		}
	})
	t.Run("a folder of other things", func(t *testing.T) {
		t.Parallel()
		dir := folder(t)
		if err := os.MkdirAll(filepath.Join(dir, "postgres", "data", "letters"), 0o711); err != nil {
			t.Fatal(err)
		}
		check(t, dir, fault.Invalid, "not a PostgreSQL cluster")
	})
	t.Run("a server that cannot start says why", func(t *testing.T) {
		t.Parallel()
		dir := folder(t)
		_, err := private.StartPrivate(t.Context(), dir, quiet(), private.Setting{Name: "shared_buffers", Value: "nonsense"})
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "shared_buffers") {
			t.Errorf("got %v", err)
		}
		stop(t, start(t, dir)) // nothing was left in the way
	})
}

func TestLockDaemon(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	release, err := private.LockDaemon(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = private.LockDaemon(dir)
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), strconv.Itoa(os.Getpid())) {
		t.Errorf("a second daemon got %v", err)
	}
	release()
	release, err = private.LockDaemon(dir)
	if err != nil {
		t.Fatalf("after the first: %v", err)
	}
	release()
}

func TestSlowClientDoesNotHoldUpStop(t *testing.T) {
	t.Parallel()
	c := start(t, folder(t))
	db := open(t, c.OwnerDSN())
	began := make(chan *sql.Rows, 1)
	rows, err := db.QueryContext(t.Context(), "SELECT generate_series(1, 100000000)")
	if err != nil {
		t.Fatal(err)
	}
	began <- rows
	stop(t, c)
	_ = (<-began).Close()
}
