package rules

import (
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/lint"
	"daymark/internal/core/observance"
	"daymark/internal/flow/campaign/read"
	"daymark/internal/flow/campaign/source"

	"golang.org/x/text/language"
)

// postFields are what an example may say of a post. Most examples are a text alone.
var postFields = []string{
	"text", "language", "parts", "alt", "logo", "hashtags", "network", "filled", "content_note", "sensitive", "kind", "cta", "facts", "themes",
	"theme", "year", "day", "topics", "country", "countries", "helplines", "hosts", "limits", "length", "account", "at",
}

// posts reads an example: a text, a post with what it has besides its text, or several posts.
func (r *reader) posts(v source.Value, target lint.Target) []lint.Subject {
	if s, ok := v.Scalar(); ok {
		if s == "" {
			v.Fail("is empty: write a text")
		}
		return []lint.Subject{of(s, "en", target)}
	}
	for _, field := range v.Entries("a text, or fields of a post") {
		if field.Name != "posts" {
			continue
		}
		var all []lint.Subject
		for _, item := range v.Map("posts", "network")["posts"].List("posts") {
			all = append(all, r.post(item, item.Map(postFields...), target))
		}
		if len(all) > 0 {
			return all
		}
	}
	return []lint.Subject{r.post(v, v.Map(postFields...), target)}
}

// of returns a post of which nothing is known but one text, put where the rule reads.
func of(s, lang string, target lint.Target) lint.Subject {
	post := lint.Subject{Language: lang}
	switch target {
	case lint.InAlt:
		post.Parts = []lint.Part{{Pictures: []lint.Picture{{Alt: s}}}}
	case lint.InHashtag:
		post.Parts, post.Hashtags = []lint.Part{{}}, []string{s}
	default:
		post.Parts = []lint.Part{{Text: s}}
	}
	return post
}

// post reads a post with what it has besides its text.
func (r *reader) post(v source.Value, f map[string]source.Value, target lint.Target) lint.Subject {
	lang := "en"
	if f["language"].Present() {
		lang = tag(f["language"])
	}
	post := of(f["text"].String(), lang, target)
	if f["parts"].Present() {
		post.Parts = nil
		for _, s := range f["parts"].Strings("texts") {
			post.Parts = append(post.Parts, lint.Part{Text: s})
		}
	}
	if len(post.Parts) == 0 {
		v.Fail("has no text")
		post.Parts = []lint.Part{{}}
	}
	for _, item := range f["alt"].List("descriptions, one a picture") {
		post.Parts[0].Pictures = append(post.Parts[0].Pictures, lint.Picture{Alt: item.String(), Where: "picture.png", Logo: f["logo"].Bool()})
	}
	post.Hashtags = append(post.Hashtags, f["hashtags"].Strings("hashtags")...)
	post.Network, post.Filled, post.ContentNote, post.Sensitive = f["network"].String(), f["filled"].Bool(), f["content_note"].String(), f["sensitive"].Bool()
	post.Kind, post.CTA, post.Topics = f["kind"].String(), f["cta"].Bool(), f["topics"].Strings("topics")
	post.Country, post.Countries, post.Hosts = f["country"].String(), f["countries"].Strings("countries"), f["hosts"].Strings("hosts")
	post.Theme, post.Year, post.Day = f["theme"].String(), f["year"].Int(1900, 2200), read.Date(f["day"], f["day"].String())
	if !post.Day.IsZero() {
		post.Days = civil.OneDay(post.Day)
	}
	post.Account = f["account"].String()
	post.Parts[0].Length = f["length"].Int(0, 1_000_000)
	if s := f["at"].String(); s != "" {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			f["at"].Fail("%q is no instant: write it as 2027-07-30T09:00:00Z", s)
		}
		post.At = at
	}
	r.circumstances(f, &post)
	return post
}

// circumstances reads the lists that surround a post: what it states, whom to call, what a network takes.
func (r *reader) circumstances(f map[string]source.Value, post *lint.Subject) {
	if len(r.facts) > 0 {
		post.Known = r.facts
	}
	for _, item := range f["facts"].List("ids of facts") {
		fact, known := r.facts[item.String()]
		if !known {
			item.Fail("no fact has the id %q", item.String())
			continue
		}
		post.Facts = append(post.Facts, fact)
	}
	for _, item := range f["themes"].List("themes") {
		t := item.Map("!year", "!theme")
		post.Themes = append(post.Themes, observance.Theme{Year: t["year"].Int(1900, 2200), Text: t["theme"].String()})
	}
	for _, item := range f["helplines"].List("helplines") {
		h := item.Map("!id", "!country", "reporting", "valid")
		post.Helplines = append(post.Helplines, lint.Helpline{
			ID: h["id"].String(), Country: h["country"].String(), Reporting: h["reporting"].Bool(), Valid: h["valid"].Bool(),
		})
	}
	limits := f["limits"].Map("characters", "alt_characters", "max_hashtags", "good_from", "good_to", "dead_links")
	post.Limits = lint.Limits{
		Characters: limits["characters"].Int(0, 100_000), DeadLinks: limits["dead_links"].Bool(), AltCharacters: limits["alt_characters"].Int(0, 100_000), MaxHashtags: limits["max_hashtags"].Int(0, 1000),
		GoodHashtags: [2]int{limits["good_from"].Int(0, 100), limits["good_to"].Int(0, 100)},
	}
}

// shown is the words of an example, for those who read the rule.
func (e example) shown(target lint.Target) string {
	post := e.posts[0]
	switch {
	case target == lint.InAlt || post.Parts[0].Text == "" && len(post.Parts[0].Pictures) > 0:
		return post.Parts[0].Pictures[0].Alt
	case target == lint.InHashtag && post.Parts[0].Text == "":
		return strings.Join(post.Hashtags, " ")
	}
	return strings.TrimSpace(strings.Join(append([]string{post.Parts[0].Text}, post.Hashtags...), " "))
}

// tag reads a language; "none" is one that nobody has set.
func tag(v source.Value) string {
	s := v.String()
	if s == "none" {
		return ""
	}
	if s == "" || slices.Contains([]string{"en", "fr", "es", "ar"}, s) {
		return s
	}
	if _, err := language.Parse(s); err != nil {
		v.Fail("%q is no language: write its tag, such as en, fr or pt-BR", s)
		return ""
	}
	return s
}
