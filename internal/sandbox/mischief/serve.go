package mischief

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
)

// MaxBody is the largest request body kept in memory while a fault is carried out.
const MaxBody = 128 << 20

// Words are the network's own answers to a request that is refused without being carried out.
type Words struct {
	Error   func(w http.ResponseWriter, status int)          // a broken server or an expired token
	Limited func(w http.ResponseWriter, reset time.Duration) // too many requests, until the limit is reset
}

// BodyOf returns a function that reads a request's body once and puts it back for later readers.
func BodyOf(r *http.Request) func() []byte {
	var body []byte
	done := false
	return func() []byte {
		if !done && r.Body != nil {
			body, _ = io.ReadAll(io.LimitReader(r.Body, MaxBody)) // a client that breaks off leaves a short body, refused later
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		done = true
		return body
	}
}

// Transport reports whether [Plan.Serve] carries a fault out; the sandbox itself does the others.
func (f Fault) Transport() bool { return transport[f.Kind] }

// Serve carries out a transport fault on a request. It cuts the connection by panicking with [http.ErrAbortHandler], as
// net/http asks its handlers to, so it must run on the handler's goroutine.
func (p *Plan) Serve(w http.ResponseWriter, r *http.Request, f Fault, words Words, next http.Handler) {
	switch f.Kind {
	case DropBeforeRead:
		panic(http.ErrAbortHandler)
	case Reject500:
		words.Error(w, http.StatusInternalServerError)
	case TokenExpired:
		words.Error(w, http.StatusUnauthorized)
	case RateLimited429:
		reset := f.ResetSeconds
		if reset == 0 {
			reset = 60
		}
		words.Limited(w, time.Duration(reset)*time.Second)
	case CommitThenDrop:
		record(r, next)
		panic(http.ErrAbortHandler)
	case CommitLate:
		BodyOf(r)()
		if f.Cut {
			p.after(f, func() { record(r.WithContext(context.WithoutCancel(r.Context())), next) })
		} else {
			p.carryOut(f, p.accept(f), func() { record(r, next) })
		}
		panic(http.ErrAbortHandler)
	case CommitThen504:
		record(r, next)
		page(w, http.StatusGatewayTimeout, "504 Gateway Time-out")
	case Slow:
		BodyOf(r)()
		slow := Fault{DelayMS: f.DelayMS}
		if !p.carryOut(slow, p.accept(slow), func() { next.ServeHTTP(w, r) }) {
			panic(http.ErrAbortHandler)
		}
	case TruncateBody:
		truncate(w, record(r, next))
	case HTMLInsteadOfJSON:
		if !f.Uncommitted {
			record(r, next)
		}
		page(w, http.StatusOK, "Checking your browser")
	case MediaPending, CachedErrorReplayed, KeyBurnt, Repeat500:
		next.ServeHTTP(w, r)
	}
}

// accept notes a request that is carried out later, and returns what lets it go.
func (p *Plan) accept(f Fault) chan struct{} {
	release := make(chan struct{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[release] = f.After
	return release
}

// after carries a request out when a fault says so, unless the plan has ended by then. It does not wait for that.
func (p *Plan) after(f Fault, commit func()) {
	release := p.accept(f) // before the client hears anything
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		delete(p.waiting, release)
		return
	}
	p.later.Go(func() { p.carryOut(f, release, commit) })
}

// carryOut waits as long as a fault says and then carries a request out. It is false when the plan ended first.
func (p *Plan) carryOut(f Fault, release chan struct{}, commit func()) bool {
	defer func() {
		p.mu.Lock()
		delete(p.waiting, release)
		p.mu.Unlock()
	}()
	var timer <-chan time.Time
	if f.DelayMS > 0 {
		t := time.NewTimer(f.Delay())
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-p.closed:
		return false
	case <-release:
	case <-timer:
	}
	commit()
	return true
}

// recording is an answer kept back from the client.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *recording) Header() http.Header { return a.header }

func (a *recording) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recording) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// record carries a request out and keeps the answer back.
func record(r *http.Request, next http.Handler) *recording {
	a := &recording{header: http.Header{}}
	next.ServeHTTP(a, r)
	return a
}

// truncate promises the whole answer, sends half and cuts the connection.
func truncate(w http.ResponseWriter, a *recording) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(max(a.status, http.StatusOK))
	_, _ = w.Write(a.body.Bytes()[:a.body.Len()/2]) // the connection is cut next in any case
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

// page answers with a proxy's page.
func page(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<html><head><title>"+title+"</title></head><body><h1>"+title+"</h1></body></html>\n")
}
