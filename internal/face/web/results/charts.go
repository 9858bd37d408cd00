package results

import (
	"fmt"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
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
	var lines []line
	switch name {
	case "message":
		for _, m := range s.did.Messages {
			lines = append(lines, line{label: s.name(m), sums: m.Sums})
		}
	case "channel":
		for _, a := range s.did.Accounts {
			lines = append(lines, line{label: a.Name, sums: a.Sums})
		}
	default:
		rows, ok := map[string][]compare.Row{
			"language": s.did.Languages, "network": s.did.Networks, "kind": s.did.Kinds, "day": s.did.Days, "weekday": s.did.Weekdays, "hour": s.did.Hours,
		}[name]
		if !ok {
			return ""
		}
		lines = named(s.Words, name, rows)
	}
	b := chart.Bars{Head: s.head(name, s.Words.T("results.bars.desc"))}
	for _, l := range lines {
		b.Rows = append(b.Rows, chart.Bar{Name: l.label, Value: l.sums.Engagements, Said: s.Words.T("results.bar", told(l.sums.Engagements, s.Words).Said, l.sums.Posts)})
	}
	return b.SVG()
}

// nameOf is the name of an entered figure as people read it.
func nameOf(words page.Words, name string) string {
	if key := "results.entered." + name; words.Has(key) {
		return words.T(key)
	}
	return name
}
