package tabled

import (
	"cmp"
	"slices"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/link"
)

// Plain is a table of one figure.
type Plain struct {
	Total string
	Rows  []PlainRow
}

// PlainRow is a figure of a group, such as of all messages or all networks.
type PlainRow struct {
	Group, Label, Said string
}

// Followed is how often short links were followed: in all, by message, network and language, the most first. Only the accounts count that
// are given; nil is all. names are what messages are called.
func Followed(words page.Words, clicks []link.Clicks, accounts []int64, names map[string]string) Plain {
	var total int64
	sums := map[string]map[string]int64{"message": {}, "network": {}, "language": {}}
	for _, c := range clicks {
		if accounts != nil && !slices.Contains(accounts, c.Channel) {
			continue
		}
		total += c.Clicks
		sums["message"][c.Message] += c.Clicks
		sums["network"][c.Platform] += c.Clicks
		sums["language"][c.Language] += c.Clicks
	}
	p := Plain{Total: words.Number(total)}
	for _, group := range []string{"message", "network", "language"} {
		var keys []string
		for key := range sums[group] {
			keys = append(keys, key)
		}
		slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(sums[group][b], sums[group][a]), cmp.Compare(a, b)) })
		for _, key := range keys {
			label := Label(words, group, key)
			if group == "message" {
				label = cmp.Or(names[key], page.Name(key))
			}
			p.Rows = append(p.Rows, PlainRow{Group: words.T("reach.col." + group), Label: label, Said: words.Number(sums[group][key])})
		}
	}
	return p
}
