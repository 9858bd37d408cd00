package tabled

import (
	"slices"
	"strconv"
	"time"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/compare"
)

// Figure is a figure at a glance, with what it is behind a question mark.
type Figure struct {
	ID      string // favourites, rate ...
	Word    string
	Told    bool
	Value   int64  // for programs; tenths of a hundredth for a rate
	Said    string // the value as people read it
	Beneath string // of what it is, and how many posts
	What    string // the definition
}

// Counted is a figure that is a whole number.
type Counted struct {
	ID string
	Of func(reach.Counts) *int64
}

// counted are those figures in the order of pages.
var counted = []Counted{
	{"engagements", func(c reach.Counts) *int64 { return c.Engagements }},
	{"favourites", func(c reach.Counts) *int64 { return c.Favourites }},
	{"boosts", func(c reach.Counts) *int64 { return c.Boosts }},
	{"replies", func(c reach.Counts) *int64 { return c.Replies }},
	{"quotes", func(c reach.Counts) *int64 { return c.Quotes }},
	{"impressions", func(c reach.Counts) *int64 { return c.Impressions }},
	{"clicks", func(c reach.Counts) *int64 { return c.Clicks }},
}

// Counts lists the figures that are whole numbers, in the order of pages.
func Counts() []Counted { return slices.Clone(counted) }

// Glance is what is told of some posts, figure by figure.
func Glance(words page.Words, s compare.Sums) []Figure {
	var all []Figure
	for _, c := range counted {
		f := Figure{ID: c.ID, Word: words.T("figure." + c.ID), What: words.T("results.what." + c.ID)}
		if n := c.Of(s.Counts); n != nil {
			f.Told, f.Value, f.Said = true, *n, words.Number(*n)
		}
		all = append(all, f)
	}
	each := Figure{ID: "each", Word: words.T("results.each"), What: words.T("results.what.each")}
	if tenths, posts, ok := s.Each(); ok {
		each.Told, each.Value, each.Said, each.Beneath = true, tenths, words.Tenths(tenths), words.T("results.each.of", posts)
	}
	rate := Figure{ID: "rate", Word: words.T("results.rate"), What: words.T("results.what.rate")}
	if tenths, of, ok := s.Rate(); ok {
		rate.Told, rate.Value, rate.Said, rate.Beneath = true, tenths, words.PercentTenths(tenths), words.T("results.rate.of", of)
	}
	return append(all, each, rate)
}

// Table is a breakdown: a row a thing, a column a figure.
type Table struct {
	ID      string // reach-message
	Heading string
	Note    string
	Column  string
	Heads   []string
	Rows    []TableRow
	SVG     string // where its chart is saved from; empty for none
}

// TableRow is one line of a table.
type TableRow struct {
	Label   string
	URL     string
	Few     string // says so when it is made of too few posts to mean much
	Posts   int
	Cells   []Cell
	Bar     int
	BarSaid string
}

// Cell is a figure of a table, or that nobody tells it.
type Cell struct {
	ID   string
	Told bool
	Said string
}

// Row is one line of a table that has no shares.
type Row struct {
	Label string
	Cells []Cell
}

// Line is one row of a breakdown before it is put into words.
type Line struct {
	Label, URL string
	Sums       compare.Sums
}

// Breakdown makes a table. The first three reactions every network has; the others get a column only where somebody tells them.
func Breakdown(words page.Words, name string, lines []Line, total compare.Sums) Table {
	t := Table{ID: "reach-" + name, Heading: words.T("reach." + name), Column: words.T("reach.col." + name)}
	var columns []int
	for i, c := range counted {
		if i < 4 || c.Of(total.Counts) != nil {
			columns = append(columns, i)
			t.Heads = append(t.Heads, words.T("figure."+c.ID))
		}
	}
	t.Heads = append(t.Heads, words.T("results.each"))
	_, _, rated := total.Rate()
	if rated {
		t.Heads = append(t.Heads, words.T("results.rate"))
	}
	most := int64(0)
	for _, l := range lines {
		if n := l.Sums.Engagements; n != nil {
			most = max(most, *n)
		}
	}
	for _, l := range lines {
		row := TableRow{Label: l.Label, URL: l.URL, Posts: l.Sums.Posts}
		for _, i := range columns {
			c := Cell{ID: counted[i].ID}
			if n := counted[i].Of(l.Sums.Counts); n != nil {
				c.Told, c.Said = true, words.Number(*n)
			}
			row.Cells = append(row.Cells, c)
		}
		each := Cell{ID: "each"}
		if tenths, posts, ok := l.Sums.Each(); ok {
			each.Told, each.Said = true, words.Tenths(tenths)
			if posts < compare.Enough {
				row.Few = words.T("results.few", posts)
			}
		}
		row.Cells = append(row.Cells, each)
		if rated {
			c := Cell{ID: "rate"}
			if tenths, _, ok := l.Sums.Rate(); ok {
				c.Told, c.Said = true, words.PercentTenths(tenths)
			}
			row.Cells = append(row.Cells, c)
		}
		if n := l.Sums.Engagements; n != nil && most > 0 {
			row.Bar = int(100 * max(0, *n) / most)
		}
		row.BarSaid = words.T("reach.bar", words.Percent(int64(row.Bar)))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Named puts the rows of a comparison into words.
func Named(words page.Words, name string, rows []compare.Row) []Line {
	var all []Line
	for _, r := range rows {
		all = append(all, Line{Label: Label(words, name, r.Key), Sums: r.Sums})
	}
	return all
}

// Label writes the key of a row for people.
func Label(words page.Words, name, key string) string {
	switch name {
	case "network":
		return words.Network(key)
	case "kind":
		if key == "" {
			return words.T("results.kind.none")
		}
		return page.Name(key)
	case "weekday":
		return words.Weekday(time.Weekday(Number(key)))
	case "hour":
		return words.T("results.hour", Number(key))
	case "language":
		return words.Tongue(key)
	case "day":
		return words.LongDay(key)
	}
	return key
}

// Told writes a figure, or that nobody tells it.
func Told(n *int64, words page.Words) Cell {
	if n == nil {
		return Cell{Said: words.T("reach.unsaid")}
	}
	return Cell{Told: true, Said: words.Number(*n)}
}

// Number reads a number that is ours; what is none is 0.
func Number(key string) int {
	n, _ := strconv.Atoi(key)
	return n
}
