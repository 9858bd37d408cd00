// Package edition has the commands about a campaign and its editions: load, export, plan, report.
package edition

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign/places"
	"daymark/internal/flow/campaign/source"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/plan/conflict"
	"daymark/internal/org/channel"
)

// Plan is the command that shows or makes an edition.
type Plan struct {
	Campaign  string   `arg:"" help:"A loaded campaign, a folder, or the id of a shipped campaign."`
	Year      int      `required:"" help:"The year of the edition."`
	Save      bool     `help:"Make the edition in the database; the campaign must be loaded."`
	Zones     []string `name:"zone" help:"Show it for channels in these zones, without a database." placeholder:"ZONE"`
	Channels  string   `help:"Show it for the channels that a file names, without a database." placeholder:"FILE"`
	Rehearsal bool     `help:"Make it as a rehearsal, for sandbox channels only."`
	As        string   `help:"E-mail address of the person who plans; default: Daymark itself." placeholder:"EMAIL"`
	Format    string   `default:"table" enum:"table,json,csv,ics" help:"How to print: ${enum}."`
}

// Help shows examples.
func (Plan) Help() string {
	return "Examples:\n  daymark plan july-30 --year 2027\n  daymark plan july-30 --year 2027 --zone Europe/London --zone Asia/Kathmandu --format csv\n  daymark plan july-30 --year 2027 --channels five-zones.yaml\n  daymark plan july-30 --year 2027 --save"
}

// planned is one delivery of a plan, as the machine formats have it.
type planned struct {
	Message  string `json:"message"`
	Kind     string `json:"kind"`
	Channel  string `json:"channel"`
	Language string `json:"language"`
	Date     string `json:"date"`
	Clock    string `json:"clock"`
	Zone     string `json:"zone"`
	DueAt    string `json:"due_at"`
	NotAfter string `json:"not_after"`
	State    string `json:"state"`
	Text     string `json:"text"`

	Conflicts []conflict.Conflict `json:"conflicts,omitempty"`
	Findings  []finding           `json:"findings,omitempty"`
}

// Run prints the plan, or makes it.
func (c *Plan) Run(r *command.Run) error {
	if c.Year < observance.FirstYear || c.Year > observance.LastYear {
		return fault.BadField("--year", "must be from %d to %d", observance.FirstYear, observance.LastYear)
	}
	if len(c.Zones) > 0 || c.Channels != "" {
		return c.preview(r)
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Planner(a, c.As)
		if err != nil {
			return err
		}
		if !c.Save {
			return c.show(r, a)
		}
		made, err := a.Plan(r.Ctx, c.Campaign, c.Year, c.Rehearsal, by)
		if err != nil {
			return err
		}
		r.Printf("%s %d: %d new posts, %d new deliveries, %d posts kept\n", c.Campaign, c.Year, made.Posts, made.Deliveries, made.Kept)
		if made.Followed+made.Moved+made.Withdrawn+made.Offered > 0 {
			r.Printf("  %d posts follow the file, %d deliveries moved, %d withdrawn, %d posts are offered the file's words\n",
				made.Followed, made.Moved, made.Withdrawn, made.Offered)
		}
		for _, p := range made.Problems {
			r.Printf("  %s\n", p)
		}
		return nil
	})
}

// show prints what is planned in the database, or what would be on the connected channels.
func (c *Plan) show(r *command.Run, a *app.App) error {
	edition, err := book.FindEdition(r.Ctx, a.DB, c.Campaign, c.Year, c.Rehearsal)
	if fault.Is(err, fault.NotFound) {
		places, err := plan.Places(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		if len(places) == 0 {
			return fault.New(fault.NotFound, "No channel is connected, so there is nowhere to go. Connect one (daymark channel add), or look at zones: --zone Europe/London")
		}
		return c.lay(r, a, places)
	}
	if err != nil {
		return err
	}
	looked, err := conflict.Look(r.Ctx, a.DB, edition, a.Clock.Now())
	if err != nil {
		return err
	}
	var list []planned
	for _, e := range looked.Entries {
		list = append(list, planned{
			Message: e.Message, Kind: e.Kind, Channel: e.Handle, Language: e.Language, Date: e.DueDate, Clock: e.DueClock,
			Zone: e.Zone, DueAt: command.UTC(e.DueAt), NotAfter: command.UTC(e.NotAfter), State: string(e.State), Text: e.Text,
			Conflicts: looked.Conflicts[e.Delivery],
		})
	}
	whole, err := judged(r, a, edition.ID, looked.Entries, list)
	if err != nil {
		return err
	}
	return c.print(r, list, whole)
}

// preview prints the plan for imagined channels: those of a file, and one for each zone given.
func (c *Plan) preview(r *command.Run) error {
	if c.Save {
		return fault.BadField("--save", "makes posts for connected channels and does not go with --zone or --channels")
	}
	loaded, err := command.ReadCampaign(c.Campaign, false)
	if err != nil {
		return err
	}
	imagined, err := c.imagined()
	if err != nil {
		return err
	}
	for _, zone := range c.Zones {
		if err := command.CheckZone(zone); err != nil {
			return err
		}
		imagined = append(imagined, plan.Place{Channel: int64(len(imagined)), Name: zone, Zone: zone, Languages: loaded.Campaign.Languages})
	}
	return c.lay(r, nil, imagined)
}

// imagined reads the file of channels, if one is given.
func (c *Plan) imagined() ([]plan.Place, error) {
	if c.Channels == "" {
		return nil, nil
	}
	src, err := os.ReadFile(c.Channels)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "The file of channels cannot be read: %v", err)
	}
	list, problems := places.Read(c.Channels, src)
	if len(problems) > 0 {
		return nil, fault.New(fault.Invalid, "%s", source.Text(problems))
	}
	var all []plan.Place
	for i, p := range list {
		all = append(all, plan.Place{Channel: int64(i), Name: p.Name, Platform: p.Network, Zone: p.Zone, Languages: p.Languages, Labels: p.Labels})
	}
	return all, nil
}

