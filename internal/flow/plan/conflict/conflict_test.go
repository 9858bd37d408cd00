package conflict_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/flow/plan/conflict"
	"daymark/internal/org/channel"
)

var (
	day  = civil.Date{Year: 2027, Month: time.July, Day: 30} // a Friday
	nine = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)
)

func item(change func(*conflict.Item)) conflict.Item {
	it := conflict.Item{
		Message: "a", Channel: 1, Name: "London", Platform: "mastodon", Language: "en", Texts: []string{"Remember"}, Home: "Europe/London",
		Date: day, DueAt: nine, NotAfter: nine.Add(time.Hour),
	}
	if change != nil {
		change(&it)
	}
	return it
}

func circumstances() conflict.Circumstances {
	return conflict.Circumstances{
		Now: nine.AddDate(0, -1, 0), Days: civil.OneDay(day), Year: 2027, Theme: "Leave no one behind",
		Observance: observance.Observance{Themes: []observance.Theme{{Year: 2025, Text: "End organised exploitation"}, {Year: 2027, Text: "Leave no one behind"}}},
		Facts: map[string]campaign.Fact{
			"good": {ID: "good", Status: campaign.Current, ReviewBy: day}, "due": {ID: "due", Status: campaign.Current, ReviewBy: day.AddDays(-1)},
			"old": {ID: "old", Status: campaign.Superseded, SupersededBy: "good", ReviewBy: day}, "bad": {ID: "bad", Status: campaign.DoNotUse, ReviewBy: day},
		},
		Habits: map[int64]channel.Habits{1: channel.Usual(), 2: {}}, NoRepeats: map[string]bool{"x": true},
	}
}

func TestEachConflictIsFoundAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		items  []conflict.Item
		change func(*conflict.Circumstances)
		want   []string // index, kind, level
	}{
		"nothing":                   {[]conflict.Item{item(nil)}, nil, nil},
		"no items":                  {nil, nil, nil},
		"past":                      {[]conflict.Item{item(nil)}, func(c *conflict.Circumstances) { c.Now = nine }, []string{"0 past error"}},
		"the past does not matter":  {[]conflict.Item{item(nil)}, func(c *conflict.Circumstances) { c.Now = time.Time{} }, nil},
		"a window that is closed":   {[]conflict.Item{item(func(it *conflict.Item) { it.NotAfter = nine })}, nil, []string{"0 window error"}},
		"fourteen minutes apart":    {[]conflict.Item{item(nil), later("b", 14)}, nil, []string{"1 spacing warning"}},
		"fifteen minutes apart":     {[]conflict.Item{item(nil), later("b", 15)}, nil, nil},
		"in the other order":        {[]conflict.Item{later("b", 14), item(nil)}, nil, []string{"0 spacing warning"}},
		"one post in two languages": {[]conflict.Item{item(nil), item(func(it *conflict.Item) { it.Language = "fr" })}, nil, nil},
		"two languages and another post": {[]conflict.Item{item(nil), item(func(it *conflict.Item) { it.Language = "fr" }), later("b", 5)}, nil, []string{
			"2 spacing warning",
		}},
		"on another channel": {[]conflict.Item{item(nil), item(func(it *conflict.Item) { it.Message, it.Channel = "b", 2 })}, nil, nil},
		"a channel without spacing": {[]conflict.Item{
			item(func(it *conflict.Item) { it.Channel = 2 }), item(func(it *conflict.Item) { it.Message, it.Channel = "b", 2 }),
		}, nil, nil},
		"near a post of another edition": {[]conflict.Item{
			item(nil), item(func(it *conflict.Item) {
				it.Message, it.Post, it.Context, it.DueAt = "b", 9, true, nine.Add(time.Minute)
			}),
		}, nil, []string{"0 spacing warning"}},
		"two others near each other": {[]conflict.Item{
			item(func(it *conflict.Item) { it.Context = true }), item(func(it *conflict.Item) { it.Message, it.Context = "b", true }),
		}, nil, nil},
		"quiet hours": {[]conflict.Item{item(nil)}, func(c *conflict.Circumstances) {
			c.Habits[1] = channel.Habits{QuietFrom: civil.Clock{Hour: 10}, QuietTo: civil.Clock{Hour: 11}} // 09:00 UTC is 10:00 in London
		}, []string{"0 quiet warning"}},
		"the same text on a network that minds": {[]conflict.Item{
			item(func(it *conflict.Item) { it.Platform = "x" }),
			item(func(it *conflict.Item) { it.Message, it.Platform, it.DueAt = "b", "x", nine.Add(30*time.Minute) }),
		}, nil, []string{"1 same_text error"}},
		"the same text on Mastodon":    {[]conflict.Item{item(nil), later("b", 30)}, nil, nil},
		"a theme nobody knows":         {[]conflict.Item{says("en", "This year: {{theme}}")}, func(c *conflict.Circumstances) { c.Theme = "" }, []string{"0 theme warning"}},
		"a theme somebody knows":       {[]conflict.Item{says("en", "This year: {{theme}}")}, nil, nil},
		"the theme of another year":    {[]conflict.Item{says("en", "END ORGANISED exploitation!")}, nil, []string{"0 old_theme warning"}},
		"the theme of the year itself": {[]conflict.Item{says("en", "Leave no one behind")}, nil, nil},
		"a fact that holds":            {[]conflict.Item{states("good")}, nil, nil},
		"a fact to be reviewed":        {[]conflict.Item{states("due")}, nil, []string{"0 fact warning"}},
		"the day before its review": {[]conflict.Item{item(func(it *conflict.Item) {
			it.Facts, it.Date = []string{"due"}, day.AddDays(-1)
		})}, nil, nil},
		"a superseded fact":          {[]conflict.Item{states("old")}, nil, []string{"0 fact error"}},
		"a fact not to be used":      {[]conflict.Item{states("bad")}, nil, []string{"0 fact error"}},
		"several facts":              {[]conflict.Item{item(nil), states("good", "due", "bad")}, nil, []string{"1 fact warning", "1 fact error"}},
		"a fact nobody knows":        {[]conflict.Item{states("hearsay")}, nil, nil},
		"a fact of what is out":      {[]conflict.Item{item(func(it *conflict.Item) { it.Facts, it.Context = []string{"bad"}, true })}, nil, nil},
		"the right day":              {[]conflict.Item{says("en", "This Friday")}, nil, nil},
		"a wrong day":                {[]conflict.Item{says("en", "This Saturday")}, nil, []string{"0 weekday warning"}},
		"a wrong day in French":      {[]conflict.Item{says("fr", "Ce jeudi")}, nil, []string{"0 weekday warning"}},
		"a wrong day in Spanish":     {[]conflict.Item{says("es", "Este jueves")}, nil, []string{"0 weekday warning"}},
		"a wrong day in Arabic":      {[]conflict.Item{says("ar", "يوم الخميس")}, nil, []string{"0 weekday warning"}},
		"the day before, of the day": {[]conflict.Item{item(func(it *conflict.Item) { it.Date, it.Texts = day.AddDays(-1), []string{"Tomorrow, Friday"} })}, nil, nil},
		"the day before, of itself":  {[]conflict.Item{item(func(it *conflict.Item) { it.Date, it.Texts = day.AddDays(-1), []string{"On Thursday"} })}, nil, nil},
		"a week that has the day":    {[]conflict.Item{says("en", "On Saturday")}, func(c *conflict.Circumstances) { c.Days.End = day.AddDays(1) }, nil},
		"a later part of a thread": {[]conflict.Item{item(func(it *conflict.Item) { it.Texts = []string{"One", "See you on Monday"} })}, nil, []string{
			"0 weekday warning",
		}},
	} {
		c := circumstances()
		if tt.change != nil {
			tt.change(&c)
		}
		var got []string
		for _, f := range conflict.Find(tt.items, c) {
			got = append(got, fmt.Sprintf("%d %s %s", f.At, f.Kind, f.Level))
			if f.Say == "" || f.Say[len(f.Say)-1] != '.' {
				t.Errorf("%s: %q is no sentence", name, f.Say)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func later(message string, minutes int) conflict.Item {
	return item(func(it *conflict.Item) {
		it.Message, it.DueAt = message, nine.Add(time.Duration(minutes)*time.Minute)
		it.NotAfter = it.DueAt.Add(1)
	})
}

// states is an item that states facts. It is on a channel that minds no neighbours.
func states(facts ...string) conflict.Item {
	return item(func(it *conflict.Item) { it.Channel, it.Facts = 2, facts })
}

func says(language, words string) conflict.Item {
	return item(func(it *conflict.Item) { it.Language, it.Texts = language, []string{words} })
}

// The order of the items changes nothing but the order of the sentences.
func TestTheOrderOfTheItemsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var items []conflict.Item
		for i := range rapid.IntRange(0, 8).Draw(t, "items") {
			at := nine.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "minutes")) * time.Minute)
			items = append(items, item(func(it *conflict.Item) {
				it.Message, it.Channel, it.DueAt = fmt.Sprint(i), int64(rapid.IntRange(1, 2).Draw(t, "channel")), at
			}))
		}
		say := func(items []conflict.Item) (list []string) {
			for _, f := range conflict.Find(items, circumstances()) {
				list = append(list, items[f.At].Message+" "+f.Kind)
			}
			slices.Sort(list)
			return list
		}
		if diff := cmp.Diff(say(items), say(rapid.Permutation(items).Draw(t, "order"))); diff != "" {
			t.Fatal(diff)
		}
	})
}
