package chart

import "fmt"

// Hours is a map of weekdays and hours: the more a cell stands for, the darker it is, and each tells how many posts it is made of.
type Hours struct {
	Head
	Days  [7]string  // the names of the weekdays, in the order of the rows
	Cells [7][24]Hot // by row and hour
	Many  int        // from so many posts on a cell is drawn whole; with fewer it is a ring, for it says little
}

// Hot is one cell.
type Hot struct {
	Posts int
	Value *int64 // what is compared, such as engagements of a post on average in hundredths; nil where nobody tells it
	Said  string // for whoever points at it
}

// Measures of the map.
const (
	hoursWide, hoursLeft, hoursTop = 400.0, 52.0, 20.0
	hourWide, hourHigh             = 14.4, 22.0
)

// SVG draws the map.
func (h Hours) SVG() string {
	c := begin(h.Head, hoursWide, hoursTop+7*hourHigh+8)
	most := int64(0)
	for _, row := range h.Cells {
		for _, cell := range row {
			if cell.Value != nil {
				most = max(most, *cell.Value)
			}
		}
	}
	for hour := 0; hour < 24; hour += 3 {
		c.text("chart-soft", soft, "middle", hoursLeft+(float64(hour)+0.5)*hourWide, hoursTop-6, fmt.Sprintf("%02d", hour))
	}
	for d, row := range h.Cells {
		top := hoursTop + float64(d)*hourHigh
		c.text("chart-ink", ink, "end", hoursLeft-6, top+15, h.Days[d])
		for hour, cell := range row {
			left := hoursLeft + float64(hour)*hourWide
			c.rect("chart-track", sunk, left+0.7, top+1, hourWide-1.4, hourHigh-2, "")
			if cell.Posts == 0 {
				continue
			}
			share := 0.0
			if cell.Value != nil && most > 0 {
				share = max(0, float64(*cell.Value)/float64(most))
			}
			fill, more := accent, fmt.Sprintf(` fill-opacity="%s"`, num(0.15+0.85*share))
			class := "chart-hot"
			if cell.Posts < h.Many {
				class = "chart-ring"
				fill, more = "none", fmt.Sprintf(` stroke="%s" stroke-width="2" stroke-opacity="%s"`, accent, num(0.35+0.65*share))
			}
			fmt.Fprintf(&c.b, `<g><title>%s</title>`, escape(cell.Said))
			c.rect(class, fill, left+1.7, top+2, hourWide-3.4, hourHigh-4, more)
			c.b.WriteString("</g>")
		}
	}
	return c.end()
}
