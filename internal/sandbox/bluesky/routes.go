package bluesky

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"daymark/internal/sandbox/bluesky/desk"
	"daymark/internal/sandbox/bluesky/lexicon"
	"daymark/internal/sandbox/bluesky/method"
	"daymark/internal/sandbox/diary"
	"daymark/internal/sandbox/mischief"
)

// who says whose token an endpoint asks for.
type who int

const (
	anyone  who = iota // none; one that is given must be good, unless the endpoint reads it itself
	aUser              // an account's, also by app password
	anOwner            // an account's by its own password
	itself             // the endpoint reads it itself
)

// route is one endpoint: whose token it asks for, how many points it costs, which parameters its query knows, and what it does.
type route struct {
	pattern string
	who     who
	points  int
	params  []string
	handle  func(*method.Call) (any, error)
}

// routes returns the handler of the whole server.
func (s *Server) routes() http.Handler {
	m := s.methods
	table := []route{
		{"POST /xrpc/com.atproto.server.createSession", itself, 0, nil, m.CreateSession},
		{"POST /xrpc/com.atproto.server.refreshSession", itself, 0, nil, m.RefreshSession},
		{"GET /xrpc/com.atproto.server.getSession", aUser, 0, nil, m.GetSession},
		{"POST /xrpc/com.atproto.server.createAppPassword", anOwner, 0, nil, m.CreateAppPassword},
		{"GET /xrpc/com.atproto.server.describeServer", anyone, 0, nil, m.Describe},
		{"GET /xrpc/_health", anyone, 0, nil, m.Health},
		{"GET /xrpc/com.atproto.identity.resolveHandle", anyone, 0, []string{"handle"}, m.Resolve},
		{"POST /xrpc/com.atproto.repo.uploadBlob", aUser, 0, nil, m.Upload},
		{"POST /xrpc/com.atproto.repo.createRecord", aUser, 3, nil, m.Create},
		{"POST /xrpc/com.atproto.repo.putRecord", aUser, 2, nil, m.Put},
		{"POST /xrpc/com.atproto.repo.deleteRecord", aUser, 1, nil, m.Delete},
		{"POST /xrpc/com.atproto.repo.applyWrites", aUser, 3, nil, m.Apply},
		{"GET /xrpc/com.atproto.repo.getRecord", anyone, 0, []string{"repo", "collection", "rkey", "cid"}, m.Get},
		{"GET /xrpc/com.atproto.repo.listRecords", anyone, 0, []string{"repo", "collection", "limit", "cursor", "reverse"}, m.List},
		{"GET /xrpc/com.atproto.sync.getBlob", anyone, 0, []string{"did", "cid"}, m.Blob},
		{"GET /xrpc/app.bsky.feed.getPosts", anyone, 0, []string{"uris"}, m.Posts},
		{"GET /xrpc/app.bsky.actor.getProfile", anyone, 0, []string{"actor"}, m.Profile},
		{"GET /{did}", anyone, 0, nil, m.Directory},
	}
	mux := http.NewServeMux()
	for _, rt := range table {
		mux.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, rt) })
	}
	mux.HandleFunc("/xrpc/", func(w http.ResponseWriter, _ *http.Request) {
		method.Refuse(w, lexicon.No(http.StatusNotImplemented, "MethodNotImplemented", "Method Not Implemented"))
	})
	s.localRoutes(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.serving.Enter() {
			panic(http.ErrAbortHandler) // the server is closed: cut the connection
		}
		defer s.serving.Leave()
		mux.ServeHTTP(w, r)
	})
}

// serve takes a request to an endpoint through the plan of faults and writes it into the diary.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rt route) {
	c := &method.Call{Now: s.opts.Clock.Now(), Base: s.baseOf(r)}
	var scope string
	var refused error
	if rt.who != itself {
		var did string
		if did, scope, refused = s.desk.Who(r); did != "" {
			c.Owner, _ = s.methods.Find(did)
		}
	}
	watched := &diary.Watcher{ResponseWriter: w}
	entry := diary.Entry{At: c.Now, Endpoint: rt.pattern, Path: r.URL.Path, Account: c.Owner.Handle}
	defer func() { // also when the connection is cut, which is a panic that net/http takes
		entry.Status = watched.Status
		s.diary.Note(entry)
		s.plan.Answered(rt.pattern)
	}()
	run := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.W, c.R = w, r
		s.run(c, rt, scope, refused)
	})
	fault, met := s.plan.Take(mischief.Request{Endpoint: rt.pattern, Account: c.Owner.Handle, Query: r.URL.RawQuery, Body: mischief.BodyOf(r)})
	if !met {
		run(watched, r)
		return
	}
	entry.Fault = string(fault.Kind)
	c.Fault = fault
	s.plan.Serve(watched, r, fault, s.words(), run)
}

