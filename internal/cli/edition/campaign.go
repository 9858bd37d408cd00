package edition

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/app/library"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign"
	"daymark/internal/org/people"
)

// Load is the command that takes campaigns into the database.
type Load struct {
	Paths []string `arg:"" help:"Campaign folders, or ids of shipped campaigns."`
	As    string   `help:"E-mail address of the person who loads; default: Daymark itself for what comes with it, else the first admin." placeholder:"EMAIL"`
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
			changed, err := a.LoadCounting(r.Ctx, loaded, who, p.step)
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

// Export is the command that writes a campaign of the database as files, or posts as a table.
type Export struct {
	Campaign string `arg:"" optional:"" help:"A loaded campaign; a table may be of all posts."`
	Out      string `default:"." help:"The folder in which its own folder is made." placeholder:"DIR"`
	Force    bool   `help:"Write over files that are there."`
	Format   string `default:"files" enum:"files,csv" help:"What to write: ${enum}. CSV goes to the standard output."`
	Year     int    `help:"Of a table: the year of the campaign's edition."`
	Language string `help:"Of a table: only posts that go out in this language." placeholder:"LANG"`
}

// Help shows examples.
func (Export) Help() string {
	return "Loading the files that it writes changes nothing; neither does bringing in the table.\n" +
		"Examples:\n  daymark export july-30 --out ./campaigns\n  daymark export july-30 --year 2027 --format csv > posts.csv"
}

// Run writes the folder. Files that are there are never written over without being told to.
func (c *Export) Run(r *command.Run) error {
	if c.Format == "csv" {
		return c.table(r)
	}
	if c.Campaign == "" {
		return fault.BadField("campaign", "is missing: name a loaded campaign, or write --format csv for the posts of all")
	}
	return r.Open(func(a *app.App) error {
		exported, err := library.Export(r.Ctx, a.DB, c.Campaign)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(c.Out, c.Campaign), 0o755); err != nil {
			return fault.Wrap(fault.Invalid, err, "The folder %s cannot be made: %v", c.Out, err)
		}
		root, err := os.OpenRoot(filepath.Join(c.Out, c.Campaign)) // names from a database stay inside
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The folder %s cannot be opened: %v", c.Out, err)
		}
		defer func() { _ = root.Close() }()
		names := slices.Sorted(maps.Keys(exported.Files))
		for _, name := range names {
			if err := c.write(root, name, exported.Files[name]); err != nil {
				return err
			}
		}
		r.Printf("%s: %d files in %s\n", c.Campaign, len(names), filepath.Join(c.Out, c.Campaign))
		if exported.OwnObservance != "" {
			r.Printf("Its observance %s is not one that Daymark ships: put your observances.yaml beside it before you load it.\n", exported.OwnObservance)
		}
		if len(exported.OwnFacts) > 0 {
			r.Printf("It states facts that Daymark does not ship (%s): put your facts.yaml beside it before you load it.\n", strings.Join(exported.OwnFacts, ", "))
		}
		return nil
	})
}

func (c *Export) write(root *os.Root, name string, body []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fault.Wrap(fault.Invalid, err, "The folder of %s cannot be made: %v", name, err)
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if c.Force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := root.OpenFile(name, flags, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "%s is there already; --force writes over it.", filepath.Join(c.Out, c.Campaign, name))
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s cannot be written: %v", name, err)
	}
	_, err = f.Write(body)
	return errors.Join(err, f.Close())
}
