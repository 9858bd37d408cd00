package edition

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/library"
	"daymark/internal/org/people"
)

// Load is the command that takes campaigns into the database.
type Load struct {
	Paths []string `arg:"" help:"Campaign folders, or ids of shipped campaigns."`
	As    string   `help:"E-mail address of the person who loads; default: Daymark itself for what comes with it, else the first admin." placeholder:"EMAIL"`
	Over  bool     `help:"Write over what was changed in the browser since the file was loaded."`
}

// Help shows examples.
func (Load) Help() string {
	return "Examples:\n  daymark load july-30\n  daymark load ./my-campaign"
}

// Run reads every campaign first; nothing is loaded if one has a mistake.
func (c *Load) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Planner(a, c.As)
		if err != nil {
			return err
		}
		all := make([]campaign.Loaded, len(c.Paths))
		p := newProgress(r.Err, time.Now)
		for i, path := range c.Paths {
			if all[i], err = command.ReadCampaign(path, false); err != nil {
				p.end()
				return err
			}
			p.total += len(all[i].Campaign.Posts)
			p.say("reading")
		}
		var answers strings.Builder
		for _, loaded := range all {
			who, err := c.writer(r, a, loaded, by)
			if err != nil {
				p.end()
				return err
			}
			changed, err := a.LoadCounting(r.Ctx, loaded, who, c.Over, p.step)
			if err != nil {
				p.end()
				return err
			}
			what := "unchanged"
			if changed {
				what = "loaded"
			}
			fmt.Fprintf(&answers, "%s: %s, %d posts in %s\n", loaded.Campaign.ID, what, len(loaded.Campaign.Posts), strings.Join(loaded.Campaign.Languages, ", "))
		}
		p.end()
		r.Printf("%s", answers.String())
		return nil
	})
}

// writer is who stands for the words of a campaign: whoever was named, else the first admin where somebody here wrote them. Nobody is
// there to be named while Daymark is being set up.
func (c *Load) writer(r *command.Run, a *app.App, loaded campaign.Loaded, by people.Person) (people.Person, error) {
	own, err := library.Own(loaded)
	if err != nil || !own || c.As != "" {
		return by, err
	}
	admin, err := r.Operator(a, "")
	if fault.Is(err, fault.NotFound) {
		return by, nil
	}
	return admin, err
}

// progress tells a person how far a long load is: one line that counts on a terminal, a line a second elsewhere. A load that
// is done within a second says nothing.
type progress struct {
	out         io.Writer
	now         func() time.Time
	terminal    bool
	last        time.Time
	done, total int
	shown       bool
}

func newProgress(out io.Writer, now func() time.Time) *progress {
	p := &progress{out: out, now: now, last: now()}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// step counts a post.
func (p *progress) step() {
	p.done++
	p.say("loading")
}

// say shows the count, ten times a second on a terminal.
func (p *progress) say(what string) {
	every := time.Second
	if p.terminal && p.shown {
		every = time.Second / 10
	}
	if at := p.now(); at.Sub(p.last) >= every {
		p.last, p.shown = at, true
		line := fmt.Sprintf("%s: %d of %d posts", what, p.done, p.total)
		if p.terminal {
			_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", line)
			return
		}
		_, _ = fmt.Fprintln(p.out, line)
	}
}

// end takes the line off a terminal again.
func (p *progress) end() {
	if p.terminal && p.shown {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
}
