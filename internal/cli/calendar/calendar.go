// Package calendar has the commands about dates and texts, which need no database: dates, count.
package calendar

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
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

// Count is the command that counts a text.
type Count struct {
	Platform string `default:"mastodon" enum:"mastodon" help:"Whose rules: ${enum}."`
	JSONL    bool   `name:"jsonl" help:"Read JSON lines {\"text\": ...} and answer each with one."`
	Limit    int    `default:"500" help:"The server's limit."`
	Text     string `arg:"" optional:"" help:"The text; default: standard input."`
}

// Help shows examples.
func (Count) Help() string {
	return "Examples:\n  daymark count \"Tomorrow is the day. https://hopeline.example #EndHumanTrafficking\"\n  daymark count --jsonl < texts.jsonl"
}

// counted is the answer for one text.
type counted struct {
	Length    int      `json:"length"`
	Limit     int      `json:"limit"`
	Valid     bool     `json:"valid"`
	Remaining int      `json:"remaining"`
	Hashtags  []string `json:"hashtags"`
	URLs      []string `json:"urls"`
	Mentions  []string `json:"mentions"`
}

// Run counts.
func (c *Count) Run(r *command.Run) error {
	if !c.JSONL {
		body := c.Text
		if body == "" {
			src, err := io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
			if err != nil {
				return err
			}
			body = strings.TrimRight(string(src), "\n")
		}
		return r.JSON(c.count(body))
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var in struct {
			Text *string `json:"text"`
		}
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil || in.Text == nil {
			return fault.New(fault.Invalid, "Line %d is not JSON of the form {\"text\": \"...\"}.", n)
		}
		answer, err := json.Marshal(c.count(*in.Text))
		if err != nil {
			return err
		}
		r.Printf("%s\n", answer)
	}
	return lines.Err()
}

func (c *Count) count(body string) counted {
	limits := text.DefaultMastodon
	limits.MaxCharacters = c.Limit
	n := limits.Count(body, "")
	return counted{
		Length: n, Limit: c.Limit, Valid: n <= c.Limit && strings.TrimSpace(body) != "", Remaining: c.Limit - n,
		Hashtags: words(text.Hashtags(body), "#"), URLs: words(text.Links(body), ""), Mentions: words(text.Mentions(body), ""),
	}
}

func words(spans []text.Span, sign string) []string {
	list := make([]string, len(spans))
	for i, s := range spans {
		list[i] = strings.TrimPrefix(s.Text, sign)
	}
	return list
}
