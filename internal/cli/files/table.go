// Package files has the commands that take campaigns and posts out of the database as files, and posts from a table into it.
package files

import (
	"fmt"
	"io"
	"os"
	"slices"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/core/sheet"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/table"
	"daymark/internal/flow/draft/table/cell"
	"daymark/internal/org/channel"
	"daymark/internal/postgres"
)

// table prints posts as CSV.
func (c *Export) table(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		f := book.EntryFilter{Language: c.Language}
		switch {
		case c.Campaign != "" && c.Year == 0:
			return fault.BadField("--year", "is missing: a table is of one edition, or of all posts")
		case c.Campaign != "":
			e, err := book.FindEdition(r.Ctx, a.DB, c.Campaign, c.Year, false)
			if err != nil {
				return err
			}
			f.Edition = e.ID
		}
		entries, err := book.Entries(r.Ctx, a.DB, f)
		if err != nil {
			return err
		}
		entries = slices.DeleteFunc(entries, func(e book.Entry) bool { return e.Rehearsal })
		channels, err := channel.List(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		text, err := table.Export(r.Ctx, a.DB, entries, channels)
		if err != nil {
			return err
		}
		_, err = io.WriteString(r.Out, text)
		return err
	})
}

// Import is the command that takes posts from a table.
type Import struct {
	File     string `arg:"" help:"A CSV file."`
	Campaign string `help:"The campaign whose edition they become part of; default: none, posts of their own." placeholder:"ID"`
	Year     int    `help:"The year of that edition."`
	Order    string `default:"ask" enum:"ask,day,month" help:"What comes first in a day such as 03/04: ${enum}."`
	Zone     string `help:"Time zone where a row names none; default: each account's own." placeholder:"ZONE"`
	Accounts string `default:"named" enum:"named,all" help:"Where a row names no accounts: ${enum}."`
	Language string `help:"Language where a row names none." placeholder:"LANG"`
	Encoding string `default:"auto" enum:"auto,UTF-8,UTF-16,Windows-1252,Windows-1256" help:"Letters of the file: ${enum}."`
	Save     bool   `help:"Save the posts as drafts; without, they are only looked at. Nothing is saved while any row has something to mend."`
	As       string `help:"E-mail address of the person who writes them; default: the first admin." placeholder:"EMAIL"`
}

// Help shows examples.
func (Import) Help() string {
	return "Columns are known by their names in English, French, Spanish or Arabic; see docs/import.md.\n" +
		"Examples:\n  daymark import posts.csv\n  daymark import posts.csv --campaign july-30 --year 2027 --order day --save"
}

// Run looks at the table, and saves its posts.
func (c *Import) Run(r *command.Run) error {
	body, err := readFile(c.File, table.MaxBytes)
	if err != nil {
		return err
	}
	as := sheet.Encoding(c.Encoding)
	if c.Encoding == "auto" {
		as = ""
	}
	f, err := table.Open(body, as)
	if err != nil {
		return err
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		var edition int64
		if c.Campaign != "" {
			e, err := book.FindEdition(r.Ctx, a.DB, c.Campaign, c.Year, false)
			if err != nil {
				return err
			}
			edition = e.ID
		}
		ground, err := table.On(r.Ctx, a.DB, by, a.Clock.Now())
		if err != nil {
			return err
		}
		opt := table.Options{Zone: c.Zone, Everyone: c.Accounts == "all", Language: c.Language}
		if c.Order != "ask" {
			opt.Order = cell.Order(c.Order)
		}
		drafts, err := table.Read(f, table.Guess(f.Header), opt, ground)
		if err != nil {
			return err
		}
		if err := table.There(r.Ctx, a.DB, drafts, edition, ground.Channels); err != nil {
			return err
		}
		take, wrong := c.tell(r, f, drafts)
		if wrong > 0 {
			return command.ErrFound
		}
		if !c.Save || len(take) == 0 {
			return nil
		}
		return a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error {
			ids, err := table.Keep(r.Ctx, tx, take, edition, by, a.Clock.Now())
			if err == nil {
				r.Printf("%s saved as drafts\n", command.Count(len(ids), "post"))
			}
			return err
		})
	})
}

// tell prints what the table would become, and returns what can be saved and how many posts have something to mend.
func (c *Import) tell(r *command.Run, f table.File, drafts []table.Draft) (take []table.Draft, wrong int) {
	there := 0
	for _, d := range drafts {
		for _, p := range d.Problems {
			r.Printf("%s: row %d, %s: %s\n", c.File, p.Row, p.Column, fault.Say(p.Err))
		}
		switch {
		case !d.Good():
			wrong++
		case d.There != 0:
			there++
		default:
			take = append(take, d)
		}
	}
	r.Printf("%s, %s: %s can be saved, %d to mend, %d there already\n", c.File, f.Encoding, command.Count(len(take), "post"), wrong, there)
	return take, wrong
}

// readFile reads a file that is not larger than it may be.
func readFile(name string, most int64) ([]byte, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "The file cannot be read: %v", err)
	}
	defer func() { _ = in.Close() }()
	body, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return body, nil
}
