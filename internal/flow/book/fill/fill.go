package fill

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/lint"
	"daymark/internal/core/locale"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/flow/book"
	"daymark/internal/org/helpline"
)

// helplineToken is the token that a helpline fills, or the emergency sentence.
const helplineToken = "helpline"

// Filled is what a delivery would say.
type Filled struct {
	Entry   book.Entry
	Final   post.Final
	Words   Words            // Final.Parts as rules read them; Final.Without differs from it in the emergency sentence alone
	Line    *helpline.Record // whose number Final.Parts show
	Message string           // the id of the message in its campaign
	Missing []string         // sentences: what keeps it from being put before reviewers
}

// Words are the words of a content as rules read them: a part's text is without the hashtags that are put after it.
type Words struct {
	Parts    []lint.Part
	Hashtags []string // those put after the first part, with the sign
}

// Entry returns what an entry of a post would say. Where a value is missing, the token still stands in the words and a sentence
// says so.
func (v Values) Entry(p book.Post, e book.Entry, now time.Time) Filled {
	f := Filled{Entry: e, Message: p.Source.Message, Final: post.Final{
		Post: p.ID, Channel: e.Channel, Platform: e.Platform, Account: e.Handle, Language: e.Language,
		DueDate: e.DueDate, DueClock: e.DueClock, Zone: e.Zone, DueAt: e.DueAt.UTC(), NotAfter: e.NotAfter.UTC(),
		Visibility: "public", Sensitive: p.Source.Sensitive, ContentNote: p.Source.ContentNote[e.Language],
		Facts: p.Source.StatedIn(e.Language), Prompt: e.Prompt,
	}}
	if e.Answers != 0 {
		f.Final.Answers = &post.Answers{Post: e.AnswersPost, Delivery: e.Answers, URL: e.AnswersURL}
	}
	if p.Source.Sensitive && f.Final.ContentNote == "" {
		f.miss("a sensitive post needs a content note in this language.")
	}
	values := v.tokens(p.Source, e.Language)
	without := maps.Clone(values)
	emergency, known := helpline.Emergency(e.Language)
	if known {
		without[helplineToken] = emergency
	}
	line, numbered := v.line(p.Source, e, now)
	if numbered = numbered && known && line.Say(e.Language) != ""; numbered {
		values[helplineToken] = line.Say(e.Language)
	} else {
		values = without
	}
	main, ok := words(p.Source, e.Language, e.Platform, values)
	if !ok {
		f.Missing = []string{"it has no text yet."}
		return f
	}
	f.Words = main.read
	f.Final.Parts = v.counted(&f, p.Source, main.parts, main.read)
	v.misses(&f, main)
	v.drawn(&f, p.Source)
	if numbered && main.says[helplineToken] {
		other, _ := words(p.Source, e.Language, e.Platform, without)
		f.Line = &line
		f.Final.Helplines, f.Final.Without = []post.FinalHelpline{{ID: line.ID, Version: line.Version}}, v.counted(&f, p.Source, other.parts, other.read)
	}
	return f
}

// misses writes down what is missing in the words.
func (v Values) misses(f *Filled, w content) {
	for _, name := range w.missing {
		f.miss(v.unknown(name, f.Final.Language))
	}
	if w.bare {
		f.miss("its picture has no description (alt text) in this language.")
	}
	for _, name := range w.missingAlt {
		f.miss(strings.Replace(v.unknown(name, f.Final.Language), "}}", "}} in the picture's description", 1))
	}
}

// drawn says which pictures show what holds no longer: they cannot be filled, only drawn again.
func (v Values) drawn(f *Filled, s post.Source) {
	for _, part := range s.Parts {
		for _, picture := range part.Pictures {
			if of := picture.States; of != nil && picture.Speaks(f.Final.Language) {
				if says, _ := v.Facts[of.Fact].Say(f.Final.Language); of.Fact != "" && says != of.Said {
					f.miss(fmt.Sprintf("its card states the fact %s in words that have changed since; make the card again.", of.Fact))
				}
				shows := func(l helpline.Record) bool { return l.ID == of.Line && l.Phone == of.Said && l.Holds(f.Final.DueAt) }
				if of.Line != "" && !slices.ContainsFunc(v.Lines, shows) {
					f.miss("its card shows a helpline that nobody has checked for the time when it goes out; check the helpline, or make the card again.")
				}
			}
		}
	}
}

