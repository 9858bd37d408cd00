package web

import (
	"fmt"
	"net/http"

	"daymark/internal/face/web/gallery"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/planned"
	"daymark/internal/face/web/sent"
	"daymark/internal/flow/book"
)

func (s *server) more(w http.ResponseWriter, r *request) error {
	return s.show(w, r, http.StatusOK, &page.More{Frame: page.Frame{Title: s.spoken(r).Words().T("door.more"), Door: "more"}})
}

func (s *server) campaigns(w http.ResponseWriter, r *request) error {
	p, err := planned.Campaigns(r.Context(), s.DB, s.viewer(r))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, p)
}

func (s *server) published(w http.ResponseWriter, r *request) error {
	p, err := sent.Published(r.Context(), s.DB, s.viewer(r), r.number("edition"))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, p)
}

// pictures are the kinds of files that are shown as pictures; anything else would be a download.
var pictures = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

func (s *server) media(w http.ResponseWriter, r *request) error {
	blob, err := book.FindBlob(r.Context(), s.DB, r.PathValue("sha256"))
	if err == nil && r.URL.Query().Has("small") {
		blob.Bytes, blob.MIME, err = gallery.Small(r.Context(), s.DB, r.PathValue("sha256"))
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if pictures[blob.MIME] {
		h.Set("Content-Type", blob.MIME)
	}
	h.Set("Content-Length", fmt.Sprint(len(blob.Bytes)))
	h.Set("Cache-Control", "private, max-age=31536000, immutable") // the address is the hash of the bytes
	_, _ = w.Write(blob.Bytes)                                     // the visitor has gone; there is nobody to tell
	return nil
}
