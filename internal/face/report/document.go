package report

import (
	"daymark/internal/media/card/lettering"
	"daymark/internal/media/paper"
	"daymark/internal/media/poster"
)

// PDF writes a report as a document of A4, in the language and the direction of its words.
func PDF(s Sheet, o Options, fonts *lettering.Fonts) ([]byte, error) {
	p := paper.New(paper.Options{
		Title: s.Title, Author: o.Org, Language: o.Words.Lang, RTL: o.Words.Dir == "rtl", Made: o.Now, Fonts: fonts,
		Foot: func(page, of int) string { return o.Words.T("report.foot", s.Title, page, of) },
	})
	p.Title(s.Title, s.About)
	for _, section := range s.Sections {
		p.Heading(section.Heading)
		for _, words := range section.Words {
			p.Words(words, "")
		}
		var list []paper.Figure
		for _, f := range section.Figures {
			list = append(list, paper.Figure{Word: f.Word, Value: f.Value, Note: f.Note})
		}
		p.Figures(list)
		for _, point := range section.Points {
			p.Point(point, "")
		}
		for _, n := range section.Notes {
			p.Minor(n.Of)
			p.Typed(n.Words)
		}
		for _, t := range section.Tables {
			if t.Heading != "" {
				p.Minor(t.Heading)
			}
			table := paper.Table{Columns: t.Columns, Bars: t.Bars}
			for _, r := range t.Rows {
				table.Rows = append(table.Rows, paper.Row{Label: r.Label, Cells: r.Cells, Bar: r.Bar})
			}
			p.Table(table)
		}
		for _, words := range section.Small {
			p.Small(words, "")
		}
	}
	return p.Bytes()
}

// PNG draws the main figures of a report as a picture.
func PNG(s Sheet, o Options, fonts *lettering.Fonts) ([]byte, error) {
	p := poster.Poster{Language: o.Words.Lang, RTL: o.Words.Dir == "rtl", Title: s.Title, Foot: s.About}
	for _, f := range s.Main {
		p.Figures = append(p.Figures, poster.Figure{Word: f.Word, Value: f.Value})
	}
	return poster.Draw(p, fonts)
}
