package conflict_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daymark/internal/core/civil"
	"daymark/internal/flow/plan/conflict"
	"daymark/internal/org/channel"
)

var nine = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

func item(change func(*conflict.Item)) conflict.Item {
	it := conflict.Item{
		Message: "a", Channel: 1, Name: "London", Platform: "mastodon", Language: "en", Texts: []string{"Remember"}, Home: "Europe/London",
		DueAt: nine, NotAfter: nine.Add(time.Hour),
	}
	if change != nil {
		change(&it)
	}
	return it
}

func circumstances() conflict.Circumstances {
	return conflict.Circumstances{
		Now: nine.AddDate(0, -1, 0), Year: 2027, Theme: "Leave no one behind",
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
		"the same text on Mastodon":          {[]conflict.Item{item(nil), later("b", 30)}, nil, nil},
		"a theme nobody knows":               {[]conflict.Item{says("en", "This year: {{theme}}")}, func(c *conflict.Circumstances) { c.Theme = "" }, []string{"0 theme warning"}},
		"a theme somebody knows":             {[]conflict.Item{says("en", "This year: {{theme}}")}, nil, nil},
		"words are for the rules of content": {[]conflict.Item{says("en", "END ORGANISED exploitation! This Saturday: 23% of girls")}, nil, nil},
		"a later part of a thread": {[]conflict.Item{item(func(it *conflict.Item) { it.Texts = []string{"One", "{{theme}}"} })}, func(c *conflict.Circumstances) { c.Theme = "" }, []string{
			"0 theme warning",
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
