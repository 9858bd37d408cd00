package web

import (
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/page"
)

// within lets through to the pages what was asked of a name that is ours and came from no other site. The cookie's SameSite is a
// second bar, not the first: a site below the same domain is no stranger to it.
func (s *server) within(pages http.Handler) (http.Handler, error) {
	cross := http.NewCrossOriginProtection()
	if public := s.guard.Public; public.Host != "" {
		if err := cross.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The public address %q cannot be used.", public)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(s.refuseCrossOrigin))
	return s.guard.Admit(cross.Handler(pages), http.HandlerFunc(s.refuseName)), nil
}

// refuseName answers a request for a name that is not ours. On plain http the page says why nobody can log in here; else it leads
// to the public address. Nothing of the request is repeated.
func (s *server) refuseName(w http.ResponseWriter, r *http.Request) {
	words := s.spoken(&request{Request: r}).Words()
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
	if err := s.write(w, &request{Request: r}, status, p); err != nil {
		http.Error(w, words.T("fault.name"), status)
	}
}

// exportLog sends the log as a file.
func (s *server) exportLog(w http.ResponseWriter, r *request) error {
	file, err := s.logbook.Export(ask.Request{Request: r.Request, Viewer: s.viewer(r)})
	if err != nil {
		return err
	}
	return file.Send(w, r.Request, s.Log)
}
