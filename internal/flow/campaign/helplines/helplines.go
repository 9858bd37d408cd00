// Package helplines reads the file of helplines, and names every mistake in it with its place.
//
// docs/helplines.md explains its fields to people, campaigns/helplines.schema.json to editors. What a helpline may look like is
// written in internal/org/helpline/entry, for files and for forms alike. The package knows no database: a helpline that was read
// is one that nobody has checked.
package helplines

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"daymark/campaigns"
	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign/read"
	"daymark/internal/flow/campaign/source"
	"daymark/internal/org/helpline/entry"
)

// fileName is the name of the file that Daymark ships.
const fileName = "helplines.yaml"

// usualDays is for how many days a check holds where the file says nothing: numbers change seldom, and a month is what a small
// team can keep up.
const usualDays = 30

// File is what a file of helplines says.
type File struct {
	Helplines   []campaign.Helpline
	Directories []Directory
}

// Directory is a page with a list of helplines, or an office that refers to them.
type Directory struct {
	Name    string
	URL     string
	Country string // ISO 3166-1 alpha-2, or EU; empty for the world
	Sources []observance.Source
	Note    string // for the team
}

// Shipped returns the helplines that come with Daymark, in the order of the file.
func Shipped() ([]campaign.Helpline, error) {
	f, err := shipped()
	return f.Helplines, err
}

// Directories returns the lists of helplines that come with Daymark.
func Directories() ([]Directory, error) {
	f, err := shipped()
	return f.Directories, err
}

func shipped() (File, error) {
	src, err := fs.ReadFile(campaigns.Files, fileName)
	if err != nil {
		return File{}, fmt.Errorf("read the shipped helplines: %w", err)
	}
	f, problems := Read("campaigns/"+fileName, src)
	if len(problems) > 0 {
		return File{}, fault.New(fault.Invalid, "The helplines that come with Daymark cannot be used:\n%s", source.Text(problems))
	}
	return f, nil
}

// Read reads the text of a file of helplines, in its order. The name is how problems call the file. What comes with problems
// must not be used.
func Read(name string, src []byte) (File, []source.Problem) {
	file, root := source.Parse(name, src)
	if !root.Present() || !read.HasVersion(root) {
		return File{}, file.Problems()
	}
	f := root.Map("!daymark", "!sources", "!helplines", "directories")
	sources := read.Sources(f["sources"])
	var all File
	ids := map[string]bool{}
	for _, item := range f["helplines"].List("helplines") {
		h := readHelpline(item, sources)
		if h.ID != "" && ids[h.ID] {
			item.Fail("another helpline has the id %q already", h.ID)
		}
		ids[h.ID] = true
		all.Helplines = append(all.Helplines, h)
	}
	for _, item := range f["directories"].List("directories") {
		all.Directories = append(all.Directories, readDirectory(item, sources))
	}
	return all, file.Problems()
}

func readHelpline(v source.Value, sources map[string]observance.Source) campaign.Helpline {
	f := v.Map("!id", "!country", "!name", "phone", "text", "chat", "web", "hours", "languages", "interpreters", "!for", "!purpose",
		"!short", "!sources", "!read", "check_days", "note")
	h := campaign.Helpline{
		ID: f["id"].String(), Country: f["country"].String(), Name: f["name"].String(), Phone: f["phone"].String(),
		Message: f["text"].String(), Chat: f["chat"].String(), Web: f["web"].String(), Hours: f["hours"].String(),
		Languages: f["languages"].Strings("languages"), Interpret: f["interpreters"].Bool(), For: f["for"].String(),
		Purpose: f["purpose"].String(), Short: map[string]string{}, Sources: cite(f["sources"], sources), Read: f["read"].String(),
		CheckDays: usualDays, Note: f["note"].String(),
	}
	if f["check_days"].Present() {
		h.CheckDays = f["check_days"].Int(1, 365)
	}
	for _, field := range f["short"].Entries("what a post says of it for each language") {
		h.Short[field.Name] = field.Value.String()
		if h.Short[field.Name] == "" {
			field.Key.Fail("the words are missing after the colon")
		}
	}
	if f["short"].Present() && h.Short["en"] == "" {
		f["short"].Fail("the words in %q are missing: write what a post says, such as \"UK: 08000 121 700\"", "en")
	}
	h = entry.Clean(h)
	for _, p := range entry.Problems(h) {
		switch place := f[p.Field]; {
		case place.Present():
			place.Fail("%s", p.Message)
		case p.Field == "phone": // the one that is wrong by its absence
			v.Fail("%s", p.Message)
		}
	}
	return h
}

func readDirectory(v source.Value, sources map[string]observance.Source) Directory {
	f := v.Map("!name", "!url", "country", "!sources", "note")
	d := Directory{
		Name: f["name"].String(), URL: f["url"].String(), Country: f["country"].String(), Sources: cite(f["sources"], sources),
		Note: f["note"].String(),
	}
	for _, name := range []string{"name", "url"} {
		if f[name].Blank() {
			f[name].Fail("is empty: write what the list is called and where it is")
		}
	}
	if d.URL != "" && (!(strings.HasPrefix(d.URL, "https://") || strings.HasPrefix(d.URL, "http://")) || strings.ContainsAny(d.URL, " \t\n<>\"")) {
		f["url"].Fail("%q is no web address: write it with https:// in front", d.URL)
	}
	if d.Country != "" && d.Country != entry.Shared && !entry.IsCountry(d.Country) {
		f["country"].Fail("%q is no country: write its two capital letters, such as GB", d.Country)
	}
	return d
}

// cite returns the sources that a list names by their ids; it must name one.
func cite(v source.Value, sources map[string]observance.Source) []observance.Source {
	var all []observance.Source
	for _, item := range v.List("sources") {
		s, known := sources[item.String()]
		if !known {
			item.Fail("no source in this file has the id %q%s", item.String(), meant(item.String(), slices.Sorted(maps.Keys(sources))))
		}
		all = append(all, s)
	}
	if v.Present() && len(all) == 0 {
		v.Fail("no source is named: write where the number was read, such as [S-UNSEEN]")
	}
	return all
}

// meant suggests an id without listing all of them.
func meant(id string, known []string) string {
	if near, ok := text.Nearest(id, known); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ": add it, or choose another"
}
