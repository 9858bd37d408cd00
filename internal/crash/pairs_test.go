package crash

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// pair is a level of one factor together with a level of another.
type pair struct{ factor, level, other, with int }

// choose returns cases (a level of each factor) in which every two levels of different factors meet at least once. It is a greedy
// search: each case begins with a pair that has not been met and takes, factor by factor, the level that meets most of the
// others. The seed decides between levels that are as good, so that the same seed gives the same cases.
func choose(levels []int, seed uint64) [][]int {
	open := map[pair]bool{}
	for f := range levels {
		for o := f + 1; o < len(levels); o++ {
			for l := range levels[f] {
				for w := range levels[o] {
					open[pair{f, l, o, w}] = true
				}
			}
		}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	var cases [][]int
	for len(open) > 0 {
		c := slices.Repeat([]int{-1}, len(levels))
		first := smallest(open)
		c[first.factor], c[first.other] = first.level, first.with
		for _, f := range random.Perm(len(levels)) {
			if c[f] < 0 {
				c[f] = best(open, c, f, random.Perm(levels[f]))
			}
		}
		for _, p := range pairsOf(c) {
			delete(open, p)
		}
		cases = append(cases, c)
	}
	return cases
}

// smallest returns the first of the pairs in the order of their numbers.
func smallest(open map[pair]bool) pair {
	var first *pair
	for p := range open {
		if first == nil || slices.Compare([]int{p.factor, p.other, p.level, p.with}, []int{first.factor, first.other, first.level, first.with}) < 0 {
			first = &p
		}
	}
	return *first
}

// best returns the level of a factor that meets most of the open pairs with the levels that are chosen already.
func best(open map[pair]bool, c []int, factor int, order []int) int {
	level, most := order[0], -1
	for _, l := range order {
		with := slices.Clone(c)
		with[factor] = l
		met := 0
		for _, p := range pairsOf(with) {
			if open[p] && (p.factor == factor || p.other == factor) {
				met++
			}
		}
		if met > most {
			level, most = l, met
		}
	}
	return level
}

// pairsOf returns the pairs of the levels that are chosen.
func pairsOf(c []int) []pair {
	var list []pair
	for f := range c {
		for o := f + 1; o < len(c); o++ {
			if c[f] >= 0 && c[o] >= 0 {
				list = append(list, pair{f, c[f], o, c[o]})
			}
		}
	}
	return list
}

func TestEveryTwoLevelsMeet(t *testing.T) {
	t.Parallel()
	for _, levels := range [][]int{{2, 2}, {3, 2, 4}, {15, 8, 5, 2}} {
		cases := choose(levels, 1)
		if again := choose(levels, 1); !slices.EqualFunc(cases, again, slices.Equal) {
			t.Errorf("%v: the same seed gives other cases", levels)
		}
		met, want := map[pair]bool{}, 0
		for f := range levels {
			for o := f + 1; o < len(levels); o++ {
				want += levels[f] * levels[o]
			}
		}
		for _, c := range cases {
			for _, p := range pairsOf(c) {
				met[p] = true
			}
		}
		if len(met) != want {
			t.Errorf("%v: %d of %d pairs meet in %d cases", levels, len(met), want, len(cases))
		}
		most := slices.Clone(levels)
		slices.Sort(most)
		if least := most[len(most)-1] * most[len(most)-2]; len(cases) > least*5/4+1 {
			t.Errorf("%v: %d cases, where %d are the least", levels, len(cases), least)
		}
	}
}