func (f *Filled) miss(reason string) {
	if !slices.Contains(f.Missing, reason) {
		f.Missing = append(f.Missing, reason)
	}
}

// unknown says that a token has no value.
func (v Values) unknown(name, language string) string {
	id, isFact := text.Token{Name: name}.Fact()
	_, known := v.Facts[id]
	switch {
	case isFact && !known:
		return fmt.Sprintf("{{%s}} states a fact that nobody has written down: there is no fact %q.", name, id)
	case isFact:
		return fmt.Sprintf("{{%s}} is not known yet: the fact %s has no sentence in %s.", name, id, locale.Name(language))
	case name == "support" || strings.HasPrefix(name, "resources_"):
		return fmt.Sprintf("{{%s}} is not known yet: an admin writes it in the organisation's profile.", name)
	}
	return fmt.Sprintf("{{%s}} is not known yet.", name)
}

// Written returns the words of a source in a language as they are written, with their tokens; false when it does not speak it.
func Written(s post.Source, language string) (Words, bool) {
	c, ok := words(s, language, "", nil)
	return c.read, ok
}

// content is the words of a source on one network.
type content struct {
	parts      []post.FinalPart
	read       Words
	says       map[string]bool // the tokens that were filled
	missing    []string
	missingAlt []string
	bare       bool // a picture has no description
}

// words fills the words of a source in a language on a network. It is false when a part has no text.
func words(s post.Source, language, network string, values map[string]string) (content, bool) {
	c := content{says: map[string]bool{}}
	for i, part := range s.Parts {
		body, ok := s.Text(i, language, network)
		if !ok || strings.TrimSpace(body) == "" {
			return content{}, false
		}
		filled, spans, missing := text.FillSpans(body, values)
		c.missing = append(c.missing, missing...)
		final := filled
		if i == 0 {
			final = text.Compose(strings.Join(append([]string{filled}, s.Mentions[network]...), " "), s.Tags(network))
			filled = common(filled, final)
			for _, tag := range text.Hashtags(final[len(filled):]) {
				c.read.Hashtags = append(c.read.Hashtags, tag.Text)
			}
		}
		made, seen := post.FinalPart{Text: final}, lint.Part{Text: filled}
		for _, span := range spans {
			c.says[span.Token] = true
			seen.Inserted = append(seen.Inserted, lint.Inserted{Token: span.Token, Start: span.Start, End: min(span.End, len(filled))})
		}
		for _, picture := range part.Pictures {
			if !picture.Speaks(language) {
				continue
			}
			alt, spans, missing := text.FillSpans(picture.Alt[language], values)
			waived := ""
			if strings.TrimSpace(alt) == "" {
				waived = picture.NoAlt
				c.bare = c.bare || waived == ""
			}
			c.missingAlt = append(c.missingAlt, missing...)
			for _, span := range spans {
				c.says[span.Token] = true
			}
			made.Pictures = append(made.Pictures, post.FinalPicture{SHA256: picture.SHA256, Alt: alt, NoAlt: waived, Focus: picture.Focus})
			seen.Pictures = append(seen.Pictures, lint.Picture{SHA256: picture.SHA256, Alt: alt, NoAlt: waived})
		}
		c.parts, c.read.Parts = append(c.parts, made), append(c.read.Parts, seen)
	}
	return c, len(c.parts) > 0
}

// common returns what a text and the one composed of it begin with: composing takes spaces off its end.
func common(filled, composed string) string {
	n := 0
	for n < len(filled) && n < len(composed) && filled[n] == composed[n] {
		n++
	}
	return filled[:n]
}
