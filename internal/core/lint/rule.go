package lint

import "daymark/internal/core/observance"

// Severity says how grave a finding is.
type Severity string

// The severities. An error keeps a post from going to review until it is mended or waived, a warning asks for a look, a note
// informs.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// How says what becomes of a rule.
type How string

// The ways of a rule.
const (
	Automatic How = "automatic" // patterns or a check find it
	Asked     How = "asked"     // a person answers a question
	Retired   How = "retired"   // kept by name only, with the reason
)

// Target says which words of a post a pattern reads.
type Target string

// The targets of patterns.
const (
	InText    Target = "text"    // each part's text without hashtags' signs and links
	InAlt     Target = "alt"     // each picture's description
	InHashtag Target = "hashtag" // each hashtag with its sign, in the text or after it
)

// Rule is one rule of content.
type Rule struct {
	ID         string // such as LANG-001
	How        How
	Severity   Severity
	Message    string // one sentence: what is wrong
	Suggestion string // one sentence: how to mend it
	Sources    []observance.Source
	Reason     string   // why it is retired
	Fixed      bool     // no waiver helps: it has to be mended
	NotFor     []string // topics for which the rule does not hold

	// An automatic rule has patterns or the name of a check.
	Target   Target
	Patterns []Pattern
	Check    string
	Bad      []Example
	Good     []Example

	// An asked rule has a question, what it is about and when it is asked.
	Question string
	About    About
	When     string // the name of a condition; empty is always
	Right    string // "yes" or "no": the answer with which nothing is wrong
}

// Pattern finds words in one language.
type Pattern struct {
	Language string // the language it reads; empty for all
	Find     string // Go regular expression, read without regard to case unless Exact
	Except   []string
	Exact    bool // upper and lower case count
}

// Example is a text for which a rule must, or must not, say something.
type Example struct {
	Text     string
	Language string // empty is English
}

// About says what a question is about, and so how long its answer holds.
type About string

// What questions are about.
const (
	AboutPicture About = "picture" // one picture: answered once for every post that shows it
	AboutWords   About = "words"   // the words of a post in one language: answered again when they change
)

// Finding is one thing that a rule found.
type Finding struct {
	Rule       string   `json:"rule"`
	Severity   Severity `json:"severity"`
	Part       int      `json:"part"`              // from 0; -1 for the post as a whole
	Picture    string   `json:"picture,omitempty"` // SHA-256 of the picture whose description it is about
	Field      string   `json:"field"`             // text, alt, hashtags, content_note, facts or post
	Language   string   `json:"language"`
	Start      int      `json:"start"` // bytes of the field's text; Start = End = 0 for all of it
	End        int      `json:"end"`
	RuneStart  int      `json:"rune_start"`
	RuneEnd    int      `json:"rune_end"`
	Quote      string   `json:"quote,omitempty"` // the words it is about
	Message    string   `json:"message"`
	Suggestion string   `json:"suggestion,omitempty"`
	Sources    []string `json:"sources,omitempty"` // addresses or titles
	Fixed      bool     `json:"-"`                 // no waiver helps
}

// Question is what a person has to answer before a post goes out.
type Question struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"` // of the finding that a wrong answer is; an error has to be answered
	About    About    `json:"about"`
	Picture  string   `json:"picture,omitempty"` // SHA-256 of the picture it is about
	Question string   `json:"question"`
	Right    string   `json:"right"`
	Message  string   `json:"message"`
	Advice   string   `json:"suggestion,omitempty"`
}
