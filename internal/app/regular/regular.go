// Package regular runs what the daemon does again and again, on robfig/cron: none of it twice at once, and none of it able to end the daemon.
// It does not know what the work is; the app has the list.
package regular

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
)

// Job is a piece of work with its time, as robfig/cron writes times, in UTC. An error is logged under the job's name.
type Job struct {
	When string
	Name string
	Run  func() error
}

// New takes up the jobs without starting them. What fails once ctx has ended is not logged. A time that cannot be read is an error.
func New(ctx context.Context, log *slog.Logger, jobs []Job) (*cron.Cron, error) {
	c := cron.New(cron.WithLocation(time.UTC), cron.WithChain(cron.Recover(words{log}), cron.SkipIfStillRunning(words{log})))
	for _, job := range jobs {
		_, err := c.AddFunc(job.When, func() {
			if err := job.Run(); err != nil && ctx.Err() == nil {
				log.ErrorContext(ctx, "a regular job failed", "job", job.Name, "err", err)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("set up the regular job %q: %w", job.Name, err)
		}
	}
	return c, nil
}

// words hands cron's own messages to the log.
type words struct{ log *slog.Logger }

// Info drops cron's chatter.
func (words) Info(string, ...any) {}

// Error logs a job that panicked.
func (w words) Error(err error, msg string, keysAndValues ...any) {
	w.log.Error("cron: "+msg, append([]any{"err", err}, keysAndValues...)...) //nolint:sloglint // the words are cron's
}
