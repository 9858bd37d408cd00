// Package thread cuts a text that is too long for one post into the parts of a thread.
//
// It cuts between paragraphs and sentences where it can, between clauses where it must, between words else, and within a word only
// when the word alone is too long. It never cuts a character that people see as one, a link, a hashtag, a mention or a token. How
// long a part is, is the network's business: the caller gives the measure, which internal/core/text/count has.
package thread

import (
	"fmt"
	"strings"

	"daymark/internal/core/fault"
)

// Split cuts a text into parts of at most limit by a measure. Joined they say the same, but for white space where they were cut.
// A part that would be links, hashtags or mentions alone joins its neighbour when that has room, or gets words from the part
// before. A text without words has no parts. What cannot be cut and is too long for any part is an error that names it.
func Split(s string, measure func(string) int, limit int) ([]string, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	t := read(s)
	ends, err := t.fill(measure, limit)
	if err != nil {
		return nil, err
	}
	ends = t.join(ends, measure, limit)
	var parts []string
	at := t.first
	for _, end := range ends {
		parts = append(parts, t.part(at, end))
		at = end
	}
	return parts, nil
}

// Numbered is Split with "1/3" at the end of each part, on a line of its own, when there is more than one. Digits with a slash keep
// their order in texts of either direction.
func Numbered(s string, measure func(string) int, limit int) ([]string, error) {
	parts, err := Split(s, measure, limit)
	if err != nil || len(parts) < 2 {
		return parts, err
	}
	// The room that a number takes depends on how many parts there are, which depends on the room.
	for digits := 1; ; digits++ {
		widest := number(strings.Repeat("9", digits), strings.Repeat("9", digits))
		parts, err = Split(s, func(part string) int { return measure(part + widest) }, limit)
		if err != nil {
			return nil, err
		}
		if len(fmt.Sprint(len(parts))) <= digits {
			break
		}
	}
	for i := range parts {
		parts[i] += number(fmt.Sprint(i+1), fmt.Sprint(len(parts)))
	}
	return parts, nil
}

func number(of, all string) string { return "\n" + of + "/" + all }

// least is how full a part must be, in tenths of the limit, for a border of a rank to be taken; a part that would stay emptier goes
// on to a lesser border.
var least = [...]int{within: 0, word: 0, clause: 6, sentence: 4, paragraph: 3}

// fill cuts the text as late as each part allows, and returns where the parts end, counted in characters.
func (t *script) fill(measure func(string) int, limit int) ([]int, error) {
	var ends []int
	for at := t.first; at < t.last; {
		end := t.reach(at, measure, limit)
		if end > 0 && end < t.last {
			end = t.cut(at, end, measure, limit)
		}
		if end == 0 {
			return nil, fault.New(fault.Invalid, "%q is longer than a whole part of a thread may be, and cannot be cut. Shorten it.", t.stuck(at))
		}
		ends = append(ends, end)
		at = end
	}
	return ends, nil
}

// reach returns the last border at which a part that begins at a character still fits, 0 when there is none.
func (t *script) reach(at int, measure func(string) int, limit int) int {
	fits := func(end int) bool { return measure(t.part(at, end)) <= limit }
	best := t.border(at)
	if !fits(best) {
		return 0
	}
	// Borders are tried in growing steps, so that a long rest is not measured again for every part.
	for step := 64; best < t.last; step *= 2 {
		next := t.borderUpTo(best, min(best+step, t.last))
		if next > best && !fits(next) {
			return t.between(best, next, fits)
		}
		best = next
	}
	return best
}

// between returns the last border that fits, of those from one that does up to one that does not.
func (t *script) between(good, bad int, fits func(int) bool) int {
	for {
		middle := t.borderUpTo(good, (good+bad)/2)
		if middle <= good {
			if middle = t.border(good); middle >= bad {
				return good
			}
		}
		if fits(middle) {
			good = middle
		} else {
			bad = middle
		}
	}
}

// cut returns the best border for a part that begins at a character and reaches to another.
func (t *script) cut(at, reach int, measure func(string) int, limit int) int {
	for rank := paragraph; rank > within; rank-- {
		for end := reach; end > at; end-- {
			if t.rank[end] < rank {
				continue
			}
			n := measure(t.part(at, end))
			if n*10 < limit*least[rank] {
				break // the earlier ones leave the part emptier still
			}
			if n <= limit { // a shorter text is longer to a network when its end looks like a link only there
				return end
			}
		}
	}
	return reach
}

// join mends parts that are links, hashtags or mentions alone.
func (t *script) join(ends []int, measure func(string) int, limit int) []int {
	fits := func(from, to int) bool { return measure(t.part(from, to)) <= limit }
	start := func(i int) int {
		if i == 0 {
			return t.first
		}
		return ends[i-1]
	}
	for i := 0; i < len(ends); i++ {
		if len(ends) == 1 || !t.orphan(start(i), ends[i]) {
			continue
		}
		switch {
		case i > 0 && fits(start(i-1), ends[i]):
			ends = append(ends[:i-1], ends[i:]...)
			i--
		case i+1 < len(ends) && fits(start(i), ends[i+1]):
			ends = append(ends[:i], ends[i+1:]...)
			i--
		case i > 0:
			if at := t.lend(start(i-1), ends[i-1], ends[i], fits); at > 0 {
				ends[i-1] = at
			}
		}
	}
	return ends
}

// lend returns where the part before an orphan should end so that its last words go with the orphan, 0 when that cannot be.
func (t *script) lend(from, to, end int, fits func(from, to int) bool) int {
	for rank := paragraph; rank >= word; rank-- {
		for at := to - 1; at > from; at-- {
			if t.rank[at] < rank {
				continue
			}
			if !fits(at, end) {
				break
			}
			if !t.orphan(from, at) && !t.orphan(at, end) && fits(from, at) {
				return at
			}
		}
	}
	return 0
}

// stuck returns the beginning of what cannot be cut, for a person.
func (t *script) stuck(at int) string {
	runes := []rune(t.part(at, t.border(at)))
	if len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return string(runes)
}
