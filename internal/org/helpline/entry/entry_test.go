package entry_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/bidi"
	"pgregory.net/rapid"

	"daymark/internal/core/campaign"
	"daymark/internal/org/helpline/entry"
)

func TestNumbersThatPeopleDialAreTaken(t *testing.T) {
	t.Parallel()
	for _, n := range []string{
		"119", "116 000", "116000", "1547", "15508", "233733", "08000 121 700", "1-888-373-7888", "+31 33 448 11 86", "0 800 77777",
		"0800 186 76", "(02) 1343", "(0800) 555-1234", "+1 (202) 555-0123", "900 10 50 90", "020 7946 0123",
	} {
		if wrong := entry.Number(n); wrong != "" {
			t.Errorf("%s: %s", n, wrong)
		}
	}
	for _, n := range []string{
		"", "1", "12", "+", "+1", "+44 123", "+0 800 123 456", "0800 HOPE", "112/1098", "0800123456", "1234567", "020  7946 0123", " 119", "119 ",
		"-119", "119-", "1--19", "0800 123 4567 8901 234", "((02) 1343", "(02 1343", "02) 1343", "()", "1.888.373", "１１９", "٠٨٠٠", "119\n", "119\u00a0119",
		"44+ 20 7946", "#119", "*100",
	} {
		if entry.Number(n) == "" {
			t.Errorf("%q was taken", n)
		}
	}
}

func TestANumberIsTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"08000 121 700", "08000121700", true},
		{"08000 121 700", "08000-121-700", true},
		{"+31 33 448 11 86", "033 448 11 86", true},
		{"0918 366 968", "+421 918 366 968", true},
		{"(02) 1343", "02 1343", true},
		{"08000 121 700", "08000 121 701", false},
		{"08000 121 700", "121 700", false},
		{"+31 33 448 11 86", "448 11 86", false},
		{"+44 20 7946 0123", "+20 7946 0123", false},
		{"116 000", "116 111", false},
		{"116", "116 000", false},
		{"", "", false},
		{"000", "000", false},
	} {
		if entry.Same(tt.a, tt.b) != tt.want || entry.Same(tt.b, tt.a) != tt.want {
			t.Errorf("%q and %q: %t", tt.a, tt.b, !tt.want)
		}
	}
}

func TestNumbersAreFoundInWords(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]string{
		"UK: 08000 121 700":                        {"08000 121 700"},
		"US: 1-888-373-7888 or text 233733 (24/7)": {"1-888-373-7888", "233733"},
		"Missing child, Europe: 116 000.":          {"116 000"},
		"call (02) 1343":                           {"(02) 1343"},
		"call (116 000)":                           {"116 000"},
		"no number, 24/7, 7 days":                  nil,
	} {
		if got := entry.Numbers(s); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// seen returns a line in the order in which a reader sees it, left to right, when its direction is right to left.
func seen(t *testing.T, line string) string {
	t.Helper()
	var p bidi.Paragraph
	if _, err := p.SetString(line, bidi.DefaultDirection(bidi.RightToLeft)); err != nil {
		t.Fatal(err)
	}
	order, err := p.Order()
	if err != nil {
		t.Fatal(err)
	}
	// Runs are in the order of reading here, which is from the right.
	var out []string
	for i := range order.NumRuns() {
		run := order.Run(i)
		out = append(out, run.String())
	}
	return strings.Join(out, "|")
}

func TestInWordsFromRightToLeftANumberStaysWhole(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"اتصلوا برقم 08000 121 700", "1-888-373-7888 في أمريكا", "المملكة المتحدة: (02) 1343"} {
		number := entry.Unbroken(entry.Numbers(said)[0])
		if strings.ContainsAny(number, " -()") {
			t.Errorf("%q has signs that let its groups change places", number)
		}
		for _, run := range strings.Split(seen(t, entry.Unbroken(said)), "|") {
			if d := entry.Digits(run); d != "" && d != entry.Digits(number) {
				t.Errorf("a part of %q stands by itself: %q", number, run)
			}
		}
	}
	if entry.Unbroken("لا رقم هنا 24/7") != "لا رقم هنا 24/7" {
		t.Error("words without a number were changed")
	}
}

func TestUnbrokenKeepsEveryDigitInItsOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("0123456789 +-()aابe\u00a0.:"))).Draw(t, "s")
		if got := entry.Unbroken(s); entry.Digits(got) != entry.Digits(s) || entry.Unbroken(got) != got {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

func TestWhatIsCleanedOnceIsClean(t *testing.T) {
	t.Parallel()
	h := entry.Clean(campaign.Helpline{
		ID: " a ", Country: " GB ", Name: " Cafe\u0301 ", Phone: " 119 ", Languages: []string{"EN", "en", " fr-ca"}, For: "everyone", Purpose: "support",
		Short: map[string]string{"EN": " x ", "fr": " "}, CheckDays: 30,
	})
	if h.Name != "Caf\u00e9" || h.Phone != "119" || !slices.Equal(h.Languages, []string{"en", "fr-CA"}) || len(h.Short) != 1 || h.Short["en"] != "x" {
		t.Errorf("got %+v", h)
	}
	if p := entry.Problems(h); len(p) > 0 {
		t.Errorf("got %v", p)
	}
}
