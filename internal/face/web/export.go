package web

import (
	"net/http"

	"daymark/internal/face/web/ask"
)

// exportLog sends the log as a file, a page of rows at a time. Once bytes are on their way a failure can only break them off, which
// the browser shows as a failed download.
func (s *server) exportLog(w http.ResponseWriter, r *request) error {
	file, err := s.logbook.Export(ask.Request{Request: r.Request, Viewer: s.viewer(r)})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", file.MIME)
	h.Set("Content-Disposition", `attachment; filename="`+file.Name+`"`)
	h.Set("Cache-Control", "no-store")
	sent := &counted{ResponseWriter: w}
	err = file.Write(sent)
	if err == nil || !sent.begun {
		h.Del("Content-Disposition") // of no effect once the answer has begun; a page about a failure is no file
		return err
	}
	if r.Context().Err() == nil {
		s.Log.ErrorContext(r.Context(), "export of the log broke off", "err", err)
	}
	panic(http.ErrAbortHandler) // the documented way to break an answer off
}

// counted knows whether anything was sent.
type counted struct {
	http.ResponseWriter
	begun bool
}

// Write sends bytes.
func (c *counted) Write(b []byte) (int, error) {
	c.begun = true
	return c.ResponseWriter.Write(b)
}
