package chart

// Bar is one row of a chart of bars.
type Bar struct {
	Name  string
	Value *int64 // nil where nobody tells it
	Said  string // the value in words, also where there is none
}

// Bars is a chart of bars, one under the other.
type Bars struct {
	Head
	Rows []Bar
}

// Measures of the chart of bars: a row has its name above its bar, so that long names have the whole width.
const (
	barsWide, barHigh, barThick, barTop = 400.0, 42.0, 14.0, 6.0
)

// SVG draws the chart.
func (b Bars) SVG() string {
	c := begin(b.Head, barsWide, barTop*2+barHigh*float64(max(len(b.Rows), 1)))
	most := int64(0)
	for _, r := range b.Rows {
		if r.Value != nil {
			most = max(most, *r.Value)
		}
	}
	for i, r := range b.Rows {
		top := barTop + barHigh*float64(i)
		c.text("chart-ink", ink, "start", 0, top+12, Cut(r.Name, 38))
		c.text("chart-soft", soft, "end", barsWide, top+12, r.Said)
		c.rect("chart-track", sunk, 0, top+18, barsWide, barThick, "")
		if r.Value != nil && *r.Value > 0 && most > 0 {
			c.rect("chart-bar", accent, 0, top+18, max(1, barsWide*float64(*r.Value)/float64(most)), barThick, "")
		}
	}
	return c.end()
}

// Cut shortens a name to about so many signs.
func Cut(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most-1]) + "…"
}
