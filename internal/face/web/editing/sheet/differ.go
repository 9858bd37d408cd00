package sheet

import (
	"net/url"
	"slices"
	"strings"

	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/page"
)

// Difference is a field that two versions of a post have differently.
type Difference struct {
	Label   string
	Lang    string
	Changes []written.Change // from the one to the other
}

// Differences lists what differs between two forms, field by field.
func Differences(words page.Words, a, b url.Values) []Difference {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if !a.Has(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var list []Difference
	for _, name := range names {
		x, y := strings.Join(a[name], " "), strings.Join(b[name], " ")
		if x == y || name == "mode" || name == "parts" || strings.HasPrefix(name, "pic-") {
			continue
		}
		one := Difference{Changes: written.Changes(x, y)}
		one.Label, one.Lang = labelled(words, name)
		list = append(list, one)
	}
	return list
}

// labelled returns what a field is called where no form shows it, and the language of what stands in it.
func labelled(words page.Words, name string) (label, lang string) {
	list := strings.Split(name, "-")
	label = words.T("versions.field." + list[0])
	switch {
	case list[0] == "text" && len(list) > 2:
		lang = strings.Join(list[2:], "-")
	case list[0] == "own" && len(list) > 3:
		lang = strings.Join(list[2:len(list)-1], "-")
		label = words.T("editor.own", words.Network(list[len(list)-1]), words.Tongue(lang))
		return label, lang
	case list[0] == "alt" && len(list) > 3:
		lang = strings.Join(list[3:], "-")
	case list[0] == "note" && len(list) > 1:
		lang = strings.Join(list[1:], "-")
	case len(list) > 1 && (list[0] == "tags" || list[0] == "mentions"):
		return words.T("versions.field.in", label, words.Network(list[1])), ""
	}
	if lang != "" {
		label = words.T("versions.field.in", label, words.Tongue(lang))
	}
	return label, lang
}
