// Package content has the command that checks files before they are loaded: campaigns with their words, and the shared files of
// facts, helplines, rules and observances.
package content

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daymark/internal/cli/command"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/content"
	"daymark/internal/flow/campaign/helplines"
	"daymark/internal/flow/campaign/rules"
	"daymark/internal/flow/campaign/source"
)

// Lint is the command that checks files and their words.
type Lint struct {
	Paths  []string `arg:"" optional:"" help:"Campaign folders, folders of campaigns, or single files; default: what Daymark ships."`
	Year   int      `help:"The edition to judge facts, themes and days of the week for; default: the coming one." placeholder:"YEAR"`
	Rules  string   `help:"A file of content rules in place of the shipped one." placeholder:"FILE"`
	Format string   `default:"text" enum:"text,json,sarif" help:"How to print: ${enum}."`
}

// Help shows examples.
func (Lint) Help() string {
	return "Errors make the exit code 1; warnings and notes do not.\n\nExamples:\n  daymark lint\n  daymark lint campaigns/july-30 --year 2027\n  daymark lint my-campaigns/ --format sarif > lint.sarif"
}

// found is one line of the answer, as the JSON format has it.
type found struct {
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Column   int           `json:"column"`
	Field    string        `json:"field,omitempty"`
	Severity lint.Severity `json:"severity"`
	Rule     string        `json:"rule"` // FILE for what keeps the file from being read
	Message  string        `json:"message"`

	Finding *lint.Finding `json:"finding,omitempty"` // where in the words
	Post    string        `json:"post,omitempty"`
	Network string        `json:"network,omitempty"`
}

// brokenFile is the rule of what keeps a file from being read.
const brokenFile = "FILE"

// checker collects what is found.
type checker struct {
	set   *lint.Set
	year  int
	today civil.Date
	files int
	list  []found
}

// Run checks files and prints everything found with its place.
func (c *Lint) Run(r *command.Run) error {
	set, err := c.rules()
	if err != nil {
		return err
	}
	k := &checker{set: set, year: c.Year, today: civil.DateOf(time.Now())}
	if len(c.Paths) == 0 {
		err = k.shipped()
	}
	for _, path := range c.Paths {
		if err == nil {
			err = k.path(path)
		}
	}
	if err != nil {
		return err
	}
	if err := c.print(r, k); err != nil {
		return err
	}
	if slices.ContainsFunc(k.list, func(f found) bool { return f.Severity == lint.Error }) {
		return command.ErrFound
	}
	return nil
}

// rules returns the content rules to judge by.
func (c *Lint) rules() (*lint.Set, error) {
	if c.Rules == "" {
		return rules.Shipped()
	}
	src, err := os.ReadFile(c.Rules)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "The file of rules cannot be read: %v", err)
	}
	list, problems := rules.Read(c.Rules, src)
	if len(problems) > 0 {
		return nil, fault.New(fault.Invalid, "%s", source.Text(problems))
	}
	return lint.New(list)
}

func (c *Lint) print(r *command.Run, k *checker) error {
	switch c.Format {
	case "json":
		if k.list == nil {
			k.list = []found{}
		}
		return r.JSON(k.list)
	case "sarif":
		return r.JSON(sarifOf(k.set, k.list))
	}
	count := map[lint.Severity]int{}
	for _, f := range k.list {
		count[f.Severity]++
		r.Printf("%s\n", source.Problem{File: f.File, Line: f.Line, Column: f.Column, Field: f.Field, Message: f.Message})
	}
	r.Printf("%s, %s, %s, %s\n", command.Count(k.files, "file"), command.Count(count[lint.Error], "error"),
		command.Count(count[lint.Warning], "warning"), command.Count(count[lint.Note], "note"))
	return nil
}

// shipped checks everything that comes with Daymark.
func (k *checker) shipped() error {
	ids, err := campaign.Shipped()
	if err != nil {
		return err
	}
	for _, id := range ids {
		l, err := campaign.LoadShipped(id)
		if err := k.campaign(l, err); err != nil {
			return err
		}
	}
	return nil
}

