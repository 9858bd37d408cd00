package post

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/text"

	"github.com/gowebpki/jcs"
)

// Source is what people write: the body of a revision. Tokens such as {{org}} are not filled yet.
type Source struct {
	Message     string            `json:"message"`                // the message's id in its campaign
	Kind        string            `json:"kind,omitempty"`         // reminder, fact, thanks ...
	Parts       []SourcePart      `json:"parts"`                  // more than one for a thread
	Hashtags    []string          `json:"hashtags,omitempty"`     // with their sign; put after the first part's text
	ContentNote map[string]string `json:"content_note,omitempty"` // by language
	Sensitive   bool              `json:"sensitive,omitempty"`    // asks for a content note and careful reviewers
	Facts       []string          `json:"facts,omitempty"`        // ids of the facts that the text cites
	When        When              `json:"when"`

	Variants    []Variant           `json:"variants,omitempty"`         // texts for single networks
	NetworkTags map[string][]string `json:"network_hashtags,omitempty"` // in place of Hashtags on these networks
	Mentions    map[string][]string `json:"mentions,omitempty"`         // partners' handles by network, for the end of the first part
	Link        string              `json:"link,omitempty"`             // the page for this post's audience, in place of the charity's own
	Approvals   int                 `json:"approvals,omitempty"`        // how many people must approve, beyond the charity's own rules
	Roles       []string            `json:"roles,omitempty"`            // whose approval it needs, beyond the charity's own rules
	Helpline    string              `json:"helpline,omitempty"`         // the country whose helplines it shows; empty is each channel's own
	HelplineFor string              `json:"helpline_for,omitempty"`     // whom the helpline is for, one of campaign.HelplineAudiences; empty is everyone
	Audience    string              `json:"audience,omitempty"`         // whom the post is for, one of campaign.Audiences
	CTA         string              `json:"cta,omitempty"`              // what sort of call to action it has
}

// Variant is the text of one part in one language on one network, in place of that language's text.
type Variant struct {
	Part     int    `json:"part"` // from 1
	Language string `json:"language"`
	Network  string `json:"network"`
	Text     string `json:"text"`
}

// Text returns what a part (from 0) says in a language on a network, and false when it does not speak the language.
func (s Source) Text(part int, language, network string) (string, bool) {
	for _, v := range s.Variants {
		if v.Part == part+1 && v.Language == language && v.Network == network {
			return v.Text, true
		}
	}
	text, ok := s.Parts[part].Texts[language]
	return text, ok
}

// Says reports whether a token stands in what the post says in a language: in a part's text, in a text for a single network, or
// in the description of a picture.
func (s Source) Says(language, token string) bool {
	has := func(in string) bool {
		return slices.ContainsFunc(text.Tokens(in), func(t text.Token) bool { return t.Name == token })
	}
	return slices.ContainsFunc(s.Parts, func(part SourcePart) bool {
		return has(part.Texts[language]) || slices.ContainsFunc(part.Pictures, func(p SourcePicture) bool { return has(p.Alt[language]) })
	}) || slices.ContainsFunc(s.Variants, func(v Variant) bool { return v.Language == language && has(v.Text) })
}

// Tags returns the hashtags on a network.
func (s Source) Tags(network string) []string {
	if own, ok := s.NetworkTags[network]; ok {
		return own
	}
	return s.Hashtags
}

// SourcePart is one part of a source, in every language it is written in.
type SourcePart struct {
	Texts    map[string]string `json:"texts"` // by language
	Pictures []SourcePicture   `json:"pictures,omitempty"`
}

// SourcePicture is a picture with its alt text in each language.
type SourcePicture struct {
	SHA256 string            `json:"sha256"`           // of the stored bytes, in hex
	Alt    map[string]string `json:"alt"`              // by language
	NoAlt  string            `json:"no_alt,omitempty"` // why it may go out without a description where there is none
	Focus  *Focus            `json:"focus,omitempty"`  // what a crop keeps; nil lets each network show the picture as it does
	Only   string            `json:"only,omitempty"`   // the one language it goes out in, as a picture with words has; empty for all
	States *Stated           `json:"states,omitempty"` // the fact or the helpline that is drawn on it; nil where none is
}

// Stated is a fact or a helpline that stands on a picture, in the words or with the number that it had when the picture was drawn.
type Stated struct {
	Fact string `json:"fact,omitempty"`
	Line string `json:"line,omitempty"`
	Said string `json:"said"`
}

// Speaks reports whether the picture goes out in a language.
func (p SourcePicture) Speaks(language string) bool { return p.Only == "" || p.Only == language }

