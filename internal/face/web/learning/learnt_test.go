package learning

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/reach"
)

func TestAFigureThatNobodyToldIsNotZeroAndASeriesIsAddedUp(t *testing.T) {
	t.Parallel()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	y := year{id: 1, name: "2027", lessons: map[string]compose.Lesson{"help": {Body: "Earlier.", Person: "Ed"}}, rows: []reach.Row{
		{Key: "help#1", Posts: 2, Counts: reach.Counts{Clicks: new(int64(3)), Replies: new(int64(0))}},
		{Key: "help#2", Posts: 1, Counts: reach.Counts{Clicks: new(int64(4))}},
		{Key: "helpless", Posts: 9, Counts: reach.Counts{Impressions: new(int64(100))}},
	}}
	got := y.of(words, "help", true)
	told := map[string]int64{}
	for _, f := range got.Figures {
		if f.Told {
			told[f.ID] = f.Value
		}
	}
	if got.Out != 3 || len(told) != 2 || told["clicks"] != 7 || told["replies"] != 0 || got.Lesson != "Earlier." || got.By != "Ed" {
		t.Errorf("%+v", got)
	}
	if none := y.of(words, "gone", false); none.Out != 0 || none.Lesson != "" {
		t.Errorf("%+v", none)
	}
}
