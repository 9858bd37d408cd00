package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/linked"
	"daymark/internal/face/web/page"
)

// answer is how a kind of failure is told.
type answer struct {
	status int
	words  string // the heading; with ".text" what is said when the error brings no sentence of its own
}

// answers is the one table from kinds of failure to what the browser gets.
var answers = map[fault.Kind]answer{
	fault.Internal:    {http.StatusInternalServerError, "fault.internal"},
	fault.Invalid:     {http.StatusUnprocessableEntity, "fault.invalid"},
	fault.NotFound:    {http.StatusNotFound, "fault.notfound"},
	fault.Conflict:    {http.StatusConflict, "fault.conflict"},
	fault.Forbidden:   {http.StatusForbidden, "fault.forbidden"},
	fault.Unavailable: {http.StatusServiceUnavailable, "fault.away"},
}

// letters of a reference: none that are mistaken for each other when read out.
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// fail answers with the page for an error. What is not the visitor's doing is logged under the reference the page shows.
func (s *server) fail(w http.ResponseWriter, r *request, err error) {
	if r.Context().Err() != nil {
		return // the visitor has gone
	}
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		err = fault.Wrap(fault.Invalid, err, "That is too long to be sent. Shorten it; nothing was changed.")
	}
	kind := fault.KindOf(err)
	how, words := answers[kind], s.spoken(r).Words()
	p := &page.Fault{Frame: page.Frame{Title: words.T(how.words)}, Heading: words.T(how.words), Text: words.Say(err)}
	if p.Text == "" || kind == fault.Internal {
		p.Text = words.T(how.words + ".text")
	}
	if how.status >= http.StatusInternalServerError {
		p.Reference = s.reference()
		s.Log.ErrorContext(r.Context(), "page failed", "reference", p.Reference, "method", r.Method, "path", r.URL.Path, "kind", kind.String(), "error", err)
	}
	if r.zone == nil || s.fill(r, &p.Frame) != nil {
		p.Frame = page.Frame{Title: p.Title} // what failed may be what the frame needs
	}
	if err := s.write(w, r, how.status, p); err != nil {
		s.Log.ErrorContext(r.Context(), "page of a failure failed", "reference", p.Reference, "error", err)
		http.Error(w, p.Text, how.status)
	}
}

// reference returns six letters that name one failure in the log.
func (s *server) reference() string {
	raw := make([]byte, 6)
	if _, err := io.ReadFull(s.Random, raw); err != nil {
		return fmt.Sprintf("T%d", s.Now().UnixMilli())
	}
	for i, b := range raw {
		raw[i] = letters[int(b)%len(letters)]
	}
	return string(raw)
}

// refuseCrossOrigin answers a form that another site sent.
func (s *server) refuseCrossOrigin(w http.ResponseWriter, plain *http.Request) {
	r := &request{Request: plain}
	words := s.spoken(r).Words()
	p := &page.Fault{Frame: page.Frame{Title: words.T("fault.forbidden")}, Heading: words.T("fault.forbidden"), Text: words.T("fault.origin")}
	s.Log.WarnContext(plain.Context(), "cross-origin form refused", "path", linked.Safe(plain.URL.Path), "origin", plain.Header.Get("Origin"))
	if err := s.write(w, r, http.StatusForbidden, p); err != nil {
		http.Error(w, p.Text, http.StatusForbidden)
	}
}

func (s *server) nothing(_ http.ResponseWriter, r *request) error {
	return fault.New(fault.NotFound, "%s", s.spoken(r).Words().T("fault.notfound.text"))
}
