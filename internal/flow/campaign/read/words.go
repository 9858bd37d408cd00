package read

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/core/text"
	"daymark/internal/flow/campaign/source"
)

// inEveryLanguage reads a text for each language of the campaign; a value that is not there is no problem here.
func (r *File) inEveryLanguage(v source.Value, what string, limit int) map[string]string {
	if !v.Present() {
		return nil
	}
	texts := map[string]string{}
	for _, field := range v.Entries(what + " for each language") {
		if len(r.Campaign.Languages) > 0 && !slices.Contains(r.Campaign.Languages, field.Name) {
			field.Key.Fail("%q is not among the campaign's languages%s", field.Name, source.Suggest(field.Name, r.Campaign.Languages))
		}
		texts[field.Name] = r.readText(field.Value, field.Name, what, limit)
		if !field.Value.Present() {
			field.Key.Fail("%s is missing after the colon", what)
		}
	}
	for _, lang := range r.Campaign.Languages {
		if _, ok := texts[lang]; !ok && len(texts) > 0 {
			v.Fail("%s in %q is missing: the campaign speaks %s", what, lang, strings.Join(r.Campaign.Languages, ", "))
		}
	}
	return texts
}

// readText reads a text for people in a language, with tokens.
func (r *File) readText(v source.Value, language, what string, limit int) string {
	s := v.String()
	if s == "" {
		v.Fail("%s is empty", what)
	}
	for _, t := range text.Tokens(s) {
		if id, ok := t.Fact(); ok {
			r.Facts[id] = append(r.Facts[id], Cited{Value: v, Language: language})
			r.stated = append(r.stated, id)
			if id == "" {
				v.Fail("{{%s}} names no fact: write its id behind the colon, such as {{%s}}", t.Name, text.FactToken("F02"))
			}
		} else if !slices.Contains(campaign.Tokens, t.Name) {
			v.Fail("nothing is called {{%s}}%s", t.Name, source.Suggest(t.Name, campaign.Tokens))
		}
	}
	if text.StrayBraces(s) {
		v.Fail("double braces must hold a name, such as {{link}}")
	}
	if n := text.Graphemes(s); n > limit {
		v.Fail("%s of %d characters is too long; at most %d are read", what, n, limit)
	}
	return s
}

// readMedia reads pictures and remembers where they are named.
func (r *File) readMedia(v source.Value) []campaign.Media {
	var all []campaign.Media
	items := v.List("pictures")
	if len(items) > maxMedia {
		v.Fail("%d pictures; a post may have %d", len(items), maxMedia)
	}
	for _, item := range items {
		f := item.Map("!file", "!alt", "focus")
		m := campaign.Media{File: f["file"].String(), Alt: r.inEveryLanguage(f["alt"], "an alt text", maxAlt)}
		if m.File != "" && (!fs.ValidPath(m.File) || m.File == ".") {
			f["file"].Fail("%q is no path in the campaign's folder: write the name as it is there, with / between folders and without ..", m.File)
		} else if _, known := r.Files[m.File]; !known && m.File != "" {
			r.Files[m.File] = f["file"]
		}
		if s := f["focus"].String(); s != "" {
			x, y, found := strings.Cut(s, ",")
			fx, errX := strconv.ParseFloat(strings.TrimSpace(x), 64)
			fy, errY := strconv.ParseFloat(strings.TrimSpace(y), 64)
			if !found || errX != nil || errY != nil || !(fx >= -1 && fx <= 1 && fy >= -1 && fy <= 1) {
				f["focus"].Fail(`%q is no focus: write two numbers from -1 to 1, right and up, such as "0, 0.5"`, s)
			} else {
				m.Focus = &campaign.Focus{X: fx, Y: fy}
			}
		}
		all = append(all, m)
	}
	return all
}

func readHashtags(v source.Value) []string {
	items := v.List("hashtags")
	if len(items) > maxTags {
		v.Fail("%d hashtags; at most %d are read", len(items), maxTags)
		return nil
	}
	var all []string
	for _, item := range items {
		tag := item.String()
		if !item.Present() {
			item.Fail(`is empty: a hashtag must be in quotation marks, such as "#EndHumanTrafficking", because # begins a comment`)
			continue
		}
		if err := text.ValidHashtag(tag); err != nil {
			item.Fail("%v", err)
			continue
		}
		tag = "#" + strings.TrimPrefix(tag, "#")
		if slices.ContainsFunc(all, func(have string) bool { return strings.EqualFold(have, tag) }) {
			item.Fail("the hashtag %s is in the list already", tag)
			continue
		}
		all = append(all, tag)
	}
	return all
}

// mergeTags returns both lists after each other, each hashtag once whatever its capitals.
func mergeTags(a, b []string) []string {
	merged := make([]string, 0, len(a)+len(b))
	for _, tag := range slices.Concat(a, b) {
		if !slices.ContainsFunc(merged, func(have string) bool { return strings.EqualFold(have, tag) }) {
			merged = append(merged, tag)
		}
	}
	return merged
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)
	wordForm = regexp.MustCompile(`^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_-]{0,63})$`)
)

func readID(v source.Value) string {
	s := v.String()
	if v.Present() && !idForm.MatchString(s) {
		v.Fail("%q is no id: write small letters, digits and hyphens, such as july-30", s)
		return ""
	}
	return s
}

func readWords(v source.Value, what, form string) []string {
	all := v.Strings(what)
	for _, item := range v.List(what) {
		if s := item.String(); s != "" && !wordForm.MatchString(s) {
			item.Fail("%q is not one of %s: write %s", s, what, form)
		}
	}
	return all
}

// readNames reads a list of known words, each once.
func readNames(v source.Value, what string, known []string) []string {
	var all []string
	for _, item := range v.List(what) {
		name := item.OneOf(known...)
		if name != "" && slices.Contains(all, name) {
			item.Fail("%q is in the list already", name)
		} else if name != "" {
			all = append(all, name)
		}
	}
	if v.Present() && len(all) == 0 {
		v.Fail("names none of the %s: take the field out to mean all", what)
	}
	return all
}

// readNetworks reads a list for each of some networks.
func readNetworks(v source.Value, list func(source.Value) []string) map[string][]string {
	var all map[string][]string
	for _, field := range v.Entries("a list for each network") {
		if !slices.Contains(campaign.Networks, field.Name) {
			field.Key.Fail("%q is no network%s", field.Name, source.Suggest(field.Name, campaign.Networks))
			continue
		}
		if !field.Value.Present() {
			field.Key.Fail("a list is missing after the colon; [] is none")
		}
		if all == nil {
			all = map[string][]string{}
		}
		all[field.Name] = append([]string{}, list(field.Value)...)
	}
	return all
}

// over returns what holds for all posts with what a post says itself in its place, network by network.
func over(all, own map[string][]string) map[string][]string {
	if len(all) == 0 {
		return own
	}
	merged := maps.Clone(all)
	maps.Copy(merged, own)
	return merged
}

var handleForm = regexp.MustCompile(`^@[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?(?:@(?:[\p{L}\p{N}-]+\.)+\p{L}{2,})?$`)

// readMentions reads the handles of partners.
func readMentions(v source.Value) []string {
	all := v.Strings("handles")
	if len(all) > maxMentions {
		v.Fail("%d handles; at most %d are read", len(all), maxMentions)
	}
	for _, item := range v.List("handles") {
		if s := item.String(); s != "" && (!handleForm.MatchString(s) || len(s) > 256) {
			item.Fail("%q is no handle: write it as the network does, with @ in front and in quotation marks", s)
		}
	}
	return all
}
