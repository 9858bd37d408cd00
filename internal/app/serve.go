package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"daymark/internal/app/https"
	"daymark/internal/app/mailing"
	"daymark/internal/app/metrics"
	"daymark/internal/app/regular"
	"daymark/internal/app/watch"
	"daymark/internal/core/fault"
	"daymark/internal/flow/book/link"
	"daymark/internal/flow/dispatch"
	"daymark/internal/flow/dispatch/consenting"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/flow/dispatch/punctual"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/engagement"
	"daymark/internal/flow/engagement/following"
	"daymark/internal/flow/engagement/months"
	"daymark/internal/flow/pause"
	"daymark/internal/flow/review/remind"
	"daymark/internal/org/audit"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/org/people/reset"
	"daymark/internal/org/people/throttle"
	"daymark/internal/postgres"
	"daymark/internal/postgres/private"

	"github.com/google/uuid"
)

// shutdownTime is how long requests and deliveries on their way may take to end when the daemon stops.
const shutdownTime = 40 * time.Second

// Serve runs the daemon until ctx ends: pages, dispatcher, collector and the regular jobs. ready is called with the address
// when pages are served. Two daemons on one data folder are refused; replicas have a folder each or none.
func (a *App) Serve(ctx context.Context, pages http.Handler, ready func(addr string)) error {
	if err := a.LockFolder(); err != nil {
		return err
	}
	ports, err := https.Open(a.Settings.PublicURL, a.Settings.TLS, a.Settings.Addr, a.Settings.HTTPAddr,
		https.Options{Folder: a.DataDir, Email: a.Settings.ACMEEmail, Directory: a.Settings.ACMEDirectory, Log: a.Log})
	if err != nil {
		return err
	}
	defer ports.Close()
	if err := a.CheckLicence(ctx); err != nil {
		return err
	}
	if err := a.LoadFacts(ctx); err != nil {
		return err
	}
	if err := a.LoadHelplines(ctx); err != nil {
		return err
	}
	if a.Settings.PublicURL != "" {
		if err := link.SetAddress(ctx, a.DB, a.Settings.PublicURL); err != nil {
			return err
		}
	}
	work, stop := context.WithCancel(ctx)
	defer stop()
	sender := dispatch.New(dispatch.Options{DB: a.DB, Networks: a.Networks, Licence: a.Keeper, Clock: a.Clock, Log: a.Log, Worker: uuid.New(), Guarded: true})
	mail, err := mailing.New(a.DB, a.Keys, a.Clock, a.Log, a.Settings.Mail, a.Settings.PublicURL)
	if err != nil {
		return err
	}
	jobs, err := regular.New(work, a.Log, a.jobs(work, mail))
	if err != nil {
		return err
	}
	jobs.Start()
	failed := make(chan error, 3)
	var running sync.WaitGroup
	running.Go(func() { // cron waits an hour before its first time
		if err := a.planAhead(work); err != nil && work.Err() == nil {
			a.Log.ErrorContext(work, "planning at the start failed", "err", err)
		}
	})
	running.Go(func() {
		if err := sender.Run(work); err != nil {
			failed <- fmt.Errorf("dispatcher: %w", err)
		}
	})
	ports.Serve(work, a.outer(pages), &running, failed)
	a.Log.InfoContext(ctx, "daymark is ready", "addr", ports.Addr(), "version", a.Settings.Version)
	if ready != nil {
		ready(ports.Addr())
	}
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}
	stop()
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err = errors.Join(err, ports.Shutdown(bye))
	<-jobs.Stop().Done()
	running.Wait()
	return err
}

// LockFolder makes this process the one daemon of its data folder until the app is closed; a second one gets a Conflict.
// With an external database replicas may share a folder, and nothing is locked. Locking again changes nothing.
func (a *App) LockFolder() error {
	if a.Settings.DatabaseURL != "" || a.locked {
		return nil
	}
	release, err := private.LockDaemon(a.DataDir)
	if err != nil {
		return err
	}
	a.locked = true
	// Let go of last: the next daemon must not start while this one still stops its database.
	a.closers = slices.Insert(a.closers, 0, closer{"data folder", func(context.Context) error {
		release()
		return nil
	}})
	return nil
}

// outer adds to the pages what machines ask.
func (a *App) outer(pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		if err := a.DB.PingContext(ctx); err != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	mux.Handle("GET /metrics", metrics.Handler(a.DB, a.Clock, a.Log))
	mux.Handle("/", pages)
	return mux
}

// The numbers of leader-only jobs, for their advisory locks.
const (
	lockHousekeeping = 30072014001
	lockAccounts     = 30072014003
)

