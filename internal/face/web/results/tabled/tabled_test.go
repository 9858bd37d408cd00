package tabled_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/compare"
)

func TestAFigureThatNobodyTellsHasNoNumberAndARateItsDenominator(t *testing.T) {
	t.Parallel()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	s := compare.Sums{
		Counts: reach.Counts{Favourites: new(int64(1200)), Impressions: new(int64(40_000)), Engagements: new(int64(1200))},
		Posts:  4, Asked: 4, Engaged: 4, Shown: new(int64(900)),
	}
	got := map[string]string{}
	for _, f := range tabled.Glance(words, s) {
		if f.What == "" || f.Word == "" {
			t.Errorf("%s says not what it is", f.ID)
		}
		if f.Told {
			got[f.ID] = f.Said + " " + f.Beneath
		}
	}
	want := map[string]string{
		"engagements": "1,200 ", "favourites": "1,200 ", "impressions": "40,000 ", "each": "300 over 4 posts", "rate": "2.3% of 40,000 impressions",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestABreakdownSaysWhereItIsMadeOfTooFewPosts(t *testing.T) {
	t.Parallel()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	lines := []tabled.Line{
		{Label: "many", Sums: compare.Sums{Counts: reach.Counts{Favourites: new(int64(30)), Engagements: new(int64(30))}, Posts: 3, Asked: 3, Engaged: 3}},
		{Label: "few", Sums: compare.Sums{Counts: reach.Counts{Favourites: new(int64(15)), Engagements: new(int64(15))}, Posts: 1, Asked: 1, Engaged: 1}},
		{Label: "none", Sums: compare.Sums{Posts: 1}},
	}
	var total compare.Sums
	for _, l := range lines {
		total.Add(l.Sums)
	}
	b := tabled.Breakdown(words, "message", lines, total)
	var got [][2]any
	for _, r := range b.Rows {
		got = append(got, [2]any{r.Bar, r.Few != ""})
	}
	if diff := cmp.Diff([][2]any{{100, false}, {50, true}, {0, false}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(b.Heads); n != 5 || len(b.Rows[0].Cells) != n { // no column of impressions, which nobody tells
		t.Errorf("%d headings, %d cells: %v", n, len(b.Rows[0].Cells), b.Heads)
	}
}
