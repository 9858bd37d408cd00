package web

import (
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/page"
	"daymark/internal/org/audit"
)

// within lets through to the pages what came by a name that is ours and from no other site, and notes for the log where it comes
// from. The cookie's SameSite is a second bar, not the first: a site below the same domain is no stranger to it.
func (s *server) within(pages http.Handler) (http.Handler, error) {
	cross := http.NewCrossOriginProtection()
	if public := s.guard.Public; public.Host != "" {
		if err := cross.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The public address %q cannot be used.", public)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(s.refuseCrossOrigin))
	safe := cross.Handler(pages)
	return s.guard.Watch(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.guard.Answers(r) {
			s.refuseName(w, r)
			return
		}
		if to, ok := s.guard.Upgrade(r); ok {
			http.Redirect(w, r, to, http.StatusPermanentRedirect)
			return
		}
		from := audit.From{Via: audit.ByBrowser}
		if a := guard.From(r.Context()).Address; a.IsValid() {
			from.Address = a.String()
		}
		safe.ServeHTTP(w, r.WithContext(audit.Within(r.Context(), from)))
	})), nil
}

// refuseName answers a request for a name that is not ours. On plain http the page says why nobody can log in here; else it leads
// to the public address. Nothing of the request is repeated.
func (s *server) refuseName(w http.ResponseWriter, r *http.Request) {
	words := s.pages.Words()
	var p page.Page = &page.LogIn{Frame: page.Frame{Title: words.T("login.title")}, Blocked: words.T("login.plain")}
	status := http.StatusForbidden
	if s.guard.Secure() {
		status = http.StatusMisdirectedRequest
		p = &page.Fault{
			Frame: page.Frame{Title: words.T("fault.name")}, Heading: words.T("fault.name"),
			Text: words.T("fault.name.text", s.guard.Public.String()),
		}
	}
	s.Log.InfoContext(r.Context(), "a name that is not ours was asked for", "host", r.Host, "from", guard.From(r.Context()).Address.String())
	if err := s.write(w, status, p); err != nil {
		http.Error(w, words.T("fault.name"), status)
	}
}
