// Package prompt writes what goes out as soon as it is approved: a post that cannot wait for a campaign, a planned post that is wanted
// now, and corrections of what is out.
//
// Such a delivery is due from the instant at which it is written and makes sense until its window closes; in between, the approval
// decides when it goes out. Nothing here approves or sends: what is written is put before reviewers by internal/flow/review as any
// other post, and its author never counts among them. A correction says in public what was wrong, as a reply below each live copy or
// as a post of its own, and is linked with what it corrects.
package prompt

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/locale"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/flow/book"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
)

// Usual is how long a post that goes out at once makes sense, unless its author says otherwise.
const Usual = 6 * time.Hour

// The shortest and the longest window that an author may choose.
const (
	shortest = 15 * time.Minute
	longest  = 72 * time.Hour
)

// What a person may write, in characters. Networks take less; these keep a paste from filling the database.
const (
	maxName = 80
	maxText = 10_000
	maxNote = 500
	maxAlt  = 2_000
)

// Writing is what a person writes: one part, in one language or several.
type Writing struct {
	Name      string            // how the team calls it; empty for the first words
	Texts     map[string]string // by language; an empty text leaves the language out
	Notes     map[string]string // content notes, by language
	Picture   string            // the SHA-256 of a stored picture, in hex; empty for none
	Alts      map[string]string // what the picture shows, by language
	Sensitive bool
	Window    time.Duration // how long it makes sense
	Places    []Place
}

// Place is an account and a language.
type Place struct {
	Channel  int64
	Language string
}

// Languages returns the languages that a writing has a text in, in order.
func (w Writing) Languages() []string {
	var list []string
	for language, words := range w.Texts {
		if strings.TrimSpace(words) != "" {
			list = append(list, language)
		}
	}
	slices.Sort(list)
	return list
}

// Source returns what is written as a post has it, with what the post it is made of says beside: its hashtags, its link, whom its
// helpline is for.
func (w Writing) Source(of post.Source, now time.Time) post.Source {
	s := of
	s.Message, s.Variants, s.Mentions, s.ContentNote, s.Sensitive = w.called(), nil, nil, nil, w.Sensitive
	s.When = post.When{Date: civil.DateOf(now.UTC()).String(), Clock: clockOf(now.UTC()).String(), Zone: "Etc/UTC"}
	part := post.SourcePart{Texts: map[string]string{}}
	picture := post.SourcePicture{SHA256: w.Picture, Alt: map[string]string{}}
	for _, language := range w.Languages() {
		part.Texts[language] = tidy(w.Texts[language])
		if note := tidy(w.Notes[language]); note != "" {
			if s.ContentNote == nil {
				s.ContentNote = map[string]string{}
			}
			s.ContentNote[language] = note
		}
		picture.Alt[language] = tidy(w.Alts[language])
	}
	if w.Picture != "" {
		part.Pictures = []post.SourcePicture{picture}
	}
	s.Parts = []post.SourcePart{part}
	return s
}

// called returns the name of a writing: the one it was given, else its first words.
func (w Writing) called() string {
	if name := strings.Join(strings.Fields(w.Name), " "); name != "" {
		return name
	}
	languages := w.Languages()
	if len(languages) == 0 {
		return "A post"
	}
	language := languages[0]
	if slices.Contains(languages, "en") {
		language = "en"
	}
	words := strings.Fields(w.Texts[language])
	name := strings.Join(words[:min(len(words), 6)], " ")
	if runes := []rune(name); len(runes) > 60 {
		name = string(runes[:60])
	}
	return name
}

