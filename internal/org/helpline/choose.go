package helpline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/org/helpline/entry"
)

// Need is what a post asks for.
type Need struct {
	Country  string // of the readers, ISO 3166-1 alpha-2, or EU for the numbers that its countries share; empty finds nothing
	Language string // of the post
	For      string // one of campaign.HelplineAudiences; empty is everyone
	Sandbox  bool   // the post goes to a sandbox channel, which may show invented helplines
	At       time.Time
}

// suits lists which helplines may be offered to whom, the fittest first. A post for everybody may name a line for adults, never
// one that would turn most readers away.
var suits = map[string][]string{
	"everyone": {"everyone", "adults"},
	"adults":   {"adults", "everyone"},
	"children": {"children", "everyone"},
	"women":    {"women", "everyone", "adults"},
}

// Choose returns the helpline that a post shows, and false when no number may be shown: then the post says the emergency
// sentence. Only support lines that are in use, with a check that holds at the instant, are considered, and invented ones only
// for the sandbox.
//
// The country's own lines come first. A number that countries of the European Union share is taken where the post asks for EU,
// and where it is for children in one of these countries that has none of its own: those numbers are children's (116 000 for
// missing children, 116 111 for children who need to talk), there is none for trafficking. For children, adults or women, a line
// for them comes before one for everyone. Then the line that speaks the language wins, then the one for everyone, then the id,
// so that the same records give the same answer.
func Choose(all []Record, need Need) (Record, bool) {
	wanted := cmp.Or(need.For, "everyone")
	var found []Record
	for _, r := range all {
		if r.Purpose == campaign.Support && r.Holds(need.At) && (need.Sandbox || !r.Invented) &&
			slices.Contains(suits[wanted], r.For) && reaches(r, need.Country, wanted) {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return Record{}, false
	}
	return slices.MinFunc(found, func(a, b Record) int {
		fit := func(r Record) int { return slices.Index(suits[wanted], r.For) }
		first := 0
		if wanted != "everyone" {
			first = cmp.Compare(fit(a), fit(b))
		}
		return cmp.Or(
			cmp.Compare(distance(a, need.Country), distance(b, need.Country)),
			first,
			cmp.Compare(speaks(a, need.Language), speaks(b, need.Language)),
			cmp.Compare(fit(a), fit(b)),
			cmp.Compare(a.ID, b.ID),
		)
	}), true
}

// reaches reports whether people in the country may be given the line.
func reaches(r Record, country, wanted string) bool {
	switch {
	case country == "":
		return false
	case r.Country == country:
		return true
	}
	return r.Country == entry.Shared && wanted == "children" && r.For == "children" && slices.Contains(union, country)
}

func distance(r Record, country string) int {
	if r.Country == country {
		return 0
	}
	return 1
}

// speaks says how sure it is that the line understands a language, surest first. Where a file says nothing of languages it is
// the country's own, which we do not know.
func speaks(r Record, language string) int {
	base, _, _ := strings.Cut(language, "-")
	switch {
	case slices.ContainsFunc(r.Languages, func(l string) bool { own, _, _ := strings.Cut(l, "-"); return own == base }):
		return 0
	case r.Interpret:
		return 1
	case len(r.Languages) == 0:
		return 2
	}
	return 3
}

// union lists the member states of the European Union, in which the numbers that begin with 116 are reserved for services of
// social value (Commission Decision 2007/116/EC, https://eur-lex.europa.eu/eli/dec/2007/116(1)/oj). Other countries use some of
// them too; their helplines have records of their own.
var union = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
	"PL", "PT", "RO", "SE", "SI", "SK",
}

// In returns the helplines of a country, and for a country of the European Union also the shared numbers; all of them where
// none is named.
func In(all []Record, country string) []Record {
	return slices.DeleteFunc(slices.Clone(all), func(r Record) bool {
		shared := r.Country == entry.Shared && slices.Contains(union, country)
		return country != "" && r.Country != country && !shared
	})
}
