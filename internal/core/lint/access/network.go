package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/text"
)

// tagCount returns how many hashtags each part has, each counted once; the post's list goes with the first.
func tagCount(v *prose.View) []int {
	counts := make([]int, len(v.Parts))
	for i, p := range v.Parts {
		seen := map[string]bool{}
		for _, tag := range p.Tags {
			seen[strings.ToLower(strings.TrimPrefix(tag.Text, "#"))] = true
		}
		if i == 0 {
			for _, tag := range v.Hashtags {
				seen[strings.ToLower(strings.TrimPrefix(tag, "#"))] = true
			}
		}
		counts[i] = len(seen)
	}
	return counts
}

// TooManyTags finds parts with more hashtags than the network takes.
func TooManyTags(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, n := range tagCount(v) {
		if most := v.Limits.MaxHashtags; most > 0 && n > most {
			hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Message: fmt.Sprintf("There are %d hashtags. The network takes %d.", n, most)})
		}
	}
	return hits
}

// UnusualTags finds a post whose first part has fewer or more hashtags than is usual on the network.
func UnusualTags(v *prose.View) []subject.Hit {
	from, to := v.Limits.GoodHashtags[0], v.Limits.GoodHashtags[1]
	counts := tagCount(v)
	if to == 0 || len(counts) == 0 || counts[0] >= from && counts[0] <= to {
		return nil
	}
	return []subject.Hit{{Field: subject.Hashtags, Message: fmt.Sprintf("There are %d hashtags. From %d to %d are usual on this network.", counts[0], from, to)}}
}

// TooLong finds parts longer than the network takes, as it counts.
func TooLong(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		if most := v.Limits.Characters; most > 0 && p.Length > most {
			hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Message: fmt.Sprintf("The text has %d characters. The network takes %d.", p.Length, most)})
		}
	}
	return hits
}

// LinkInCaption finds links in texts whose network does not let people follow them.
func LinkInCaption(v *prose.View) []subject.Hit {
	if !v.Limits.DeadLinks {
		return nil
	}
	var hits []subject.Hit
	for i, p := range v.Parts {
		for _, link := range p.Links {
			hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Start: link.Start, End: link.End})
		}
		for _, t := range text.Tokens(p.Text) {
			if t.Name == "link" || strings.HasPrefix(t.Name, "resources_") {
				hits = append(hits, subject.Hit{Part: i, Field: subject.Text, Start: t.Start, End: t.End})
			}
		}
	}
	return hits
}

// A crowd is more than three accounts that say the same on one network within ten minutes. Networks act against it, without
// saying from which number on (https://help.x.com/en/rules-and-policies/authenticity); the numbers are ours.
const (
	crowdAccounts = 3
	crowdWithin   = 10 * time.Minute
)

// Crowd finds texts of a campaign that too many accounts say at once, one hit a text and network.
func Crowd(list []subject.Subject) []subject.Hit {
	type said struct{ network, words string }
	groups := map[said][]subject.Subject{}
	var order []said
	for _, s := range list {
		if s.At.IsZero() || s.Account == "" || len(s.Parts) == 0 {
			continue
		}
		key := said{s.Network, prose.Fold(s.Parts[0].Text, nil).Lower}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], s)
	}
	var hits []subject.Hit
	for _, key := range order {
		group := groups[key]
		slices.SortStableFunc(group, func(a, b subject.Subject) int { return a.At.Compare(b.At) })
		for i := range group {
			accounts := map[string]bool{}
			for _, s := range group[i:] {
				if s.At.Sub(group[i].At) <= crowdWithin {
					accounts[s.Account] = true
				}
			}
			if len(accounts) > crowdAccounts {
				what := group[i].Message
				if what == "" {
					what = "the same text"
				}
				hits = append(hits, subject.Whole(fmt.Sprintf("%d accounts say %s on %s within ten minutes from %s.", len(accounts), what, key.network, group[i].At.UTC().Format("2 January 2006 15:04 MST")), ""))
				break
			}
		}
	}
	return hits
}
