package charity

import (
	"bufio"
	"os"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
)

// Audit is the command about the log of who did what.
type Audit struct {
	Verify AuditVerify `cmd:"" help:"Compute every hash of the log again and name the first broken row."`
	Export AuditExport `cmd:"" help:"Write the log as a table or as JSON lines."`
}

// AuditVerify is the command that checks the log.
type AuditVerify struct {
	Head string `help:"A head of the log that was printed earlier, as reports have it: the chain must still go through it." placeholder:"N:HASH"`
	File string `help:"An exported file: each of its rows must stand in the log as the file has it." placeholder:"FILE"`
}

// Help shows examples.
func (AuditVerify) Help() string {
	return "Ends with 1 when something is wrong. Examples:\n  daymark audit verify\n  daymark audit verify --head 412:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n  daymark audit verify --file log-2027.csv"
}

// Run checks the log.
func (c *AuditVerify) Run(r *command.Run) error {
	printed, err := audit.ParseHead(c.Head)
	if err != nil {
		return err
	}
	return r.Open(func(a *app.App) error {
		v, err := audit.Verify(r.Ctx, a.DB, printed)
		if err != nil {
			return err
		}
		if v.Broken != "" {
			r.Printf("The log is broken. %s\nBefore that, %s in %s hold.\n", v.Broken, command.Count(int(v.Rows), "row"), command.Count(int(v.Seals), "seal"))
			return command.ErrFound
		}
		r.Printf("The log is whole: %s in %s.\n", command.Count(int(v.Rows), "row"), command.Count(int(v.Seals), "seal"))
		if v.Head.Seal > 0 {
			r.Printf("Head: %s of %s\n", v.Head, command.UTC(v.Head.At))
		}
		if v.Unsealed > 0 {
			r.Printf("%s after it wait for a seal.", command.Count(int(v.Unsealed), "row"))
			if v.Late {
				r.Printf(" Some have waited for over a minute: the daemon, which seals each second, does not run or cannot.")
			}
			r.Printf("\n")
		}
		return c.compare(r, a)
	})
}

// compare holds the exported file against the log, where one is given.
func (c *AuditVerify) compare(r *command.Run, a *app.App) error {
	if c.File == "" {
		return nil
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The file %s cannot be read.", c.File)
	}
	defer func() { _ = file.Close() }()
	rows, broken, err := audit.Compare(r.Ctx, a.DB, file)
	if err != nil {
		return err
	}
	if broken != "" {
		r.Printf("The file differs. %s\n", broken)
		return command.ErrFound
	}
	r.Printf("The file is as the log has it: %s.\n", command.Count(rows, "row"))
	return nil
}

// AuditExport is the command that writes the log out.
type AuditExport struct {
	Format  string `default:"csv" enum:"csv,jsonl" help:"How to write: ${enum}."`
	From    string `help:"Rows from the beginning of this day on, in UTC." placeholder:"DATE"`
	To      string `help:"Rows to the end of this day, in UTC." placeholder:"DATE"`
	Action  string `help:"Rows of one action, such as post.approved." placeholder:"ACTION"`
	Subject string `help:"Rows about one kind of thing, such as post." placeholder:"KIND"`
	ID      int64  `name:"id" help:"Rows about the one of that kind with this number." placeholder:"N"`
}

// Help shows examples.
func (AuditExport) Help() string {
	return "Newest first. A cell that a spreadsheet would run as a formula begins with an apostrophe; \"daymark audit verify --file\" knows that.\n\nExamples:\n  daymark audit export > log.csv\n  daymark audit export --format jsonl --subject post --id 12"
}

// Run writes the log out.
func (c *AuditExport) Run(r *command.Run) error {
	f := audit.Filter{Action: c.Action, Kind: c.Subject, ID: c.ID}
	if c.ID != 0 && c.Subject == "" {
		return fault.BadField("--id", "says which one; --subject has to say of what kind")
	}
	for _, day := range []struct {
		flag, text string
		to         *time.Time
		add        int
	}{{"--from", c.From, &f.Since, 0}, {"--to", c.To, &f.Until, 1}} {
		if day.text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, day.text)
		if err != nil {
			return fault.BadField(day.flag, "%q is no day; write one such as 2027-07-30", day.text)
		}
		*day.to = at.AddDate(0, 0, day.add)
	}
	return r.Open(func(a *app.App) error {
		out := bufio.NewWriterSize(r.Out, 64<<10)
		if err := audit.Export(r.Ctx, a.DB, out, f, audit.Format(c.Format)); err != nil {
			return err
		}
		return out.Flush()
	})
}
