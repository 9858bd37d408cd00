package importing

import (
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/table"
)

// Export answers with posts as a table: those that the filter of the calendar leaves, of which the person sees places.
func (d Desk) Export(r ask.Request) (ask.Answer, error) {
	q := r.URL.Query()
	f := book.EntryFilter{Edition: settings(q).edition, Language: q.Get("language")}
	if month := q.Get("month"); month != "" {
		first, err := time.ParseInLocation("2006-01", month, r.Zone)
		if err != nil {
			return ask.Answer{}, fault.New(fault.Invalid, "“%s” is no month; write it as 2027-07.", month)
		}
		f.From, f.To = first, first.AddDate(0, 1, 0)
	}
	stands, err := r.ReadStands(r.Context(), d.db, f)
	if err != nil {
		return ask.Answer{}, err
	}
	var entries []book.Entry
	for _, s := range stands {
		if state := q.Get("state"); state == "" || string(s.Standing) == state {
			entries = append(entries, s.Entry)
		}
	}
	channels, err := edit.Reachable(r.Context(), d.db, r.Person)
	if err != nil {
		return ask.Answer{}, err
	}
	body, err := table.Export(r.Context(), d.db, slices.Clip(entries), channels)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{File: &ask.File{Name: "daymark-posts.csv", Type: "text/csv; charset=utf-8; header=present", Body: []byte("\ufeff" + body)}}, nil
}