// path checks what a person named: a campaign's folder, a folder of campaigns, or a file.
func (k *checker) path(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		if !strings.ContainsAny(path, `/\.`) { // the id of a shipped campaign
			l, err := campaign.LoadShipped(path)
			return k.campaign(l, err)
		}
		k.missing(path, "There is no file or folder "+path+".")
		return nil
	}
	if !info.IsDir() {
		return k.file(path)
	}
	if _, err := os.Stat(filepath.Join(path, campaign.FileName)); err == nil {
		return k.file(filepath.Join(path, campaign.FileName))
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The folder %s cannot be read: %v", path, err)
	}
	before := k.files
	for _, e := range entries {
		inside := filepath.Join(path, e.Name(), campaign.FileName)
		if _, shared := readers[e.Name()]; shared && !e.IsDir() {
			inside = filepath.Join(path, e.Name())
		} else if _, err := os.Stat(inside); err != nil {
			continue
		}
		if err := k.file(inside); err != nil {
			return err
		}
	}
	if k.files == before {
		k.missing(path, "The folder "+path+" has no campaign: one is a folder with a "+campaign.FileName+" in it.")
	}
	return nil
}

// readers are the shared files by name. Each returns what is wrong with the file itself.
var readers = map[string]func(name string, src []byte) []source.Problem{
	"observances.yaml": func(name string, src []byte) []source.Problem { _, p := campaign.ReadObservances(name, src); return p },
	"facts.yaml":       func(name string, src []byte) []source.Problem { _, p := campaign.ReadFacts(name, src); return p },
	"helplines.yaml":   func(name string, src []byte) []source.Problem { _, p := helplines.Read(name, src); return p },
	"lint.yaml":        func(name string, src []byte) []source.Problem { _, p := rules.Read(name, src); return p },
}

// file checks one file by its name; any other name is taken for a campaign's.
func (k *checker) file(path string) error {
	read, shared := readers[filepath.Base(path)]
	if !shared {
		l, err := command.ReadCampaign(path, false)
		return k.campaign(l, err)
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > source.MaxBytes {
		return fault.New(fault.Invalid, "%s has %d bytes; at most %d are read. Is it the right file?", path, info.Size(), source.MaxBytes)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The file %s cannot be read: %v", path, err)
	}
	k.files++
	k.broken(read(path, src))
	return nil
}

// missing notes that there is nothing to check where a person pointed.
func (k *checker) missing(path, say string) {
	k.list = append(k.list, found{File: path, Line: 1, Column: 1, Severity: lint.Error, Rule: brokenFile, Message: say})
}

func (k *checker) broken(problems []source.Problem) {
	for _, p := range problems {
		one := found{File: p.File, Line: p.Line, Column: p.Column, Field: p.Field, Severity: lint.Error, Rule: brokenFile, Message: p.Message}
		if !slices.Contains(k.list, one) { // a file that several campaigns share is read for each
			k.list = append(k.list, one)
		}
	}
}

// campaign judges the words of a campaign, or notes what kept it from being read.
func (k *checker) campaign(l campaign.Loaded, err error) error {
	if list, ok := campaign.Problems(err); ok {
		k.files++
		k.broken(list)
		return nil
	}
	if err != nil {
		return err
	}
	k.files++
	words := content.Words{Campaign: l.Campaign, Observance: l.Observance, Facts: l.Facts, Today: k.today}
	words.Year, words.Days = k.edition(l)
	_, root := source.Parse(l.File, l.Source)
	for _, f := range content.Check(k.set, words) {
		p := f.Problem(l.File, l.Source, root)
		finding := f.Finding
		k.list = append(k.list, found{
			File: p.File, Line: p.Line, Column: p.Column, Field: p.Field, Severity: f.Severity, Rule: f.Rule, Message: p.Message,
			Finding: &finding, Post: f.Message, Network: f.Network,
		})
	}
	return nil
}

// edition returns the year and the days that a campaign is judged for: those asked for, or the coming ones. Without a known
// date, rules about dates say nothing.
func (k *checker) edition(l campaign.Loaded) (int, civil.Range) {
	from, to := k.today.Year, k.today.Year+5
	if k.year != 0 {
		from, to = k.year, k.year
	}
	for year := from; year <= to; year++ {
		days, ok, err := l.Observance.Rule.On(year)
		if err == nil && ok && (k.year != 0 || !days.End.Before(k.today)) {
			return year, days
		}
	}
	return k.year, civil.Range{}
}
