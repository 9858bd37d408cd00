package calendar

import (
	"fmt"
	"io"
	"os"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/ics"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/plan/almanac"
	"daymark/internal/postgres"
)

// Calendar is the commands about days of the charity's own.
type Calendar struct {
	Import Import `cmd:"" help:"Take days from a calendar file (.ics)."`
	List   List   `cmd:"" help:"List the days of your own."`
	Remove Remove `cmd:"" help:"Remove a day of your own."`
}

// Import is the command that takes days from a calendar file.
type Import struct {
	File string `arg:"" help:"An iCalendar file."`
	Save bool   `help:"Keep the days; without, they are only looked at."`
	As   string `help:"E-mail address of the person who takes them; default: the first admin." placeholder:"EMAIL"`
}

// Help shows examples.
func (Import) Help() string {
	return "Days that Daymark has anyhow are told and left out.\nExamples:\n  daymark calendar import days.ics\n  daymark calendar import days.ics --save"
}

// Run looks at the file, and keeps its days.
func (c *Import) Run(r *command.Run) error {
	in, err := os.Open(c.File)
	if err != nil {
		return fault.Wrap(fault.NotFound, err, "The file cannot be read: %v", err)
	}
	defer func() { _ = in.Close() }()
	body, err := io.ReadAll(io.LimitReader(in, ics.MaxBytes+1))
	if err != nil {
		return fmt.Errorf("read %s: %w", c.File, err)
	}
	entries, err := ics.Read(body)
	if err != nil {
		return err
	}
	shipped, err := campaign.ShippedObservances()
	if err != nil {
		return err
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		all, err := almanac.All(r.Ctx, a.DB, shipped)
		if err != nil {
			return err
		}
		take, wrong := c.tell(r, almanac.Look(entries, all))
		if c.Save {
			err = a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error {
				taken, err := almanac.Take(r.Ctx, tx, take, by)
				if err == nil {
					r.Printf("%d new, %d changed, %d as they were\n", taken.New, taken.Changed, taken.Same)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		if wrong > 0 {
			return command.ErrFound
		}
		return nil
	})
}

// tell prints what each entry would become, and returns what can be taken and how many entries cannot.
func (c *Import) tell(r *command.Run, found []almanac.Found) (take []almanac.Found, wrong int) {
	for _, f := range found {
		switch {
		case f.Problem != nil:
			wrong++
			r.Printf("%s:%d: %s: %s\n", c.File, f.Line, f.Name, fault.Say(f.Problem))
			continue
		case f.Unsafe:
			wrong++
			r.Printf("%s:%d: its name has characters that cannot be seen\n", c.File, f.Line)
			continue
		case f.Ours != "":
			r.Printf("%s:%d: %s: Daymark has it\n", c.File, f.Line, f.Name)
			continue
		}
		take = append(take, f)
		r.Printf("%s:%d: %s: %s, %s\n", c.File, f.Line, f.ID, f.Name, f.Rule.Kind)
		for _, n := range f.Notes {
			r.Printf("  %s %s\n", said[n], f.Says)
		}
	}
	return take, wrong
}

// said is what the notes about entries mean.
var said = map[ics.Note]string{
	ics.Timed:      "It has a time of day; the whole day is taken.",
	ics.Repeats:    "Its repetition has no rule here; only the dates that it names are taken:",
	ics.Exceptions: "It leaves out dates of its own rule; they are not left out here.",
	ics.LaterDays:  "It lasts several days; by its rule only the first is taken.",
	ics.Shortened:  "Its name or description was cut.",
}

// List is the command that lists the days of the charity's own.
type List struct{}

// Run prints the days with their next date.
func (List) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		own, err := almanac.Own(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		today := civil.DateOf(time.Now().UTC())
		return r.Table("ID\tNEXT\tNAME", func(row func(...any)) {
			for _, d := range own {
				next := ""
				if coming := almanac.Between([]almanac.Day{d}, today, today.AddDays(5*366)); len(coming) > 0 {
					next = coming[0].Range.Start.String()
				}
				row(d.ID, next, d.Name("en"))
			}
		})
	})
}

// Remove is the command that removes a day of the charity's own.
type Remove struct {
	ID string `arg:"" help:"The day, as the list names it."`
	As string `help:"E-mail address of the person who removes it; default: the first admin." placeholder:"EMAIL"`
}

// Help shows an example.
func (Remove) Help() string { return "Example:\n  daymark calendar remove own-peace-week" }

// Run removes the day.
func (c *Remove) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		return a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error { return almanac.Remove(r.Ctx, tx, c.ID, by) })
	})
}
