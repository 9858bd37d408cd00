package x

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"daymark/internal/sandbox/diary"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/sandbox/x/api"
	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/meter"
	"daymark/internal/sandbox/x/request"
	"daymark/internal/sandbox/x/signature"
)

// route is one endpoint: which query it knows, whether it changes anything, and what it does.
type route struct {
	pattern string
	writes  bool
	params  []string
	handle  func(*request.Call) (any, error)
}

// legacy reports whether the endpoint is of version 1.1.
func (rt route) legacy() bool { return strings.Contains(rt.pattern, " /1.1/") }

// routes returns the handler of the whole server.
func (s *Server) routes() http.Handler {
	user := []string{"user.fields"}
	old := api.LegacyParams
	table := []route{
		{"POST /2/tweets", true, nil, s.api.Create},
		{"GET /2/tweets", false, append([]string{"ids"}, api.PostParams...), s.api.Several},
		{"GET /2/tweets/{id}", false, api.PostParams, s.api.One},
		{"DELETE /2/tweets/{id}", true, nil, s.api.Delete},
		{"GET /2/users/me", false, user, s.api.Me},
		{"GET /2/users/{id}/tweets", false, api.TimelineParams, s.api.Timeline},
		{"POST /2/media/upload", true, nil, s.uploads.Upload},
		{"GET /2/media/upload", false, []string{"media_id", "command"}, s.uploads.Status},
		{"POST /2/media/upload/initialize", true, nil, s.uploads.Initialize},
		{"POST /2/media/upload/{id}/append", true, nil, s.uploads.Append},
		{"POST /2/media/upload/{id}/finalize", true, nil, s.uploads.Finalize},
		{"POST /2/media/metadata", true, nil, s.uploads.Describe},
		{"POST /1.1/statuses/update.json", true, old.Update, s.api.LegacyUpdate},
		{"POST /1.1/statuses/destroy/{file}", true, old.Destroy, s.api.LegacyDestroy},
		{"GET /1.1/statuses/user_timeline.json", false, old.Timeline, s.api.LegacyTimeline},
		{"GET /1.1/statuses/lookup.json", false, old.Lookup, s.api.LegacyLookup},
		{"GET /1.1/account/verify_credentials.json", false, old.Verify, s.api.LegacyVerify},
	}
	mux := http.NewServeMux()
	for _, rt := range table {
		mux.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, rt) })
	}
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
	c := &request.Call{R: r, Now: s.opts.Clock.Now(), Base: s.address(r)}
	header, headerErr := signature.Parse(r.Header.Get("Authorization"))
	c.Token, _ = s.ledger.Token(header.Token)
	c.Owner, _ = s.api.Find(c.Token.Account)

	watched := &diary.Watcher{ResponseWriter: w}
	entry := diary.Entry{At: c.Now, Endpoint: rt.pattern, Path: r.URL.Path, Account: c.Owner.Handle}
	defer func() { // also when the connection is cut, which is a panic that net/http takes
		entry.Status = watched.Status
		s.diary.Note(entry)
		s.plan.Answered(rt.pattern)
	}()
	run := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.W, c.R = w, r
		if headerErr != nil {
			unauthorized(rt).Write(w)
			return
		}
		s.run(c, rt, header)
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

// run checks the signature, the limits and the query, and then does what the endpoint does.
func (s *Server) run(c *request.Call, rt route, h signature.Header) {
	c.Now = s.opts.Clock.Now() // a request that was held up is carried out now
	form, err := s.formOf(c)
	if err == nil {
		err = s.check(c.R, h, form, c.Token, ledger.Access, rt)
	}
	if err == nil {
		err = s.allowed(c, rt)
	}
	if err == nil {
		c.Query, err = queryOf(c.R, form, rt)
	}
	var answer any
	if err == nil {
		answer, err = rt.handle(c)
	}
	if err != nil {
		s.refuse(c.W, c.R, rt.pattern, err)
		return
	}
	request.WriteJSON(c.W, max(c.Code, http.StatusOK), answer)
}

// refuse answers with what went wrong.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, endpoint string, err error) {
	if no, ok := errors.AsType[*request.Refusal](err); ok {
		no.Write(w)
		return
	}
	s.opts.Log.ErrorContext(r.Context(), "sandbox request failed", "endpoint", endpoint, "error", err)
	request.Plain(http.StatusInternalServerError, "Internal Server Error").Write(w)
}

