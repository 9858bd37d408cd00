package results

import (
	"strconv"

	"daymark/internal/face/web/page"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/compare"
)

// figure is a figure at a glance, with what it is behind a question mark.
type figure struct {
	ID      string // favourites, rate ...
	Word    string
	Told    bool
	Value   int64  // for programs; tenths of a hundredth for a rate
	Said    string // the value as people read it
	Beneath string // of what it is, and how many posts
	What    string // the definition
}

// counted are the figures that are whole numbers, in the order of pages.
var counted = []struct {
	id string
	of func(reach.Counts) *int64
}{
	{"engagements", func(c reach.Counts) *int64 { return c.Engagements }},
	{"favourites", func(c reach.Counts) *int64 { return c.Favourites }},
	{"boosts", func(c reach.Counts) *int64 { return c.Boosts }},
	{"replies", func(c reach.Counts) *int64 { return c.Replies }},
	{"quotes", func(c reach.Counts) *int64 { return c.Quotes }},
	{"impressions", func(c reach.Counts) *int64 { return c.Impressions }},
	{"clicks", func(c reach.Counts) *int64 { return c.Clicks }},
}

// glance is what is told of some posts, figure by figure.
func glance(words page.Words, s compare.Sums) []figure {
	var all []figure
	for _, c := range counted {
		f := figure{ID: c.id, Word: words.T("figure." + c.id), What: words.T("results.what." + c.id)}
		if n := c.of(s.Counts); n != nil {
			f.Told, f.Value, f.Said = true, *n, words.Number(*n)
		}
		all = append(all, f)
	}
	each := figure{ID: "each", Word: words.T("results.each"), What: words.T("results.what.each")}
	if tenths, posts, ok := s.Each(); ok {
		each.Told, each.Value, each.Said, each.Beneath = true, tenths, words.Tenths(tenths), words.T("results.each.of", posts)
	}
	rate := figure{ID: "rate", Word: words.T("results.rate"), What: words.T("results.what.rate")}
	if tenths, of, ok := s.Rate(); ok {
		rate.Told, rate.Value, rate.Said, rate.Beneath = true, tenths, words.PercentTenths(tenths), words.T("results.rate.of", of)
	}
	return append(all, each, rate)
}

// table is a breakdown: a row a thing, a column a figure.
type table struct {
	ID      string // reach-message
	Heading string
	Note    string
	Column  string
	Heads   []string
	Rows    []tableRow
	SVG     string // where its chart is saved from; empty for none
}

type tableRow struct {
	Label   string
	URL     string
	Few     string // says so when it is made of too few posts to mean much
	Posts   int
	Cells   []cell
	Bar     int
	BarSaid string
}

type cell struct {
	ID   string
	Told bool
	Said string
}

// line is one row of a breakdown before it is put into words.
type line struct {
	label, url string
	sums       compare.Sums
}

// breakdown makes a table. The first three reactions every network has; the others get a column only where somebody tells them.
func breakdown(words page.Words, name string, lines []line, total compare.Sums) table {
	t := table{ID: "reach-" + name, Heading: words.T("reach." + name), Column: words.T("reach.col." + name)}
	var columns []int
	for i, c := range counted {
		if i < 4 || c.of(total.Counts) != nil {
			columns = append(columns, i)
			t.Heads = append(t.Heads, words.T("figure."+c.id))
		}
	}
	t.Heads = append(t.Heads, words.T("results.each"))
	_, _, rated := total.Rate()
	if rated {
		t.Heads = append(t.Heads, words.T("results.rate"))
	}
	most := int64(0)
	for _, l := range lines {
		if n := l.sums.Engagements; n != nil {
			most = max(most, *n)
		}
	}
	for _, l := range lines {
		row := tableRow{Label: l.label, URL: l.url, Posts: l.sums.Posts}
		for _, i := range columns {
			c := cell{ID: counted[i].id}
			if n := counted[i].of(l.sums.Counts); n != nil {
				c.Told, c.Said = true, words.Number(*n)
			}
			row.Cells = append(row.Cells, c)
		}
		each := cell{ID: "each"}
		if tenths, posts, ok := l.sums.Each(); ok {
			each.Told, each.Said = true, words.Tenths(tenths)
			if posts < compare.Enough {
				row.Few = words.T("results.few", posts)
			}
		}
		row.Cells = append(row.Cells, each)
		if rated {
			c := cell{ID: "rate"}
			if tenths, _, ok := l.sums.Rate(); ok {
				c.Told, c.Said = true, words.PercentTenths(tenths)
			}
			row.Cells = append(row.Cells, c)
		}
		if n := l.sums.Engagements; n != nil && most > 0 {
			row.Bar = int(100 * max(0, *n) / most)
		}
		row.BarSaid = words.T("reach.bar", words.Percent(int64(row.Bar)))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// named puts the rows of a comparison into words.
func named(words page.Words, name string, rows []compare.Row) []line {
	var all []line
	for _, r := range rows {
		all = append(all, line{label: label(words, name, r.Key), sums: r.Sums})
	}
	return all
}

// label writes the key of a row for people.
func label(words page.Words, name, key string) string {
	switch name {
	case "network":
		return words.Network(key)
	case "kind":
		if key == "" {
			return words.T("results.kind.none")
		}
		return page.Name(key)
	case "weekday":
		return words.Weekday(weekday(number(key)))
	case "hour":
		return words.T("results.hour", number(key))
	case "language":
		return words.Tongue(key)
	case "day":
		return words.LongDay(key)
	}
	return key
}

// told writes a figure, or that nobody tells it.
func told(n *int64, words page.Words) cell {
	if n == nil {
		return cell{Said: words.T("reach.unsaid")}
	}
	return cell{Told: true, Said: words.Number(*n)}
}

// number reads a number that is ours; what is none is 0.
func number(key string) int {
	n, _ := strconv.Atoi(key)
	return n
}
