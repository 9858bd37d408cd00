package fields

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/draft/edit"
)

// mostParts bounds how many parts a form is believed to have.
const mostParts = 26

// input is what was typed, beside what the form would have if nobody had changed it.
type input struct{ typed, was url.Values }

// changed returns what was typed into a field, tidied, and false where the field was not sent or has what it had.
func (in input) changed(field string) (string, bool) {
	if !in.typed.Has(field) {
		return "", false
	}
	typed := tidy(in.typed.Get(field))
	return typed, !in.was.Has(field) && typed != "" || in.was.Has(field) && typed != tidy(in.was.Get(field))
}

// tidy puts the line ends of browsers right.
func tidy(words string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(words, "\r\n", "\n"), "\r", "\n"))
}

func (in input) line(field string, to *string) {
	if typed, ok := in.changed(field); ok {
		*to = strings.Join(strings.Fields(typed), " ")
	}
}

func (in input) words(field string, to *[]string) {
	if typed, ok := in.changed(field); ok {
		*to = tags(strings.Fields(typed))
	}
}

// entry puts what was typed into a map, by its key; nothing typed takes the key out.
func (in input) entry(field, key string, to *map[string]string) {
	typed, ok := in.changed(field)
	if !ok {
		return
	}
	if *to == nil {
		*to = map[string]string{}
	}
	if (*to)[key] = typed; typed == "" {
		delete(*to, key)
	}
}

func (in input) when(c *edit.Change) {
	in.line("date", &c.Source.When.Date)
	in.line("clock", &c.Source.When.Clock)
	if len(c.Source.When.Clock) == len("09:00:00") { // some browsers write seconds
		c.Source.When.Clock = strings.TrimSuffix(c.Source.When.Clock, ":00")
	}
	if in.typed.Has("mode") {
		in.line("zone", &c.Source.When.Zone)
		switch {
		case in.typed.Get("mode") != Fixed:
			c.Source.When.Zone = ""
		case c.Source.When.Zone == "":
			c.Source.When.Zone = "?" // no zone has that name, which is said at its field
		}
	}
	if typed, ok := in.changed("window"); ok {
		n, err := strconv.Atoi(typed)
		if err != nil {
			n = -1
		}
		c.Window = time.Duration(n) * time.Minute
	}
}

// networks reads what is for single networks: hashtags, also none at all, and partners' addresses.
func (in input) networks(s *post.Source) {
	for field := range in.typed {
		typed, ok := in.changed(field)
		if network, mine := strings.CutPrefix(field, "tags-"); mine && (ok || !in.was.Has(field)) {
			if s.NetworkTags == nil {
				s.NetworkTags = map[string][]string{}
			}
			s.NetworkTags[network] = tags(strings.Fields(typed))
		}
		if network, mine := strings.CutPrefix(field, "mentions-"); mine && ok {
			if s.Mentions == nil {
				s.Mentions = map[string][]string{}
			}
			if s.Mentions[network] = strings.Fields(strings.ReplaceAll(typed, ",", " ")); len(s.Mentions[network]) == 0 {
				delete(s.Mentions, network)
			}
		}
	}
}

// parts reads the texts and pictures of each part.
func (r Reader) parts(in input, s *post.Source) {
	if n, err := strconv.Atoi(in.typed.Get("parts")); err == nil && n >= 1 && n <= mostParts {
		for len(s.Parts) < n {
			s.Parts = append(s.Parts, post.SourcePart{Texts: map[string]string{}})
		}
		s.Parts = s.Parts[:n]
		s.Variants = slices.DeleteFunc(s.Variants, func(v post.Variant) bool { return v.Part > n })
	}
	for field := range in.typed {
		rest, mine := strings.CutPrefix(field, "text-")
		no, language, ok := strings.Cut(rest, "-")
		n, err := strconv.Atoi(no)
		if mine && ok && err == nil && n >= 1 && n <= len(s.Parts) && language != "" {
			in.entry(field, language, &s.Parts[n-1].Texts)
		}
	}
	for i := range s.Parts {
		r.pictures(in, i, &s.Parts[i])
	}
}

// pictures reads which pictures a part shows and what is said of them. One that is new brings what other posts say of it.
func (r Reader) pictures(in input, i int, part *post.SourcePart) {
	if in.typed.Has("pictures") {
		var list []post.SourcePicture
		for _, p := range part.Pictures {
			if slices.Contains(in.typed[Picked(i+1)], p.SHA256) {
				list = append(list, p)
			}
		}
		for _, sum := range in.typed[Picked(i+1)] {
			here := func(p post.SourcePicture) bool { return p.SHA256 == sum }
			if at := slices.IndexFunc(r.Pictures, here); at >= 0 && !slices.ContainsFunc(list, here) {
				fresh := clone(post.Source{Parts: []post.SourcePart{{Pictures: r.Pictures[at : at+1]}}}).Parts[0].Pictures[0]
				fresh.NoAlt = ""
				list = append(list, fresh)
			}
		}
		part.Pictures = list
	}
	for j := range part.Pictures {
		p := &part.Pictures[j]
		field := NoAlt(i+1, p.SHA256)
		in.line(field, &p.NoAlt)
		begin := Alt(i+1, p.SHA256, "")
		for field := range in.typed {
			if language, mine := strings.CutPrefix(field, begin); mine {
				in.entry(field, language, &p.Alt)
			}
		}
	}
}

// own reads the words for single networks. Where there are none, the language's words go there, too.
func (in input) own(s *post.Source) {
	var fresh []post.Variant
	for field := range in.typed {
		part, language, network, ok := ownOf(field)
		typed, changed := in.changed(field)
		if !ok || !changed || part > len(s.Parts) {
			continue
		}
		at := slices.IndexFunc(s.Variants, func(v post.Variant) bool { return v.Part == part && v.Language == language && v.Network == network })
		switch {
		case at >= 0 && typed == "":
			s.Variants = slices.Delete(s.Variants, at, at+1)
		case at >= 0:
			s.Variants[at].Text = typed
		case typed != "":
			fresh = append(fresh, post.Variant{Part: part, Language: language, Network: network, Text: typed})
		}
	}
	slices.SortFunc(fresh, func(a, b post.Variant) int {
		return strings.Compare(Own(a.Part, a.Language, a.Network), Own(b.Part, b.Language, b.Network))
	})
	s.Variants = append(s.Variants, fresh...)
}

// ownOf reads the name of a field of words for one network.
func ownOf(field string) (part int, language, network string, ok bool) {
	rest, mine := strings.CutPrefix(field, "own-")
	no, rest, cut := strings.Cut(rest, "-")
	at := strings.LastIndex(rest, "-")
	part, err := strconv.Atoi(no)
	if !mine || !cut || at < 1 || err != nil || part < 1 {
		return 0, "", "", false
	}
	return part, rest[:at], rest[at+1:], rest[at+1:] != ""
}
