package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// publish is the worker that makes the call of a job.
type publish struct {
	river.WorkerDefaults[job]
	caller   caller
	failures *tally
}

// Work makes the call. A failure is an error of the benchmark: none is expected.
func (p *publish) Work(ctx context.Context, j *river.Job[job]) error {
	err := p.caller.call(ctx, j.Args)
	p.failures.count(err)
	return err
}

// What is said to River's own database. Jobs are made available beforehand, which spares River its scheduler: that looks every five seconds.
const riverReady = `UPDATE river_job SET state = 'available' WHERE state = 'scheduled'`

const riverBusy = `SELECT EXISTS (SELECT 1 FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'pending'))`

const riverCompleted = `SELECT count(*) FROM river_job WHERE state = 'completed'`

// beRiver works all jobs off with River, from the instant named on. It is tuned as its authors advise for speed: it looks for jobs
// every 20 ms, and again 1 ms after it found some.
func beRiver(ctx context.Context, orders []byte, answer func(any) error) (err error) {
	var o callOrders
	if err := json.Unmarshal(orders, &o); err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(o.DSN)
	if err != nil {
		return err
	}
	config.MaxConns = int32(o.Conns) //nolint:gosec // a few dozen
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate River's database: %w", err)
	}
	if _, err := pool.Exec(ctx, "TRUNCATE river_job"); err != nil {
		return err
	}
	p := &publish{failures: &tally{}}
	if p.caller, err = connect(ctx, o); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, p)
	client, err := river.NewClient(driver, &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.Workers}},
		Workers:           workers,
		FetchCooldown:     time.Millisecond,
		FetchPollInterval: 20 * time.Millisecond,
		Logger:            slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	jobs := o.jobs()
	many := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		many[i] = river.InsertManyParams{Args: j, InsertOpts: &river.InsertOpts{ScheduledAt: o.At}}
	}
	if _, err := client.InsertManyFast(ctx, many); err != nil {
		return fmt.Errorf("insert jobs: %w", err)
	}
	if _, err := pool.Exec(ctx, riverReady); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, "VACUUM (ANALYZE) river_job"); err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, client.Stop(bye))
	}()
	if late := time.Since(o.At); late > 0 {
		return fmt.Errorf("River was ready %s too late: this machine is too busy, or -lead too short", late)
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if !until(ctx, o.At) {
		return ctx.Err()
	}
	for busy := true; busy; {
		if !until(ctx, time.Now().Add(5*time.Millisecond)) {
			return ctx.Err()
		}
		if err := conn.QueryRow(ctx, riverBusy).Scan(&busy); err != nil {
			return err
		}
	}
	a := callAnswer{Began: o.At, Ended: time.Now()}
	var completed int
	if err := conn.QueryRow(ctx, riverCompleted).Scan(&completed); err != nil {
		return err
	}
	a.Failed, a.First = p.failures.sum()
	if completed != len(jobs) && a.Failed == 0 {
		a.Failed, a.First = len(jobs)-completed, "not completed"
	}
	return answer(a)
}
