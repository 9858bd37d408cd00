// Package static serves the built script, style and icons under names that carry their hash.
//
// The build is read and compressed once. The package knows nothing of pages and builds nothing itself.
package static

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"daymark/internal/core/fault"
)

// asset is one built file, plain and compressed.
type asset struct {
	mime  string
	plain []byte
	small []byte
}

// Files are the built files, by the name that carries their hash, and those names by the plain one.
type Files struct {
	files map[string]asset
	names map[string]string
}

// Load reads the build. Its files never change under their names, so that a browser may keep them for ever.
func Load(from fs.FS) (Files, error) {
	const missing = "The pages' script and style have not been built; run: make ui"
	raw, err := fs.ReadFile(from, "manifest.json")
	if err != nil {
		return Files{}, fault.Wrap(fault.Unavailable, err, missing)
	}
	a := Files{files: map[string]asset{}}
	if err := json.Unmarshal(raw, &a.names); err != nil {
		return Files{}, fault.Wrap(fault.Unavailable, err, missing)
	}
	for _, name := range []string{"app.js", "app.css", "icons.svg"} {
		plain, err := fs.ReadFile(from, a.names[name])
		if err != nil {
			return Files{}, fault.Wrap(fault.Unavailable, err, missing)
		}
		small, err := compress(plain)
		if err != nil {
			return Files{}, err
		}
		a.files[a.names[name]] = asset{mime: mime.TypeByExtension(path.Ext(name)), plain: plain, small: small}
	}
	return a, nil
}

func compress(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress a built file: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("compress a built file: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress a built file: %w", err)
	}
	return b.Bytes(), nil
}

// Address returns where the file of a plain name such as app.css is served.
func (a Files) Address(name string) string { return "/static/" + a.names[name] }

// ServeHTTP serves a built file.
func (a Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := file.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.small
	}
	_, _ = w.Write(body) // the visitor has gone; there is nobody to tell
}