// baseOf returns the address of the server as a request sees it.
func (s *Server) baseOf(r *http.Request) string {
	if base := s.BaseURL(); base != "" {
		return base
	}
	return "http://" + r.Host
}

// run checks the limits, the token and the query, and then does what the endpoint does.
func (s *Server) run(c *method.Call, rt route, scope string, refused error) {
	c.Now = s.opts.Clock.Now() // a request that was held up is carried out now
	err := s.limit(c, rt)
	if err == nil {
		err = allowed(c, rt, scope, refused)
	}
	if err == nil {
		for name := range c.R.URL.Query() {
			if !slices.Contains(rt.params, name) {
				err = lexicon.No(http.StatusBadRequest, "InvalidRequest", "Error: the parameter %q is not in the lexicon (Bluesky would ignore it; the sandbox does not)", name)
			}
		}
	}
	var answer any
	if err == nil {
		answer, err = rt.handle(c)
	}
	var no *lexicon.Refusal
	switch {
	case errors.As(err, &no):
		method.Refuse(c.W, no)
	case err != nil:
		s.opts.Log.ErrorContext(c.R.Context(), "sandbox request failed", "endpoint", rt.pattern, "error", err)
		method.Refuse(c.W, method.Broken())
	case answer != nil:
		method.WriteJSON(c.W, http.StatusOK, answer)
	}
}

// allowed checks the token against what the endpoint asks for.
func allowed(c *method.Call, rt route, scope string, refused error) error {
	switch {
	case rt.who == itself:
		return nil
	case refused != nil:
		return refused
	case rt.who == anyone:
		return nil
	case scope == "":
		return lexicon.No(http.StatusUnauthorized, "AuthMissing", "Authentication Required")
	case scope == desk.ScopeAccess, scope == desk.ScopeApp && rt.who == aUser:
		return nil
	}
	return lexicon.No(http.StatusBadRequest, "InvalidToken", "Bad token scope")
}

// limit counts a request against the rate limits.
func (s *Server) limit(c *method.Call, rt route) error {
	h := c.W.Header()
	ok := s.meter.count(h, "everybody", 1, s.limits.Requests, c.Now)
	if rt.points > 0 {
		ok = s.meter.count(h, "points "+c.Owner.Handle, rt.points, s.limits.Points, c.Now) && ok
	}
	if strings.HasSuffix(rt.pattern, ".createSession") {
		ok = s.meter.count(h, "sessions", 1, s.limits.Sessions, c.Now) && ok
	}
	if !ok {
		return limited()
	}
	return nil
}

func limited() *lexicon.Refusal {
	return lexicon.No(http.StatusTooManyRequests, "RateLimitExceeded", "Rate Limit Exceeded")
}

// words are the answers of a server that fails before it does anything.
func (s *Server) words() mischief.Words {
	return mischief.Words{
		Error: func(w http.ResponseWriter, status int) {
			if status == http.StatusUnauthorized {
				method.Refuse(w, lexicon.No(http.StatusBadRequest, "ExpiredToken", "Token has expired"))
				return
			}
			method.Refuse(w, method.Broken())
		},
		Limited: func(w http.ResponseWriter, reset time.Duration) {
			writeLimit(w.Header(), Limit{max(s.limits.Points.Requests, 1), time.Hour}, 0, s.opts.Clock.Now(), s.opts.Clock.Now().Add(reset))
			method.Refuse(w, limited())
		},
	}
}

// Limit allows so many requests, or points, in each stretch of product time. Without Requests there is no limit.
type Limit struct {
	Requests int
	Per      time.Duration
}

// meter counts requests against limits.
type meter struct {
	mu   sync.Mutex
	used map[string]use
}

type use struct {
	stretch time.Time // when the stretch began
	count   int
}

// count notes what a request costs, writes the headers, and reports whether it is within the limit.
func (m *meter) count(h http.Header, who string, cost int, l Limit, now time.Time) bool {
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
	u.count += cost
	m.used[who] = u
	writeLimit(h, l, max(l.Requests-u.count, 0), now, u.stretch.Add(l.Per))
	return u.count <= l.Requests
}

// writeLimit sets the rate-limit headers as the reference server does: the reset in Unix seconds, and how long to wait when nothing
// is left.
func writeLimit(h http.Header, l Limit, remaining int, now, reset time.Time) {
	h.Set("RateLimit-Limit", strconv.Itoa(l.Requests))
	h.Set("RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	h.Set("RateLimit-Policy", strconv.Itoa(l.Requests)+";w="+strconv.Itoa(int(l.Per.Seconds())))
	if remaining == 0 {
		h.Set("Retry-After", strconv.Itoa(int(reset.Sub(now).Seconds())))
	}
}
