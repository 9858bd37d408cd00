package charity

import (
	"encoding/csv"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/flow/draft"
	"daymark/internal/org/helpline"
	"daymark/internal/org/helpline/entry"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Helpline is the command that looks after helplines.
type Helpline struct {
	List  HelplineList  `cmd:"" help:"List helplines, and which checks are due."`
	Check HelplineCheck `cmd:"" help:"Say that you called a helpline, wrote to it or read its page, and what you saw."`
	Add   HelplineAdd   `cmd:"" help:"Add a helpline; posts show it once somebody has checked it."`
}

// HelplineList is the command that lists helplines.
type HelplineList struct {
	Country string `help:"Only those of a country: two letters, such as GB." placeholder:"CODE"`
	Format  string `default:"table" enum:"table,json,csv" help:"How to print: ${enum}."`
}

// Help shows examples.
func (HelplineList) Help() string {
	return "Examples:\n  daymark helpline list --country GB\n  daymark helpline list --format csv > helplines.csv"
}

// soon is how many days ahead the list says that a check runs out.
const soon = 7 * 24 * time.Hour

// shown is a helpline as the JSON and CSV formats have it.
type shown struct {
	ID        string   `json:"id"`
	Country   string   `json:"country"`
	Name      string   `json:"name"`
	Phone     string   `json:"phone"`
	Text      string   `json:"text"`
	Chat      string   `json:"chat"`
	Web       string   `json:"web"`
	Hours     string   `json:"hours"`
	Languages []string `json:"languages"`
	For       string   `json:"for"`
	Purpose   string   `json:"purpose"`
	Invented  bool     `json:"invented"`
	Read      string   `json:"read"`
	State     string   `json:"state"`
	Until     string   `json:"until"` // RFC 3339; empty where no check holds
	Checker   string   `json:"checked_by"`
	Saw       string   `json:"saw"`
	Due       string   `json:"due"` // why a check is due; empty where none is
	Version   int      `json:"version"`
	Edited    bool     `json:"file_differs"` // a person edited it, and the file says something else
}

// Run lists the helplines.
func (c *HelplineList) Run(r *command.Run) error {
	if c.Country != "" && c.Country != entry.Shared && !entry.IsCountry(c.Country) {
		return fault.BadField("--country", "%q is no country: write its two capital letters, such as GB", c.Country)
	}
	return r.Open(func(a *app.App) error {
		if err := a.LoadHelplines(r.Ctx); err != nil {
			return err
		}
		all, err := helpline.All(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		list := show(helpline.In(all, c.Country), a.Clock.Now())
		switch c.Format {
		case "json":
			return r.JSON(list)
		case "csv":
			return writeHelplines(r, list)
		}
		return r.Table("ID\tCOUNTRY\tNUMBER\tFOR\tSTATE\tUNTIL\tCHECKED BY\tNAME", func(row func(...any)) {
			for _, s := range list {
				until, _, _ := strings.Cut(s.Until, "T")
				row(s.ID, s.Country, reach(s), s.For, s.State, until, s.Checker, s.Name)
			}
		})
	})
}

func reach(s shown) string {
	for _, way := range []string{s.Phone, s.Text, s.Chat} {
		if way != "" {
			return way
		}
	}
	return ""
}

func show(all []helpline.Record, now time.Time) []shown {
	due := map[string]string{}
	for _, d := range helpline.Due(all, now, soon) {
		due[d.Record.ID] = d.Why
	}
	list := make([]shown, len(all))
	for i, h := range all {
		s := shown{
			ID: h.ID, Country: h.Country, Name: h.Name, Phone: h.Phone, Text: h.Message, Chat: h.Chat, Web: h.Web, Hours: h.Hours,
			Languages: append([]string{}, h.Languages...), For: h.For, Purpose: h.Purpose, Invented: h.Invented, Read: h.Read,
			State: state(h, now), Due: due[h.ID], Version: h.Version, Edited: h.FileDiffers,
		}
		if h.Last != nil {
			s.Checker, s.Saw = h.Last.Person, h.Last.Saw
		}
		if h.Holds(now) {
			s.Until = command.UTC(h.Last.Until)
		}
		list[i] = s
	}
	return list
}

// state says in a word or two whether posts may show a helpline.
func state(h helpline.Record, now time.Time) string {
	switch {
	case h.Retired:
		return "out of use"
	case h.Purpose == campaign.Reporting:
		return "for reports"
	case h.Holds(now):
		return "checked"
	case h.Last == nil:
		return "unchecked"
	case h.Last.Version != h.Version:
		return "changed since"
	case h.Last.Result != helpline.Works:
		return string(h.Last.Result)
	}
	return "run out"
}

func writeHelplines(r *command.Run, list []shown) error {
	w := csv.NewWriter(r.Out)
	rows := [][]string{{"id", "country", "name", "phone", "text", "chat", "web", "hours", "languages", "for", "purpose", "read", "state", "until", "checked_by", "saw", "due"}}
	for _, s := range list {
		row := []string{
			s.ID, s.Country, s.Name, s.Phone, s.Text, s.Chat, s.Web, s.Hours, strings.Join(s.Languages, " "), s.For, s.Purpose,
			s.Read, s.State, s.Until, s.Checker, s.Saw, s.Due,
		}
		for i := range row {
			row[i] = command.Harmless(row[i])
		}
		rows = append(rows, row)
	}
	return w.WriteAll(rows)
}

// HelplineCheck is the command that writes down a check.
type HelplineCheck struct {
	ID     string `arg:"" help:"The helpline's id."`
	How    string `required:"" enum:"called,wrote,page" help:"What you did: ${enum}."`
	Result string `required:"" enum:"works,changed,dead" help:"What came of it: ${enum}."`
	Saw    string `required:"" help:"What you heard or read, in your words." placeholder:"WORDS"`
	As     string `required:"" help:"Your e-mail address: a check has a name." placeholder:"EMAIL"`
}

// Help shows examples.
func (HelplineCheck) Help() string {
	return "Daymark calls nobody: you do. Examples:\n" +
		"  daymark helpline check gb-msh --how called --result works --saw \"A woman answered after a minute, in English.\" --as rosa@charity.example\n" +
		"  daymark helpline check ke-116 --how page --result dead --saw \"The page says that the line is closed.\" --as rosa@charity.example"
}

// Run writes down a check. Where the helpline does not work, the posts that show it go to review again.
func (c *HelplineCheck) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		if err := a.LoadHelplines(r.Ctx); err != nil {
			return err
		}
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		look := helpline.NewCheck{How: helpline.How(c.How), Result: helpline.Result(c.Result), Saw: c.Saw}
		made, renewed, err := draft.CheckHelpline(r.Ctx, a.DB, c.ID, look, by, a.Clock.Now())
		if err != nil {
			return err
		}
		if made.Result == helpline.Works {
			r.Printf("Checked. Posts may show %s until %s.\n", c.ID, command.UTC(made.Until))
			return nil
		}
		r.Printf("Written down. No post shows %s any more before it is mended and checked again.\n", c.ID)
		return again(r, a, renewed)
	})
}

