// Package calendar has the command about dates, which needs no database, and those about days of the charity's own.
package calendar

import (
	"fmt"
	"os"
	"strings"

	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign"
)

// Dates is the command that prints dates of observances.
type Dates struct {
	IDs    []string `arg:"" optional:"" name:"id" help:"Observances; default: all."`
	From   int      `default:"${year}" help:"First year."`
	To     int      `default:"${year}" help:"Last year."`
	File   string   `help:"A calendar of your own instead of the shipped one." placeholder:"FILE"`
	Format string   `default:"table" enum:"table,json" help:"How to print: ${enum}."`
}

// Help shows examples.
func (Dates) Help() string {
	return "Examples:\n  daymark dates --from 2026 --to 2030\n  daymark dates safer-internet-day --from 2027 --to 2030 --format json"
}

// dated is one observance in one year, as the JSON format has it.
type dated struct {
	ID         string `json:"id"`
	Year       int    `json:"year"`
	Start      string `json:"start"`
	End        string `json:"end"`
	Unverified bool   `json:"unverified,omitempty"`
	name       string
}

// Run prints the dates.
func (c *Dates) Run(r *command.Run) error {
	all, err := c.read()
	if err != nil {
		return err
	}
	byID := map[string]observance.Observance{}
	var ids []string
	for _, o := range all {
		byID[o.ID] = o
		ids = append(ids, o.ID)
	}
	if len(c.IDs) > 0 {
		ids = c.IDs
	}
	if c.To < c.From || c.From < observance.FirstYear || c.To > observance.LastYear {
		return fault.BadField("--from and --to", "must be years from %d to %d, the first not after the last", observance.FirstYear, observance.LastYear)
	}
	list := []dated{}
	var without []string
	for _, id := range ids {
		o, ok := byID[id]
		if !ok {
			return unknownID(id, byID)
		}
		before := len(list)
		for year := c.From; year <= c.To; year++ {
			days, ok, err := o.Rule.On(year)
			if err != nil {
				return fault.Wrap(fault.Invalid, err, "%s in %d: %v", id, year, err)
			}
			if ok {
				list = append(list, dated{ID: id, Year: year, Start: days.Start.String(), End: days.End.String(), Unverified: o.Unverified, name: o.Name("en")})
			}
		}
		if len(list) == before {
			without = append(without, id)
		}
	}
	if len(without) > 0 {
		_, _ = fmt.Fprintf(r.Err, "No date is known in these years for: %s\n", strings.Join(without, ", "))
	}
	if c.Format == "json" {
		return r.JSON(list)
	}
	return r.Table("YEAR\tFIRST DAY\tLAST DAY\tID\tNAME\t", func(row func(...any)) {
		for _, d := range list {
			note := ""
			if d.Unverified {
				note = "(unverified)"
			}
			row(d.Year, d.Start, d.End, d.ID, d.name, note)
		}
	})
}

func (c *Dates) read() ([]observance.Observance, error) {
	if c.File == "" {
		return campaign.ShippedObservances()
	}
	src, err := os.ReadFile(c.File)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The calendar cannot be read: %v", err)
	}
	list, problems := campaign.ReadObservances(c.File, src)
	if len(problems) > 0 {
		lines := make([]string, len(problems))
		for i, p := range problems {
			lines[i] = p.String()
		}
		return nil, fault.New(fault.Invalid, "%s", strings.Join(lines, "\n"))
	}
	return list, nil
}

func unknownID(id string, known map[string]observance.Observance) error {
	var ids []string
	for k := range known {
		ids = append(ids, k)
	}
	if near, ok := text.Nearest(id, ids); ok {
		return fault.New(fault.NotFound, "There is no observance %q. Did you mean %q?", id, near)
	}
	return fault.New(fault.NotFound, "There is no observance %q. daymark dates lists them all.", id)
}
