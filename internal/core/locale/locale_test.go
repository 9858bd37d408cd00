package locale_test

import (
	"testing"

	"daymark/internal/core/locale"
)

func TestALanguageHasANameAndADirection(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ code, name, dir string }{
		{"en", "English", "ltr"},
		{"fr", "French", "ltr"},
		{"es", "Spanish", "ltr"},
		{"ar", "Arabic", "rtl"},
		{"ar-EG", "Arabic", "rtl"},
		{"EN", "English", "ltr"},
		{"en-GB", "English", "ltr"},
		{"he", "he", "rtl"},
		{"pt-BR", "pt-BR", "ltr"},
		{"are", "are", "ltr"},
		{"", "", "ltr"},
	} {
		if name, dir := locale.Name(tt.code), locale.Dir(tt.code); name != tt.name || dir != tt.dir {
			t.Errorf("%q is %q, %s; want %q, %s", tt.code, name, dir, tt.name, tt.dir)
		}
	}
}

func TestALanguageHasItsOwnTextOrThatWithoutItsRegion(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"en": "colour", "en-US": "color", "pt": "cor"}
	for code, want := range map[string]string{"en": "colour", "en-US": "color", "en-GB": "colour", "pt-BR": "cor", "fr": "", "": ""} {
		if got, ok := locale.In(texts, code); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t; want %q", code, got, ok, want)
		}
	}
}
