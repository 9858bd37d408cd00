package files

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign/library"
)

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
