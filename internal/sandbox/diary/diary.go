// Package diary remembers what a sandbox server was asked since it started, for tests and for people. It never holds a token.
package diary

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Diary counts requests and keeps the last of them. The zero value is ready to use; it is safe for concurrent use.
type Diary struct {
	mu     sync.Mutex
	counts map[string]map[string]int // endpoint → status, or "none" when the connection was cut → how often
	recent []Entry
}

// Entry is one request.
type Entry struct {
	At       time.Time `json:"at"`
	Endpoint string    `json:"endpoint"`
	Path     string    `json:"path"`
	Account  string    `json:"account,omitempty"`
	Key      string    `json:"idempotency_key,omitempty"`
	Status   int       `json:"status"` // 0 when the connection was cut without an answer
	Fault    string    `json:"fault,omitempty"`
}

// length is how many requests are remembered one by one.
const length = 500

// Note writes a request down.
func (d *Diary) Note(e Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.counts == nil {
		d.counts = map[string]map[string]int{}
	}
	if d.counts[e.Endpoint] == nil {
		d.counts[e.Endpoint] = map[string]int{}
	}
	status := "none"
	if e.Status != 0 {
		status = strconv.Itoa(e.Status)
	}
	d.counts[e.Endpoint][status]++
	if len(d.recent) == length {
		d.recent = slices.Delete(d.recent, 0, 1)
	}
	d.recent = append(d.recent, e)
}

// Summary is the diary as JSON.
type Summary struct {
	Counts map[string]map[string]int `json:"counts"`
	Recent []Entry                   `json:"recent"`
}

// Summary returns what was written down so far.
func (d *Diary) Summary() Summary {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := Summary{Counts: map[string]map[string]int{}, Recent: slices.Clone(d.recent)}
	for endpoint, statuses := range d.counts {
		out.Counts[endpoint] = map[string]int{}
		for status, n := range statuses {
			out.Counts[endpoint][status] = n
		}
	}
	return out
}

// Watcher notes which status is answered.
type Watcher struct {
	http.ResponseWriter
	Status int // 0 until something is answered
}

// WriteHeader notes and passes on a status.
func (w *Watcher) WriteHeader(status int) {
	if w.Status == 0 {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write passes on a part of the answer.
func (w *Watcher) Write(b []byte) (int, error) {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Flush sends what was written so far.
func (w *Watcher) Flush() {
	if f, ok := w.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap lets net/http find the writer beneath.
func (w *Watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }
