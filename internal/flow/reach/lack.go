package reach

import "fmt"

// What a network can lack.
const (
	Unasked = "unasked" // it has not been asked about some posts
	Some    = "some"    // it tells a figure for some posts only
	Never   = "never"   // it tells some figures for none
)

// Lack is something that a network has not told of an edition.
type Lack struct {
	Kind    string   // unasked, some or never
	Network string   // mastodon
	Figures []string // which: favourites, boosts, replies, quotes, impressions, clicks; none where it was not asked
	Posts   int      // unasked: about how many; some: for how many it tells the figure
	Of      int
}

// String says it in a sentence.
func (l Lack) String() string {
	network := networkName(l.Network)
	switch l.Kind {
	case Unasked:
		return fmt.Sprintf("%s has not been asked yet about %d of %d posts.", network, l.Posts, l.Of)
	case Some:
		return fmt.Sprintf("%s reports %s for %d of %d posts only.", network, join(l.Figures), l.Posts, l.Of)
	}
	return network + " does not report " + join(l.Figures) + "."
}

// sentences writes each in a sentence.
func sentences(list []Lack) []string {
	var all []string
	for _, l := range list {
		all = append(all, l.String())
	}
	return all
}

// lacks returns what a network has not told: all that it never tells in one, and what it tells at times one by one.
func (f figureRow) lacks() []Lack {
	var list []Lack
	never := Lack{Kind: Never, Network: f.Key}
	if f.Asked < f.Posts {
		list = append(list, Lack{Kind: Unasked, Network: f.Key, Posts: f.Posts - f.Asked, Of: f.Posts})
	}
	if f.Asked == 0 {
		return list
	}
	for _, figure := range []struct {
		name string
		told int
	}{
		{"favourites", f.ToldFavourites},
		{"boosts", f.ToldBoosts},
		{"replies", f.ToldReplies},
		{"quotes", f.ToldQuotes},
		{"impressions", f.ToldImpressions},
		{"clicks", f.ToldClicks},
	} {
		switch {
		case figure.told == 0:
			never.Figures = append(never.Figures, figure.name)
		case figure.told < f.Asked:
			list = append(list, Lack{Kind: Some, Network: f.Key, Figures: []string{figure.name}, Posts: figure.told, Of: f.Asked})
		}
	}
	if len(never.Figures) > 0 {
		list = append(list, never)
	}
	return list
}