// again puts the posts that showed a helpline before reviewers without it, and prints which are out with it.
func again(r *command.Run, a *app.App, renewed draft.Renewed) error {
	system, err := people.System(r.Ctx, a.DB)
	if err != nil {
		return err
	}
	waiting, err := a.SubmitAgain(r.Ctx, renewed, system)
	if err != nil {
		return err
	}
	if len(renewed.Posts) > 0 {
		r.Printf("%s that showed it went to review again.\n", command.Count(len(renewed.Posts), "post"))
	}
	for _, why := range waiting {
		r.Printf("%s\n", why)
	}
	if len(renewed.Live) == 0 {
		return nil
	}
	r.Printf("It is out with these; take them down or correct them at the network:\n")
	return r.Table("POST\tMESSAGE\tCHANNEL\tLANGUAGE\tDUE\tSTATE\tADDRESS", func(row func(...any)) {
		for _, c := range renewed.Live {
			row(c.Post, c.Message, c.Name, c.Language, command.UTC(c.DueAt), c.State, c.URL)
		}
	})
}

// HelplineAdd is the command that adds a helpline.
type HelplineAdd struct {
	ID           string            `arg:"" help:"A short name for it, kept for ever: small letters, digits and hyphens."`
	Country      string            `required:"" help:"Two letters, such as GB; EU for a number that many of its countries share." placeholder:"CODE"`
	Name         string            `required:"" help:"What it calls itself."`
	Phone        string            `help:"The number to call, grouped for reading." placeholder:"NUMBER"`
	Text         string            `help:"The number for text messages." placeholder:"NUMBER"`
	Chat         string            `help:"The address of its chat." placeholder:"URL"`
	Web          string            `help:"Its page." placeholder:"URL"`
	Hours        string            `help:"When it answers, in words." placeholder:"WORDS"`
	Languages    []string          `name:"language" help:"Languages it answers in." placeholder:"CODE"`
	Interpreters bool              `help:"It brings in interpreters."`
	For          string            `default:"everyone" enum:"everyone,adults,children,women" help:"Whom it is for: ${enum}."`
	Purpose      string            `default:"support" enum:"support,reporting" help:"What it is for: ${enum}. A line for reports is never offered as support."`
	Short        map[string]string `help:"How a post names it, by language; default: its name and number." placeholder:"en=WORDS" mapsep:"|"`
	CheckDays    int               `default:"30" help:"For how many days a check holds." placeholder:"N"`
	Note         string            `help:"For the team." placeholder:"WORDS"`
	As           string            `help:"E-mail address of who adds it; default: the first admin." placeholder:"EMAIL"`
}

// Help shows an example.
func (HelplineAdd) Help() string {
	return "Example:\n  daymark helpline add gb-local --country GB --name \"Our own line\" --phone \"020 7946 0100\" --language en --short \"en=Our line: 020 7946 0100\""
}

// Run adds a helpline.
func (c *HelplineAdd) Run(r *command.Run) error {
	h := campaign.Helpline{
		ID: c.ID, Country: c.Country, Name: c.Name, Phone: c.Phone, Message: c.Text, Chat: c.Chat, Web: c.Web, Hours: c.Hours,
		Languages: c.Languages, Interpret: c.Interpreters, For: c.For, Purpose: c.Purpose, Short: c.Short, CheckDays: c.CheckDays, Note: c.Note,
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		if err := a.LoadHelplines(r.Ctx); err != nil { // so that no id is taken twice
			return err
		}
		if err := a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error {
			_, err := helpline.Add(r.Ctx, tx, h, by, a.Clock.Now())
			return err
		}); err != nil {
			return err
		}
		r.Printf("Added %s. No post shows it before somebody has checked it: daymark helpline check %s --how called ...\n", c.ID, c.ID)
		return nil
	})
}
