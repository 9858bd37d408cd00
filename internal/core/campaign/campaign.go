// Package campaign holds a campaign as values: which messages go out around an observance, when relative to it, in which
// languages, with which pictures.
//
// A campaign is the same every year; an edition of it, with real dates and channels, is made in internal/flow/plan. The
// package knows no YAML: internal/flow/campaign reads files into these values. Texts still have their tokens.
package campaign

import (
	"time"

	"daymark/internal/core/civil"
)

// Campaign is a reusable plan of messages tied to an observance. Defaults of the file, such as hashtags and pictures for
// every message, are already spread over the messages.
type Campaign struct {
	ID         string            `json:"id"`
	Observance string            `json:"observance"` // the id of the observance it belongs to
	Title      map[string]string `json:"title"`      // by language tag, one for each of Languages
	Goal       string            `json:"goal,omitempty"`
	Languages  []string          `json:"languages"`           // BCP 47 tags, the first is the one the campaign was written in
	Hashtags   []string          `json:"hashtags"`            // for every message, with the sign
	Resources  map[string]string `json:"resources,omitempty"` // the page for each of [Audiences], in place of the charity's link
	Tasks      []Task            `json:"tasks,omitempty"`     // what people do, by when
	Links      *Links            `json:"links,omitempty"`     // how links are counted; nil leaves them as they are written
	Posts      []Message         `json:"posts"`               // in the order of the file
}

// Links says what becomes of the links in a campaign's texts, so that what they led to can be counted. Links to help are never touched.
type Links struct {
	UTM   bool `json:"utm,omitempty"`   // parameters in the address say where it was followed from
	Short bool `json:"short,omitempty"` // an address of the charity's own Daymark stands in its place, and counts
}

// Message is one thing a campaign says; an edition makes a post of it.
type Message struct {
	ID          string            `json:"id"` // unique in the campaign and kept for ever, so that a new version of the file finds its posts
	Offset      Offset            `json:"offset"`
	Time        civil.Clock       `json:"time"`
	Mode        Mode              `json:"mode"`
	Zone        string            `json:"zone,omitempty"` // for [Together]: the IANA zone whose clock Time is on
	Window      time.Duration     `json:"window,omitempty"`
	Kind        string            `json:"kind,omitempty"` // what sort of message, such as fact or thanks, in the charity's own words
	Sensitive   bool              `json:"sensitive,omitempty"`
	ContentNote map[string]string `json:"content_note,omitempty"` // by language
	Texts       map[string]string `json:"text"`                   // by language, tokens unfilled, without the hashtags
	Variants    []Variant         `json:"variants,omitempty"`
	Hashtags    []string          `json:"hashtags"` // the campaign's and the message's own, with the sign
	Media       []Media           `json:"media,omitempty"`
	Facts       []string          `json:"facts,omitempty"`  // ids of the facts it states, by name or by a token
	Labels      []string          `json:"labels,omitempty"` // only for channels that have one of these labels; empty is all

	Series        *Series             `json:"series,omitempty"`           // many days in place of Offset and Time, which are then zero
	Thread        []Part              `json:"thread,omitempty"`           // what follows the first part, one post after another
	WithoutLabels []string            `json:"without_labels,omitempty"`   // never for channels that have one of these labels
	Networks      []string            `json:"networks,omitempty"`         // only on these networks; empty is all
	NetworkTags   map[string][]string `json:"network_hashtags,omitempty"` // by network, in place of Hashtags
	Mentions      map[string][]string `json:"mentions,omitempty"`         // by network: partners' handles, put behind the first part's text
	Helpline      string              `json:"helpline,omitempty"`         // the country whose helplines are shown; empty is each channel's own
	HelplineFor   string              `json:"helpline_for,omitempty"`     // whom they are for, one of [HelplineAudiences]; empty is everyone
	Audience      string              `json:"audience,omitempty"`         // one of [Audiences]; empty is the general public
	CTA           *CTA                `json:"cta,omitempty"`
	Review        *Review             `json:"review,omitempty"` // what it needs beyond the charity's own rules
}

// Mode says whose clock a message's time is on.
type Mode string

// The modes of time.
const (
	Local    Mode = "local" // each channel's own zone: a wave that follows the sun
	Together Mode = "fixed" // one instant for all, on the clock of the message's zone
)

// Variant is a text for one network, in place of the language's text.
type Variant struct {
	Language string `json:"language"`
	Network  string `json:"network"`
	Part     int    `json:"part,omitempty"` // which part of a thread, from 1; 0 is the first too
	Text     string `json:"text"`
}

// Part is a part of a thread after the first.
type Part struct {
	Texts map[string]string `json:"text"` // by language, tokens unfilled
	Media []Media           `json:"media,omitempty"`
}

// Media is a picture with its description. Descriptions belong to the file they describe.
type Media struct {
	File   string            `json:"file"` // path in the campaign's folder
	Alt    map[string]string `json:"alt"`  // by language
	Focus  *Focus            `json:"focus,omitempty"`
	SHA256 string            `json:"sha256,omitempty"` // of the file's bytes in hexadecimal; empty until the file is read
}

// Focus is the point of a picture to keep in sight when a network crops it: from -1 (left, bottom) to 1 (right, top), as
// Mastodon has it (https://docs.joinmastodon.org/api/guidelines/#focal-points).
type Focus struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Message returns the message with the id.
func (c Campaign) Message(id string) (Message, bool) {
	for _, m := range c.Posts {
		if m.ID == id {
			return m, true
		}
	}
	return Message{}, false
}
