// Package metrics shows how dispatch stands to a monitoring system, in the text format of Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
//
// Every figure comes from the database, so that each replica shows the same; all are gauges of now or of the last day, and none counts
// up for ever. They name no post, no account and no person. Only machines in the operator's own network are answered.
package metrics

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/dispatch/punctual"
	"daymark/internal/postgres"
)

// fresh is how long a snapshot is shown again, so that it costs the same however many ask.
const fresh = 5 * time.Second

// patience is how long the database may take.
const patience = 8 * time.Second

// shower shows the latest snapshot.
type shower struct {
	db    *postgres.DB
	clock clock.Clock
	log   *slog.Logger

	mu   sync.Mutex
	at   time.Time // real time
	text []byte
}

// Handler answers with the figures.
func Handler(db *postgres.DB, c clock.Clock, log *slog.Logger) http.Handler {
	return &shower{db: db, clock: c, log: log}
}

// ServeHTTP answers those who ask from the operator's own network directly. What comes through a proxy may come from anywhere.
func (s *shower) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !near(r) {
		http.Error(w, "The figures are shown only to machines of the same network that ask Daymark directly.", http.StatusForbidden)
		return
	}
	text, err := s.read(r.Context())
	if err != nil {
		s.log.ErrorContext(r.Context(), "the metrics could not be read", "err", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // whoever asked has gone
}

// near reports whether a request comes straight from this machine or a private network (RFC 1918, RFC 4193).
func near(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	a := from.Addr().Unmap()
	return a.IsLoopback() || a.IsPrivate()
}

// read returns the figures of now, or of a moment ago.
func (s *shower) read(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text != nil && time.Since(s.at) < fresh {
		return s.text, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	snapshot, err := punctual.Take(ctx, s.db, s.clock.Now())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := Write(&b, snapshot); err != nil {
		return nil, err
	}
	s.text, s.at = b.Bytes(), time.Now()
	return s.text, nil
}

// Write writes a snapshot in the text format.
func Write(w io.Writer, s punctual.Snapshot) error {
	var b strings.Builder
	family := func(name, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name) }
	each := func(name, help, label string, list map[string]int) {
		family(name, help)
		for _, key := range slices.Sorted(maps.Keys(list)) {
			fmt.Fprintf(&b, "%s{%s=%q} %d\n", name, label, key, list[key])
		}
	}
	one := func(name, help string, value float64) {
		family(name, help)
		fmt.Fprintf(&b, "%s %s\n", name, number(value))
	}
	each("daymark_deliveries", "Deliveries that are still to come, by state.", "state", s.States)
	each("daymark_held_deliveries", "Deliveries that wait for a person, by why.", "reason", s.Held)
	each("daymark_ended_deliveries_day", "Deliveries that were due in the last 24 hours and have come to an end, by how.", "state", s.Ended)
	each("daymark_attempts_day", "Attempts at deliveries that were due in the last 24 hours, by outcome.", "outcome", s.Attempts)
	one("daymark_queue_due", "Deliveries that are due and not on their way.", float64(s.Depth))
	one("daymark_queue_oldest_seconds", "How long the first of them has been due.", s.Oldest.Seconds())
	family("daymark_lateness_day_seconds", "How late the deliveries of the last 24 hours went out; quantile 1 is the latest.")
	for _, q := range []struct {
		of string
		by time.Duration
	}{{"0.5", s.Lateness.P50}, {"0.99", s.Lateness.P99}, {"1", s.Lateness.Max}} {
		fmt.Fprintf(&b, "daymark_lateness_day_seconds{quantile=%q} %s\n", q.of, number(q.by.Seconds()))
	}
	one("daymark_published_day", "Deliveries of the last 24 hours that went out.", float64(s.Lateness.Posts))
	one("daymark_late_day", "Of them, those that were late by a second or more.", float64(s.Lateness.Late))
	each("daymark_late_reasons_day", "Why they were late.", "reason", s.Reasons)
	one("daymark_deliveries_at_risk", "Deliveries of which something is at risk.", float64(s.Risks))
	one("daymark_pauses", "Pauses in force.", float64(s.Pauses))
	one("daymark_daemons", "Daemons that run on this database.", float64(s.Daemons))
	_, err := io.WriteString(w, b.String())
	return err
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
