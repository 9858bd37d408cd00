// Package private runs the PostgreSQL cluster that Daymark keeps in its data folder when no DATABASE_URL is set.
//
// It finds the installed programs, makes a cluster once, and runs the server on a unix socket in a folder that only its
// owner can enter, as an unprivileged user when started by root. Whoever starts first owns the server and stops it; who
// comes later joins it. When the owner is killed the kernel stops the server, and the next start finds the folder in order.
// Two locks of the kernel on files in the data folder keep it to one server: the start lock, held while a server is looked
// for or started, and the owner lock, held for as long as the owner lives. The package never deletes a cluster and knows
// nothing of what is in the database.
package private

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/postgres/private/place"
)

// The roles and the database of a private cluster.
const (
	ownerRole = "daymark_owner"
	appRole   = "daymark_app"
	database  = "daymark"
)

// Setting is one more setting of the server, for tests; it stands above postgresql.conf.
type Setting struct{ Name, Value string }

// Cluster is a running private cluster, started or joined.
type Cluster struct {
	dir, home, socket string
	in                install
	who               place.Account
	settings          []Setting
	log               *slog.Logger

	owner   *os.File // the owner lock; nil when joined
	mu      sync.Mutex
	proc    *process // what we started; nil when the server was joined or taken over from a dead owner
	stop    chan struct{}
	watched chan struct{} // closed when the watcher has ended
	once    sync.Once
	stopErr error
}

// OwnerDSN returns the connection string of the role that owns the database.
func (c *Cluster) OwnerDSN() string { return place.DSN(c.socket, ownerRole, database) }

// AppDSN returns the connection string of the application's role.
func (c *Cluster) AppDSN() string { return place.DSN(c.socket, appRole, database) }

// DSN returns the owner's connection string for another database of the cluster.
func (c *Cluster) DSN(role, name string) string { return place.DSN(c.socket, role, name) }

// Adopted reports whether the server was running already: it belongs to another process, and Stop leaves it running.
func (c *Cluster) Adopted() bool { return c.owner == nil }

// BinDir returns the folder of PostgreSQL's programs, pg_dump among them.
func (c *Cluster) BinDir() string { return c.in.bin }

// Version returns the version of the installed PostgreSQL, as "15.18".
func (c *Cluster) Version() string { return c.in.version }

// Home returns the folder of the cluster, which may be outside the data folder.
func (c *Cluster) Home() string { return c.home }

// StartPrivate starts the private cluster of a data folder, or joins the server that already runs there. It returns when the
// server answers and holds the database and the application's role. Nothing of the server is left when it fails.
func StartPrivate(ctx context.Context, dataDir string, log *slog.Logger, settings ...Setting) (*Cluster, error) {
	dir, err := place.MakeFolder(dataDir)
	if err != nil {
		return nil, err
	}
	start, err := place.Lock(ctx, filepath.Join(dir, place.StartLock))
	if err != nil {
		return nil, err
	}
	defer func() { _ = start.Close() }()

	home, who, err := place.Settle(ctx, dir, func(from, to, why string) {
		log.WarnContext(ctx, "database cluster placed elsewhere", "from", from, "to", to, "why", why)
	})
	if err != nil {
		return nil, err
	}
	major, err := majorOf(filepath.Join(home, place.Data))
	if err != nil {
		return nil, err
	}
	in, err := find(ctx, major)
	if err != nil {
		return nil, err
	}
	if err := runnable(ctx, in, who); err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, home: home, in: in, who: who, settings: settings, log: log, stop: make(chan struct{}), watched: make(chan struct{})}
	joined, err := c.joinOrOwn(ctx)
	if err != nil || joined {
		return c.orNil(err)
	}
	if c.proc == nil && c.socket == "" { // nothing runs
		if err := c.startOwn(ctx, major == 0); err != nil {
			_ = c.owner.Close()
			return nil, err
		}
	}
	if err := c.furnish(ctx); err != nil {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		defer cancel()
		_ = c.end(stopCtx)
		_ = c.owner.Close()
		return nil, err
	}
	go c.watch()
	return c, nil
}

