package request

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Limit allows so many requests in each stretch of product time. Without Requests there is no limit and there are no headers.
type Limit struct {
	Requests int
	Per      time.Duration
}

// Meter counts requests against limits. The zero value is ready to use.
type Meter struct {
	mu   sync.Mutex
	used map[string]use
}

type use struct {
	stretch time.Time // when the stretch began
	count   int
}

// Count notes one request of somebody, writes the headers, and reports whether it is within the limit.
func (m *Meter) Count(h http.Header, who string, l Limit, now time.Time) bool {
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
	WriteLimit(h, l.Requests, max(l.Requests-u.count, 0), u.stretch.Add(l.Per))
	return u.count <= l.Requests
}

// WriteLimit sets the rate-limit headers. The reset is an ISO 8601 instant, as Mastodon writes it, not a number
// (https://docs.joinmastodon.org/api/rate-limits/).
func WriteLimit(h http.Header, limit, remaining int, reset time.Time) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("X-RateLimit-Reset", reset.UTC().Format("2006-01-02T15:04:05.000000Z"))
}
