package fields

import (
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/post"
	"daymark/internal/flow/draft/edit"
)

// Apply does what a button of the form asks besides saving: parts of a thread added, taken out or moved; words for one network; a value,
// a hashtag or a partner put in. It returns the field to go on in, and false for a button that it does not know.
//
// A button's value is what it does and what it does it to, parted by colons. Into names the field that a value is put into; tag is
// what somebody typed to make a hashtag of.
func Apply(do, into, tag string, c *edit.Change) (focus string, ok bool) {
	what, rest, _ := strings.Cut(do, ":")
	s := &c.Source
	switch what {
	case "part":
		s.Parts = append(s.Parts, post.SourcePart{Texts: map[string]string{}})
		return Text(len(s.Parts), first(c)), true
	case "drop", "up", "down":
		return part(what, rest, c)
	case "own", "disown":
		return own(what == "own", strings.Split(rest, ":"), s)
	case "tags":
		if s.NetworkTags == nil {
			s.NetworkTags = map[string][]string{}
		}
		s.NetworkTags[rest] = slices.Clone(s.Hashtags)
		return "tags-" + rest, true
	case "untags":
		delete(s.NetworkTags, rest)
		return "hashtags", true
	case "insert":
		return insert(rest, into, c)
	case "tag":
		return addTag(rest, into, s)
	case "camel":
		return addTag(Camel(tag), into, s)
	case "mention":
		network, address, _ := strings.Cut(rest, ":")
		if s.Mentions == nil {
			s.Mentions = map[string][]string{}
		}
		if address != "" && !slices.Contains(s.Mentions[network], address) {
			s.Mentions[network] = append(slices.Clone(s.Mentions[network]), address)
		}
		return "mentions-" + network, true
	}
	return "", false
}

// first returns the first language that a change has words in.
func first(c *edit.Change) string {
	languages := edit.Languages(c.Source)
	if len(languages) == 0 || slices.Contains(languages, "en") {
		return "en"
	}
	return languages[0]
}

// part takes a part out, or lets it change places with the one before or behind it; its words for single networks go with it.
func part(what, rest string, c *edit.Change) (string, bool) {
	s := &c.Source
	n, err := strconv.Atoi(rest)
	if err != nil || n < 1 || n > len(s.Parts) {
		return "", false
	}
	if what == "drop" {
		if len(s.Parts) == 1 {
			return "", false
		}
		s.Parts = slices.Delete(s.Parts, n-1, n)
		s.Variants = slices.DeleteFunc(s.Variants, func(v post.Variant) bool { return v.Part == n })
		for i := range s.Variants {
			if s.Variants[i].Part > n {
				s.Variants[i].Part--
			}
		}
		return Text(max(1, n-1), first(c)), true
	}
	other := n - 1
	if what == "down" {
		other = n + 1
	}
	if other < 1 || other > len(s.Parts) {
		return "", false
	}
	s.Parts[n-1], s.Parts[other-1] = s.Parts[other-1], s.Parts[n-1]
	for i := range s.Variants {
		switch s.Variants[i].Part {
		case n:
			s.Variants[i].Part = other
		case other:
			s.Variants[i].Part = n
		}
	}
	return Text(other, first(c)), true
}

// own begins words for one network with those of the language, or lets the network have those again.
func own(begin bool, which []string, s *post.Source) (string, bool) {
	if len(which) != 3 {
		return "", false
	}
	n, err := strconv.Atoi(which[0])
	if err != nil || n < 1 || n > len(s.Parts) {
		return "", false
	}
	language, network := which[1], which[2]
	here := func(v post.Variant) bool { return v.Part == n && v.Language == language && v.Network == network }
	if !begin {
		s.Variants = slices.DeleteFunc(s.Variants, here)
		return Text(n, language), true
	}
	if words := s.Parts[n-1].Texts[language]; words != "" && !slices.ContainsFunc(s.Variants, here) {
		s.Variants = append(s.Variants, post.Variant{Part: n, Language: language, Network: network, Text: words})
	}
	return Own(n, language, network), true
}

// insert puts a value behind the words of a field.
func insert(token, into string, c *edit.Change) (string, bool) {
	s := &c.Source
	if !strings.HasPrefix(token, "{{") || !strings.HasSuffix(token, "}}") {
		return "", false
	}
	behind := func(words string) string { return strings.TrimSpace(words + " " + token) }
	if n, language, network, ok := ownOf(into); ok {
		for i, v := range s.Variants {
			if v.Part == n && v.Language == language && v.Network == network {
				s.Variants[i].Text = behind(v.Text)
				return into, true
			}
		}
	}
	no, language, ok := strings.Cut(strings.TrimPrefix(into, "text-"), "-")
	n, err := strconv.Atoi(no)
	if !ok || err != nil || n < 1 || language == "" {
		n, language = 1, first(c)
	}
	if n > len(s.Parts) {
		return "", false
	}
	if s.Parts[n-1].Texts == nil {
		s.Parts[n-1].Texts = map[string]string{}
	}
	s.Parts[n-1].Texts[language] = behind(s.Parts[n-1].Texts[language])
	return Text(n, language), true
}

// addTag adds a hashtag for all networks, or for the one whose field is named.
func addTag(tag, into string, s *post.Source) (string, bool) {
	if tag == "" {
		return "hashtags", true
	}
	if network, mine := strings.CutPrefix(into, "tags-"); mine {
		if _, there := s.NetworkTags[network]; there {
			if !slices.Contains(s.NetworkTags[network], tag) {
				s.NetworkTags[network] = append(slices.Clone(s.NetworkTags[network]), tag)
			}
			return into, true
		}
	}
	if !slices.Contains(s.Hashtags, tag) {
		s.Hashtags = append(slices.Clone(s.Hashtags), tag)
	}
	return "hashtags", true
}
