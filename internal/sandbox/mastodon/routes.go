package mastodon

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"daymark/internal/sandbox/diary"
	"daymark/internal/sandbox/mastodon/api"
	"daymark/internal/sandbox/mastodon/oauth"
	"daymark/internal/sandbox/mastodon/request"
	"daymark/internal/sandbox/mischief"
)

// who says whose token an endpoint asks for.
type who int

const (
	anyone who = iota // none; but one that is given must be good
	anApp             // an application's or a person's
	aUser             // a person's
)

// route is one endpoint: whose token with which scope it asks for, which parameters it knows, and what it does.
type route struct {
	pattern string
	who     who
	scope   string
	params  []string
	handle  func(*api.Call) (any, error)
}

// routes returns the handler of the whole server.
func (s *Server) routes() http.Handler {
	app := []string{"client_id", "client_secret"}
	page := []string{"limit", "max_id", "since_id", "min_id", "exclude_reblogs", "exclude_replies", "only_media"}
	describe := []string{"description", "focus"}
	table := []route{
		{"POST /api/v1/apps", anyone, "", []string{"client_name", "redirect_uris", "redirect_uris[]", "scopes", "website"}, s.registerApp},
		{"GET /api/v1/apps/verify_credentials", anApp, "", nil, s.verifyApp},
		{"POST /oauth/token", anyone, "", append(app, "grant_type", "code", "redirect_uri", "code_verifier", "scope"), s.exchange},
		{"POST /oauth/revoke", anyone, "", append(app, "token"), s.revoke},
		{"GET /oauth/authorize", anyone, "", oauth.ConsentParams, s.ask},
		{"GET /.well-known/oauth-authorization-server", anyone, "", nil, s.discovery},
		{"GET /.well-known/nodeinfo", anyone, "", nil, s.nodeInfoLink},
		{"GET /nodeinfo/2.0", anyone, "", nil, s.nodeInfo},
		{"GET /api/v1/instance", anyone, "", nil, s.instanceV1},
		{"GET /api/v2/instance", anyone, "", nil, s.instance},
		{"GET /api/v1/accounts/verify_credentials", aUser, "read:accounts", nil, s.verifyAccount},
		{"GET /api/v1/accounts/{id}/statuses", anyone, "read:statuses", page, s.api.AccountStatuses},
		{"POST /api/v2/media", aUser, "write:media", append(describe, "file"), s.api.Upload},
		{"GET /api/v1/media/{id}", aUser, "write:media", nil, s.api.Media},
		{"PUT /api/v1/media/{id}", aUser, "write:media", describe, s.api.Describe},
		{"POST /api/v1/statuses", aUser, "write:statuses", api.StatusParams, s.api.Create},
		{"GET /api/v1/statuses", anyone, "read:statuses", []string{"id[]"}, s.api.Batch},
		{"GET /api/v1/statuses/{id}", anyone, "read:statuses", nil, s.api.One},
		{"GET /api/v1/statuses/{id}/source", aUser, "read:statuses", nil, s.api.Source},
		{"DELETE /api/v1/statuses/{id}", aUser, "write:statuses", []string{"delete_media"}, s.api.Remove},
		{"POST /api/v1/statuses/{id}/favourite", aUser, "write:favourites", nil, s.api.Favourite},
		{"POST /api/v1/statuses/{id}/unfavourite", aUser, "write:favourites", nil, s.api.Unfavourite},
		{"POST /api/v1/statuses/{id}/reblog", aUser, "write:statuses", []string{"visibility"}, s.api.Reblog},
		{"POST /api/v1/statuses/{id}/unreblog", aUser, "write:statuses", nil, s.api.Unreblog},
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
	c := &api.Call{View: s.view(r), R: r}
	value, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	c.Token, _ = s.ledger.Token(value)
	c.Owner, _ = s.maker.Find(c.Token.Account)
	c.Viewer = c.Owner.Handle

	watched := &diary.Watcher{ResponseWriter: w}
	entry := diary.Entry{At: c.Now, Endpoint: rt.pattern, Path: r.URL.Path, Account: c.Owner.Handle, Key: r.Header.Get("Idempotency-Key")}
	defer func() { // also when the connection is cut, which is a panic that net/http takes
		entry.Status = watched.Status
		s.diary.Note(entry)
		s.plan.Answered(rt.pattern)
	}()
	run := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.W, c.R = w, r
		s.run(c, rt, value)
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

// run checks the limits, the token and the parameters, and then does what the endpoint does.
func (s *Server) run(c *api.Call, rt route, token string) {
	c.Now = s.opts.Clock.Now() // a request that was held up is carried out now
	err := s.limit(c, rt)
	if err == nil {
		err = allowed(c, rt, token)
	}
	if err == nil {
		c.P, err = request.Read(c.R, int64(s.api.Rules.ImageBytes)+1<<20, rt.params...)
	}
	var answer any
	if err == nil {
		answer, err = rt.handle(c)
	}
	var no *request.Refusal
	switch {
	case errors.As(err, &no):
		no.Write(c.W)
	case err != nil:
		s.opts.Log.ErrorContext(c.R.Context(), "sandbox request failed", "endpoint", rt.pattern, "error", err)
		request.No(http.StatusInternalServerError, "%s", api.BrokenText).Write(c.W)
	case answer != nil:
		request.WriteJSON(c.W, max(c.Code, http.StatusOK), answer)
	}
}

// limit counts a request to the API against the rate limits.
func (s *Server) limit(c *api.Call, rt route) error {
	if !strings.Contains(rt.pattern, " /api/") {
		return nil
	}
	who := "anyone"
	if c.Token.Value != "" {
		who = "token " + c.Token.Value
	}
	ok := s.meter.Count(c.W.Header(), who, s.limits.All, c.Now)
	switch rt.pattern {
	case "POST /api/v2/media":
		ok = ok && s.meter.Count(c.W.Header(), "media "+c.Owner.Handle, s.limits.Media, c.Now)
	case "DELETE /api/v1/statuses/{id}", "POST /api/v1/statuses/{id}/unreblog":
		ok = ok && s.meter.Count(c.W.Header(), "delete "+c.Owner.Handle, s.limits.Deletes, c.Now)
	}
	if !ok {
		return request.No(http.StatusTooManyRequests, "Too many requests")
	}
	return nil
}

// allowed checks the token against what the endpoint asks for.
func allowed(c *api.Call, rt route, token string) error {
	if token == "" && rt.who == anyone || strings.HasPrefix(c.R.Header.Get("Authorization"), "Basic ") && rt.pattern[:5] == "POST " && rt.who == anyone {
		return nil
	}
	switch {
	case c.Token.Value == "":
		return request.No(http.StatusUnauthorized, "The access token is invalid")
	case c.Token.Revoked:
		return request.No(http.StatusUnauthorized, "The access token was revoked")
	case rt.who == aUser && c.Owner.Handle == "":
		return request.No(http.StatusUnprocessableEntity, "This method requires an authenticated user")
	case rt.scope != "" && !oauth.Covers(c.Token.Scopes, rt.scope):
		return request.No(http.StatusForbidden, "This action is outside the authorized scopes")
	}
	return nil
}

// words are the answers of a server that fails before it does anything.
func (s *Server) words() mischief.Words {
	return mischief.Words{
		Error: func(w http.ResponseWriter, status int) {
			text := api.BrokenText
			if status == http.StatusUnauthorized {
				text = "The access token expired"
			}
			request.No(status, "%s", text).Write(w)
		},
		Limited: func(w http.ResponseWriter, reset time.Duration) {
			request.WriteLimit(w.Header(), max(s.limits.All.Requests, 1), 0, s.opts.Clock.Now().Add(reset))
			request.No(http.StatusTooManyRequests, "Too many requests").Write(w)
		},
	}
}
