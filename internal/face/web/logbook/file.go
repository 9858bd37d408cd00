package logbook

import (
	"io"
	"log/slog"
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/org/audit"
)

// File is the log as a file.
type File struct {
	name, mime string
	write      func(w io.Writer) error
}

// Export returns the rows that the query leaves, as the file that it asks for.
func (d Desk) Export(r ask.Request) (File, error) {
	f, _, err := d.filter(r)
	if err != nil {
		return File{}, err
	}
	file := File{name: "daymark-log.csv", mime: "text/csv; charset=utf-8; header=present"}
	as := audit.Format(r.URL.Query().Get("format"))
	switch as {
	case audit.CSV:
	case audit.JSONLines:
		file.name, file.mime = "daymark-log.jsonl", "application/jsonl; charset=utf-8"
	default:
		return File{}, fault.New(fault.NotFound, "The log is there as csv and as jsonl.")
	}
	file.write = func(w io.Writer) error { return audit.Export(r.Context(), d.db, w, f, as) }
	return file, nil
}

// Send sends the file, a page of rows at a time. Once bytes are on their way a failure can only break them off, which the browser
// shows as a failed download.
func (f File) Send(w http.ResponseWriter, r *http.Request, log *slog.Logger) error {
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	h.Set("Cache-Control", "no-store")
	sent := &counted{ResponseWriter: w}
	err := f.write(sent)
	if err == nil || !sent.begun {
		if err != nil {
			h.Del("Content-Disposition") // a page about a failure is no file
		}
		return err
	}
	if r.Context().Err() == nil {
		log.ErrorContext(r.Context(), "export of the log broke off", "err", err)
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
