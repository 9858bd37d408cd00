// Package conflict finds what is wrong, or odd, about when and where a plan goes: posts too close to each other, times that have
// passed, quiet hours, a theme that nobody knows yet.
//
// [Find] is pure and looks at what is laid as well as at what is in the book; [Look] reads an edition for it. What posts say is
// judged by the rules of content alone (internal/flow/book/judge). The package changes nothing and stops nothing: people read
// what it says.
package conflict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/text"
	"daymark/internal/org/channel"
)

// Level says how grave a conflict is.
type Level string

// The levels.
const (
	Error   Level = "error"   // it will not go out as planned
	Warning Level = "warning" // it will, but somebody ought to look
)

// The kinds of conflict.
const (
	TooClose     = "spacing"   // two posts on one channel closer than it likes
	Past         = "past"      // its time has passed, and it waits
	ClosedWindow = "window"    // it would be too late before it is due
	QuietHours   = "quiet"     // it comes when the channel would rather be quiet
	SameText     = "same_text" // a network refuses the same text twice, and two posts have it
	ThemeUnknown = "theme"     // it says {{theme}}, and nobody knows the year's
)

// Conflict is something that is wrong, or odd, about one planned delivery.
type Conflict struct {
	Kind  string `json:"kind"`
	Level Level  `json:"level"`
	Say   string `json:"say"` // a sentence
	At    int    `json:"-"`   // the index of the item
}

// Item is a delivery that conflicts are looked for at: one that is only laid, or one of the book.
type Item struct {
	Message  string
	Post     int64 // 0 while it is not made
	Channel  int64
	Name     string // of the channel
	Platform string
	Language string
	Texts    []string // one for each part, tokens unfilled
	Home     string   // the channel's zone
	DueAt    time.Time
	NotAfter time.Time
	Context  bool // a post of another edition, or one that is out: it counts against the others and has no conflicts itself
}

// Circumstances are what conflicts depend on beside the items.
type Circumstances struct {
	Now       time.Time // product time; zero where the past does not matter
	Year      int
	Theme     string // what a person entered for the edition
	Habits    map[int64]channel.Habits
	NoRepeats map[string]bool // networks that refuse the same text twice; none of those we know yet
}

// Find returns everything that is wrong with a plan, in the order of the items. One post in several languages may go to
// a channel at once; that is no conflict.
func Find(items []Item, c Circumstances) []Conflict {
	var found []Conflict
	for i, it := range items {
		if it.Context {
			continue
		}
		say := func(kind string, level Level, format string, args ...any) {
			found = append(found, Conflict{Kind: kind, Level: level, Say: fmt.Sprintf(format, args...), At: i})
		}
		if !c.Now.IsZero() && !it.DueAt.After(c.Now) {
			say(Past, Error, "Its time passed at %s UTC. Give it a new time, or leave it out.", it.DueAt.UTC().Format("2006-01-02 15:04"))
		}
		if !it.NotAfter.After(it.DueAt) {
			say(ClosedWindow, Error, "It would be too late at %s UTC, before it is due at %s UTC. Give it a longer window.",
				it.NotAfter.UTC().Format("2006-01-02 15:04"), it.DueAt.UTC().Format("2006-01-02 15:04"))
		}
		quiet(it, c, say)
		theme(it, c, say)
	}
	found = append(found, pairs(items, c)...)
	slices.SortStableFunc(found, func(a, b Conflict) int { return cmp.Compare(a.At, b.At) })
	return found
}

type sayer func(kind string, level Level, format string, args ...any)

// quiet looks at the clock where the channel is.
func quiet(it Item, c Circumstances, say sayer) {
	home, err := time.LoadLocation(it.Home)
	if err != nil {
		return
	}
	local := it.DueAt.In(home)
	h := c.Habits[it.Channel]
	if h.Quiet(civil.Clock{Hour: local.Hour(), Minute: local.Minute()}) {
		say(QuietHours, Warning, "At %s it is %s at %s, which is quiet from %s to %s.", it.DueAt.UTC().Format("15:04 UTC"),
			local.Format("15:04"), it.Name, h.QuietFrom, h.QuietTo)
	}
}

// theme looks for a theme that nobody knows.
func theme(it Item, c Circumstances, say sayer) {
	if c.Theme != "" {
		return
	}
	for _, t := range it.Texts {
		if slices.ContainsFunc(text.Tokens(t), func(t text.Token) bool { return t.Name == "theme" }) {
			say(ThemeUnknown, Warning, "It says {{theme}}, and nobody has entered the theme of %d yet; until then it cannot be sent for review.", c.Year)
			break
		}
	}
}

// pairs looks at posts that follow each other on one channel.
func pairs(items []Item, c Circumstances) []Conflict {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := items[a], items[b]
		return cmp.Or(cmp.Compare(x.Channel, y.Channel), x.DueAt.Compare(y.DueAt), strings.Compare(x.Message, y.Message))
	})
	var found []Conflict
	texts := map[string]int{}
	for n, i := range order {
		it := items[i]
		if n > 0 && items[order[n-1]].Channel != it.Channel {
			texts = map[string]int{}
		}
		for before := n - 1; before >= 0; before-- {
			near := items[order[before]]
			if near.Channel != it.Channel || it.DueAt.Sub(near.DueAt) >= c.Habits[it.Channel].Spacing {
				break
			}
			if near.Message == it.Message && near.Post == it.Post || (near.Context && it.Context) {
				continue
			}
			at, other := i, near
			if it.Context {
				at, other = order[before], it
			}
			found = append(found, Conflict{Kind: TooClose, Level: Warning, At: at, Say: fmt.Sprintf(
				"%s goes to %s within %d minutes of it; the channel keeps posts %d minutes apart.", other.Message, it.Name,
				int(it.DueAt.Sub(near.DueAt).Minutes()), int(c.Habits[it.Channel].Spacing.Minutes()))})
			break // one sentence about a crowd is enough
		}
		if !c.NoRepeats[it.Platform] {
			continue
		}
		said := strings.Join(it.Texts, "\n")
		if first, ok := texts[said]; ok && !it.Context {
			found = append(found, Conflict{Kind: SameText, Level: Error, At: i, Say: fmt.Sprintf(
				"It says the same as %s, and %s does not take the same text twice.", items[first].Message, it.Platform)})
		} else if !ok {
			texts[said] = i
		}
	}
	return found
}
