// Package fields is the editor's form: what its fields are called, how a post stands in them and how it is read from them again.
//
// A field that nobody changed keeps exactly what the post has, so that a post which is opened and saved is the same post. A field that
// was not sent keeps it as well. The package knows no page, no database and no rules; what was typed is checked in
// internal/flow/draft/edit.
package fields

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/channel"
)

// Whose clock a time is on.
const (
	Local = "local" // each account's own
	Fixed = "fixed" // one instant for all, on the clock of a zone
)

// Text names the field of a part, from 1, in a language.
func Text(part int, language string) string { return fmt.Sprintf("text-%d-%s", part, language) }

// Own names the field of a part's words for one network.
func Own(part int, language, network string) string {
	return fmt.Sprintf("own-%d-%s-%s", part, language, network)
}

// Alt names the field of what a picture shows, and NoAlt that of why nothing is said of it.
func Alt(part int, sha256, language string) string {
	return fmt.Sprintf("alt-%d-%.12s-%s", part, sha256, language)
}

// NoAlt names the field of why a picture has no description.
func NoAlt(part int, sha256 string) string { return fmt.Sprintf("noalt-%d-%.12s", part, sha256) }

// Picked names the field of the pictures of a part.
func Picked(part int) string { return fmt.Sprintf("pic-%d", part) }

// Sent names the field of a file for a part, which is sent with the form.
func Sent(part int) string { return fmt.Sprintf("send-%d", part) }

// Note names the field of the content note in a language.
func Note(language string) string { return "note-" + language }

// Spot writes a place as a field has it.
func Spot(p edit.Place) string { return fmt.Sprintf("%d:%s", p.Channel, p.Language) }

func spot(typed string) (edit.Place, bool) {
	id, language, ok := strings.Cut(typed, ":")
	n, err := strconv.ParseInt(id, 10, 64)
	return edit.Place{Channel: n, Language: language}, ok && err == nil && n > 0 && language != ""
}

// Of returns a change as the fields of the form have it, in some languages and for those that it speaks itself.
func Of(c edit.Change, languages []string) url.Values {
	s := c.Source
	v := url.Values{
		"name": {s.Message}, "parts": {strconv.Itoa(max(1, len(s.Parts)))}, "hashtags": {strings.Join(s.Hashtags, " ")}, "link": {s.Link}, "helpline": {s.Helpline},
		"helpline_for": {s.HelplineFor}, "date": {s.When.Date}, "clock": {s.When.Clock}, "zone": {s.When.Zone}, "mode": {Local},
		"window": {strconv.Itoa(int(c.Window / time.Minute))},
	}
	if s.When.Zone != "" {
		v.Set("mode", Fixed)
	}
	if s.Sensitive {
		v.Set("sensitive", "yes")
	}
	for network, tags := range s.NetworkTags {
		v.Set("tags-"+network, strings.Join(tags, " "))
	}
	for network, list := range s.Mentions {
		v.Set("mentions-"+network, strings.Join(list, " "))
	}
	for _, p := range c.Places {
		v.Add("place", Spot(p))
	}
	for i, part := range s.Parts {
		for language, words := range part.Texts {
			v.Set(Text(i+1, language), words)
		}
		for _, picture := range part.Pictures {
			v.Add(Picked(i+1), picture.SHA256)
			v.Set(NoAlt(i+1, picture.SHA256), picture.NoAlt)
			for language, alt := range picture.Alt {
				v.Set(Alt(i+1, picture.SHA256, language), alt)
			}
		}
	}
	for _, own := range s.Variants {
		v.Set(Own(own.Part, own.Language, own.Network), own.Text)
	}
	for language, note := range s.ContentNote {
		v.Set(Note(language), note)
	}
	for _, language := range languages { // fields that are there, though empty
		for i := range max(1, len(s.Parts)) {
			if !v.Has(Text(i+1, language)) {
				v.Set(Text(i+1, language), "")
			}
		}
		if !v.Has(Note(language)) {
			v.Set(Note(language), "")
		}
	}
	return v
}

