package form

// Rules is a file of content rules.
type Rules struct {
	Daymark int           `json:"daymark" jsonschema:"enum=1"` // The version of this format: always 1.
	Sources []Source      `json:"sources"`                     // The pages that the rules were made from.
	Rules   []ContentRule `json:"rules" jsonschema:"minItems=1"`
}

// ContentRule is a rule that the words and pictures of a post are judged by.
type ContentRule struct {
	ID         string        `json:"id" jsonschema:"pattern=^[A-Z][A-Z0-9]{1\\,11}-[0-9]{3}$"` // Never change or reuse it: waivers name the rule by this.
	How        string        `json:"how" jsonschema:"enum=automatic,enum=asked,enum=retired"`
	Severity   string        `json:"severity,omitempty" jsonschema:"enum=error,enum=warning,enum=note"` // What a finding is.
	Message    string        `json:"message" jsonschema:"minLength=1"`                                  // What is wrong, in a sentence.
	Suggestion string        `json:"suggestion,omitempty" jsonschema:"minLength=1"`                     // How to mend it, in a sentence.
	Sources    []string      `json:"sources,omitempty"`                                                 // Ids of sources in this file.
	Fixed      bool          `json:"fixed,omitempty"`                                                   // No waiver helps.
	NotFor     []string      `json:"not_for,omitempty"`                                                 // Topics of an observance for which the rule does not hold.
	Target     string        `json:"target,omitempty" jsonschema:"enum=text,enum=alt,enum=hashtag"`     // What the patterns read; the text when left out.
	Patterns   []Pattern     `json:"patterns,omitempty" jsonschema:"minItems=1"`
	Check      string        `json:"check,omitempty"`                             // The name of a check, in place of patterns.
	Bad        []ExamplePost `json:"bad,omitempty" jsonschema:"minItems=1"`       // Texts in which the rule must find something.
	Good       []ExamplePost `json:"good,omitempty" jsonschema:"minItems=1"`      // Texts in which it must not.
	Question   string        `json:"question,omitempty" jsonschema:"minLength=1"` // What a person answers with yes or no.
	About      string        `json:"about,omitempty" jsonschema:"enum=picture,enum=words"`
	When       string        `json:"when,omitempty"`                                // When it is asked; always when left out.
	Right      string        `json:"right,omitempty" jsonschema:"enum=yes,enum=no"` // The answer with which nothing is wrong, in quotation marks.
	Reason     string        `json:"reason,omitempty" jsonschema:"minLength=1"`     // Why a retired rule is gone.
}

// Pattern finds words in one language.
type Pattern struct {
	Language string   `json:"language,omitempty"`            // Left out for all languages.
	Find     string   `json:"find" jsonschema:"minLength=1"` // A regular expression as Go reads it.
	Except   []string `json:"except,omitempty"`              // What overlaps one of these is no finding.
	Exact    bool     `json:"exact,omitempty"`               // Upper and lower case count.
}

// ExamplePost is a post with what is known about it. Most examples are a text alone.
type ExamplePost struct {
	Text        string            `json:"text,omitempty"`
	Language    string            `json:"language,omitempty"` // English when left out; none for one that nobody has set.
	Parts       []string          `json:"parts,omitempty"`    // The texts of a thread, in place of a text.
	Alt         []string          `json:"alt,omitempty"`      // Descriptions, one a picture.
	Logo        bool              `json:"logo,omitempty"`     // The pictures are official logos.
	Hashtags    []string          `json:"hashtags,omitempty"`
	Network     string            `json:"network,omitempty"`
	Filled      bool              `json:"filled,omitempty"` // Every token is filled.
	ContentNote string            `json:"content_note,omitempty"`
	Sensitive   bool              `json:"sensitive,omitempty"`
	Kind        string            `json:"kind,omitempty"`
	CTA         bool              `json:"cta,omitempty"`
	Facts       []string          `json:"facts,omitempty"`  // Ids of facts.
	Themes      []ExampleTheme    `json:"themes,omitempty"` // Of every year.
	Theme       string            `json:"theme,omitempty"`  // Of this year.
	Year        int               `json:"year,omitempty"`
	Day         string            `json:"day,omitempty"` // On which it goes out.
	Topics      []string          `json:"topics,omitempty"`
	Country     string            `json:"country,omitempty"`   // Of the channel.
	Countries   []string          `json:"countries,omitempty"` // Whose helplines may stand in it.
	Helplines   []ExampleHelpline `json:"helplines,omitempty"`
	Hosts       []string          `json:"hosts,omitempty"` // That links may lead to.
	Limits      *ExampleLimits    `json:"limits,omitempty"`
	Length      int               `json:"length,omitempty"`  // As the network counts it.
	Account     string            `json:"account,omitempty"` // That speaks.
	At          string            `json:"at,omitempty"`      // When it goes out.
	Posts       []ExamplePost     `json:"posts,omitempty"`   // Of a campaign, in place of all others.
}

// ExampleTheme is the theme of a year.
type ExampleTheme struct {
	Year  int    `json:"year"`
	Theme string `json:"theme"`
}

// ExampleHelpline is a helpline that an example carries.
type ExampleHelpline struct {
	ID        string `json:"id"`
	Country   string `json:"country"`
	Reporting bool   `json:"reporting,omitempty"` // For tips, not for support.
	Valid     bool   `json:"valid,omitempty"`     // A person's check of it holds.
}

// ExampleLimits is what a network takes.
type ExampleLimits struct {
	Characters    int  `json:"characters,omitempty"`
	AltCharacters int  `json:"alt_characters,omitempty"`
	MaxHashtags   int  `json:"max_hashtags,omitempty"`
	GoodFrom      int  `json:"good_from,omitempty"` // The usual number of hashtags,
	GoodTo        int  `json:"good_to,omitempty"`   // from and to.
	DeadLinks     bool `json:"dead_links,omitempty"`
}