// Focus is the point of a picture that a crop keeps, in per cent from the left and from the top.
type Focus struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// When is the time of a post as people say it: a civil day and clock time, and in whose zone.
type When struct {
	Date  string `json:"date"`           // YYYY-MM-DD
	Clock string `json:"clock"`          // HH:MM
	Zone  string `json:"zone,omitempty"` // an IANA zone: one instant for all; empty: in each channel's own zone
}

// Final is the content of a release: exactly what a reviewer is shown and what a network gets, with every token filled.
type Final struct {
	Post        int64       `json:"post"`
	Channel     int64       `json:"channel"`
	Platform    string      `json:"platform"`
	Account     string      `json:"account"` // the handle it speaks as
	Language    string      `json:"language"`
	DueDate     string      `json:"due_date"`
	DueClock    string      `json:"due_clock"`
	Zone        string      `json:"zone"`
	DueAt       time.Time   `json:"due_at"`
	NotAfter    time.Time   `json:"not_after"`
	Visibility  string      `json:"visibility"`
	ContentNote string      `json:"content_note,omitempty"`
	Sensitive   bool        `json:"sensitive,omitempty"`
	Parts       []FinalPart `json:"parts"`

	Helplines []FinalHelpline `json:"helplines,omitempty"`         // whose numbers Parts show
	Without   []FinalPart     `json:"without_helplines,omitempty"` // what goes out instead when a check of one holds no longer by then
	Facts     []string        `json:"facts,omitempty"`             // ids of the facts it states

	Links []FinalLink `json:"links,omitempty"` // the short links that the texts show

	Prompt  bool     `json:"prompt,omitempty"`  // it goes out as soon as it is approved, until NotAfter
	Answers *Answers `json:"answers,omitempty"` // what it goes out as a reply to
}

// FinalLink is a short link and where it leads.
type FinalLink struct {
	Code   string `json:"code"`
	Target string `json:"target"`
}

// Answers is the published copy that a release goes out as a reply to.
type Answers struct {
	Post     int64  `json:"post"`
	Delivery int64  `json:"delivery"`
	URL      string `json:"url,omitempty"`
}

// FinalHelpline is a helpline that a release shows, at the version of its number that was shown.
type FinalHelpline struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// FinalPart is one part of a release.
type FinalPart struct {
	Text     string         `json:"text"`
	Pictures []FinalPicture `json:"pictures,omitempty"`
}

// FinalPicture is a picture of a release with its alt text in the release's language.
type FinalPicture struct {
	SHA256 string `json:"sha256"`
	Alt    string `json:"alt"`
	NoAlt  string `json:"no_alt,omitempty"` // why it goes out without one
	Focus  *Focus `json:"focus,omitempty"`
}

// Canonical returns v as canonical JSON (RFC 8785) and its SHA-256.
func Canonical(v any) ([]byte, [32]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, [32]byte{}, fmt.Errorf("canonical form: %w", err)
	}
	body, err := jcs.Transform(plain)
	if err != nil {
		return nil, [32]byte{}, fmt.Errorf("canonical form: %w", err)
	}
	return body, sha256.Sum256(body), nil
}

// ReadSource reads the body of a revision.
func ReadSource(body []byte) (Source, error) {
	var s Source
	if err := json.Unmarshal(body, &s); err != nil {
		return Source{}, fmt.Errorf("read revision: %w", err)
	}
	return s, nil
}

// ReadFinal reads the body of a release.
func ReadFinal(body []byte) (Final, error) {
	var f Final
	if err := json.Unmarshal(body, &f); err != nil {
		return Final{}, fmt.Errorf("read release: %w", err)
	}
	return f, nil
}

// SameWords reports whether two releases say the same thing with the same pictures in the same language; where and when may
// differ. Reviewers are shown such releases once, with the list of places. Of two that go out at once the clocks of their places do
// not count, nor of two replies which copy each answers.
func (f Final) SameWords(g Final) bool {
	a, b := f, g
	for _, p := range []*Final{&a, &b} {
		p.Channel, p.Platform, p.Account, p.Zone, p.DueAt, p.NotAfter = 0, "", "", "", time.Time{}, time.Time{}
		if p.Prompt {
			p.DueDate, p.DueClock = "", ""
		}
		if p.Answers != nil {
			p.Answers = &Answers{Post: p.Answers.Post}
		}
	}
	x, _, errA := Canonical(a)
	y, _, errB := Canonical(b)
	return errA == nil && errB == nil && string(x) == string(y)
}
