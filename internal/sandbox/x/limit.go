package x

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Limit allows so many requests in each stretch of product time. Without Requests there is no limit and there are no headers.
type Limit struct {
	Requests int           `json:"requests"`
	Per      time.Duration `json:"per"`
}

// Limits are the rate limits of an account by endpoint; an endpoint that is not listed has none.
type Limits map[string]Limit

// DefaultLimits returns X's limits (https://docs.x.com/x-api/fundamentals/rate-limits, seen in August 2026).
func DefaultLimits() Limits {
	quarter := 15 * time.Minute
	return Limits{
		"POST /2/tweets":                     {100, quarter},
		"DELETE /2/tweets/{id}":              {50, quarter},
		"GET /2/tweets":                      {5000, quarter},
		"GET /2/tweets/{id}":                 {900, quarter},
		"GET /2/users/me":                    {75, quarter},
		"GET /2/users/{id}/tweets":           {900, quarter},
		"POST /2/media/upload":               {500, quarter},
		"POST /2/media/upload/initialize":    {1875, quarter},
		"POST /2/media/upload/{id}/append":   {1875, quarter},
		"POST /2/media/upload/{id}/finalize": {1875, quarter},
		"GET /2/media/upload":                {1000, quarter},
		"POST /2/media/metadata":             {500, quarter},
		"POST /1.1/statuses/update.json":     {300, 3 * time.Hour},
	}
}

// meter counts requests against limits. The zero value is ready to use.
type meter struct {
	mu   sync.Mutex
	used map[string]use
}

type use struct {
	stretch time.Time // when the stretch began
	count   int
}

// count notes one request of somebody, writes the headers, and reports whether it is within the limit.
func (m *meter) count(h http.Header, who string, l Limit, now time.Time) bool {
	if l.Requests <= 0 || l.Per <= 0 {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used == nil {
		m.used = map[string]use{}
	}
	u := m.used[who]
	if start := now.Truncate(l.Per); !u.stretch.Equal(start) {
		u = use{stretch: start}
	}
	u.count++
	m.used[who] = u
	writeLimit(h, l.Requests, max(l.Requests-u.count, 0), u.stretch.Add(l.Per))
	return u.count <= l.Requests
}

// writeLimit sets the rate-limit headers; the reset is in Unix seconds.
func writeLimit(h http.Header, limit, remaining int, reset time.Time) {
	h.Set("x-rate-limit-limit", strconv.Itoa(limit))
	h.Set("x-rate-limit-remaining", strconv.Itoa(remaining))
	h.Set("x-rate-limit-reset", strconv.FormatInt(reset.Unix(), 10))
}

// nonces remembers which nonces were used, as long as their timestamps would be accepted.
type nonces struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// fresh notes a nonce and reports whether it is new.
func (n *nonces) fresh(nonce string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = map[string]time.Time{}
	}
	if len(n.seen) > 10_000 {
		for old, at := range n.seen {
			if now.Sub(at) > 2*maxSkew {
				delete(n.seen, old)
			}
		}
	}
	if _, used := n.seen[nonce]; used {
		return false
	}
	n.seen[nonce] = now
	return true
}
