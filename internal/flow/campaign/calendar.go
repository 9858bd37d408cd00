package campaign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/flow/campaign/read"

	"go.yaml.in/yaml/v4"
)

// day is an observance as a file has it. What needs sources is not here.
type day struct {
	ID             string            `yaml:"id"`
	Names          map[string]string `yaml:"names"`
	Date           map[string]any    `yaml:"date"`
	ObservedBy     string            `yaml:"observed_by,omitempty"`
	Hashtags       []string          `yaml:"hashtags,flow,omitempty"`
	HashtagsVerify string            `yaml:"hashtags_verify,omitempty"`
	Symbol         string            `yaml:"symbol,omitempty"`
	Colour         string            `yaml:"colour,omitempty"`
	Site           string            `yaml:"site,omitempty"`
	Verify         string            `yaml:"verify,omitempty"`
	Note           string            `yaml:"note,omitempty"`
}

// ExportObservance returns a file of observances with one, and false when the file would not give the same one again: it has sources
// or a history, which only the file it came from can say.
func ExportObservance(o observance.Observance) ([]byte, bool, error) {
	verified := func(not bool) string {
		if not {
			return ""
		}
		return "V"
	}
	var b bytes.Buffer
	b.WriteString("# yaml-language-server: $schema=../observances.schema.json\n")
	w := yaml.NewEncoder(&b)
	w.SetIndent(2)
	err := w.Encode(map[string]any{"daymark": read.Version, "observances": []day{{
		ID: o.ID, Names: o.Names, Date: dateOf(o.Rule), ObservedBy: o.ObservedBy, Hashtags: o.Hashtags, HashtagsVerify: verified(o.HashtagsUnverified),
		Symbol: o.Symbol, Colour: o.Colour, Site: o.Site, Verify: verified(o.Unverified), Note: o.Note,
	}}})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, false, fmt.Errorf("write the observance %s: %w", o.ID, err)
	}
	back, problems := read.Calendar(observancesName, b.Bytes())
	if len(problems) > 0 || len(back) != 1 {
		return nil, false, nil
	}
	ours, err := json.Marshal(o)
	if err != nil {
		return nil, false, fmt.Errorf("write the observance %s: %w", o.ID, err)
	}
	theirs, err := json.Marshal(back[0])
	return b.Bytes(), bytes.Equal(ours, theirs), err
}

// dateOf returns a rule as the fields of a file.
func dateOf(r observance.Rule) map[string]any {
	f := map[string]any{"type": string(r.Kind)}
	put := func(name string, value any, is bool) {
		if is {
			f[name] = value
		}
	}
	monthDay := func(d observance.MonthDay) map[string]int { return map[string]int{"month": int(d.Month), "day": d.Day} }
	weekly := slices.Contains([]observance.Kind{
		observance.NthWeekday, observance.NthWeekdayPlus, observance.WeekdayOnOrAfter, observance.WeekdayOnOrBefore, observance.WeekContaining,
	}, r.Kind)
	name, offset := "weekday", "offset"
	switch r.Kind {
	case observance.WeekContaining:
		name = "first_weekday"
	case observance.NthWeekdayPlus:
		offset = "offset_days"
	case observance.Announced:
		f["dates"] = yearsOf(r.Dates)
	}
	put("month", int(r.Month), r.Month != 0)
	put("day", r.Day, r.Day != 0)
	put("start", monthDay(r.Start), r.Kind == observance.Days)
	put("end", monthDay(r.End), r.Kind == observance.Days)
	put(name, shortOf(r.Weekday), weekly)
	put("n", r.N, r.N != 0)
	put("missing", r.Missing, r.Missing != "")
	put(offset, r.Offset, r.Offset != 0 || r.Kind == observance.Easter || r.Kind == observance.NthWeekdayPlus)
	put("church", r.Church, r.Church != "")
	put("overrides", yearsOf(r.Overrides), len(r.Overrides) > 0)
	put("since", r.Since, r.Since != 0)
	put("until", r.Until, r.Until != 0)
	return f
}

// shortOf writes a weekday as files do: MO, TU.
func shortOf(day time.Weekday) string { return strings.ToUpper(day.String()[:2]) }

func yearsOf(years map[int]civil.Range) map[int]any {
	all := map[int]any{}
	for year, days := range years {
		all[year] = days.Start.String()
		if days.Start != days.End {
			all[year] = map[string]string{"start": days.Start.String(), "end": days.End.String()}
		}
	}
	return all
}
