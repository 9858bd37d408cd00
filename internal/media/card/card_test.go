package card

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"daymark/internal/core/fault"
	"daymark/internal/media/card/lettering"
	"daymark/internal/media/card/words"
)

// fonts are read once for all tests, as a daemon would.
var fonts = lettering.NewFonts(nil)

func composed(t *testing.T, c Card) *page {
	t.Helper()
	p, err := compose(c, fonts)
	if err != nil {
		t.Fatalf("%s in %s as %s: %v", c.Template, c.Language, c.Format, err)
	}
	return p
}

// contrast is the ratio of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
func contrast(a, b color.RGBA) float64 {
	luminance := func(c color.RGBA) float64 {
		linear := func(v uint8) float64 {
			if s := float64(v) / 255; s > 0.04045 {
				return math.Pow((s+0.055)/1.055, 2.4)
			}
			return float64(v) / 255 / 12.92
		}
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestLettersStandOutInEveryPalette looks at the pixels: those that a letter fills, against what is there without the letters.
func TestLettersStandOutInEveryPalette(t *testing.T) {
	t.Parallel()
	palettes, err := Palettes()
	if err != nil {
		t.Fatal(err)
	}
	for _, palette := range palettes {
		for _, template := range []string{"fact", "quote", "countdown"} {
			c := sample(template, "ar", "16:9")
			c.Palette = palette.Name
			p := composed(t, c)
			with := p.draw()
			bare := *p
			bare.lines = nil
			without := bare.draw()
			for _, l := range p.lines {
				ink, filled := l.line.Ink(), 0
				for y := int(l.y - ink.Top*l.size); y < int(l.y-ink.Bottom*l.size); y++ {
					for x := int(l.x + ink.Left*l.size); x < int(l.x+ink.Right*l.size); x++ {
						if with.RGBAAt(x, y) != color.RGBA(l.colour) || without.RGBAAt(x, y) == with.RGBAAt(x, y) {
							continue
						}
						filled++
						if ratio := contrast(with.RGBAAt(x, y), without.RGBAAt(x, y)); ratio < 4.5 {
							t.Fatalf("palette %s, %s: %.2f:1 at %d, %d", palette.Name, template, ratio, x, y)
						}
					}
				}
				if filled == 0 {
					t.Errorf("palette %s, %s: a line fills no pixel", palette.Name, template)
				}
			}
		}
		for name, mark := range map[string]Colour{"accent": palette.Accent, "heart": palette.Heart} {
			for _, behind := range []Colour{palette.Ground, palette.Tone} {
				if ratio := contrast(color.RGBA(mark), color.RGBA(behind)); ratio < 3 {
					t.Errorf("palette %s: the %s is %.2f:1", palette.Name, name, ratio)
				}
			}
		}
		if h := palette.Heart; h.B <= h.R || h.B <= h.G {
			t.Errorf("palette %s: the heart is not blue, and the alternative text says it is", palette.Name)
		}
	}
}

// TestNothingIsWrittenOutsideTheSafeArea looks at the pixels around it: they are the ground, the large heart, or between the two.
func TestNothingIsWrittenOutsideTheSafeArea(t *testing.T) {
	t.Parallel()
	for _, name := range allFormats {
		for _, tag := range []string{"fr", "ar"} {
			for _, template := range []string{"definition", "helpline"} {
				p := composed(t, sample(template, tag, name))
				img, s := p.draw(), p.format.Safe
				safe := image.Rect(int(s[3])-1, int(s[0])-1, p.format.Width-int(s[1])+1, p.format.Height-int(s[2])+1)
				a, b := p.palette.Ground, p.palette.Tone
				between := func(v, x, y uint8) bool { return v+1 >= min(x, y) && v <= max(x, y)+1 }
				for y := range p.format.Height {
					for x := range p.format.Width {
						c := img.RGBAAt(x, y)
						if !image.Pt(x, y).In(safe) && !(between(c.R, a.R, b.R) && between(c.G, a.G, b.G) && between(c.B, a.B, b.B)) {
							t.Fatalf("%s in %s as %s: there is %v at %d, %d", template, tag, name, c, x, y)
						}
					}
				}
			}
		}
	}
}

func TestLinesDoNotOverlap(t *testing.T) {
	t.Parallel()
	for _, tag := range fourLanguages {
		for _, template := range allTemplates {
			p := composed(t, sample(template, tag, "4:5"))
			var boxes []image.Rectangle
			for _, l := range p.lines {
				if l.colour == p.palette.Ground { // the number in a disc
					continue
				}
				ink := l.line.Ink()
				box := image.Rect(int(l.x+ink.Left*l.size), int(l.y-ink.Top*l.size)+1, int(l.x+ink.Right*l.size), int(l.y-ink.Bottom*l.size)-1)
				for _, other := range boxes {
					if box.Overlaps(other) {
						t.Errorf("%s in %s: the lines at %v and %v", template, tag, other, box)
					}
				}
				boxes = append(boxes, box)
			}
		}
	}
}

func TestTheSameCardHasTheSameBytes(t *testing.T) {
	t.Parallel()
	c := sample("definition", "ar", "1:1")
	first, err := Draw(c, fonts)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Draw(c, lettering.NewFonts(nil))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("two drawings differ")
	}
}

// TestWhatDoesNotFitSaysHowMuchToCut cuts as much as is said, and then it fits.
func TestWhatDoesNotFitSaysHowMuchToCut(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"1:1", "header"} {
		for tag, word := range map[string]string{"en": "kindness ", "ar": "مساعدة "} {
			c := sample("quote", tag, name)
			c.Text = strings.Repeat(word, 200)
			_, err := Draw(c, fonts)
			said := regexp.MustCompile(`cut at least (\d+) of its (\d+) characters`).FindStringSubmatch(fault.Say(err))
			if fault.KindOf(err) != fault.Invalid || said == nil {
				t.Fatalf("%s in %s: %v", name, tag, err)
			}
			cut, _ := strconv.Atoi(said[1])
			runes := []rune(c.Text)
			if cut < 1 || cut >= len(runes) {
				t.Fatalf("%s in %s: %v", name, tag, err)
			}
			c.Text = string(runes[:len(runes)-cut])
			if _, err := compose(c, fonts); err != nil {
				t.Errorf("%s in %s, cut: %v", name, tag, err)
			}
		}
	}
}

func TestBadInputIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Card)
		want   string
	}{
		"a quote of 10,000 characters":   {func(c *Card) { c.Text = strings.Repeat("a word or ", 1000) }, "9999 characters"},
		"a word wider than the picture":  {func(c *Card) { c.Text = strings.Repeat("w", 300) }, "cut at least"},
		"a sign that turns directions":   {func(c *Card) { c.By = "a\u202Egnp.exe" }, "U+202E"},
		"a quote without consent":        {func(c *Card) { c.Consented = false }, "agreed"},
		"a quote of nobody":              {func(c *Card) { c.By = " " }, "needs this"},
		"a template that there is not":   {func(c *Card) { c.Template = "poster" }, "one of date, fact"},
		"a format that there is not":     {func(c *Card) { c.Format = "2:1" }, "one of 1:1"},
		"a palette that there is not":    {func(c *Card) { c.Palette = "pink" }, "one of deep"},
		"a language that there is not":   {func(c *Card) { c.Language = "tlh" }, "cards speak"},
		"letters that have no font here": {func(c *Card) { c.Text = "你好" }, "fonts-noto-cjk"},
		"a series beyond its end":        {func(c *Card) { c.Number, c.Of = 13, 12 }, "13 of 12"},
		"six steps":                      {func(c *Card) { *c = sample("steps", "en", "1:1"); c.Items = make([]Item, 6) }, "at most 5"},
	} {
		card := sample("quote", "en", "1:1")
		c.change(&card)
		_, err := Draw(card, fonts)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Say(err), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTheAlternativeTextSaysWhatThePictureSays looks for every text of the card in it.
func TestTheAlternativeTextSaysWhatThePictureSays(t *testing.T) {
	t.Parallel()
	for _, tag := range words.Tags() {
		l, err := words.In(tag)
		if err != nil {
			t.Fatal(err)
		}
		for _, template := range allTemplates {
			if l.Kickers[template] == "" || l.Alt[template] == "" || len(l.Months) != 12 || l.Days["other"] == "" {
				t.Errorf("%s has no words for %s", tag, template)
			}
			if !slices.Contains(fourLanguages, tag) {
				continue
			}
			c := sample(template, tag, "1:1")
			alt, err := Alt(c)
			if err != nil {
				t.Fatal(err)
			}
			said := []string{c.Title, c.Text, c.Value, c.Source, c.By, c.Name, c.Phone, c.Hours, c.Org}
			for _, item := range c.Items {
				said = append(said, item.Label, strings.TrimRight(item.Text, ".,،"))
			}
			if template == "date" || template == "countdown" {
				said = append(said, "30", "2027")
			}
			for _, text := range said {
				if !strings.Contains(alt, text) {
					t.Errorf("%s in %s: %q is not in %q", template, tag, text, alt)
				}
			}
			if strings.ContainsAny(alt, "{}[]") || strings.Contains(alt, "..") {
				t.Errorf("%s in %s: %q", template, tag, alt)
			}
		}
	}
	got, err := Alt(sample("fact", "en", "1:1"))
	if want := "Card with a blue heart and a fact: 38% of detected victims are children. Source: UNODC, Global Report 2024. Harbour Light."; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestDaysTakeTheFormThatTheirNumberAsks(t *testing.T) {
	t.Parallel()
	ar, err := words.In("ar")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{1: "يوم متبقٍ", 2: "يومان متبقيان", 7: "أيام متبقية", 14: "يومًا متبقيًا", 100: "يوم متبقٍ"} {
		if got := ar.DaysToGo(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

// TestAMachineReadsTheCards has tesseract, a program that others wrote, read the letters back (Debian: tesseract-ocr).
func TestAMachineReadsTheCards(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"fact", "steps", "quote"} {
		c := sample(template, "en", "1:1")
		picture, err := Draw(c, fonts)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "tesseract", "stdin", "stdout", "-l", "eng", "--psm", "11")
		cmd.Stdin = bytes.NewReader(picture)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("tesseract, which scripts/setup --test installs: %v", err)
		}
		letters := func(s string) []string {
			return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		}
		text := c.Title + " " + c.Text + " " + c.By
		for _, item := range c.Items {
			text += " " + item.Text
		}
		read, missed := letters(string(out)), []string{}
		want := letters(text)
		for _, word := range want {
			if !slices.Contains(read, word) {
				missed = append(missed, word)
			}
		}
		if len(missed)*10 > len(want) { // one word in ten may be misread: tesseract takes "I" for "|"
			t.Errorf("%s: of %d words %d were not read: %v\n%s", template, len(want), len(missed), missed, out)
		}
	}
}

// FuzzText holds that any text is either drawn inside the safe area or refused in words for people.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a", quote.en, quote.ar, "a\u202Eb", strings.Repeat("w", 400), "38% من 08000 121 700", "e\u0301\u0301\u0301", "\u200B\u200D"} {
		f.Add(seed, uint8(len(seed)))
	}
	f.Fuzz(func(t *testing.T, text string, choice uint8) {
		c := sample("quote", fourLanguages[int(choice)%len(fourLanguages)], allFormats[int(choice)%len(allFormats)])
		c.Text = text
		p, err := compose(c, fonts)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || fault.Say(err) == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !p.inside() {
			t.Fatalf("%q is outside", text)
		}
	})
}

