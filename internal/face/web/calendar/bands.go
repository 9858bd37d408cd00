package calendar

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/agenda"
	"daymark/internal/flow/plan/almanac"
)

// longest is how many days something stands on each of its days for; what is observed for longer stands above them once.
const longest = 7

// spread is something that is observed on some days.
type spread struct {
	Band
	days civil.Range
	of   string // the observance that an edition of ours is of
}

// bands are the days that are observed. lay cuts out those of a view.
type bands struct {
	known []observance.Observance
	ours  []spread
	lang  string
	days  map[civil.Date][]Band
	long  []Band
}

// bands reads what can be observed: the shipped days, those of loaded campaigns, the charity's own, and our editions, which stand in
// place of their observance.
func (s sheet) bands(editions []book.Edition) (bands, error) {
	loaded, err := agenda.Observances(s.Context(), s.db)
	if err != nil {
		return bands{}, err
	}
	b := bands{known: slices.Clone(s.shipped), lang: s.Words.Lang}
	for _, id := range slices.Sorted(maps.Keys(loaded)) {
		o := loaded[id]
		if at := slices.IndexFunc(b.known, func(k observance.Observance) bool { return k.ID == o.ID }); at >= 0 {
			b.known[at] = o
		} else {
			b.known = append(b.known, o)
		}
	}
	own, err := almanac.Own(s.Context(), s.db)
	if err != nil {
		return bands{}, err
	}
	for _, o := range own {
		b.known = append(b.known, o.Observance)
	}
	for _, e := range editions {
		if len(s.query.editions) > 0 && !slices.Contains(s.query.editions, e.ID) {
			continue
		}
		first, err1 := civil.ParseDate(e.FirstDay)
		last, err2 := civil.ParseDate(e.LastDay)
		if err1 != nil || err2 != nil {
			return bands{}, fmt.Errorf("edition %d lies from %q to %q", e.ID, e.FirstDay, e.LastDay)
		}
		name := e.Title
		if e.Rehearsal {
			name = s.Words.T("cal.rehearsing", e.Title)
		}
		b.ours = append(b.ours, spread{Band{Name: name, URL: view.EditionURL(e.ID), Ours: true}, civil.Range{Start: first, End: last}, loaded[e.Campaign].ID})
	}
	return b, nil
}

// lay puts onto days what is observed from one day until before another: ours first, then the others by name.
func (b *bands) lay(from, to civil.Date) {
	list := slices.Clone(b.ours)
	for _, o := range b.known {
		for year := from.Year - 1; year <= to.Year; year++ {
			days, ok, err := o.Rule.On(year)
			if err != nil || !ok { // a rule without an answer, for a fifth Friday that is not there, has no day
				continue
			}
			same := func(own spread) bool { return own.of == o.ID && own.days == days }
			if !slices.ContainsFunc(b.ours, same) {
				list = append(list, spread{Band{Name: o.Name(b.lang), URL: fmt.Sprintf("/year/%d#day-%s-%02d-%d", days.Start.Year, o.ID, int(days.Start.Month), year)}, days, ""})
			}
		}
	}
	slices.SortStableFunc(list, func(x, y spread) int {
		if x.Ours != y.Ours {
			return map[bool]int{true: -1, false: 1}[x.Ours]
		}
		return cmp.Or(x.days.Start.Compare(y.days.Start), strings.Compare(x.Name, y.Name))
	})
	b.days, b.long = map[civil.Date][]Band{}, nil
	for _, one := range list {
		switch {
		case one.days.End.Before(from) || !one.days.Start.Before(to):
		case one.days.Days() > longest:
			b.long = append(b.long, one.Band)
		default:
			for d := one.days.Start; !d.After(one.days.End); d = d.AddDays(1) {
				b.days[d] = append(b.days[d], one.Band)
			}
		}
	}
}

func (b bands) on(d civil.Date) []Band { return b.days[d] }
