// Package observance holds awareness days, weeks and months: what each is called, and the rule that gives its dates in any
// year.
//
// The rules are pure arithmetic on the calendar. The package reads no files; internal/flow/campaign makes its values from
// campaigns/observances.yaml.
package observance

// Observance is an awareness day, week or month.
type Observance struct {
	ID         string            `json:"id"`
	Names      map[string]string `json:"names"` // by language tag
	Rule       Rule              `json:"rule"`
	ObservedBy string            `json:"observed_by,omitempty"`
	Since      History           `json:"since"`
	Hashtags   []string          `json:"hashtags,omitempty"` // with the sign
	Themes     []Theme           `json:"themes,omitempty"`
	Symbol     string            `json:"symbol,omitempty"`
	Colour     string            `json:"colour,omitempty"`
	Site       string            `json:"site,omitempty"`
	Note       string            `json:"note,omitempty"`
	Sources    []Source          `json:"sources,omitempty"`

	Unverified         bool `json:"unverified,omitempty"`          // the date was not read on a page: check before relying on it
	HashtagsUnverified bool `json:"hashtags_unverified,omitempty"` // the same of the hashtags
}

// History says how an observance began; zero years are unknown.
type History struct {
	Proclaimed    int    `json:"proclaimed,omitempty"`
	FirstObserved int    `json:"first_observed,omitempty"`
	Instrument    string `json:"instrument,omitempty"` // the resolution, law or body behind it
	WhyDate       string `json:"why_date,omitempty"`   // why it is on this day
}

// Theme is the motto of one year, or of every year.
type Theme struct {
	Year       int      `json:"year,omitempty"` // zero is every year
	Text       string   `json:"text,omitempty"` // empty when none is known
	Hashtag    string   `json:"hashtag,omitempty"`
	Note       string   `json:"note,omitempty"`
	Unverified bool     `json:"unverified,omitempty"`
	Sources    []Source `json:"sources,omitempty"`
}

// Source is a page that a statement was read on.
type Source struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	URL   string `json:"url,omitempty"`
	Year  int    `json:"year,omitempty"`  // when the page is from; zero when unknown
	Level string `json:"level,omitempty"` // official, operator, ngo, press, mirror, secondary or general
}

// Name returns the name in the language, else in English.
func (o Observance) Name(language string) string {
	if n, ok := o.Names[language]; ok {
		return n
	}
	return o.Names["en"]
}

// Theme returns the motto of the year, else the standing one, and false when neither is known.
func (o Observance) Theme(year int) (Theme, bool) {
	var standing Theme
	for _, t := range o.Themes {
		switch {
		case t.Text == "":
		case t.Year == year:
			return t, true
		case t.Year == 0:
			standing = t
		}
	}
	return standing, standing.Text != ""
}
