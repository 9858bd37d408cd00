package crash

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	"daymark/internal/postgres/private"

	"github.com/lib/pq/pqerror"
)

// newPrivate makes a load in a private cluster of its own, with posts due in a moment and no process on it. The cluster's server is
// the daemon's child, which starts it again when it ends.
func newPrivate(t *testing.T, posts int, before ...func(l *load)) *load {
	t.Helper()
	data := filepath.Join(folder(t), "data")
	a := open(t, data)
	owner, err := postgres.Open(t.Context(), a.OwnerDSN, postgres.Options{MaxConns: 1, Name: "crash test"})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, db: a.DB, owner: owner, data: data, env: []string{"DAYMARK_PLAN_WEEKS=0"}, networks: a.Networks, book: booktest.New(t, a.DB)}
	l := &load{stage: s}
	for _, n := range networks[:4] { // those that can be asked
		l.add(n)
	}
	for _, do := range before {
		do(l)
	}
	l.schedule(posts, soon(2500*time.Millisecond), 8*time.Millisecond)
	_ = owner.Close()
	closeApp(t, a)
	return l
}

// join opens the database of the running daemon, for as long as the test lasts.
func (l *load) join() *private.Cluster {
	l.t.Helper()
	cluster, err := private.Join(l.t.Context(), l.data)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, at := range []struct {
		db  **postgres.DB
		dsn string
	}{{&l.db, cluster.AppDSN()}, {&l.owner, cluster.OwnerDSN()}} {
		db, err := postgres.Open(l.t.Context(), at.dsn, postgres.Options{MaxConns: 2, Name: "crash test"})
		if err != nil {
			l.t.Fatal(err)
		}
		l.t.Cleanup(func() { _ = db.Close() })
		*at.db = db
	}
	return cluster
}

// settledAtLast waits until every delivery is settled, with a database that does not always answer.
func (l *load) settledAtLast() {
	l.t.Helper()
	every(l.t, 50*time.Millisecond, "the deliveries to be settled", func() bool {
		var n int
		return l.db.GetContext(l.t.Context(), &n, sqlOpen) == nil && n == 0
	})
}

