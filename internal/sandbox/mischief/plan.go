// Package mischief makes a sandbox server misbehave on request, in the ways real servers and the networks before them do.
//
// A [Plan] holds faults; each says which requests it meets and how often. The transport's half of a fault is done here, on a
// real connection: the request is carried out and the answer lost, cut, delayed or replaced. What an error of a network looks
// like is the sandbox's own business and given as [Words]. The package knows no network.
package mischief

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Kind names a way to misbehave.
type Kind string

// The faults. "Committed" means that the request was carried out in full before things went wrong.
const (
	CommitThenDrop      Kind = "commit_then_drop"        // committed; the connection is cut without an answer
	CommitLate          Kind = "commit_late"             // read, then silence; committed after Delay, or after the request named by After; never answered
	CommitThen504       Kind = "commit_then_504"         // committed; a proxy in front answers 504
	Reject500           Kind = "reject_500"              // not committed; 500
	RateLimited429      Kind = "rate_limited_429"        // not committed; 429 whose limit is reset after ResetSeconds
	Slow                Kind = "slow"                    // carried out and answered after Delay
	TruncateBody        Kind = "truncate_body"           // committed; the answer breaks off in the middle
	HTMLInsteadOfJSON   Kind = "html_instead_of_json"    // committed unless Uncommitted; 200 with a page in place of the answer
	DropBeforeRead      Kind = "drop_before_read"        // the connection is cut before the body is read
	TokenExpired        Kind = "token_expired"           // not committed; 401
	MediaPending        Kind = "media_pending"           // an upload is accepted and not ready for the next Polls questions
	CachedErrorReplayed Kind = "cached_error_replayed"   // not committed; 500, and the same key gets that answer again (Pleroma, Akkoma)
	KeyBurnt            Kind = "key_burnt"               // not committed; 500, and the same key is refused as a duplicate (Pixelfed)
	Repeat500           Kind = "repeat_500_after_commit" // committed; a repeat of the key is answered 500 (Mastodon issue 40399)
)

// transport are the faults this package carries out; the others are left to the sandbox.
var transport = map[Kind]bool{
	CommitThenDrop: true, CommitLate: true, CommitThen504: true, Reject500: true, RateLimited429: true, Slow: true,
	TruncateBody: true, HTMLInsteadOfJSON: true, DropBeforeRead: true, TokenExpired: true,
	MediaPending: false, CachedErrorReplayed: false, KeyBurnt: false, Repeat500: false,
}

// Fault is one planned misbehaviour. The zero value of each condition meets every request.
type Fault struct {
	Kind         Kind   `json:"kind"`
	Endpoint     string `json:"endpoint,omitempty"`      // such as "POST /api/v1/statuses" or "GET /api/v1/media/:id"
	Account      string `json:"account,omitempty"`       // the handle that asks
	Contains     string `json:"contains,omitempty"`      // text the body or the query has
	Skip         int    `json:"skip,omitempty"`          // let this many matching requests pass first
	Times        int    `json:"times,omitempty"`         // how many requests to meet: 0 means one, below 0 all until cleared
	DelayMS      int    `json:"delay_ms,omitempty"`      // for slow and commit_late, in real milliseconds
	After        string `json:"after,omitempty"`         // for commit_late: commit once a request to this endpoint was answered
	Cut          bool   `json:"cut,omitempty"`           // for commit_late: the connection is cut at once instead of staying silent
	ResetSeconds int    `json:"reset_seconds,omitempty"` // for rate_limited_429; 0 means 60
	Polls        int    `json:"polls,omitempty"`         // for media_pending; 0 means 2, below 0 never ready
	Uncommitted  bool   `json:"uncommitted,omitempty"`   // for html_instead_of_json: the page came from a proxy, nothing was done
}

// Delay returns the wait as a duration.
func (f Fault) Delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

// check says what is wrong with a fault.
func (f Fault) check() error {
	if _, known := transport[f.Kind]; !known {
		return fmt.Errorf("fault kind %q is not known", f.Kind)
	}
	if f.Kind == CommitLate && f.DelayMS <= 0 && f.After == "" {
		return fmt.Errorf("fault %s needs delay_ms or after", f.Kind)
	}
	if f.Kind == Slow && f.DelayMS <= 0 {
		return fmt.Errorf("fault %s needs delay_ms", f.Kind)
	}
	if f.Kind == DropBeforeRead && f.Contains != "" {
		return fmt.Errorf("fault %s cannot look into the body it does not read: leave contains out", f.Kind)
	}
	if f.Skip < 0 || f.DelayMS < 0 || f.ResetSeconds < 0 {
		return fmt.Errorf("fault %s has a negative number", f.Kind)
	}
	return nil
}

// Request is what a plan sees of a request.
type Request struct {
	Endpoint string
	Account  string
	Query    string
	Body     func() []byte // reads the body when a condition needs it; later readers still get the whole of it
}

// Plan holds the faults still to come. It is safe for concurrent use; the zero value is not usable, make one with [New].
type Plan struct {
	mu      sync.Mutex
	faults  []Fault
	waiting map[chan struct{}]string // late commits, by the endpoint whose answer lets them go
	later   sync.WaitGroup           // late commits whose connection is gone
	closed  chan struct{}
	over    bool
}

// New returns a plan without faults.
func New() *Plan {
	return &Plan{waiting: map[chan struct{}]string{}, closed: make(chan struct{})}
}

// Add appends faults to the plan, all or none. Earlier faults meet a request first.
func (p *Plan) Add(faults ...Fault) error {
	for _, f := range faults {
		if err := f.check(); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = 1
		}
		p.faults = append(p.faults, f)
	}
	return nil
}

// Clear drops the faults that have not happened. Commits already late stay late.
func (p *Plan) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// Remaining returns the faults still to come.
func (p *Plan) Remaining() []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Fault{}, p.faults...)
}

// Late returns how many requests are accepted and not yet committed.
func (p *Plan) Late() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiting)
}

// Take returns the fault that meets a request and counts it as done.
func (p *Plan) Take(req Request) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.faults {
		f := &p.faults[i]
		if !f.meets(req) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		taken := *f
		if f.Times > 0 {
			f.Times--
		}
		if f.Times == 0 {
			p.faults = append(p.faults[:i], p.faults[i+1:]...)
		}
		return taken, true
	}
	return Fault{}, false
}

// meets reports whether the conditions of a fault hold for a request.
func (f *Fault) meets(req Request) bool {
	if f.Endpoint != "" && !sameEndpoint(f.Endpoint, req.Endpoint) || f.Account != "" && f.Account != req.Account {
		return false
	}
	return f.Contains == "" || strings.Contains(req.Query, f.Contains) || bytes.Contains(req.Body(), []byte(f.Contains))
}

// sameEndpoint compares endpoints whose variables may be written :id or {id}.
func sameEndpoint(a, b string) bool {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && !(variable(x[i]) && variable(y[i])) {
			return false
		}
	}
	return true
}

func variable(segment string) bool {
	return strings.HasPrefix(segment, ":") || strings.HasPrefix(segment, "{")
}

// Answered tells the plan that a request to an endpoint was answered, which lets late commits go that wait for one.
func (p *Plan) Answered(endpoint string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, after := range p.waiting {
		if after != "" && sameEndpoint(after, endpoint) {
			close(c)
			p.waiting[c] = "" // late until it is carried out
		}
	}
}

// Close ends the plan: requests accepted and not yet committed never will be. It waits for those that are being committed.
func (p *Plan) Close() {
	p.mu.Lock()
	if !p.over {
		p.over = true
		close(p.closed)
	}
	p.mu.Unlock()
	p.later.Wait()
}
