// Package rollup adds up what posts gain, by civil day: for each edition by network and language, for each channel, and for everything
// by network.
//
// [Add] keeps the sums in the transaction in which counts are kept, [Rebuild] makes them again from the snapshots and puts right what
// differs, while daemons run. The package asks no network and keeps no counts; internal/flow/reach/trend reads what it leaves.
package rollup

import "daymark/internal/platform"

// Figures are the counts of a post in the order of [Names]; nil is a figure that nobody tells.
type Figures [6]*int64

// Names are the figures as columns are called; the bits of latest_counts.held are in this order.
var Names = [6]string{"favourites", "boosts", "replies", "quotes", "impressions", "clicks"}

// Replies is the place of the replies in [Names].
const Replies = 2

// Of returns the figures of counts.
func Of(c platform.Counts) Figures {
	return Figures{c.Favourites, c.Boosts, c.Replies, c.Quotes, c.Impressions, c.Clicks}
}

// Gain returns what was gained from one row of counts to the next. A figure that neither tells is nil. One that is told for the first
// time is gained whole, and one that is not told any more is given back, so that the gains of all days come to the newest counts.
func Gain(was, is Figures) Figures {
	var gain Figures
	for i := range gain {
		if was[i] != nil || is[i] != nil {
			gain[i] = new(number(is[i]) - number(was[i]))
		}
	}
	return gain
}

// Plus returns the sum of figures; what neither tells stays nil.
func (f Figures) Plus(g Figures) Figures {
	for i := range f {
		switch {
		case g[i] == nil:
		case f[i] == nil:
			f[i] = new(*g[i])
		default:
			f[i] = new(*f[i] + *g[i])
		}
	}
	return f
}

// Told reports whether any figure is told.
func (f Figures) Told() bool { return f != Figures{} }

// Equal reports whether two say the same.
func (f Figures) Equal(g Figures) bool {
	for i := range f {
		if (f[i] == nil) != (g[i] == nil) || number(f[i]) != number(g[i]) {
			return false
		}
	}
	return true
}

// number is a figure, nothing where it is not told.
func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
