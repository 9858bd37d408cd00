package reach

import (
	"time"

	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
)

// Counts are the figures of one or many posts; nil is a figure that no network has told.
type Counts struct {
	Favourites  *int64 `json:"favourites"`
	Boosts      *int64 `json:"boosts"`
	Replies     *int64 `json:"replies"`
	Quotes      *int64 `json:"quotes"`
	Impressions *int64 `json:"impressions"`
	Clicks      *int64 `json:"clicks"`
	Engagements *int64 `json:"engagements"` // all the others but impressions, as far as they are told
}

// Row is one line of a breakdown.
type Row struct {
	Key    string `json:"key"`   // the message, the channel's id, the language tag, the network or the day (YYYY-MM-DD)
	Label  string `json:"label"` // the key as people read it
	Posts  int    `json:"posts"` // deliveries that went out, taken down since or not
	Counts Counts `json:"counts"`
}

// Punctuality says how long after the due instant the attempts began that put the deliveries out, in product time.
type Punctuality struct {
	Posts         int // how many deliveries are measured
	P50, P99, Max time.Duration
}

// Report is what an edition reached, as far as the networks have told by LastAsked.
type Report struct {
	Edition book.Edition

	PublishedDeliveries int // went out, taken down since or not
	Removed             int // of these, taken down since by the team
	Gone                int // of these, not there any more by the network's word
	Missed              int // the window closed first
	Failed              int // the network refused
	Unknown             int // the network is still being asked whether it is out
	Waiting             int // held, scheduled or being sent
	Cancelled           int // a person decided against it

	Totals     Counts
	ByMessage  []Row // in the order in which they fell due
	ByChannel  []Row // by name
	ByLanguage []Row // by tag
	ByNetwork  []Row // by name
	ByDay      []Row // the civil day at the channel's place on which they fell due; what they gathered since is theirs

	Lacks       []Lack     // which network does not tell what, and what has not been asked about yet
	Missing     []string   // the same in sentences
	LastAsked   *time.Time // when a network was last asked; nil when none was
	Punctuality Punctuality
	Log         audit.Head // the newest seal of the log of who did what, so that the report can prove the log later
}