// lay prints what an edition would be. For imagined channels there is no database: nothing else goes there, and a year that
// is over may be looked at.
func (c *Plan) lay(r *command.Run, a *app.App, places []plan.Place) error {
	loaded, err := command.ReadCampaign(c.Campaign, false)
	if err != nil {
		return err
	}
	days, err := plan.Days(loaded.Observance, c.Year)
	if err != nil {
		return err
	}
	laid, err := plan.Lay(loaded.Campaign, days, places)
	if err != nil {
		return err
	}
	items := conflict.Items(laid)
	seen := conflict.Foresee(loaded.Observance, c.Year)
	if a != nil {
		around, err := conflict.Around(r.Ctx, a.DB, c.Rehearsal)
		if err != nil {
			return err
		}
		beside, err := around.Beside(r.Ctx, a.DB, items, 0)
		if err != nil {
			return err
		}
		items = append(items, beside...)
		seen.Habits, seen.Now = around.Habits, a.Clock.Now()
	} else {
		seen.Habits = map[int64]channel.Habits{}
		for _, p := range places {
			seen.Habits[p.Channel] = channel.Usual()
		}
	}
	var list []planned
	for _, l := range laid {
		for _, s := range l.Slots {
			list = append(list, planned{
				Message: l.Source.Message, Kind: l.Source.Kind, Channel: s.Place.Name, Language: s.Language,
				Date: s.Date.String(), Clock: s.Clock.String(), Zone: s.Zone, DueAt: command.UTC(s.DueAt), NotAfter: command.UTC(s.NotAfter), State: "not made",
				Text: l.Source.Parts[0].Texts[s.Language],
			})
		}
	}
	for _, found := range conflict.Find(items, seen) {
		list[found.At].Conflicts = append(list[found.At].Conflicts, found)
	}
	whole, err := foreseen(r, a, loaded, c.Year, days, laid, list)
	if err != nil {
		return err
	}
	return c.print(r, list, whole)
}

// print prints the plan, and under it its conflicts and what the rules found in its words. With an error among them the command
// ends as one that found problems.
func (c *Plan) print(r *command.Run, list []planned, whole []finding) error {
	grave := slices.ContainsFunc(whole, finding.grave) || slices.ContainsFunc(list, func(p planned) bool {
		return slices.ContainsFunc(p.Findings, finding.grave) ||
			slices.ContainsFunc(p.Conflicts, func(f conflict.Conflict) bool { return f.Level == conflict.Error })
	})
	if err := c.write(r, list, whole); err != nil || !grave {
		return err
	}
	return command.ErrFound
}

func (c *Plan) write(r *command.Run, list []planned, whole []finding) error {
	switch c.Format {
	case "json":
		return r.JSON(list)
	case "ics":
		return c.calendar(r, list)
	case "csv":
		w := csv.NewWriter(r.Out)
		rows := [][]string{{"message", "kind", "channel", "language", "date", "clock", "zone", "due_at", "not_after", "state", "text", "conflicts", "findings"}}
		for _, p := range list {
			var said, found []string
			for _, f := range p.Conflicts {
				said = append(said, string(f.Level)+": "+f.Say)
			}
			for _, f := range p.Findings {
				found = append(found, string(f.Severity)+" "+f.Rule+": "+f.say())
			}
			rows = append(rows, []string{
				p.Message, p.Kind, p.Channel, p.Language, p.Date, p.Clock, p.Zone, p.DueAt, p.NotAfter, p.State,
				command.Harmless(p.Text), strings.Join(said, "\n"), strings.Join(found, "\n"),
			})
		}
		return w.WriteAll(rows)
	}
	if err := r.Table("DAY\tTIME\tZONE\tCHANNEL\tLANG\tMESSAGE\tSTATE\tTEXT", func(row func(...any)) {
		for _, p := range list {
			row(p.Date, p.Clock, p.Zone, p.Channel, p.Language, p.Message, p.State, command.Cut(p.Text, 60))
		}
	}); err != nil {
		return err
	}
	for _, p := range list {
		for _, f := range p.Conflicts {
			r.Printf("%s: %s to %s in %s (%s %s): %s\n", f.Level, p.Message, p.Channel, p.Language, p.Date, p.Clock, f.Say)
		}
	}
	sayFindings(r, list, whole)
	return nil
}
