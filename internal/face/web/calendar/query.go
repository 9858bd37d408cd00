package calendar

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/ask"
)

// The views. A month is the one without a name.
const (
	viewMonth = ""
	viewWeek  = "week"
	viewList  = "list"
)

// eachZone asks for the days and hours of each place's own clock.
const eachZone = "channel"

// mostValues bounds how many values of one filter count.
const mostValues = 50

// query is what the address of the calendar asks for.
type query struct {
	view  string
	day   civil.Date // in the month, or the day itself
	whole bool       // of the list: the whole month, and not one day
	page  int        // of the list, from 1

	states, networks, languages, labels []string
	editions                            []int64

	zone  *time.Location
	named string // how the address names the zone; empty is the team's
	each  bool
}

// read reads the address. What cannot be read counts as not asked for.
func read(r ask.Request) query {
	v := r.URL.Query()
	q := query{view: v.Get("view"), page: 1, zone: r.Zone, whole: true}
	if q.view != viewWeek && q.view != viewList {
		q.view = viewMonth
	}
	switch name := v.Get("zone"); name {
	case "", r.Zone.String():
	case eachZone:
		q.each, q.named = true, eachZone
	default:
		// LoadLocation takes "Local", which is the machine's zone and nobody's here.
		if zone, err := time.LoadLocation(name); err == nil && name != "Local" {
			q.zone, q.named = zone, name
		}
	}
	q.day = civil.DateOf(r.Now.In(q.zone))
	if q.view == viewMonth || q.view == viewList {
		q.day.Day = 1
	}
	if first, err := time.Parse("2006-01", v.Get("month")); err == nil && inside(first.Year()) {
		q.day = civil.DateOf(first)
	}
	if day, err := civil.ParseDate(v.Get("day")); err == nil && inside(day.Year) {
		q.day, q.whole = day, q.view != viewList
		if q.view == viewMonth {
			q.day.Day = 1
		}
	}
	if n, err := strconv.Atoi(v.Get("page")); err == nil && n > 1 && n < 1_000_000 {
		q.page = n
	}
	q.states, q.networks = values(v["state"]), values(v["network"])
	q.languages, q.labels = values(v["language"]), values(v["label"])
	for _, s := range values(v["edition"]) {
		if id, err := strconv.ParseInt(s, 10, 64); err == nil && id >= 0 && !slices.Contains(q.editions, id) {
			q.editions = append(q.editions, id)
		}
	}
	return q
}

// inside reports whether the calendar has a year.
func inside(year int) bool { return year >= 1900 && year <= 2200 }

// values tidies the values of a filter: each once, the empty one not at all.
func values(list []string) []string {
	var out []string
	for _, s := range list[:min(len(list), mostValues)] {
		if s = strings.ToValidUTF8(s, ""); s != "" && !strings.Contains(s, "\x00") && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (q query) filtered() bool {
	return len(q.states)+len(q.networks)+len(q.languages)+len(q.labels)+len(q.editions) > 0
}

func (q query) monthValue() string { return q.day.String()[:7] }

// url is the address that asks for the same.
func (q query) url() string {
	v := url.Values{}
	if q.view != viewMonth {
		v.Set("view", q.view)
	}
	if q.view == viewWeek || (q.view == viewList && !q.whole) {
		v.Set("day", q.day.String())
	} else {
		v.Set("month", q.monthValue())
	}
	for name, list := range map[string][]string{"state": q.states, "network": q.networks, "language": q.languages, "label": q.labels} {
		for _, s := range list {
			v.Add(name, s)
		}
	}
	for _, id := range q.editions {
		v.Add("edition", strconv.FormatInt(id, 10))
	}
	if q.named != "" {
		v.Set("zone", q.named)
	}
	if q.page > 1 {
		v.Set("page", strconv.Itoa(q.page))
	}
	return "/calendar?" + v.Encode()
}

// with is the address that asks for something else.
func (q query) with(change func(*query)) string {
	change(&q)
	return q.url()
}

// by moves to another month, week or day.
func (q query) by(n int) string {
	return q.with(func(q *query) {
		q.page = 1
		switch {
		case q.view == viewWeek:
			q.day = q.day.AddDays(7 * n)
		case q.view == viewList && !q.whole:
			q.day = q.day.AddDays(n)
		default:
			q.day = civil.DateOf(time.Date(q.day.Year, q.day.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
		}
	})
}
