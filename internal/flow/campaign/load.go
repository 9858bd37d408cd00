package campaign

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"

	"daymark/campaigns"
	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign/read"
	"daymark/internal/flow/campaign/source"
)

// FileName is the name of the file that a campaign folder holds.
const FileName = "campaign.yaml"

// observancesName is the name of a file of observances.
const observancesName = "observances.yaml"

// Loaded is a campaign read whole: its values, the observance it belongs to, and the bytes of its pictures.
type Loaded struct {
	Campaign   campaign.Campaign
	Observance observance.Observance
	Pictures   map[string]Picture       // by the path in the campaign's folder
	Facts      map[string]campaign.Fact // by id, all that its texts may state
	OwnFacts   []campaign.Fact          // those of the charity's own file beside it
	File       string                   // the campaign's file, as problems call it
	Source     []byte                   // its text
}

// Problem is one mistake in a file, with its place.
type Problem = source.Problem

// ReadCampaign reads the text of a campaign file. The name is how problems call the file. A campaign that comes with
// problems is incomplete and must not be used. Pictures are only named here; [Load] reads them.
func ReadCampaign(name string, src []byte) (campaign.Campaign, []Problem) {
	file, problems := read.Campaign(name, src)
	return file.Campaign, problems
}

// ReadObservances reads the text of a file of observances. Observances that come with problems must not be used.
func ReadObservances(name string, src []byte) ([]observance.Observance, []Problem) {
	return read.Calendar(name, src)
}

// Load reads the campaign in a folder. Observances come from observances.yaml in the folder or the one above it, and from
// those that Daymark ships; facts.yaml and facts likewise. The error is a fault whose text has every problem on a line of its own; nothing is loaded then.
func Load(fsys fs.FS, dir string) (Loaded, error) {
	file := path.Join(dir, FileName)
	src, err := readFile(fsys, file)
	if err != nil {
		return Loaded{}, err
	}
	r, problems := read.Campaign(file, src)
	c := r.Campaign
	calendar, more, err := observancesFor(fsys, dir)
	if err != nil {
		return Loaded{}, err
	}
	problems = append(problems, more...)
	known, own, more, err := factsFor(fsys, dir)
	if err != nil {
		return Loaded{}, err
	}
	problems = append(problems, more...)
	problems = append(problems, checkFacts(r, known)...)
	l := Loaded{Campaign: c, Pictures: map[string]Picture{}, Facts: known, OwnFacts: own, File: file, Source: src}
	if o, known := calendar[c.Observance]; known {
		l.Observance = o
		problems = append(problems, checkSeries(c, o, r)...)
	} else if c.Observance != "" {
		problems = append(problems, r.Observance.Problem("no observance has the id %q%s", c.Observance, nearest(c.Observance, slices.Sorted(maps.Keys(calendar)), observancesName)))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		p, err := readPicture(fsys, path.Join(dir, name))
		if err != nil {
			problems = append(problems, r.Files[name].Problem("%v", err))
			continue
		}
		l.Pictures[name] = p
	}
	if len(problems) > 0 {
		return Loaded{}, problemsError(file, problems)
	}
	sums := map[string]string{}
	for name, p := range l.Pictures {
		sums[name] = p.SHA256
	}
	hash(l.Campaign, sums)
	return l, nil
}

// checkSeries returns a problem for each series that comes in no year of its observance, or far too often. The calendar
// repeats after 28 years.
func checkSeries(c campaign.Campaign, o observance.Observance, r *read.File) []Problem {
	var problems []Problem
	for _, m := range c.Posts {
		if m.Series == nil || m.Series.Check() != nil {
			continue
		}
		var last error
		comes := false
		for year := 2024; year < 2024+28 && !comes; year++ {
			days, ok, err := o.Rule.On(year)
			if err != nil || !ok {
				continue
			}
			_, last = m.Series.On(days)
			comes = last == nil
		}
		if last != nil && !comes {
			problems = append(problems, r.Series[m.ID].Problem("%v, nor in any other year", last))
		}
	}
	return problems
}

// LoadShipped reads a campaign that comes with Daymark.
func LoadShipped(id string) (Loaded, error) {
	known, err := Shipped()
	if err != nil {
		return Loaded{}, err
	}
	if !slices.Contains(known, id) {
		return Loaded{}, fault.New(fault.NotFound, "Daymark has no campaign %q%s", id, source.Suggest(id, known))
	}
	l, err := Load(campaigns.Files, id)
	l.OwnFacts = nil // the file beside it is Daymark's
	return l, err
}

