// Package facts reads the file of facts that texts may state, and names every mistake in it with its place.
//
// docs/campaign-files.md explains its fields to people, campaigns/facts.schema.json to editors. The package does not know
// which campaign states which fact, and not what day it is.
package facts

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"daymark/internal/core/campaign"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign/read"
	"daymark/internal/flow/campaign/source"
	keep "daymark/internal/org/fact"

	"golang.org/x/text/language"
)

// Read reads the text of a file of facts, in its order. The name is how problems call the file. Facts that come with problems
// must not be used.
func Read(name string, src []byte) ([]campaign.Fact, []source.Problem) {
	file, root := source.Parse(name, src)
	if !root.Present() || !read.HasVersion(root) {
		return nil, file.Problems()
	}
	f := root.Map("!daymark", "!sources", "!facts")
	sources := read.Sources(f["sources"])
	var all []campaign.Fact
	status := map[string]campaign.FactStatus{}
	var followed []source.Value // where a fact names the one in its place
	for _, item := range f["facts"].List("facts") {
		fact, by := readFact(item, sources)
		if _, twice := status[fact.ID]; twice && fact.ID != "" {
			item.Fail("another fact has the id %q already", fact.ID)
		}
		status[fact.ID] = fact.Status
		followed = append(followed, by)
		all = append(all, fact)
	}
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(status)), func(id string) bool { return id == "" })
	for i, fact := range all {
		if fact.SupersededBy == "" {
			continue
		}
		switch next, known := status[fact.SupersededBy]; {
		case !known:
			followed[i].Fail("no fact in this file has the id %q%s", fact.SupersededBy, meant(fact.SupersededBy, ids))
		case next != "" && next != campaign.Current: // so that nobody is sent from one to the next, or in a circle
			followed[i].Fail("the fact %s is %s itself: name the one that is current", fact.SupersededBy, next)
		}
	}
	return all, file.Problems()
}

// idForm is what the facts of a post may be called.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)

// readFact reads one fact, and returns where it names the one in its place.
func readFact(v source.Value, sources map[string]observance.Source) (campaign.Fact, source.Value) {
	f := v.Map("!id", "!text", "value", "!kind", "!scope", "!cite", "cites", "!source", "!year", "data_year", "!confidence", "!status",
		"superseded_by", "!review_by", "note")
	fact := campaign.Fact{
		ID: f["id"].String(), Texts: readTexts(f["text"]), Cites: readCites(f["cites"]), Value: f["value"].String(),
		Kind: campaign.FactKind(f["kind"].OneOf(words(campaign.FactKinds)...)), Scope: f["scope"].String(), Cite: f["cite"].String(),
		Source: readSource(f["source"], sources), Year: f["year"].Int(1900, 2200), DataYear: f["data_year"].Int(1900, 2200),
		Confidence: f["confidence"].OneOf("A", "B", "C"), Status: campaign.FactStatus(f["status"].OneOf(words(campaign.FactStatuses)...)),
		SupersededBy: f["superseded_by"].String(), ReviewBy: read.Date(f["review_by"], f["review_by"].String()), Note: f["note"].String(),
	}
	if f["id"].Present() && !idForm.MatchString(fact.ID) {
		f["id"].Fail("%q is no id of a fact: write letters, digits and hyphens, such as F02", fact.ID)
		fact.ID = ""
	}
	for _, name := range []string{"scope", "cite", "review_by"} {
		if f[name].Blank() {
			f[name].Fail("is empty: write %s", map[string]string{
				"scope": "of whom, where and when the fact is true", "cite": "how a text names the source",
				"review_by": "the day by which somebody checks it again, as 2027-07-30",
			}[name])
		}
	}
	checkLine(f["cite"], fact.Cite, keep.MaxCite)
	for _, field := range f["cites"].Entries("how a text names the source, for each language") {
		if _, said := fact.Texts[field.Name]; !said && field.Name != "en" {
			field.Key.Fail("the fact has no sentence in %q: add it to text, or take this out", field.Name)
		}
	}
	if fact.SupersededBy != "" && fact.Status == campaign.Current {
		f["superseded_by"].Fail("a current fact is not superseded: take this out, or write status: %s", campaign.Superseded)
	}
	return fact, f["superseded_by"]
}

func readTexts(v source.Value) map[string]string {
	texts := map[string]string{}
	for _, field := range v.Entries("a sentence for each language") {
		if _, err := language.Parse(field.Name); err != nil {
			field.Key.Fail("%q is no language: write its tag, such as en, fr or pt-BR", field.Name)
		}
		texts[field.Name] = field.Value.String()
		if texts[field.Name] == "" {
			field.Key.Fail("a sentence is missing after the colon")
		}
		checkLine(field.Value, texts[field.Name], keep.MaxText)
	}
	if _, ok := texts["en"]; v.Present() && !ok {
		v.Fail("a sentence in %q is missing: it is shown where a language has none", "en")
	}
	return texts
}

// readCites reads how a text names the source in languages that have a form of their own.
func readCites(v source.Value) map[string]string {
	var cites map[string]string
	for _, field := range v.Entries("how a text names the source, for each language") {
		if _, err := language.Parse(field.Name); err != nil {
			field.Key.Fail("%q is no language: write its tag, such as fr or pt-BR", field.Name)
		}
		if field.Name == "en" {
			field.Key.Fail("the English form is the field cite: write it there")
		}
		if cites == nil {
			cites = map[string]string{}
		}
		if cites[field.Name] = field.Value.String(); cites[field.Name] == "" {
			field.Key.Fail("the name of the source is missing after the colon")
		}
		checkLine(field.Value, cites[field.Name], keep.MaxCite)
	}
	return cites
}

// checkLine refuses what cannot stand in a post: several lines, tokens, far too many characters.
func checkLine(v source.Value, s string, most int) {
	switch n := utf8.RuneCountInString(s); {
	case n > most:
		v.Fail("has %d characters; at most %d are read, it goes into posts", n, most)
	case strings.Contains(s, "\n"):
		v.Fail("has more than one line: write it in one")
	case strings.Contains(s, "{{") || strings.Contains(s, "}}"):
		v.Fail("has double braces: a fact states no other; write what it says")
	}
}

func readSource(v source.Value, sources map[string]observance.Source) observance.Source {
	id := v.String()
	s, known := sources[id]
	if !known && v.Present() {
		v.Fail("no source in this file has the id %q%s", id, meant(id, slices.Sorted(maps.Keys(sources))))
	}
	if known && s.URL == "" {
		v.Fail("the source %q has no url: a fact needs a page that people can open", id)
	}
	return s
}

// meant suggests an id without listing all of them.
func meant(id string, known []string) string {
	if near, ok := text.Nearest(id, known); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ": add it, or choose another"
}

func words[T ~string](all []T) []string {
	list := make([]string, len(all))
	for i, one := range all {
		list[i] = string(one)
	}
	return list
}
