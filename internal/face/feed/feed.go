// Package feed answers calendar programs: at a private address they get the days, posts and duties that its person may see now, as
// iCalendar (RFC 5545).
//
// There is no session and no cookie: the address is all. It shows nothing beyond what the person would see after logging in, and of a
// text nothing before it is approved, because calendars are copied to other people's servers. The addresses themselves are kept by
// internal/org/people/feed, the format by internal/core/ics.
package feed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/core/ics"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/plan/almanac"
	address "daymark/internal/org/people/feed"

	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"
)

// Every is how often calendar programs are asked to look again. Many look less often whatever they are asked.
const Every = time.Hour

// What of posts and days a feed shows around now.
const (
	back      = 60 * 24 * time.Hour
	ahead     = 400 * 24 * time.Hour
	yearsBack = 1
	yearsOn   = 2
)

// Site answers at the addresses of feeds.
type Site struct {
	DB      *postgres.DB
	Clock   clock.Clock
	Log     *slog.Logger
	Shipped []observance.Observance
	Words   func(people.Person) page.Words // the interface in a person's language
	Public  *url.URL                       // where people reach Daymark; without a host the name that is asked
}

// Before answers what is below [address.Path], and hands the rest to next.
func (s Site) Before(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc(address.Path, func(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, http.StatusNotFound) })
	mux.HandleFunc("GET "+address.Path+"{name}", s.answer)
	return mux
}

func (s Site) refuse(w http.ResponseWriter, _ *http.Request, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}

func (s Site) answer(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex, nofollow")
	token, ok := strings.CutSuffix(r.PathValue("name"), address.Suffix)
	if !ok {
		s.refuse(w, r, http.StatusNotFound)
		return
	}
	body, err := s.body(r, token)
	switch {
	case r.Context().Err() != nil:
		return // whoever asked has gone
	case fault.Is(err, fault.NotFound):
		s.refuse(w, r, http.StatusNotFound)
		return
	case err != nil:
		s.Log.ErrorContext(r.Context(), "feed failed", "kind", fault.KindOf(err).String(), "error", err) // not the path: it lets in
		s.refuse(w, r, http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256(body)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	h.Set("Content-Type", ics.ContentType)
	h.Set("Content-Disposition", `inline; filename="daymark.ics"`)
	h.Set("Cache-Control", "private, no-cache") // asked anew each time, by the tag
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func (s Site) body(r *http.Request, token string) ([]byte, error) {
	f, person, err := address.Find(r.Context(), s.DB, token)
	if err != nil {
		return nil, err
	}
	within, err := scope.Of(r.Context(), s.DB, person)
	if err != nil {
		return nil, err
	}
	base := url.URL{Scheme: "http", Host: r.Host}
	if s.Public != nil && s.Public.Host != "" {
		base = url.URL{Scheme: s.Public.Scheme, Host: s.Public.Host}
	}
	read := reader{
		db: s.DB, now: s.Clock.Now(), person: person, within: within, words: s.Words(person), base: base.String(), host: base.Hostname(),
	}
	c := ics.Calendar{Name: f.Name, Every: Every}
	switch f.Kind {
	case address.Observances:
		c.Events, err = read.days(r.Context(), s.Shipped)
	case address.Posts:
		c.Events, err = read.posts(r.Context(), 0)
	case address.Edition:
		c.Events, err = read.posts(r.Context(), f.Edition.Int64)
	case address.Duties:
		c.Events, err = read.duties(r.Context())
	}
	if err != nil {
		return nil, err
	}
	return c.Bytes()
}

// reader reads what one person may see.
type reader struct {
	db     postgres.Querier
	now    time.Time
	person people.Person
	within scope.Limits
	words  page.Words
	base   string // such as https://daymark.example.org
	host   string
}

// entered is when the shipped days were written down, as far as calendars care.
var entered = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (r reader) days(ctx context.Context, shipped []observance.Observance) ([]ics.Event, error) {
	all, err := almanac.All(ctx, r.db, shipped)
	if err != nil {
		return nil, err
	}
	from := civil.Date{Year: r.now.Year() - yearsBack, Month: time.January, Day: 1}
	to := civil.Date{Year: r.now.Year() + yearsOn, Month: time.December, Day: 31}
	var events []ics.Event
	for _, d := range almanac.Between(all, from, to) {
		e := Day(d, r.words.Lang)
		e.UID += "@" + r.host
		e.URL = r.base + "/year/" + d.Range.Start.String()[:4]
		if d.Unverified {
			e.Text = strings.TrimSpace(e.Text + "\n\n" + r.words.T("year.unsure"))
		}
		events = append(events, e)
	}
	return events, nil
}

// Day writes a date of the calendar, with the front of its UID.
func Day(d almanac.Date, language string) ics.Event {
	e := ics.Event{
		UID: "day-" + d.ID + "-" + d.Range.Start.String()[:4], Summary: d.Name(language), Days: d.Range, Status: ics.Confirmed, Changed: entered,
		Text: strings.Join(d.Hashtags, " "),
	}
	if d.Unverified {
		e.Status = ics.Tentative
	}
	if !d.Changed.IsZero() {
		e.Changed = d.Changed
	}
	if theme, ok := d.Theme(d.Year); ok {
		e.Text = strings.TrimSpace(theme.Text + "\n" + e.Text)
	}
	return e
}
