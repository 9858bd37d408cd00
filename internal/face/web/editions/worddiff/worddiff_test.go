package worddiff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWordsThatOnlyOneTextHasAreMarked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b        string
		left, right []Run
	}{
		"the same":       {"one two", "one two", []Run{{"one two", false}}, []Run{{"one two", false}}},
		"a word changed": {"one two three", "one 2 three", []Run{{"one ", false}, {"two", true}, {" three", false}}, []Run{{"one ", false}, {"2", true}, {" three", false}}},
		"a word more":    {"one", "one two", []Run{{"one", false}}, []Run{{"one", false}, {" two", true}}},
		"nothing before": {"", "one", nil, []Run{{"one", true}}},
		"both empty":     {"", "", nil, nil},
		"Arabic":         {"قلب أزرق", "قلب أحمر", []Run{{"قلب ", false}, {"أزرق", true}}, []Run{{"قلب ", false}, {"أحمر", true}}},
		"a new line":     {"one two", "one\ntwo", []Run{{"one", false}, {" ", true}, {"two", false}}, []Run{{"one", false}, {"\n", true}, {"two", false}}},
	} {
		left, right := Compare(c.a, c.b)
		if d := cmp.Diff([][]Run{c.left, c.right}, [][]Run{left, right}); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
}

func TestRunsMakeTheirTextAndWhatIsNotMarkedIsTheSameInBoth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab \nقé")), 0, 40, -1)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		left, right := Compare(a, b)
		if all(left, true) != a || all(right, true) != b {
			t.Fatalf("%q and %q came back as %q and %q", a, b, all(left, true), all(right, true))
		}
		if all(left, false) != all(right, false) {
			t.Fatalf("what is common differs: %q, %q", all(left, false), all(right, false))
		}
	})
}

func TestALongTextIsComparedWhole(t *testing.T) {
	t.Parallel()
	left, right := Compare(strings.Repeat("a ", maxWords), "b")
	if len(left) != 1 || len(right) != 1 || !left[0].Only || !right[0].Only {
		t.Errorf("%d and %d runs", len(left), len(right))
	}
}

func all(runs []Run, marked bool) string {
	var b strings.Builder
	for _, r := range runs {
		if marked || !r.Only {
			b.WriteString(r.Text)
		}
	}
	return b.String()
}