// Entries returns where a writing would go, before it is written: for a preview.
func (w Writing) Entries(channels []channel.Channel, answers map[Place]Copy, now time.Time) []book.Entry {
	var list []book.Entry
	for _, d := range w.deliveries(channels, now) {
		at := slices.IndexFunc(channels, func(c channel.Channel) bool { return c.ID == d.Channel })
		e := book.Entry{
			Language: d.Language, Channel: d.Channel, ChannelName: channels[at].Name, Handle: channels[at].Handle, Platform: channels[at].Platform,
			Zone: d.Zone, DueAt: d.DueAt, DueDate: d.Date.String(), DueClock: d.Clock.String(), NotAfter: d.NotAfter,
			State: post.Held, Hold: post.ForApproval, Prompt: true,
		}
		if live, ok := answers[Place{d.Channel, d.Language}]; ok {
			e.Answers, e.AnswersPost, e.AnswersURL = live.Delivery, live.Post, live.URL
		}
		list = append(list, e)
	}
	return list
}

// deliveries returns what a writing is delivered as, without the post. Places of accounts that are not there are left out.
func (w Writing) deliveries(channels []channel.Channel, now time.Time) []book.Delivery {
	var list []book.Delivery
	for _, p := range w.Places {
		at := slices.IndexFunc(channels, func(c channel.Channel) bool { return c.ID == p.Channel })
		if at < 0 || !slices.Contains(w.Languages(), p.Language) {
			continue
		}
		zone, err := time.LoadLocation(channels[at].Zone)
		if err != nil {
			zone = time.UTC
		}
		local := now.In(zone)
		list = append(list, book.Delivery{
			Channel: p.Channel, Language: p.Language, Date: civil.DateOf(local), Clock: clockOf(local), Zone: zone.String(),
			DueAt: now, NotAfter: now.Add(w.Window), Prompt: true,
		})
	}
	return list
}

// Check returns what is wrong with a writing, all at once, or nil. Fields are named "name", "text-en", "note-en", "alt-en", "window" and
// "places".
func (w Writing) Check(channels []channel.Channel) error {
	var wrong []fault.Problem
	bad := func(field, say string) { wrong = append(wrong, fault.Problem{Field: field, Message: say}) }
	plain := func(field, words string, most int) {
		switch _, _, unsafe := text.FirstUnsafe(tidy(words)); {
		case unsafe:
			bad(field, "has characters that cannot be seen; write it in plain words")
		case utf8.RuneCountInString(words) > most:
			bad(field, "is too long to be kept")
		}
	}
	plain("name", w.Name, maxName)
	languages := w.Languages()
	if len(languages) == 0 {
		bad("text-en", "write the text in at least one language")
	}
	for _, language := range languages {
		plain("text-"+language, w.Texts[language], maxText)
		plain("note-"+language, w.Notes[language], maxNote)
		plain("alt-"+language, w.Alts[language], maxAlt)
	}
	if w.Window < shortest || w.Window > longest {
		bad("window", "choose between a quarter of an hour and three days")
	}
	for _, language := range languages {
		if !slices.ContainsFunc(w.Places, func(p Place) bool { return p.Language == language }) {
			bad("places", "none of the accounts that are ticked takes it in "+locale.Name(language))
		}
	}
	for _, p := range w.Places {
		at := slices.IndexFunc(channels, func(c channel.Channel) bool { return c.ID == p.Channel })
		if at < 0 || channels[at].Archived() || !slices.Contains(channels[at].Languages, p.Language) {
			bad("places", "one of the accounts is out of use, or does not speak "+locale.Name(p.Language))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fault.BadFields(wrong)
}

// may refuses who may not write posts and put them before reviewers.
func may(by people.Person) error {
	if !by.May(people.PostEdit) || !by.May(people.PostSubmit) {
		return fault.New(fault.Forbidden, "Your role does not allow writing posts.")
	}
	return nil
}

// begins refuses who may not begin posts.
func begins(by people.Person) error {
	if !by.May(people.PostWrite) {
		return fault.New(fault.Forbidden, "Your role does not allow writing new posts.")
	}
	return may(by)
}

func clockOf(t time.Time) civil.Clock { return civil.Clock{Hour: t.Hour(), Minute: t.Minute()} }

// tidy puts the line ends of browsers right.
func tidy(words string) string { return strings.TrimSpace(strings.ReplaceAll(words, "\r\n", "\n")) }
