package phrase

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// maxForms is how many spellings of a stretch of a pattern are told apart before it counts as unknown.
const maxForms = 48

// maxGroups is how many groups of literals of a pattern are kept.
const maxGroups = 4

// group is a list of literals of which one stands in every match of a pattern.
type group []string

// parts is what is known of the texts that a piece of a pattern matches: all of them when they are few, and groups of literals,
// each of which has one in every text.
type parts struct {
	exact  []string // nil when they are not few
	groups []group
}

// needs returns groups of literals in lower case, the rarest first. Every match has a literal of each. Groups with literals too
// short to be rare are left out.
func needs(re *syntax.Regexp) []group {
	p := look(re)
	groups := slices.DeleteFunc(append(p.groups, p.exact), func(g group) bool { return shortest(g) < 2 })
	slices.SortStableFunc(groups, func(a, b group) int {
		return cmp.Or(-cmp.Compare(min(shortest(a), 5), min(shortest(b), 5)), cmp.Compare(len(a), len(b)), slices.Compare(a, b))
	})
	groups = slices.CompactFunc(groups, slices.Equal)
	return slices.Clip(groups[:min(len(groups), maxGroups)])
}

// best returns the rarest group of a piece; nil when none is known.
func (p parts) best() group {
	best := group(p.exact)
	for _, g := range p.groups {
		best = better(g, best)
	}
	return best
}

func look(re *syntax.Regexp) parts {
	switch re.Op {
	case syntax.OpLiteral:
		return parts{exact: []string{lower(re.Rune)}}
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return parts{exact: []string{""}}
	case syntax.OpCharClass:
		return parts{exact: class(re.Rune)}
	case syntax.OpCapture:
		return look(re.Sub[0])
	case syntax.OpQuest:
		if sub := look(re.Sub[0]); sub.exact != nil && len(sub.exact) < maxForms {
			return parts{exact: unique(append(slices.Clone(sub.exact), ""))}
		}
	case syntax.OpPlus:
		return once(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return once(re.Sub[0])
		}
	case syntax.OpConcat:
		return concat(re.Sub)
	case syntax.OpAlternate:
		return alternate(re.Sub)
	}
	return parts{}
}

// once returns what is known of a piece that stands once or more.
func once(re *syntax.Regexp) parts {
	sub := look(re)
	if sub.exact != nil {
		sub.groups = append(sub.groups, sub.exact)
	}
	return parts{groups: sub.groups}
}

func concat(subs []*syntax.Regexp) parts {
	whole, run := true, []string{""}
	var groups []group
	flush := func() {
		groups = append(groups, run)
		run = []string{""}
	}
	for _, sub := range subs {
		p := look(sub)
		groups = append(groups, p.groups...)
		switch {
		case p.exact == nil:
			whole = false
			flush()
		case len(run)*len(p.exact) > maxForms:
			whole = false
			flush()
			run = p.exact
		default:
			run = product(run, p.exact)
		}
	}
	if whole {
		return parts{exact: run, groups: groups}
	}
	flush()
	return parts{groups: groups}
}

func alternate(subs []*syntax.Regexp) parts {
	exact, one := []string{}, group{}
	for _, sub := range subs {
		p := look(sub)
		if p.exact == nil {
			exact = nil
		} else if exact != nil {
			exact = append(exact, p.exact...)
		}
		if best := p.best(); best == nil || one == nil {
			one = nil
		} else {
			one = append(one, best...)
		}
	}
	if exact = unique(exact); len(exact) > maxForms {
		exact = nil
	}
	if one = unique(one); one == nil {
		return parts{exact: exact}
	}
	return parts{exact: exact, groups: []group{one}}
}

// better returns the literals that are rarer: the longer ones, and of those as long the fewer.
func better(a, b group) group {
	x, y := shortest(a), shortest(b)
	switch {
	case y == 0:
		b = nil
	case x == 0 || min(y, 5) > min(x, 5) || (min(y, 5) == min(x, 5) && len(b) < len(a)):
		return b
	}
	if x == 0 {
		return b
	}
	return a
}

func shortest(list group) int {
	if len(list) == 0 {
		return 0
	}
	n := len(list[0])
	for _, s := range list {
		n = min(n, len(s))
	}
	return n
}

func product(a, b []string) []string {
	list := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			list = append(list, x+y)
		}
	}
	return unique(list)
}

// class returns the characters of a small class, in lower case.
func class(ranges []rune) []string {
	var list []string
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] > 12 || len(list) > 12 {
			return nil
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			list = append(list, lower([]rune{r}))
		}
	}
	return unique(list)
}

// lower puts a literal in the lower case that folded texts have. The long s and the Kelvin sign, which case folding adds to s
// and k, never stand in a folded text.
func lower(rs []rune) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ſ':
			return 's'
		case '\u212a':
			return 'k'
		}
		return unicode.ToLower(r)
	}, string(rs))
}

func unique(list []string) []string {
	if list == nil {
		return nil
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// loop is how many characters a repetition without an end is taken to match at most.
const loop = 64

// reach returns how many bytes a match has at most, and 0 when that cannot be told because it looks at an end of the text.
func reach(re *syntax.Regexp) int {
	for _, op := range []syntax.Op{syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine} {
		if has(re, op) {
			return 0
		}
	}
	return runes(re)*3 + loop
}

func runes(re *syntax.Regexp) int {
	n := 0
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		return loop * runes(re.Sub[0])
	case syntax.OpRepeat:
		if re.Max < 0 {
			return max(loop, re.Min) * runes(re.Sub[0])
		}
		return re.Max * runes(re.Sub[0])
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			n = max(n, runes(sub))
		}
		return n
	}
	for _, sub := range re.Sub {
		n += runes(sub)
	}
	return n
}

func has(re *syntax.Regexp, op syntax.Op) bool {
	return re.Op == op || slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return has(sub, op) })
}
