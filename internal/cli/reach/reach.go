// Package reach has the commands about the sums of what posts reached.
package reach

import (
	"fmt"
	"os"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/flow/engagement/rollup"
)

// Reach is the command about the sums of what posts reached.
type Reach struct {
	Rebuild Rebuild `cmd:"" help:"Add up what was gained by day again from every stored count, and mend what differs."`
}

// Rebuild is the command that adds everything up again.
type Rebuild struct{}

// Help shows examples.
func (Rebuild) Help() string {
	return "Daemons may go on running. It is never needed as long as nobody changes the database by hand; running it twice mends nothing the second time. Example:\n  daymark reach rebuild"
}

// Run adds everything up again and says what it mended.
func (*Rebuild) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		p := progress{every: time.Second}
		if f, ok := r.Err.(*os.File); ok {
			info, err := f.Stat()
			p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
		}
		p.last = time.Now()
		did, err := rollup.Rebuild(r.Ctx, a.DB, func(done, all int) {
			if line := p.line(time.Now(), done, all); line != "" {
				_, _ = fmt.Fprint(r.Err, line)
			}
		})
		if p.terminal && p.shown {
			_, _ = fmt.Fprint(r.Err, "\r\x1b[K")
		}
		if err != nil {
			return err
		}
		r.Printf("Read %s of %s: %s by day, %d mended.\n", command.Count(did.Snapshots, "stored count"), command.Count(did.Deliveries, "counted post"),
			command.Count(did.Cells, "sum"), did.Mended)
		return nil
	})
}

// progress tells a person how far a long rebuild is: one line that counts on a terminal, a line a second elsewhere. One that is done
// within a second says nothing.
type progress struct {
	every    time.Duration
	terminal bool
	shown    bool
	last     time.Time
}

func (p *progress) line(now time.Time, done, all int) string {
	if now.Sub(p.last) < p.every {
		return ""
	}
	p.last, p.shown = now, true
	if p.terminal {
		p.every = time.Second / 10
		return fmt.Sprintf("\r\x1b[Kadding up: %d of %d deliveries", done, all)
	}
	return fmt.Sprintf("adding up: %d of %d deliveries\n", done, all)
}
