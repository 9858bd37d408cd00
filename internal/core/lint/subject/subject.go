// Package subject holds what content rules judge: a post in one language with everything that is known about it, and the hits
// that checks report.
//
// It stands below internal/core/lint so that the rooms with checks and the engine share the types; everybody else uses them by
// the names that lint gives them.
package subject

import (
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
)

// Subject is what is judged: one post in one language, as it is written or as it would go out to one place. What is zero is not
// known, and no rule that needs it says anything.
type Subject struct {
	Language    string // BCP 47
	Network     string // such as "mastodon"; empty for all networks
	Filled      bool   // every token is filled: what is left of one is a mistake
	Parts       []Part
	ContentNote string
	Sensitive   bool
	Hashtags    []string // with the sign; those put after the first part's text
	Kind        string   // the message's kind, such as thanks
	CTA         bool     // the message names a call to action

	Facts  []campaign.Fact          // what it states, by id or by token
	Known  map[string]campaign.Fact // every fact there is, to name a replacement
	Themes []observance.Theme       // of every year
	Theme  string                   // of the edition's year
	Year   int                      // of the edition
	Day    civil.Date               // on which it goes out, where it goes out
	Today  civil.Date               // on which it is judged
	Days   civil.Range              // of the edition
	Topics []string                 // of the observance, such as missing-children

	Country   string     // of the channel, ISO 3166-1 alpha-2
	Countries []string   // helplines of these countries may stand here; empty is the channel's own
	Helplines []Helpline // whose number or name it carries
	Hosts     []string   // hosts that links may lead to; empty when nobody has listed any
	Limits    Limits     // of the network

	Message string    // the message's id in its campaign; for rules about many posts
	Account string    // the handle that speaks; for rules about many posts
	At      time.Time // when it goes out; for rules about many posts
}

// Part is one part of a thread; most posts have one.
type Part struct {
	Text     string     // with its tokens, or with what filled them
	Inserted []Inserted // what tokens put there; judged by whoever wrote the value, not with the sentence around it
	Pictures []Picture
	Length   int // as the network counts it; zero is not counted
}

// Inserted is a stretch of a part's text that a token filled.
type Inserted struct {
	Token      string // such as "link" or "fact:F02"
	Start, End int    // byte offsets; End is the first byte after it
}

// Picture is a picture with its description in the subject's language.
type Picture struct {
	SHA256 string // in hexadecimal
	Alt    string
	NoAlt  string // why it goes out without a description
	Where  string // how people know it, such as its file; for the message
	Logo   bool   // it is somebody's official logo
}

// Helpline is what rules need to know of a helpline that a text carries.
type Helpline struct {
	ID        string
	Country   string // ISO 3166-1 alpha-2, or "EU"
	Reporting bool   // for tips, not for people who need support
	Until     time.Time
	Valid     bool // a person's check of it holds when the post goes out
}

// Limits is what a network allows. Zero is no limit that we know.
type Limits struct {
	Characters    int // of a part's text, counted as the network does
	AltCharacters int
	MaxHashtags   int
	GoodHashtags  [2]int // from, to
	DeadLinks     bool   // links in a text cannot be followed there
}
