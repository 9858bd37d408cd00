package compare

import "daymark/internal/flow/reach"

// Figures names the figures in the order of pages: those of [reach.Counts] without the engagements, which are made of the others.
func Figures() []string {
	return []string{"favourites", "boosts", "replies", "quotes", "impressions", "clicks"}
}

// Enough is from how many posts on a comparison says something. With fewer, chance does most of it.
const Enough = 3

// Sums are what some posts gathered.
type Sums struct {
	reach.Counts
	Posts   int    // deliveries that went out
	Asked   int    // of these, those that the network was asked about
	Told    [6]int // of these, for how many each of [Figures] is told
	Engaged int    // posts of which any engagement is told
	Shown   *int64 // engagements of the posts whose impressions are told; nil when there are none
}

// figures returns the figures in the order of [Figures].
func figures(c *reach.Counts) [6]**int64 {
	return [6]**int64{&c.Favourites, &c.Boosts, &c.Replies, &c.Quotes, &c.Impressions, &c.Clicks}
}

// Add adds what other posts gathered.
func (s *Sums) Add(o Sums) {
	s.Posts += o.Posts
	s.Asked += o.Asked
	s.Engaged += o.Engaged
	for i := range s.Told {
		s.Told[i] += o.Told[i]
	}
	s.Counts = Plus(s.Counts, o.Counts)
	s.Shown = plus(s.Shown, o.Shown)
}

// Plus adds two counts; what neither tells stays nil.
func Plus(a, b reach.Counts) reach.Counts {
	theirs := figures(&b)
	var sum reach.Counts
	for i, mine := range figures(&a) {
		*figures(&sum)[i] = plus(*mine, *theirs[i])
	}
	sum.Engagements = Engagements(sum)
	return sum
}

// Engagements adds what counts as an engagement: everything but impressions, as far as it is told.
func Engagements(c reach.Counts) *int64 {
	var sum *int64
	for _, n := range []*int64{c.Favourites, c.Boosts, c.Replies, c.Quotes, c.Clicks} {
		sum = plus(sum, n)
	}
	return sum
}

func plus(a, b *int64) *int64 {
	switch {
	case a == nil && b == nil:
		return nil
	case a == nil:
		return new(*b)
	case b == nil:
		return new(*a)
	}
	return new(*a + *b)
}

// Rate is engagements of a hundred impressions, in tenths: 56 is 5.6 %. Both are of the same posts, those whose impressions are told;
// Of says how many impressions these are. It is not there where nobody tells impressions.
func (s Sums) Rate() (tenths, of int64, ok bool) {
	if s.Shown == nil || s.Impressions == nil || *s.Impressions <= 0 {
		return 0, 0, false
	}
	return rounded(*s.Shown*1000, *s.Impressions), *s.Impressions, true
}

// Each is the engagements of one post on average, in tenths, over the posts of which any is told.
func (s Sums) Each() (tenths int64, posts int, ok bool) {
	if s.Engagements == nil || s.Engaged == 0 {
		return 0, 0, false
	}
	return rounded(*s.Engagements*10, int64(s.Engaged)), s.Engaged, true
}

// rounded divides to the nearest whole number; b is above zero.
func rounded(a, b int64) int64 {
	if a < 0 {
		return -rounded(-a, b)
	}
	return (a + b/2) / b
}

// Lacks says what is missing from a total, network by network; rows are those by network.
func Lacks(byNetwork []Row) []reach.Lack {
	var all []reach.Lack
	for _, r := range byNetwork {
		if r.Asked < r.Posts {
			all = append(all, reach.Lack{Kind: reach.Unasked, Network: r.Key, Posts: r.Posts - r.Asked, Of: r.Posts})
		}
		if r.Asked == 0 {
			continue
		}
		never := reach.Lack{Kind: reach.Never, Network: r.Key}
		for i, figure := range Figures() {
			switch told := r.Told[i]; {
			case told == 0:
				never.Figures = append(never.Figures, figure)
			case told < r.Asked:
				all = append(all, reach.Lack{Kind: reach.Some, Network: r.Key, Figures: []string{figure}, Posts: told, Of: r.Asked})
			}
		}
		if len(never.Figures) > 0 {
			all = append(all, never)
		}
	}
	return all
}