// server returns the process of the cluster's server, from the first line of its file.
// https://www.postgresql.org/docs/15/storage-file-layout.html
func server(cluster *private.Cluster) (int, error) {
	text, err := os.ReadFile(filepath.Join(cluster.Home(), "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

// children returns the processes that a process has started.
func children(pid int) []int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var list []int
	for _, f := range strings.Fields(string(text)) {
		if n, err := strconv.Atoi(f); err == nil {
			list = append(list, n)
		}
	}
	return list
}

func TestTheDatabaseServerIsKilledAgainAndAgainWhilePostsGoOut(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(server int){
		"the whole server": func(server int) { _ = syscall.Kill(server, syscall.SIGKILL) },
		// As the kernel does when memory is short; the server then ends all others and recovers.
		"one of its processes": func(server int) {
			if list := children(server); len(list) > 0 {
				_ = syscall.Kill(list[len(list)-1], syscall.SIGKILL)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n = 200
			l := newPrivate(t, n)
			d := l.start()
			d.ready()
			cluster := l.join()
			for _, many := range []int{n / 8, n / 3, n / 2} {
				l.until(many)
				pid, err := server(cluster)
				if err != nil {
					continue // it is being started again
				}
				kill(pid)
			}
			l.settledAtLast()
			var list []standing
			every(t, 50*time.Millisecond, "the database", func() bool { return l.db.SelectContext(t.Context(), &list, sqlStandings) == nil })
			l.judge(list)
			if code := d.stop(os.Interrupt); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

const sqlCut = `
SELECT count(pg_terminate_backend(pid))
FROM pg_stat_activity
WHERE datname = current_database()
  AND application_name = 'daymark'`

func TestConnectionsAreCutAgainAndAgainWhilePostsGoOut(t *testing.T) {
	t.Parallel()
	l := &load{stage: newStage(t)}
	for _, n := range networks[:4] {
		l.add(n)
	}
	l.schedule(200, soon(time.Second), 10*time.Millisecond)
	d := l.start()
	d.ready()
	l.until(10)
	stop := l.meanwhile(100*time.Millisecond, 25, func(ctx context.Context) {
		var n int
		if err := l.owner.GetContext(ctx, &n, sqlCut); err != nil {
			t.Errorf("cut the connections: %v", err)
		}
	})
	l.settled()
	stop()
	l.judge(l.standings())
	if code := d.stop(os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// meanwhile does work at intervals, at most so many times, until it is stopped.
func (l *load) meanwhile(interval time.Duration, times int, work func(ctx context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(l.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for range times {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				work(context.WithoutCancel(ctx))
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

const (
	sqlSomeDeliveries = `
SELECT id
FROM deliveries
WHERE state = 'scheduled'
ORDER BY id
LIMIT 40
FOR UPDATE`
	sqlTheirRows = `
SELECT delivery_id
FROM queue
ORDER BY delivery_id
LIMIT 40
FOR UPDATE`
	sqlAMoment = `SELECT pg_sleep(0.02)`
)

// The daemon's own statements take locks in one order. Another session takes them the other way round. A session looks for a
// deadlock once in each wait, when it has waited for its time: where the other's wait began last, the other is ended, else the daemon's.
func TestTheDatabaseEndsTransactionsWhilePostsGoOut(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]string{
		"deadlocks":             `SET deadlock_timeout = '20ms'`,
		"failed serializations": `SET default_transaction_isolation = 'serializable'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &load{stage: newStage(t)}
			for _, n := range networks[:4] {
				l.add(n)
			}
			l.schedule(200, soon(time.Second), 10*time.Millisecond)
			var database string
			if err := l.owner.GetContext(t.Context(), &database, `SELECT current_database()`); err != nil {
				t.Fatal(err)
			}
			if _, err := l.owner.ExecContext(t.Context(), "ALTER DATABASE "+database+" "+settings); err != nil {
				t.Fatal(err)
			}
			d := l.start()
			d.ready()
			stop := l.meanwhile(50*time.Millisecond, 60, func(ctx context.Context) {
				err := l.owner.InTx(ctx, func(tx *postgres.Tx) error {
					var ids []int64
					for _, sql := range []string{`SET LOCAL deadlock_timeout = '200ms'`, `SET TRANSACTION ISOLATION LEVEL READ COMMITTED`} {
						if _, err := tx.ExecContext(ctx, sql); err != nil {
							return err
						}
					}
					if err := tx.SelectContext(ctx, &ids, sqlSomeDeliveries); err != nil {
						return err
					}
					if _, err := tx.ExecContext(ctx, sqlAMoment); err != nil {
						return err
					}
					return tx.SelectContext(ctx, &ids, sqlTheirRows)
				})
				if err != nil && !postgres.IsCode(err, pqerror.TRDeadlockDetected) {
					t.Errorf("the other session: %v", err)
				}
			})
			l.settled()
			stop()
			l.judge(l.standings())
			t.Logf("the daemon's log has %d transactions that the database ended", strings.Count(d.out.String(), "deadlock detected")+strings.Count(d.out.String(), "could not serialize"))
			if code := d.stop(os.Interrupt); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// full is the largest file that the database may write when its disk is full: as large as a file of its log, which is there
// already and written again. Tables that are as large can only grow where they have room.
const full = 16 << 20

const sqlPad = `
INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at)
SELECT 1, 1000 + i, 1, 'pad', b, sha256(b), clock_timestamp()
FROM generate_series(1, 20000) i, LATERAL (SELECT decode(repeat('00', 900) || lpad(to_hex(i), 8, '0'), 'hex') AS b) body`

// A full disk is played by a bound on the size of files, which needs neither rights nor a file system of its own: the server then
// cannot make its tables longer, as on a full disk. PostgreSQL ignores the signal that comes with the bound and gets an error.
func TestTheDiskIsFullForAWhileWhilePostsGoOut(t *testing.T) {
	t.Parallel()
	const n = 200
	l := newPrivate(t, n, (*load).pad)
	d := l.start()
	d.ready()
	cluster := l.join()
	l.until(n / 4)
	pid, err := server(cluster)
	if err != nil {
		t.Fatal(err)
	}
	limit(t, pid, strconv.Itoa(full))
	// The daemon runs into it and waits.
	every(t, 20*time.Millisecond, "the daemon to find the disk full", func() bool { return strings.Contains(d.out.String(), "could not extend file") })
	quiet := time.NewTimer(2 * time.Second)
	defer quiet.Stop()
	<-quiet.C
	stood := l.arrived()
	limit(t, pid, "unlimited")
	l.settled()
	if stood >= n {
		t.Error("everything was out before the disk was full: it tested nothing")
	}
	l.judge(l.standings())
	if code := d.stop(os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// pad makes the table of attempts longer than the bound with rows that are taken back, and lets each new row need a page of its own.
func (l *load) pad() {
	l.t.Helper()
	ctx := l.t.Context()
	run := func(q postgres.Querier, list ...string) {
		for _, sql := range list {
			if _, err := q.ExecContext(ctx, sql); err != nil {
				l.t.Fatalf("%v\n%s", err, sql)
			}
		}
	}
	run(l.owner, `ALTER TABLE attempts SET (autovacuum_enabled = false)`, `ALTER TABLE attempts ALTER request SET STORAGE plain`)
	tx, err := l.owner.BeginTxx(ctx, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	run(&postgres.Tx{Tx: tx}, `SET LOCAL session_replication_role = replica`, sqlPad)
	if err := tx.Rollback(); err != nil {
		l.t.Fatal(err)
	}
	// What is written already stays: on a full disk, too, only what is longer than before does not fit.
	run(l.owner, `CHECKPOINT`, `ALTER TABLE attempts SET (fillfactor = 10)`)
	var size int64
	if err := l.owner.GetContext(ctx, &size, `SELECT pg_relation_size('attempts')`); err != nil || size < full {
		l.t.Fatalf("the table of attempts is %d bytes, %v", size, err)
	}
}

// limit bounds the files of a server and its processes, as the user it runs as, who may.
func limit(t *testing.T, server int, bytes string) {
	t.Helper()
	for _, pid := range append(children(server), server) {
		info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
		if err != nil {
			continue // it has ended
		}
		who, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			t.Fatal("nobody knows whose process it is")
		}
		cmd := exec.CommandContext(t.Context(), "prlimit", "--pid", strconv.Itoa(pid), "--fsize="+bytes+":unlimited")
		cmd.Dir = "/"
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: who.Uid, Gid: who.Gid}}
		}
		if out, err := cmd.CombinedOutput(); err != nil && syscall.Kill(pid, 0) == nil {
			t.Fatalf("bound the files of process %d: %v\n%s", pid, err, out)
		}
	}
}
