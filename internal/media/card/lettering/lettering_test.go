package lettering

import (
	"math"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"daymark/internal/core/fault"

	"github.com/go-text/typesetting/font"
)

// one returns the single line of a text.
func one(t *testing.T, s *Setter, text string) Line {
	t.Helper()
	shaped, err := s.Shape(text, Regular)
	if err != nil {
		t.Fatal(err)
	}
	return shaped.Break(math.MaxInt32)[0]
}

// TestArabicLettersJoin compares the signs of a word with those of its letters alone: where they join they are others.
func TestArabicLettersJoin(t *testing.T) {
	t.Parallel()
	s := NewSetter(NewFonts(nil), "ar", true)
	alone := map[font.GID]bool{}
	for _, letter := range "قلب" {
		alone[one(t, s, string(letter)).Glyphs[0].ID] = true
	}
	joined := one(t, s, "قلب")
	for _, g := range joined.Glyphs {
		if alone[g.ID] {
			t.Errorf("the sign %d is the form of a letter alone", g.ID)
		}
	}
	if sum := one(t, s, "ق").Width + one(t, s, "ل").Width + one(t, s, "ب").Width; joined.Width >= sum {
		t.Errorf("the joined word is %.2f em wide, its letters alone %.2f", joined.Width, sum)
	}
	if lam := one(t, s, "لا"); len(lam.Glyphs) != 1 {
		t.Errorf("lam and alif are %d signs, want the one of both", len(lam.Glyphs))
	}
}

func TestNumbersKeepTheirOrderBetweenArabicWords(t *testing.T) {
	t.Parallel()
	s := NewSetter(NewFonts(nil), "ar", true)
	for _, number := range []string{"08000 121 700", "1-888-373-7888", "+44 1234/567", "38%", "365", "1,234", "12,345,678", "10:30"} {
		ids := func(l Line) (all []font.GID) {
			for _, g := range l.Glyphs {
				all = append(all, g.ID)
			}
			return all
		}
		want := ids(one(t, s, number))
		plain, err := s.shape("ا", Regular, true)
		if err != nil {
			t.Fatal(err)
		}
		alif := plain.Break(math.MaxInt32)[0].Glyphs[0].ID
		got := ids(one(t, s, "ا "+number+" ا"))
		if len(got) != len(want)+2 || got[0] != alif || got[len(got)-1] != alif {
			t.Fatalf("%s between words is %v", number, got)
		}
		for i := range want {
			if got[i+1] != want[i] {
				t.Errorf("%s between words is %v, alone %v", number, got[1:len(got)-1], want)
				break
			}
		}
		// The same from left to right: a digit drawn further left stands before.
		ltr, err := s.ShapeNumber(number, Regular)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(ltr.Break(math.MaxInt32)[0].Glyphs); n != len(want) {
			t.Errorf("%s has %d signs from left to right and %d in Arabic", number, n, len(want))
		}
	}
}

// TestThePercentSignStandsAtTheRight looks at the place of the sign itself, so that an order that is wrong everywhere is found.
func TestThePercentSignStandsAtTheRight(t *testing.T) {
	t.Parallel()
	s := NewSetter(NewFonts(nil), "ar", true)
	percent, three := one(t, s, "%").Glyphs[0].ID, one(t, s, "3").Glyphs[0].ID
	line := one(t, s, "38% من")
	at := map[font.GID]float64{}
	for _, g := range line.Glyphs {
		at[g.ID] = g.X
	}
	if at[percent] <= at[three] {
		t.Errorf("the percent sign is at %.2f, the first digit at %.2f", at[percent], at[three])
	}
}

func TestSignsThatTurnTheDirectionAreRefused(t *testing.T) {
	t.Parallel()
	s := NewSetter(NewFonts(nil), "en", false)
	for _, text := range []string{"safe \u202Eeman", "a\u202Ab", "a\u2066b", "a\u2069", "nul\x00", "\uFFFD"} {
		if _, err := s.Shape(text, Regular); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"a\u200Eb", "ب\u200Cب", "l’été — « ça »"} {
		if _, err := s.Shape(text, Regular); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestALetterWithoutAFontIsNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"नमस्ते": "fonts-noto-core", "สวัสดี": "fonts-noto-core", "你好": "fonts-noto-cjk", "love 💙": "U+1F499"} {
		for _, fonts := range []*Fonts{NewFonts(nil), NewFonts(fstest.MapFS{"truetype/noto/NotoSansThai-Regular.ttf": {Data: []byte("no font")}})} {
			_, err := NewSetter(fonts, "en", false).Shape(text, Regular)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Say(err), want) {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// TestFontsOfTheMachine sets Hindi and Thai with Debian's Noto fonts, which scripts/setup --test installs.
func TestFontsOfTheMachine(t *testing.T) {
	t.Parallel()
	fonts := NewFonts(os.DirFS("/usr/share/fonts"))
	for tag, text := range map[string]string{"hi": "नीला दिल, 30 जुलाई।", "th": "หัวใจสีน้ำเงิน"} {
		line := one(t, NewSetter(fonts, tag, false), text)
		for _, g := range line.Glyphs {
			if g.ID == 0 {
				t.Errorf("%s has a box", text)
			}
		}
	}
}

func TestLinesAreBalanced(t *testing.T) {
	t.Parallel()
	s := NewSetter(NewFonts(nil), "en", false)
	text, err := s.Shape("One sign proves nothing, several together matter much more than one", Regular)
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []float64{6, 9, 12, 18} {
		plain, balanced := text.Break(width), text.Balanced(width)
		if len(plain) != len(balanced) {
			t.Errorf("at %.0f em: %d lines became %d", width, len(plain), len(balanced))
		}
		if Widest(balanced) > width || Widest(balanced) > Widest(plain) {
			t.Errorf("at %.0f em: balanced lines are wider", width)
		}
	}
	before := text.Break(math.MaxInt32)[0].Width
	text.Break(3)
	if after := text.Break(math.MaxInt32)[0].Width; after != before {
		t.Errorf("breaking changed the text: %.3f became %.3f em", before, after)
	}
}

func TestStopsStayWithTheirWord(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"dix (41 %)", "quoi ?", "« oui »", "41\u00A0%"} {
		shaped, err := NewSetter(NewFonts(nil), "fr", false).Shape(text, Bold)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range shaped.Break(0) {
			if len(line.Glyphs) < 2 {
				t.Errorf("%q has a line of one sign", text)
			}
		}
	}
}
