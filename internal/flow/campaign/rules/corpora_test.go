package rules

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daymark/internal/core/lint"
	"daymark/internal/flow/campaign/source"

	"github.com/google/go-cmp/cmp"
)

// readingLevel is the rule that corpora name only where it is meant: a short text written for another rule is often a phrase.
const readingLevel = "A11Y-013"

// textCase is a text of a corpus, with all rules that must find something in it.
type textCase struct {
	at    source.Value
	posts []lint.Subject
	want  []string
}

// corpora reads every text of testdata.
func corpora(t testing.TB) []textCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpora: ", err)
	}
	known, err := knownFacts()
	if err != nil {
		t.Fatal(err)
	}
	var all []textCase
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, root := source.Parse(name, src)
		for _, item := range root.Map("!cases")["cases"].List("cases") {
			f := item.Map(append(slices.Clone(postFields), "!want")...)
			r := reader{facts: known}
			want := f["want"].Strings("rules")
			slices.Sort(want)
			all = append(all, textCase{at: item, posts: []lint.Subject{r.post(item, f, lint.InText)}, want: want})
		}
		if problems := file.Problems(); len(problems) > 0 {
			t.Fatal(source.Text(problems))
		}
	}
	return all
}

func TestTextsOfTheCorporaAreFoundAndCleanOnesLeft(t *testing.T) {
	t.Parallel()
	set, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	all := corpora(t)
	type tally struct{ right, missed, wrong int }
	score := map[string]*tally{}
	of := func(id string) *tally {
		if score[id] == nil {
			score[id] = &tally{}
		}
		return score[id]
	}
	clean, foreign := 0, 0
	for _, c := range all {
		if len(c.want) == 0 {
			clean++
		}
		if slices.Contains([]string{"fr", "es", "ar"}, c.posts[0].Language) {
			foreign++
		}
		got := found(set, c.posts)
		if !slices.Contains(c.want, readingLevel) {
			got = slices.DeleteFunc(got, func(id string) bool { return id == readingLevel })
		}
		for _, id := range c.want {
			if slices.Contains(got, id) {
				of(id).right++
			} else {
				of(id).missed++
			}
		}
		for _, id := range got {
			if !slices.Contains(c.want, id) {
				of(id).wrong++
			}
		}
		if diff := cmp.Diff(append([]string{}, c.want...), append([]string{}, got...)); diff != "" {
			t.Errorf("%v: want %v, got %v in %q", c.at.Problem("case"), c.want, got, c.posts[0].Parts[0].Text)
		}
	}
	if len(all) < 150 || clean*5 < len(all)*2 || foreign < 30 {
		t.Errorf("%d cases, %d of them clean and %d in French, Spanish or Arabic: too few", len(all), clean, foreign)
	}
	var table strings.Builder
	for _, id := range slices.Sorted(maps.Keys(score)) {
		s := score[id]
		recall, precision := share(s.right, s.right+s.missed), share(s.right, s.right+s.wrong)
		fmt.Fprintf(&table, "%-10s %3d found, %d missed, %d wrong: recall %.2f, precision %.2f\n", id, s.right, s.missed, s.wrong, recall, precision)
		if recall < 0.95 || precision < 0.95 {
			t.Errorf("%s: recall %.2f, precision %.2f; want 0.95 of each", id, recall, precision)
		}
	}
	t.Logf("%d cases, %d clean, %d in other languages\n%s", len(all), clean, foreign, table.String())
}

// share is the part that some are of all; of nothing it is all.
func share(some, all int) float64 {
	if all == 0 {
		return 1
	}
	return float64(some) / float64(all)
}
