package tabled_test

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/flow/book/link"

	"github.com/google/go-cmp/cmp"
)

func TestFollowsAreAddedUpForTheAccountsThatSomebodyMaySee(t *testing.T) {
	t.Parallel()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	clicks := []link.Clicks{
		{Message: "a", Channel: 1, Platform: "mastodon", Language: "en", Day: "2027-07-30", Clicks: 2},
		{Message: "a", Channel: 1, Platform: "mastodon", Language: "en", Day: "2027-07-31", Clicks: 1},
		{Message: "thank-you", Channel: 2, Platform: "x", Language: "fr", Day: "2027-07-31", Clicks: 1500},
	}
	for name, tt := range map[string]struct {
		accounts []int64
		want     tabled.Plain
	}{
		"all": {nil, tabled.Plain{Total: "1,503", Rows: []tabled.PlainRow{
			{"Message", "Thank you", "1,500"},
			{"Message", "The first", "3"},
			{"Network", "X", "1,500"},
			{"Network", "Mastodon", "3"},
			{"Language", "French", "1,500"},
			{"Language", "English", "3"},
		}}},
		"one":  {[]int64{1}, tabled.Plain{Total: "3", Rows: []tabled.PlainRow{{"Message", "The first", "3"}, {"Network", "Mastodon", "3"}, {"Language", "English", "3"}}}},
		"none": {[]int64{}, tabled.Plain{Total: "0"}},
	} {
		if diff := cmp.Diff(tt.want, tabled.Followed(words, clicks, tt.accounts, map[string]string{"a": "The first"})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
