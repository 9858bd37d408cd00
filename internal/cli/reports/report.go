// Package reports has the command that reports what an edition reached, on the terminal and as files to hand over.
package reports

import (
	"os"
	"slices"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/face/report"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/texts"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/profile"
)

// Report is the command that reports what an edition reached.
type Report struct {
	Campaign  string `arg:"" help:"The campaign."`
	Year      int    `required:"" help:"The year of the edition."`
	Rehearsal bool   `help:"The rehearsal of that year."`
	Format    string `default:"table" enum:"table,json,csv,pdf,png" help:"How to print: ${enum}."`
	Lang      string `default:"en" help:"Language of pdf and png: en, fr, es or ar." placeholder:"TAG"`
	Out       string `short:"o" help:"Write to a file; pdf and png need one, or - for standard output." placeholder:"FILE"`
	Lessons   bool   `default:"true" negatable:"" help:"Tell what the team learnt, too (pdf)."`
	Fonts     string `default:"/usr/share/fonts" help:"A folder of fonts, for Hindi and Thai." placeholder:"FOLDER"`
}

// Help shows examples.
func (Report) Help() string {
	return "Examples:\n  daymark report july-30 --year 2027 --format csv > july-30.csv\n  daymark report july-30 --year 2027 --format pdf --lang ar -o july-30.pdf"
}

// Run prints what an edition reached.
func (c *Report) Run(r *command.Run) error {
	drawn := c.Format == "pdf" || c.Format == "png"
	if drawn && c.Out == "" {
		return fault.BadField("-o", "say where the file goes, such as -o report.%s", c.Format)
	}
	words, err := spoken(c.Lang)
	if err != nil {
		return err
	}
	return r.Open(func(a *app.App) error {
		edition, err := book.FindEdition(r.Ctx, a.DB, c.Campaign, c.Year, c.Rehearsal)
		if err != nil {
			return err
		}
		if c.Format == "table" && c.Out == "" {
			summary, err := reach.Summarise(r.Ctx, a.DB, edition.ID)
			if err != nil {
				return err
			}
			return reach.WriteTable(r.Out, summary)
		}
		if c.Format == "table" {
			return fault.BadField("--format", "a file is written as json, csv, pdf or png")
		}
		org, err := profile.Get(r.Ctx, a.DB)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		zone, err := time.LoadLocation(org.Zone)
		if err != nil {
			zone = time.UTC
		}
		o := report.Options{Words: words, Org: org.Name, Now: a.Clock.Now(), Zone: zone, Lessons: c.Lessons}
		file, err := report.Make(r.Ctx, a.DB, edition.ID, report.Format(c.Format), o, lettering.NewFonts(os.DirFS(c.Fonts)))
		if err != nil {
			return err
		}
		if c.Out == "" || c.Out == "-" {
			_, err := r.Out.Write(file.Body)
			return err
		}
		if err := os.WriteFile(c.Out, file.Body, 0o644); err != nil { //nolint:gosec // a report is to be handed over
			return fault.Wrap(fault.Invalid, err, "The file %s cannot be written: %v", c.Out, err)
		}
		r.Printf("Wrote %s (%d bytes).\n", c.Out, len(file.Body))
		return nil
	})
}

// spoken returns the words of a language.
func spoken(code string) (page.Words, error) {
	all, err := texts.All()
	if err != nil {
		return page.Words{}, err
	}
	at := slices.IndexFunc(all, func(w texts.Words) bool { return w.Lang == code })
	if at < 0 {
		var codes []string
		for _, w := range all {
			codes = append(codes, w.Lang)
		}
		return page.Words{}, fault.BadField("--lang", "a report is written in %s, not in %q", strings.Join(codes, ", "), code)
	}
	return page.Words{Words: all[at]}, nil
}
