package texts

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// same are the texts that are the same in English and another language, because they are names, signs or words that both have.
var same = map[string][]string{
	"all": {"audit.via.system", "channels.connect.bluesky", "channels.connect.x", "event.daymark"},
	"fr": {
		"audit.action", "country.CA", "country.FR", "country.KE", "country.NG", "country.PH", "country.UA", "door.organisation", "door.pause",
		"figure.impressions", "late.col.edition", "lib.fact.kind.service", "lib.fact.source", "lib.org.title", "lib.rules.sources", "lib.version",
		"lib.versions", "pause.title", "queue.page", "reach.col.message", "role.admin", "sign.code.label",
		"results.versions", "year.site", "versions.no", "search.page", "notices.page", "editor.history", "span.h", "span.min", "span.ms", "span.s",
	},
	"es": {
		"country.AR", "country.AU", "country.BG", "country.CO", "country.IN", "country.NG", "country.SN", "finding.error", "late.col.edition", "lib.no",
		"lib.rules.mark.error", "question.no", "span.h", "span.min", "span.ms", "span.s",
	},
}

// wordless reports whether a text is signs and arguments only.
func wordless(text string) bool {
	return !strings.ContainsFunc(verb.ReplaceAllString(text, ""), unicode.IsLetter)
}

func TestNoLanguageLacksAText(t *testing.T) {
	t.Parallel()
	words := all(t)
	english := words["en"]
	for _, code := range slices.Sorted(maps.Keys(words)) {
		w := words[code]
		for _, key := range slices.Sorted(maps.Keys(english.table)) {
			if _, there := w.table[key]; !there {
				t.Errorf("%s: %q is missing: %q", code, key, english.table[key])
			}
		}
	}
}

func TestEveryLanguageHasTheSameFiles(t *testing.T) {
	t.Parallel()
	names := func(code string) []string {
		var list []string
		entries, err := files.ReadDir(code)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() != Faults && e.Name() != Rules {
				list = append(list, path.Base(e.Name()))
			}
		}
		return list
	}
	want := strings.Join(names("en"), " ")
	for _, l := range Languages() {
		if got := strings.Join(names(l.Code), " "); got != want {
			t.Errorf("%s has the files %s, want %s", l.Code, got, want)
		}
	}
}

func TestNoTextIsAnUntranslatedCopy(t *testing.T) {
	t.Parallel()
	words := all(t)
	english := words["en"]
	for _, code := range []string{"fr", "es", "ar"} {
		for _, key := range slices.Sorted(maps.Keys(words[code].table)) {
			text := words[code].table[key]
			listed := slices.Contains(same[code], key) || slices.Contains(same["all"], key)
			if text == english.table[key] && !listed && !wordless(text) {
				t.Errorf("%s: %q is as in English: %q", code, key, text)
			}
		}
		for _, key := range same[code] {
			if text, there := words[code].table[key]; there && text != english.table[key] {
				t.Errorf("%s: %q is translated; take it off the list", code, key)
			}
		}
	}
}
