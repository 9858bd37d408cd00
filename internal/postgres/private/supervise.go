package private

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"daymark/internal/core/fault"
	"daymark/internal/postgres/private/place"
)

const (
	sqlDataDirectory = `SELECT current_setting('data_directory')`
	sqlHasRole       = `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'daymark_app')`
	sqlHasDatabase   = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'daymark')`
	sqlCreateRole    = `CREATE ROLE daymark_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION`
	sqlCreateDB      = `CREATE DATABASE daymark OWNER daymark_owner`
)

// errOther is the answer of a server that is not ours.
var errOther = errors.New("the server on the socket place.Serves another folder")

// answers returns nil when the server on a socket accepts sessions and serves the given folder.
func answers(ctx context.Context, socket, data string) error {
	return session(ctx, place.DSN(socket, ownerRole, "postgres"), func(db *sql.DB) error {
		var at string
		if err := db.QueryRowContext(ctx, sqlDataDirectory).Scan(&at); err != nil {
			return fmt.Errorf("ask the server for its folder: %w", err)
		}
		if at != data {
			return errOther
		}
		return nil
	})
}

// session opens one connection, which the guard of postgres.Open would not make safer: nothing typed by a person is sent.
func session(ctx context.Context, dsn string, use func(db *sql.DB) error) error {
	connector, err := pq.NewConnector(dsn + " connect_timeout=5")
	if err != nil {
		return fmt.Errorf("read the private cluster's address: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	return use(db)
}

// furnish makes the application's role and the database where they are missing.
func (c *Cluster) furnish(ctx context.Context) error {
	return session(ctx, place.DSN(c.socket, ownerRole, "postgres"), func(db *sql.DB) error {
		for _, s := range []struct{ has, create string }{{sqlHasRole, sqlCreateRole}, {sqlHasDatabase, sqlCreateDB}} {
			var there bool
			if err := db.QueryRowContext(ctx, s.has).Scan(&there); err != nil {
				return fmt.Errorf("look into the private cluster: %w", err)
			}
			if there {
				continue
			}
			if _, err := db.ExecContext(ctx, s.create); err != nil && pq.As(err, pqerror.DuplicateObject, pqerror.DuplicateDatabase) == nil {
				return fmt.Errorf("furnish the private cluster: %w", err)
			}
		}
		return nil
	})
}

// runnable makes sure that the account can run the programs, which may lie in somebody's home.
func runnable(ctx context.Context, in install, who place.Account) error {
	if !who.Switched() {
		return nil
	}
	cmd := exec.CommandContext(ctx, filepath.Join(in.bin, "postgres"), "--version")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.Credential()}
	if err := cmd.Run(); err != nil {
		return fault.Wrap(fault.Unavailable, err, "The user %s may not run PostgreSQL in %s; let others enter that folder", who.Name, in.bin)
	}
	return nil
}

// Stop stops the server if we own it: running statements are cancelled, everything committed is kept. It may be called
// several times; the first call counts. A joined server is left running.
func (c *Cluster) Stop(ctx context.Context) error {
	c.once.Do(func() {
		if c.owner == nil {
			return
		}
		close(c.stop)
		<-c.watched
		c.stopErr = c.end(ctx)
		_ = c.owner.Close() // only now may another start
	})
	return c.stopErr
}

// end asks the server to stop, first so that it shuts down in order (SIGINT), and when ctx ends before that at once
// (SIGQUIT), which is safe too: the next start recovers from the log.
// https://www.postgresql.org/docs/15/server-shutdown.html
func (c *Cluster) end(ctx context.Context) error {
	c.mu.Lock()
	p := c.proc
	c.mu.Unlock()
	pid, gone := 0, func() bool { return true }
	if p != nil {
		pid, gone = p.pid, p.gone
	} else if f, ok := place.ReadPidFile(filepath.Join(c.home, place.Data)); ok {
		data := filepath.Join(c.home, place.Data)
		if yes, known := place.Serves(f.PID, data); yes || !known {
			pid, gone = f.PID, func() bool { now, ok := place.ReadPidFile(data); return !ok || now.PID != f.PID || !place.Alive(f.PID) }
		}
	}
	if gone() {
		return nil
	}
	ended := func() (bool, error) { return gone(), nil }
	_ = syscall.Kill(pid, syscall.SIGINT) // an error means it is gone, which is looked at next
	if place.Poll(ctx, probeEvery, ended) == nil {
		return nil
	}
	c.log.WarnContext(ctx, "database did not stop in time, stopping it at once", "pid", pid)
	_ = syscall.Kill(pid, syscall.SIGQUIT)
	lastCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := place.Poll(lastCtx, probeEvery, ended); err != nil {
		return fault.Wrap(fault.Unavailable, err, "The database server (process %d) does not stop", pid)
	}
	return nil
}

// watch starts the server again when it ends without our asking, killed by the system when memory is short, for example.
func (c *Cluster) watch() {
	defer close(c.watched)
	if c.proc == nil { // taken over from a dead owner: not our child, so that its end cannot be waited for
		<-c.stop
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-c.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	for delay := 50 * time.Millisecond; ; delay = min(2*delay, 10*time.Second) {
		select {
		case <-c.stop:
			return
		case <-c.proc.exited:
		}
		c.log.ErrorContext(ctx, "database server ended, starting it again", "error", c.proc.err, "log", filepath.Join(c.home, logName))
		// What is left of the old server goes first; a client's process may take until it notices.
		err := place.Poll(ctx, 20*time.Millisecond, func() (bool, error) { return place.ClearStale(filepath.Join(c.home, place.Data)) })
		if err == nil {
			err = c.run(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			c.log.ErrorContext(ctx, "database server could not be started again", "error", err)
		}
		t := time.NewTimer(delay)
		select {
		case <-c.stop:
			t.Stop()
			return
		case <-t.C:
		}
	}
}