// jobs are what the daemon does regularly.
func (a *App) jobs(ctx context.Context, mail *mailing.Post) []regular.Job {
	collector := &engagement.Collector{DB: a.DB, Networks: a.Networks, Clock: a.Clock, Log: a.Log}
	sealer := audit.NewSealer(a.DB)
	watcher := watch.New(a.DB, a.Ahead(), a.Clock, a.Log)
	return []regular.Job{
		{When: "@every 1s", Name: "engagement", Run: func() error { _, err := collector.Tick(ctx); return err }},
		{When: "@every 10s", Name: "months of counts", Run: func() error { _, err := months.Ensure(ctx, a.DB, a.Clock.Now()); return err }},
		{When: "@every 15m", Name: "followers", Run: func() error { _, err := following.Look(ctx, a.DB, a.Networks, a.Clock.Now(), a.Log); return err }},
		{When: "@every 1s", Name: "seals of the log", Run: func() error { return sealer.Lead(ctx) }},
		{When: "@every 5s", Name: "clock", Run: func() error { return a.Clock.Refresh(ctx, a.DB) }},
		{When: "@every 5s", Name: "licence", Run: func() error { return a.CheckLicence(ctx) }},
		{When: "@every 2s", Name: "what is at risk", Run: func() error { return errors.Join(a.preflight(ctx), watcher.Ahead(ctx)) }},
		{When: "@every 5s", Name: "what networks show", Run: func() error { return watcher.Seen(ctx) }},
		{When: "@every 5s", Name: "that this daemon runs", Run: func() error { return watcher.Beat(ctx) }},
		{When: "@every 2s", Name: "what was to go out at once", Run: func() error { return watcher.Missed(ctx) }},
		{When: "@every 2s", Name: "what is taken down", Run: func() error { _, err := takedown.Run(ctx, a.DB, a.Networks, a.Clock.Now); return err }},
		{When: "@every 5s", Name: "consents that are over", Run: func() error { _, err := consenting.Expire(ctx, a.DB, a.Clock.Now()); return err }},
		{When: "@every 1s", Name: "what is posted by hand", Run: func() error { _, err := decide.Remind(ctx, a.DB, a.Clock.Now()); return err }},
		{When: "@every 1s", Name: "what falls due during a pause", Run: func() error { return a.holdPaused(ctx) }},
		{When: "@every 15s", Name: "what waits for approval", Run: func() error { _, err := remind.Look(ctx, a.DB, a.Clock.Now()); return err }},
		{When: "@every 30s", Name: "what people have to do", Run: func() error { return mail.Duties(ctx) }},
		{When: "@every 1m", Name: "letters about the figures", Run: func() error { return mail.Figures(ctx) }},
		{When: "@every 5s", Name: "mail", Run: func() error { return mail.Round(ctx) }},
		{When: "@every 1h", Name: "planner", Run: func() error { return a.planAhead(ctx) }},
		{When: "@every 1h", Name: "limits of the networks", Run: func() error { return a.Networks.RefreshCapabilities(ctx) }},
		{When: "@every 1h", Name: "how the accounts are", Run: func() error { return a.lookAfter(ctx) }},
		{When: "@every 15m", Name: "old sessions", Run: func() error {
			_, err := a.DB.Leader(ctx, lockHousekeeping, func(ctx context.Context) error {
				_, err := people.NewSessions(a.DB).DeleteExpired(ctx)
				return errors.Join(err, punctual.Forget(ctx, a.DB), throttle.Forget(ctx, a.DB), reset.Forget(ctx, a.DB))
			})
			return err
		}},
	}
}

// holdPaused holds what fell due while a pause is in force. It looks at the licence first: in a restored database it may be out already.
func (a *App) holdPaused(ctx context.Context) error {
	err := a.CheckLicence(ctx)
	if err == nil {
		_, err = pause.HoldDue(ctx, a.DB, a.Clock.Now())
	}
	return err
}

// lookAfter asks the accounts how they are, each once a day, and warns of those that have to be connected again soon.
func (a *App) lookAfter(ctx context.Context) error {
	_, err := a.DB.Leader(ctx, lockAccounts, func(ctx context.Context) error {
		_, ends := a.Networks.WarnOfEnds(ctx)
		return errors.Join(ends, a.Networks.LookAfter(ctx))
	})
	return err
}

// preflight tells the team what is at risk of what goes out within a day, and takes back what states facts that nobody checked.
func (a *App) preflight(ctx context.Context) error {
	now := a.Clock.Now()
	told, err := preflight.Look(ctx, a.DB, now)
	if told > 0 {
		a.Log.WarnContext(ctx, "posts of the next day are at risk; the team is told", "matters", told)
	}
	expired, factErr := draft.ExpireFacts(ctx, a.DB, now)
	if len(expired.Posts) > 0 {
		a.Log.WarnContext(ctx, "posts wait because they state facts past their review date", "posts", expired.Posts)
	}
	return errors.Join(err, factErr)
}

// CheckLicence takes a fresh licence, and pauses everything when the licence is lost: this database may be a copy.
func (a *App) CheckLicence(ctx context.Context) error {
	state, err := licence.Check(ctx, a.DB, a.Keeper)
	if err != nil {
		return err
	}
	switch state.Status {
	case licence.Held:
		a.told.Store("")
		return nil
	case licence.Fresh:
		return a.DB.InTx(ctx, func(tx *postgres.Tx) error { return licence.Take(ctx, tx, a.Keeper, 0) })
	case licence.Lost:
	}
	return a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		_, err := licence.Raise(ctx, tx, licence.NewPause{Scope: licence.Everything, Cause: licence.ByLicence, Reason: state.Why})
		if err == nil && a.told.Swap(state.Why) != state.Why {
			a.Log.WarnContext(ctx, "everything is paused: this database does not hold the sending licence", "why", state.Why)
		}
		return err
	})
}

// TakeLicence makes this database the one that sends. What was due meanwhile is not sent: the networks are asked about it.
// It returns how many deliveries that concerns.
func (a *App) TakeLicence(ctx context.Context, by people.Person) (int, error) {
	if !by.May(people.LicenceTake) {
		return 0, fault.New(fault.Forbidden, "Only an admin may take the sending licence.")
	}
	var doubted int
	err := a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		state, err := licence.Check(ctx, tx, a.Keeper)
		if err != nil {
			return err
		}
		if state.Status == licence.Lost {
			if doubted, err = dispatch.Doubt(ctx, tx, a.Clock.Now(), uuid.New()); err != nil {
				return err
			}
		}
		return licence.Take(ctx, tx, a.Keeper, by.ID)
	})
	return doubted, err
}