// Reader reads what was typed.
type Reader struct {
	Channels []channel.Channel    // those that the person may write for
	Pictures []post.SourcePicture // those that are offered, with what is said of them
}

// Read returns what was typed as a change of what the post is now.
func (r Reader) Read(typed url.Values, now edit.Change) edit.Change {
	was := Of(now, nil)
	in := input{typed: typed, was: was}
	c := edit.Change{Read: now.Read, Source: clone(now.Source), Window: now.Window, Places: slices.Clone(now.Places)}
	s := &c.Source
	in.line("name", &s.Message)
	in.line("link", &s.Link)
	in.line("helpline", &s.Helpline)
	in.line("helpline_for", &s.HelplineFor)
	in.words("hashtags", &s.Hashtags)
	if typed.Has("hashtags") { // a box that is not ticked is not sent
		s.Sensitive = typed.Get("sensitive") != ""
	}
	in.when(&c)
	in.networks(s)
	r.parts(in, s)
	in.own(s)
	for field := range typed {
		if language, mine := strings.CutPrefix(field, "note-"); mine {
			in.entry(field, language, &s.ContentNote)
		}
	}
	if typed.Has("where") {
		c.Places = r.places(typed, now, edit.Languages(*s))
	}
	return c
}

// places returns where a form says that a post goes: the accounts that are ticked, and all that share a label or a network with the
// ones asked for, in the languages that it has words in. Places that it has already stay in their order.
func (r Reader) places(typed url.Values, now edit.Change, languages []string) []edit.Place {
	var ticked, list []edit.Place
	for _, one := range typed["place"] {
		if p, ok := spot(one); ok {
			ticked = append(ticked, p)
		}
	}
	for _, c := range r.Channels {
		all := slices.Contains(typed["net"], c.Platform) || slices.ContainsFunc(c.Labels, func(l string) bool { return slices.Contains(typed["label"], l) })
		for _, language := range c.Languages {
			if all && !c.Archived() && slices.Contains(languages, language) {
				ticked = append(ticked, edit.Place{Channel: c.ID, Language: language})
			}
		}
	}
	for _, p := range slices.Concat(now.Places, ticked) {
		seen := slices.ContainsFunc(r.Channels, func(c channel.Channel) bool { return c.ID == p.Channel })
		if !seen && slices.Contains(now.Places, p) || slices.Contains(ticked, p) { // what the form does not show stays
			if !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}

// clone copies a source, so that reading a form changes nothing of the post.
func clone(s post.Source) post.Source {
	c := s
	c.Parts = make([]post.SourcePart, len(s.Parts))
	for i, part := range s.Parts {
		c.Parts[i] = post.SourcePart{Texts: maps.Clone(part.Texts), Pictures: slices.Clone(part.Pictures)}
		for j, p := range part.Pictures {
			c.Parts[i].Pictures[j].Alt = maps.Clone(p.Alt)
		}
	}
	c.Variants, c.Hashtags = slices.Clone(s.Variants), slices.Clone(s.Hashtags)
	c.ContentNote, c.NetworkTags, c.Mentions = maps.Clone(s.ContentNote), maps.Clone(s.NetworkTags), maps.Clone(s.Mentions)
	return c
}

// tags writes hashtags with their sign.
func tags(list []string) []string {
	for i, one := range list {
		list[i] = "#" + strings.TrimPrefix(one, "#")
	}
	return list
}

// Camel writes words as one hashtag, each with a capital, so that screen readers say them as words.
func Camel(words string) string {
	var b strings.Builder
	for _, w := range strings.Fields(strings.ReplaceAll(words, "#", " ")) {
		r := []rune(w)
		b.WriteString(strings.ToUpper(string(r[:1])) + string(r[1:]))
	}
	if tag := "#" + b.String(); text.ValidHashtag(tag) == nil {
		return tag
	}
	return ""
}
