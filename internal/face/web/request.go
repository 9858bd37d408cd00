package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"daymark/internal/face/web/ask"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/campaigning/messages"
	"daymark/internal/face/web/gallery"
	"daymark/internal/face/web/importing"
	"daymark/internal/face/web/results/brought"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/pause"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/org/profile"
)

// maxForm bounds what a form may send, and maxPost the form of a post in many languages: a paste that is far too long for it comes back
// in its field, to be shortened.
const (
	maxForm = 64 << 10
	maxPost = 16 << 20
)

func most(pattern string) int64 {
	if strings.HasPrefix(pattern, "POST /new/post") || strings.HasPrefix(pattern, "POST /posts/{id}/edit") {
		return maxPost
	}
	if strings.HasPrefix(pattern, "POST /campaigns/{campaign}/") || pattern == "POST /new-campaign" {
		return messages.MaxUpload
	}
	if pattern == "POST /pictures" {
		return gallery.MaxUpload
	}
	if strings.HasPrefix(pattern, "POST /reach/") {
		return brought.MaxUpload
	}
	if strings.HasPrefix(pattern, "POST /import/") {
		return importing.MaxUpload
	}
	return maxForm
}

// request is a request with who makes it and what every page shows of the organisation.
type request struct {
	*http.Request
	person people.Person // the zero Person before log-in
	org    profile.Profile
	zone   *time.Location
	stops  []string
	within scope.Limits
}

// id returns the number in the request's path.
func (r *request) id() (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.New(fault.NotFound, "The address may be mistyped: it needs a number.")
	}
	return id, nil
}

// number returns a number of the query, 0 when there is none.
func (r *request) number(name string) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// admit lets through who may take a route, and turns what went wrong into a page.
func (s *server) admit(to route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, plain *http.Request) {
		plain.Body = http.MaxBytesReader(w, plain.Body, most(to.pattern))
		r := &request{Request: plain, zone: time.UTC}
		if err := s.load(r); err != nil {
			s.fail(w, r, err)
			return
		}
		switch {
		case to.needs == ask.Anyone:
		case r.person.ID == 0:
			s.askLogIn(w, r)
			return
		case to.needs != ask.Member && !r.person.May(to.needs):
			s.fail(w, r, fault.New(fault.Forbidden, "%s", s.spoken(r).Words().T("fault.forbidden.text")))
			return
		}
		if to.needs != ask.Anyone && s.sessions.Owes(r.Context()) && !strings.HasPrefix(r.URL.Path, "/sign-in") {
			redirect(w, r, "/sign-in") // a second step has to be set up first
			return
		}
		if err := s.limited(r, to.pattern); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := to.handle(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// load reads who makes the request and what each page shows.
func (s *server) load(r *request) error {
	ctx := r.Context()
	person, err := s.sessions.Person(ctx)
	if err != nil {
		return err
	}
	r.person = person
	if r.within, err = scope.Of(ctx, s.DB, person); err != nil {
		return err
	}
	org, err := profile.Get(ctx, s.DB)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	r.org = org
	if zone, err := time.LoadLocation(org.Zone); err == nil {
		r.zone = zone
	}
	pauses, err := pause.Active(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, p := range pauses {
		r.stops = append(r.stops, view.Stop(s.spoken(r).Words(), p))
	}
	return nil
}

// viewer returns who looks at a screen.
func (s *server) viewer(r *request) view.Viewer {
	return view.Viewer{Person: r.person, Zone: r.zone, Now: s.Clock.Now(), Words: s.spoken(r).Words(), Within: r.within}
}

// askLogIn sends a visitor to the log-in page, or to the first run while there is nobody.
func (s *server) askLogIn(w http.ResponseWriter, r *request) {
	if r.Header.Get("HX-Request") == "true" { // a part that renews itself: the whole page has to go, not the part
		w.Header().Set("HX-Redirect", "/login")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	n, err := people.Count(r.Context(), s.DB)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case n == 0:
		redirect(w, r, "/first-run")
	case r.Method == http.MethodGet && r.URL.Path != "/":
		redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()))
	default:
		redirect(w, r, "/login")
	}
}

// redirect answers with the page to get next.
func redirect(w http.ResponseWriter, r *request, to string) {
	http.Redirect(w, r.Request, to, http.StatusSeeOther)
}
