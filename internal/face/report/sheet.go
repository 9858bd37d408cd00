package report

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/handout"
)

// Sheet is a report as it is read.
type Sheet struct {
	Title    string
	About    string
	Sections []Section
	Main     []Figure // the figures that stand for all
}

// Section is a part of a report.
type Section struct {
	ID      string
	Heading string
	Words   []string
	Figures []Figure
	Points  []string
	Notes   []Note
	Tables  []Table
	Small   []string
}

// Note is what people wrote about a message, in whatever language.
type Note struct{ Of, Words string }

// Figure is a number with its name.
type Figure struct {
	ID    string
	Word  string
	Value string
	Note  string
}

// Table is figures by something.
type Table struct {
	ID      string
	Heading string
	Columns []string
	Rows    []Row
	Bars    bool
}

// Row is one line of a table.
type Row struct {
	Label string
	Cells []string
	Bar   float64 // from 0 to 1, of the largest
}

// Options are how a report is put.
type Options struct {
	Words   page.Words
	Org     string
	Now     time.Time // product time
	Zone    *time.Location
	Lessons bool // what the team learnt is told too
}

// writer writes the sections.
type writer struct {
	Options
	h handout.Handout
}

// Write puts a report into words.
func Write(h handout.Handout, o Options) Sheet {
	w := writer{o, h}
	e := h.Report.Edition
	s := Sheet{Title: w.t("report.title", w.title(e)), About: w.about()}
	s.Sections = []Section{w.did(), w.saw(), w.acted(), w.help(), w.before(), w.safety()}
	if o.Lessons {
		s.Sections = append(s.Sections, w.learnt())
	}
	s.Sections = append(s.Sections, w.lacks(), w.meaning())
	s.Main = w.main()
	return s
}

func (w writer) t(key string, args ...any) string { return w.Words.T(key, args...) }

// title names the edition in the language of the report, where the campaign has a title in it.
func (w writer) title(e book.Edition) string {
	if title := w.h.Titles[w.Words.Lang]; title != "" {
		return fmt.Sprintf("%s %d", typed(title), e.Year)
	}
	return view.Title(e)
}

// about says whose report it is, of when, and by what it knows.
func (w writer) about() string {
	r := w.h.Report
	parts := []string{apart(typed(w.Org)), w.Words.Days(r.Edition.FirstDay, r.Edition.LastDay)}
	if r.Edition.Rehearsal {
		parts = append(parts, w.t("report.rehearsal"))
	}
	if r.LastAsked != nil {
		parts = append(parts, w.t("report.asked", w.moment(*r.LastAsked)))
	} else {
		parts = append(parts, w.t("report.unasked"))
	}
	return strings.Join(clean(parts), " · ")
}

func (w writer) moment(t time.Time) string {
	m := w.Words.Moment(t, w.Zone)
	return w.t("date.at", m.Day, m.Clock) + " " + m.Zone
}

// clean leaves out what is empty.
func clean(list []string) []string {
	var kept []string
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// typed is what people wrote, on one line and without signs that turn the direction of what follows.
func typed(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)), " ")
}

// apart keeps what people wrote from mixing with a sentence that runs the other way (UAX 9, first strong isolate).
func apart(s string) string { return "\u2068" + s + "\u2069" }

// short cuts what people wrote to some letters.
func short(s string, most int) string {
	letters := []rune(typed(s))
	if len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return string(letters)
}

// told writes a number, or that nobody told it.
func (w writer) told(n *int64) string {
	if n == nil {
		return w.t("report.untold")
	}
	return w.Words.Number(*n)
}

// cell writes a number where there is little room.
func (w writer) cell(n *int64) string {
	if n == nil {
		return "–"
	}
	return w.Words.Number(*n)
}

// figures are the kinds of figures in their order.
var figures = []struct {
	id string
	of func(reach.Counts) *int64
}{
	{"favourites", func(c reach.Counts) *int64 { return c.Favourites }},
	{"boosts", func(c reach.Counts) *int64 { return c.Boosts }},
	{"replies", func(c reach.Counts) *int64 { return c.Replies }},
	{"quotes", func(c reach.Counts) *int64 { return c.Quotes }},
	{"impressions", func(c reach.Counts) *int64 { return c.Impressions }},
	{"clicks", func(c reach.Counts) *int64 { return c.Clicks }},
	{"engagements", func(c reach.Counts) *int64 { return c.Engagements }},
}

// shown are the kinds that anybody told.
func (w writer) shown() []int {
	var list []int
	for i, f := range figures {
		if f.of(w.h.Report.Totals) != nil {
			list = append(list, i)
		}
	}
	return list
}

// table makes a table of rows of figures, the total below.
func (w writer) table(id, column string, rows []reach.Row) Table {
	t := Table{ID: id, Heading: w.t("report.by." + id), Columns: []string{column, w.t("report.col.posts")}, Bars: true}
	shown := w.shown()
	for _, i := range shown {
		t.Columns = append(t.Columns, w.t("figure."+figures[i].id))
	}
	most := int64(0)
	for _, r := range rows {
		if r.Counts.Engagements != nil {
			most = max(most, *r.Counts.Engagements)
		}
	}
	for _, r := range append(rows[:len(rows):len(rows)], reach.Row{Key: "", Posts: w.h.Report.PublishedDeliveries, Counts: w.h.Report.Totals}) {
		row := Row{Label: r.Label, Cells: []string{w.Words.Number(int64(r.Posts))}}
		if r.Key == "" && r.Label == "" {
			row.Label = w.t("report.total")
		} else if r.Counts.Engagements != nil && most > 0 {
			row.Bar = float64(*r.Counts.Engagements) / float64(most)
		}
		for _, i := range shown {
			row.Cells = append(row.Cells, w.cell(figures[i].of(r.Counts)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// relabelled returns rows with other names.
func relabelled(rows []reach.Row, name func(reach.Row) string) []reach.Row {
	list := make([]reach.Row, len(rows))
	for i, r := range rows {
		list[i] = r
		list[i].Label = name(r)
	}
	return list
}

// day writes a day of the campaign.
func (w writer) day(r reach.Row) string {
	if _, err := civil.ParseDate(r.Key); err != nil {
		return r.Key
	}
	return w.Words.LongDay(r.Key)
}