// Shipped returns the ids of the campaigns that come with Daymark, in order.
func Shipped() ([]string, error) {
	found, err := fs.Glob(campaigns.Files, "*/"+FileName)
	if err != nil {
		return nil, fmt.Errorf("list the shipped campaigns: %w", err)
	}
	for i, f := range found {
		found[i] = path.Dir(f)
	}
	return found, nil
}

// ShippedObservances returns the observances that come with Daymark, in the order of their file.
func ShippedObservances() ([]observance.Observance, error) {
	src, err := fs.ReadFile(campaigns.Files, observancesName)
	if err != nil {
		return nil, fmt.Errorf("read the shipped observances: %w", err)
	}
	all, problems := ReadObservances("campaigns/"+observancesName, src)
	if len(problems) > 0 {
		return nil, problemsError("campaigns/"+observancesName, problems)
	}
	return all, nil
}

// Canonical returns a campaign as JSON that is the same for the same campaign, byte by byte: for storing it and for knowing
// whether a file has changed. A changed picture changes it too, because each picture's hash is in it.
func Canonical(c campaign.Campaign) ([]byte, error) {
	b, err := json.Marshal(c) // struct fields come in their order, map keys sorted
	if err != nil {
		return nil, fmt.Errorf("write campaign %s as JSON: %w", c.ID, err)
	}
	return b, nil
}

// observancesFor returns what a campaign in the folder may belong to.
func observancesFor(fsys fs.FS, dir string) (map[string]observance.Observance, []Problem, error) {
	shipped, err := ShippedObservances()
	if err != nil {
		return nil, nil, err
	}
	all := map[string]observance.Observance{}
	for _, o := range shipped {
		all[o.ID] = o
	}
	file, src, err := beside(fsys, dir, observancesName)
	if err != nil || file == "" {
		return all, nil, err
	}
	own, problems := ReadObservances(file, src)
	for _, o := range own {
		all[o.ID] = o
	}
	return all, problems, nil
}

// beside reads a file of the name in the folder, else in the one above it. Without one there is no path.
func beside(fsys fs.FS, dir, name string) (string, []byte, error) {
	for _, file := range []string{path.Join(dir, name), path.Join(path.Dir(dir), name)} {
		src, err := readFile(fsys, file)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		return file, src, err
	}
	return "", nil, nil
}

// readFile reads a file unless it is far too large to be what it should be.
func readFile(fsys fs.FS, file string) ([]byte, error) {
	info, err := fs.Stat(fsys, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, "There is no file %s: name the folder that holds it", file)
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, err, "The file %s cannot be read", file)
	case info.IsDir():
		return nil, fault.New(fault.Invalid, "%s is a folder, not a file", file)
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.Invalid, "%s is no ordinary file", file)
	case info.Size() > source.MaxBytes:
		return nil, fault.New(fault.Invalid, "%s has %d bytes; at most %d are read. Is it the right file?", file, info.Size(), source.MaxBytes)
	}
	f, err := fsys.Open(file)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file %s cannot be read", file)
	}
	defer func() { _ = f.Close() }()                             // it was only read
	src, err := io.ReadAll(io.LimitReader(f, source.MaxBytes+1)) // it may have grown since
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file %s cannot be read", file)
	}
	return src, nil
}

// problemsError is the error of a file that cannot be used, with everything that is wrong with it.
func problemsError(file string, problems []Problem) error {
	problems = source.Sorted(problems)
	count := "1 problem"
	if len(problems) > 1 {
		count = fmt.Sprintf("%d problems", len(problems))
	}
	return &broken{error: fault.New(fault.Invalid, "%s in %s:\n%s", count, file, source.Text(problems)), problems: problems}
}

// broken is a fault that keeps the places of its problems.
type broken struct {
	error
	problems []Problem
}

// Unwrap returns the fault.
func (b *broken) Unwrap() error { return b.error }

// Problems returns the problems of files that an error of this package speaks of, and false when it is of another kind.
func Problems(err error) ([]Problem, bool) {
	b, ok := errors.AsType[*broken](err)
	if !ok {
		return nil, false
	}
	return b.problems, true
}

// nearest suggests an id without listing all of them.
func nearest(id string, known []string, file string) string {
	if near, ok := text.Nearest(id, known); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Sprintf(": add it to %s in the folder, or choose one of the %d known", file, len(known))
}
