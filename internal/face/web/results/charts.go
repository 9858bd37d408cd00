package results

import (
	"fmt"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/media/chart"
)

// Chart answers with a chart as a file.
func (d Desk) Chart(r ask.Request) (ask.Answer, error) {
	s, err := d.read(r)
	if err != nil {
		return ask.Answer{}, err
	}
	name, isSVG := strings.CutSuffix(r.PathValue("chart"), ".svg")
	svg := ""
	switch {
	case !isSVG || s.did.Total.Posts == 0:
	case name == "time":
		course, err := d.course(r.Context(), s, s.edition)
		if err != nil {
			return ask.Answer{}, err
		}
		if svg, _, err = d.time(r.Context(), s, course); err != nil {
			return ask.Answer{}, err
		}
	case name == "heat":
		if account, ok := s.hottest(); ok {
			if svg, _, err = d.heat(r.Context(), s, account); err != nil {
				return ask.Answer{}, err
			}
		}
	default:
		svg = s.bars(name)
	}
	if svg == "" {
		return ask.Answer{}, fault.New(fault.NotFound, "There is no such chart.")
	}
	file := fmt.Sprintf("daymark-%s-%d-%s.svg", s.edition.Campaign, s.edition.Year, name)
	return ask.Answer{File: &ask.File{Name: file, Type: "image/svg+xml", Body: []byte(svg)}}, nil
}

// bars draws a breakdown by its engagements.
func (s source) bars(name string) string {
	var lines []tabled.Line
	switch name {
	case "message":
		for _, m := range s.did.Messages {
			lines = append(lines, tabled.Line{Label: s.name(m), Sums: m.Sums})
		}
	case "channel":
		for _, a := range s.did.Accounts {
			lines = append(lines, tabled.Line{Label: a.Name, Sums: a.Sums})
		}
	default:
		rows, ok := map[string][]compare.Row{
			"language": s.did.Languages, "network": s.did.Networks, "kind": s.did.Kinds, "day": s.did.Days, "weekday": s.did.Weekdays, "hour": s.did.Hours,
		}[name]
		if !ok {
			return ""
		}
		lines = tabled.Named(s.Words, name, rows)
	}
	b := chart.Bars{Head: s.head(name, s.Words.T("results.bars.desc"))}
	for _, l := range lines {
		b.Rows = append(b.Rows, chart.Bar{Name: l.Label, Value: l.Sums.Engagements, Said: s.Words.T("results.bar", tabled.Told(l.Sums.Engagements, s.Words).Said, l.Sums.Posts)})
	}
	return b.SVG()
}