// BenchmarkArabicCard holds one card of 1080 by 1350 with Arabic text against its 150 milliseconds.
func BenchmarkArabicCard(b *testing.B) {
	c := sample("definition", "ar", "4:5")
	for b.Loop() {
		if _, err := Draw(c, fonts); err != nil {
			b.Fatal(err)
		}
	}
	judge(b, "a card of 1080 by 1350 in Arabic", b.Elapsed()/time.Duration(b.N), 150*time.Millisecond)
}

// Benchmark144Cards draws the cards of twelve posts in four languages and three formats on two cores, as the command does, which may take 15
// seconds.
func Benchmark144Cards(b *testing.B) {
	for b.Loop() {
		var group errgroup.Group
		group.SetLimit(2)
		for i := range 12 {
			for _, tag := range fourLanguages {
				for _, name := range allFormats[:3] {
					group.Go(func() error {
						_, err := Draw(sample(allTemplates[i%len(allTemplates)], tag, name), fonts)
						return err
					})
				}
			}
		}
		if err := group.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	judge(b, "144 cards on two cores", b.Elapsed()/time.Duration(b.N), 15*time.Second)
}

// judge says whether a figure meets its aim.
func judge(b *testing.B, what string, took, aim time.Duration) {
	b.Helper()
	verdict := "PASS"
	if took > aim {
		verdict = "FAIL"
	}
	fmt.Printf("%s: %d ms, aim %d ms: %s\n", what, took.Milliseconds(), aim.Milliseconds(), verdict)
}
