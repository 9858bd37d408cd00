package paper_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"daymark/internal/media/card/lettering"
	"daymark/internal/media/paper"
	"daymark/internal/media/paper/papertest"
)

func document(t *testing.T, lang string, rtl bool) []byte {
	t.Helper()
	title, label, word := "What July 30 did", "Blue heart", "Favourites"
	if rtl {
		title, label, word = "ما الذي أنجزه يوم 30 يوليو", "القلب الأزرق", "الإعجابات"
	}
	p := paper.New(paper.Options{
		Title: title, Author: "Harbour Light", Language: lang, RTL: rtl, Made: time.Date(2027, 8, 2, 9, 0, 0, 0, time.UTC), Fonts: lettering.NewFonts(nil),
		Foot: func(page, of int) string { return fmt.Sprintf("%s · %d/%d", title, page, of) },
	})
	p.Title(title, "2027-07-30")
	p.Heading(label)
	p.Words(label+". 38% "+label+" 1,234 (Mastodon) "+label+".", "")
	p.Point(label, "")
	p.Figures([]paper.Figure{{Word: word, Value: "12,345"}, {Word: word, Value: "7", Note: label}})
	table := paper.Table{Columns: []string{label, word, word}, Bars: true}
	for i := range 60 {
		table.Rows = append(table.Rows, paper.Row{Label: fmt.Sprintf("%s %d", label, i), Cells: []string{fmt.Sprint(1000 + i), "–"}, Bar: float64(i) / 60})
	}
	p.Table(table)
	p.Small("नमस्ते 💙 \u202ex", "")
	p.Words("لاحقًا والإجابات ذُكرت معًا", "")
	data, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWhatIsSetCanBeReadAgain(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string][]string{
		"en": {"What July 30 did", "Blue heart. 38% Blue heart 1,234 (Mastodon) Blue heart.", "Favourites", "12,345", "1059", "Blue heart 59", "What July 30 did · 2/2", "नमस्ते", "💙"},
		"ar": {"ما الذي أنجزه يوم", "القلب الأزرق", "الإعجابات", "12,345", "38%", "1,234", "1059", "Mastodon", "لاحقًا والإجابات ذُكرت معًا"},
	} {
		data := document(t, lang, lang == "ar")
		text := papertest.Text(t, data)
		for _, w := range want {
			if !papertest.Has(text, w) {
				t.Errorf("%s lacks %q:\n%s", lang, w, text)
			}
		}
	}
}

func TestTheSameWordsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(document(t, "ar", true), document(t, "ar", true)) {
		t.Error("two documents differ")
	}
}

func TestFontsGoWithTheFile(t *testing.T) {
	t.Parallel()
	fonts := papertest.Fonts(t, document(t, "ar", true))
	if len(fonts) < 3 {
		t.Errorf("fonts: %v", fonts)
	}
	for _, f := range fonts {
		if !f.Embedded || !f.Subset || !f.Unicode {
			t.Errorf("%+v is not embedded as a part that can be copied from", f)
		}
	}
}
