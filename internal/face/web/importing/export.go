package importing

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/table"
	"daymark/internal/org/channel"
)

// Export answers with posts as a table: those of which a place passes the filters of the calendar, whole, as far as the person sees them.
// The address has the calendar's own names, so that the calendar can lead here.
func (d Desk) Export(r ask.Request) (ask.Answer, error) {
	q := r.URL.Query()
	from, to, err := days(r, q)
	if err != nil {
		return ask.Answer{}, err
	}
	stands, err := r.ReadStands(r.Context(), d.db, book.EntryFilter{From: from, To: to})
	if err != nil {
		return ask.Answer{}, err
	}
	channels, err := edit.Reachable(r.Context(), d.db, r.Person)
	if err != nil {
		return ask.Answer{}, err
	}
	var entries []book.Entry
	for _, s := range stands {
		if passes(q, s, channels) {
			entries = append(entries, s.Entry)
		}
	}
	body, err := table.Export(r.Context(), d.db, entries, channels)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{File: &ask.File{Name: "daymark-posts.csv", Type: "text/csv; charset=utf-8; header=present", Body: []byte("\ufeff" + body)}}, nil
}

// days reads which days are wanted: a month, a week or a day, and without any all of them.
func days(r ask.Request, q url.Values) (from, to time.Time, err error) {
	if month := q.Get("month"); month != "" {
		first, err := time.ParseInLocation("2006-01", month, r.Zone)
		if err != nil {
			return from, to, fault.New(fault.Invalid, "“%s” is no month; write it as 2027-07.", month)
		}
		return first, first.AddDate(0, 1, 0), nil
	}
	given := q.Get("day")
	if given == "" {
		return from, to, nil
	}
	day, err := civil.ParseDate(given)
	if err != nil {
		return from, to, fault.Wrap(fault.Invalid, err, "“%s” is no day; write it as 2027-07-30.", given)
	}
	last := day
	if q.Get("view") == "week" {
		day = day.AddDays(-(int(day.Weekday()) + 6) % 7)
		last = day.AddDays(6)
	}
	return civil.Place(day, civil.Clock{}, r.Zone), civil.EndOfDay(last, r.Zone), nil
}

// passes reports whether a place passes the filters of an address. A filter without a value lets everything through.
func passes(q url.Values, s view.Stand, channels []channel.Channel) bool {
	one := func(name string, is ...string) bool {
		wanted := slices.DeleteFunc(slices.Clone(q[name]), func(v string) bool { return v == "" })
		return len(wanted) == 0 || slices.ContainsFunc(is, func(v string) bool { return slices.Contains(wanted, v) })
	}
	var labels []string
	if at := slices.IndexFunc(channels, func(c channel.Channel) bool { return c.ID == s.Channel }); at >= 0 {
		labels = channels[at].Labels
	}
	return one("edition", strconv.FormatInt(s.Edition, 10)) && one("language", s.Language) && one("network", s.Platform) &&
		one("state", string(s.Standing)) && one("label", labels...)
}