func (c *Cluster) orNil(err error) (*Cluster, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// joinOrOwn joins the server of a living owner, or makes us the owner. A server whose owner died and which lives on is
// taken over: then the socket is known and there is no process of ours. The caller holds the start lock.
func (c *Cluster) joinOrOwn(ctx context.Context) (bool, error) {
	f, err := place.OpenLock(filepath.Join(c.dir, place.OwnerLock))
	if err != nil {
		return false, err
	}
	data := filepath.Join(c.home, place.Data)
	noted := place.NotedSocketDir(c.dir)
	waitCtx, cancel := context.WithTimeout(ctx, joinPatience)
	defer cancel()
	joined := false
	err = place.Poll(waitCtx, probeEvery, func() (bool, error) {
		if c.owner == nil && place.TryLock(f) {
			c.owner = f
		}
		if noted != "" && answers(waitCtx, noted, data) == nil {
			c.socket, joined = noted, c.owner == nil
			return true, nil
		}
		if c.owner == nil {
			return false, nil // its owner is starting it again, or stopping it
		}
		// The owner is dead. Its server is stopping, or what is left of it lets go in a moment.
		return place.ClearStale(data)
	})
	if joined {
		_ = f.Close() // a joiner holds nothing
	}
	if err == nil {
		return joined, nil
	}
	_ = f.Close()
	if ctx.Err() != nil {
		return false, fmt.Errorf("look for a running database: %w", ctx.Err())
	}
	p, _ := place.ReadPidFile(data)
	if c.owner == nil {
		return false, fault.Wrap(fault.Conflict, err, "Another process runs the database in %s (server process %d), but it does not answer; stop it first", c.home, p.PID)
	}
	return false, fault.Wrap(fault.Unavailable, err, "Processes of a killed PostgreSQL server (process %d) still use %s; end them and start again", p.PID, data)
}

// startOwn makes the cluster where there is none and starts its server.
func (c *Cluster) startOwn(ctx context.Context, fresh bool) error {
	socket, err := place.SocketDir(c.dir, c.home, c.who, place.SocketBases())
	if err != nil {
		return err
	}
	if fresh {
		if err := initialise(ctx, c.in, c.who, c.home, c.durable()); err != nil {
			return err
		}
	}
	c.socket = socket
	return c.run(ctx)
}

// run starts the server and waits until it answers.
func (c *Cluster) run(ctx context.Context) error {
	data := filepath.Join(c.home, place.Data)
	p, err := launch(c.in, c.who, c.home, c.socket, c.settings)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "PostgreSQL in %s cannot be started", c.in.bin)
	}
	c.mu.Lock()
	c.proc = p
	c.mu.Unlock()
	err = place.Poll(ctx, probeEvery, func() (bool, error) {
		if p.gone() {
			return false, fault.Wrap(fault.Unavailable, fmt.Errorf("%w: %s", p.err, logTail(c.home)), "The database in %s did not start; its log is %s",
				c.home, filepath.Join(c.home, logName))
		}
		return answers(ctx, c.socket, data) == nil, nil // recovery after a crash takes as long as it takes; ctx bounds it
	})
	if err != nil && !p.gone() {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		defer cancel()
		_ = c.end(stopCtx)
	}
	return err
}

// durable reports whether the cluster must survive a crash of the machine: tests say fsync=off.
func (c *Cluster) durable() bool {
	for _, s := range c.settings {
		if s.Name == "fsync" && s.Value == "off" {
			return false
		}
	}
	return true
}

const (
	probeEvery   = 5 * time.Millisecond
	joinPatience = 20 * time.Second
	stopPatience = 30 * time.Second
)

// Join joins the server of a data folder and fails where none answers; it starts nothing.
func Join(ctx context.Context, dataDir string) (*Cluster, error) {
	dir, err := place.MakeFolder(dataDir)
	if err != nil {
		return nil, err
	}
	home, err := place.Home(dir)
	if err != nil {
		return nil, err
	}
	socket := place.NotedSocketDir(dir)
	if socket == "" {
		return nil, fault.New(fault.Unavailable, "No database runs in the data folder %s", dir)
	}
	data := filepath.Join(home, place.Data)
	if err := answers(ctx, socket, data); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "No database runs in the data folder %s", dir)
	}
	major, err := majorOf(data)
	if err != nil {
		return nil, err
	}
	in, err := find(ctx, major)
	if err != nil {
		return nil, err
	}
	return &Cluster{dir: dir, home: home, socket: socket, in: in}, nil
}

// LockDaemon takes the data folder for one daemon, until release is called or the process ends. A second daemon gets a
// Conflict that names the first.
func LockDaemon(dataDir string) (release func(), err error) { return place.LockDaemon(dataDir) }

// MakeFolder makes the data folder where it is missing, with a mode that lets the server's user through when we are root,
// and returns its absolute path.
func MakeFolder(dataDir string) (string, error) { return place.MakeFolder(dataDir) }