// formOf returns the body when it is a form, which is then part of what is signed, and leaves it to be read again.
func (s *Server) formOf(c *request.Call) (string, error) {
	kind, _, _ := strings.Cut(c.R.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != "application/x-www-form-urlencoded" {
		return "", nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.W, c.R.Body, 1<<20))
	c.R.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return "", request.Invalid("", "", "the body breaks off: %v", err)
	}
	return string(body), nil
}

// maxSkew is how far a request's timestamp may be off.
const maxSkew = 5 * time.Minute

// unauthorized is the answer to a request that nobody vouches for.
func unauthorized(rt route) *request.Refusal {
	if rt.legacy() {
		return request.Old(http.StatusUnauthorized, 32, "Could not authenticate you.")
	}
	return request.Plain(http.StatusUnauthorized, "Unauthorized")
}

// check recomputes the signature of a request.
func (s *Server) check(r *http.Request, h signature.Header, form string, t ledger.Token, stage string, rt route) error {
	app, known := s.ledger.App(h.ConsumerKey)
	signed := signature.Request{Method: r.Method, Scheme: "https", Host: r.Host, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Form: form}
	if localName(r.Host) { // else the request was signed for X itself and led here
		signed.Scheme = "http"
	}
	wall := s.opts.Wall()
	switch skew := wall.Sub(h.At).Abs(); {
	case !known, h.Token != "" && (t.Value == "" || t.ConsumerKey != app.ConsumerKey), !h.Verify(signed, app.ConsumerSecret, t.Secret):
		return unauthorized(rt)
	case skew > maxSkew:
		return request.Old(http.StatusUnauthorized, 135, "Timestamp out of bounds.")
	case !s.nonces.Fresh(h.ConsumerKey+" "+h.Token+" "+h.Nonce, wall, 2*maxSkew):
		return unauthorized(rt)
	case stage != "" && t.Stage != stage:
		return request.Old(http.StatusUnauthorized, 89, "Invalid or expired token.")
	}
	return nil
}

// allowed checks what the account and its application may do.
func (s *Server) allowed(c *request.Call, rt route) error {
	on := s.Switches()
	if !s.meter.Count(c.W.Header(), c.Owner.Handle+" "+rt.pattern, s.limits[rt.pattern], c.Now) {
		return tooMany()
	}
	switch {
	case s.ledger.Suspended(c.Owner.Handle):
		return request.Suspended()
	case rt.legacy() && !on.Legacy && !strings.Contains(rt.pattern, "verify_credentials"):
		return request.NoLegacy()
	case rt.writes && c.Token.ReadOnly && rt.legacy():
		return request.Old(http.StatusForbidden, 261, "Application cannot perform write actions. Contact Twitter Platform Operations through https://help.x.com/forms/platform.")
	case rt.writes && c.Token.ReadOnly:
		return request.ReadOnly()
	case on.NoReading && !rt.writes && strings.Contains(rt.pattern, "tweets"):
		return &request.Refusal{Status: http.StatusPaymentRequired, Body: map[string]any{
			"title": "CreditsDepleted", "detail": "Your enrolled account does not have any credits to fulfill this request.",
			"type": "https://api.x.com/2/problems/credits", "account_id": 1,
		}}
	}
	return nil
}

// queryOf reads the query, and with version 1.1 the form, strictly.
func queryOf(r *http.Request, form string, rt route) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, request.Invalid("", r.URL.RawQuery, "the query is malformed")
	}
	if rt.legacy() {
		more, err := url.ParseQuery(form)
		if err != nil {
			return nil, request.Invalid("", form, "the form is malformed")
		}
		for name, values := range more {
			query[name] = append(query[name], values...)
		}
	}
	for name, values := range query {
		if !slices.Contains(rt.params, name) || len(values) > 1 {
			return nil, request.Invalid(name, values[0], "The query parameter [%s] is not one of [%s], or is given twice", name, strings.Join(rt.params, ","))
		}
	}
	return query, nil
}

func tooMany() *request.Refusal {
	return request.Plain(http.StatusTooManyRequests, "Too Many Requests")
}

// words are the answers of a server that fails before it does anything.
func (s *Server) words() mischief.Words {
	return mischief.Words{
		Error: func(w http.ResponseWriter, status int) { request.Plain(status, http.StatusText(status)).Write(w) },
		Limited: func(w http.ResponseWriter, reset time.Duration) {
			meter.Write(w.Header(), 100, 0, s.opts.Clock.Now().Add(reset))
			tooMany().Write(w)
		},
	}
}
