package form

// Calendar is a file of observances.
type Calendar struct {
	Daymark     int          `json:"daymark" jsonschema:"enum=1"` // The version of this format: always 1.
	Sources     []Source     `json:"sources,omitempty"`           // The pages that statements were read on.
	Observances []Observance `json:"observances"`
}

// Observance is an awareness day, week or month.
type Observance struct {
	ID    string `json:"id" jsonschema:"pattern=^[a-z0-9]([a-z0-9-]{0\\,62}[a-z0-9])?$"`
	Names Texts  `json:"names"` // What it is called, English at least.
	Date  Rule   `json:"date"`  // The rule of its days in any year.

	ObservedBy     string   `json:"observed_by,omitempty"`
	Since          *History `json:"since,omitempty"` // How it began.
	Hashtags       []string `json:"hashtags,omitempty" jsonschema:"maxItems=30"`
	HashtagsVerify string   `json:"hashtags_verify,omitempty" jsonschema:"enum=V,enum=G"`
	Symbol         string   `json:"symbol,omitempty"`
	Colour         string   `json:"colour,omitempty"`
	Site           string   `json:"site,omitempty" jsonschema:"pattern=^https?://"`
	Verify         string   `json:"verify,omitempty" jsonschema:"enum=V,enum=G"` // V: the date was read on the sources' pages. G: check it first.
	Note           string   `json:"note,omitempty"`
	Sources        []string `json:"sources,omitempty"` // Ids of sources in this file.
	Themes         []Theme  `json:"themes,omitempty"`
}

// Rule says on which days an observance falls; which fields it needs depends on its type.
type Rule struct {
	Type string `json:"type"`
}

// History is how an observance began.
type History struct {
	Proclaimed    int    `json:"proclaimed,omitempty" jsonschema:"minimum=1800,maximum=2200"`
	FirstObserved int    `json:"first_observed,omitempty" jsonschema:"minimum=1800,maximum=2200"`
	Instrument    string `json:"instrument,omitempty"` // The resolution, law or body behind it.
	WhyDate       string `json:"why_date,omitempty"`   // Why it is on this day.
}

// Theme is the motto of a year, or of all.
type Theme struct {
	Year    any      `json:"year"` // A year, or all.
	Theme   string   `json:"theme,omitempty"`
	Hashtag string   `json:"hashtag,omitempty"`
	Note    string   `json:"note,omitempty"`
	Verify  string   `json:"verify,omitempty" jsonschema:"enum=V,enum=G"`
	Sources []string `json:"sources,omitempty"`
}

// Source is a page that a statement was read on.
type Source struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	URL   string `json:"url,omitempty" jsonschema:"pattern=^https?://"`
	Year  int    `json:"year,omitempty" jsonschema:"minimum=1800,maximum=2200"`
	Level string `json:"level,omitempty" jsonschema:"enum=official,enum=operator,enum=ngo,enum=press,enum=mirror,enum=secondary,enum=general"`
}
