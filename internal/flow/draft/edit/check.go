package edit

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/org/channel"
)

// problems gathers what is wrong with a change, by field.
type problems []fault.Problem

func (p *problems) bad(field, format string, args ...any) {
	*p = append(*p, fault.Wrong(field, format, args...))
}

// plain refuses words that are too long to be kept or that have characters which make people read something else than goes out.
func (p *problems) plain(field, words string, most int) {
	if r, at, unsafe := text.FirstUnsafe(words); unsafe {
		p.bad(field, "has a character that cannot be seen, %U at character %d; take it out", r, utf8.RuneCountInString(words[:at])+1)
	}
	if n := utf8.RuneCountInString(words); n > most {
		p.bad(field, "has %d characters; more than %d cannot be kept", n, most)
	}
}

// Check returns what is wrong with a change from what the post is now, all at once, or nil. Fields are named as those of the editor:
// "text-1-en" is the first part's text in English, "own-1-en-x" its words for X, "note-en", "alt-1-0123456789ab-en" what a picture shows, by
// the beginning of its hash, "noalt-1-0123456789ab" why nothing is said of it, "hashtags", "link", "date", "clock", "zone", "window", "places".
func (c Change) Check(begun Change, channels []channel.Channel, now time.Time) error {
	var p problems
	c.checkWords(&p)
	c.checkBeside(&p)
	c.checkWhen(&p, begun, channels, now)
	for _, place := range c.Places {
		if slices.Contains(begun.Places, place) {
			continue // it goes there already
		}
		at := slices.IndexFunc(channels, func(one channel.Channel) bool { return one.ID == place.Channel })
		if at < 0 || channels[at].Archived() || !slices.Contains(channels[at].Languages, place.Language) {
			p.bad("places", "one of the accounts is out of use, or does not speak the language that it is chosen for")
		}
	}
	if len(p) == 0 {
		return nil
	}
	return fault.BadFields(p)
}

func (c Change) checkWords(p *problems) {
	if len(c.Languages()) == 0 {
		p.bad("text-1-en", "write the text in at least one language")
	}
	if len(c.Source.Parts) > maxParts {
		p.bad("text-1-en", "a thread can have %d parts at most", maxParts)
	}
	for i, part := range c.Source.Parts {
		for language, words := range part.Texts {
			p.plain(fmt.Sprintf("text-%d-%s", i+1, language), words, MaxText)
		}
		for _, picture := range part.Pictures {
			for language, alt := range picture.Alt {
				p.plain(fmt.Sprintf("alt-%d-%.12s-%s", i+1, picture.SHA256, language), alt, maxAlt)
			}
			p.plain(fmt.Sprintf("noalt-%d-%.12s", i+1, picture.SHA256), picture.NoAlt, maxReason)
		}
	}
	for _, v := range c.Source.Variants {
		p.plain(fmt.Sprintf("own-%d-%s-%s", v.Part, v.Language, v.Network), v.Text, MaxText)
	}
	for language, note := range c.Source.ContentNote {
		p.plain("note-"+language, note, maxNote)
	}
	p.plain("name", c.Source.Message, maxName)
}

func (c Change) checkBeside(p *problems) {
	tags := func(field string, list []string) {
		if len(list) > maxTags {
			p.bad(field, "has %d hashtags; %d are the most", len(list), maxTags)
		}
		for _, tag := range list {
			if err := text.ValidHashtag(tag); err != nil {
				p.bad(field, "%s", err.Error())
			}
		}
	}
	tags("hashtags", c.Source.Hashtags)
	for network, list := range c.Source.NetworkTags {
		tags("tags-"+network, list)
	}
	for network, list := range c.Source.Mentions {
		if len(list) > maxTags {
			p.bad("mentions-"+network, "has %d addresses; %d are the most", len(list), maxTags)
		}
		p.plain("mentions-"+network, strings.Join(list, " "), maxAlt)
	}
	if c.Source.Link != "" {
		u, err := url.Parse(c.Source.Link)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
			p.bad("link", "is no address of a page; it begins with https://")
		}
		p.plain("link", c.Source.Link, maxAlt)
	}
	if h := c.Source.Helpline; h != "" && (len(h) != 2 || strings.ToUpper(h) != h) {
		p.bad("helpline", "is no country")
	}
}

func (c Change) checkWhen(p *problems, begun Change, channels []channel.Channel, now time.Time) {
	if _, _, err := c.when(); err != nil {
		if begun.Read == 0 || c.Source.When != begun.Source.When {
			p.bad("date", "write a day and a time, such as 2027-07-30 and 09:00")
		}
		return
	}
	if zone := c.Source.When.Zone; zone != "" {
		if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
			p.bad("zone", "there is no time zone of that name; write it as Europe/London")
			return
		}
	}
	if c.Window != 0 && (c.Window < 15*time.Minute || c.Window > 72*time.Hour) && c.Window != begun.Window {
		p.bad("window", "choose between a quarter of an hour and three days")
		return
	}
	fresh := begun.Read == 0 || c.Source.When != begun.Source.When || c.Window != begun.Window
	for _, s := range c.Slots(channels) {
		if !fresh && slices.Contains(begun.Places, s.Place) {
			continue
		}
		if !s.DueAt.After(now) {
			p.bad("date", "that time has passed at %s; choose a later one", channels[slices.IndexFunc(channels, func(one channel.Channel) bool { return one.ID == s.Channel })].Name)
			return
		}
	}
}

// called returns the name of a post: the one that it was given, else its first words.
func called(s post.Source) string {
	if name := strings.Join(strings.Fields(s.Message), " "); name != "" {
		return name
	}
	languages := Languages(s)
	if slices.Contains(languages, "en") {
		languages = []string{"en"}
	}
	for _, language := range languages {
		words := strings.Fields(s.Parts[0].Texts[language])
		name := []rune(strings.Join(words[:min(len(words), 6)], " "))
		if len(name) > 0 {
			return string(name[:min(len(name), 60)])
		}
	}
	return "A post"
}
