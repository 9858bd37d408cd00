// Package meter counts the requests to the sandbox X server against rate limits, and remembers which nonces were used.
package meter

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
	Write(h, l.Requests, max(l.Requests-u.count, 0), u.stretch.Add(l.Per))
	return u.count <= l.Requests
}

// Write sets the rate-limit headers; the reset is in Unix seconds.
func Write(h http.Header, limit, remaining int, reset time.Time) {
	h.Set("x-rate-limit-limit", strconv.Itoa(limit))
	h.Set("x-rate-limit-remaining", strconv.Itoa(remaining))
	h.Set("x-rate-limit-reset", strconv.FormatInt(reset.Unix(), 10))
}

// Nonces remembers which nonces were used, as long as their timestamps would be accepted.
type Nonces struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// Fresh notes a nonce and reports whether it is new. After life it may be forgotten.
func (n *Nonces) Fresh(nonce string, now time.Time, life time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = map[string]time.Time{}
	}
	if len(n.seen) > 10_000 {
		for old, at := range n.seen {
			if now.Sub(at) > life {
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
