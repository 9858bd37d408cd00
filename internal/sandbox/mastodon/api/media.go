package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/gif"  // pictures Mastodon takes
	_ "image/jpeg" // pictures Mastodon takes
	_ "image/png"  // pictures Mastodon takes
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/request"
	"daymark/internal/sandbox/mischief"

	_ "golang.org/x/image/webp" // pictures Mastodon takes
)

// Upload answers POST /api/v2/media: 200 with the picture's address, or 202 without one while it is not ready.
func (e *Endpoints) Upload(c *Call) (any, error) {
	content, given := c.P.File("file")
	if !given || len(content) == 0 {
		return nil, request.Wrong("File can't be blank")
	}
	m, err := e.examine(content)
	if err != nil {
		return nil, err
	}
	m.Account, m.CreatedAt, m.Polls = c.Owner.Handle, c.Now, e.MediaPolls
	if c.Fault.Kind == mischief.MediaPending {
		m.Polls = c.Fault.Polls
		if m.Polls == 0 {
			m.Polls = 2
		}
	}
	if err := e.setWords(c, &m); err != nil {
		return nil, err
	}
	m.ID = e.Ledger.NextID(c.Now)
	if err := e.Ledger.KeepFile(m.ID, content); err != nil {
		return nil, err
	}
	if err := e.Ledger.Save(ledger.Change{Media: []ledger.Media{m}}); err != nil {
		return nil, err
	}
	if !m.Ready() {
		c.Code = http.StatusAccepted
	}
	return c.Media(m), nil
}

// examine looks into a file: what it really is, whether it is whole, and how large.
func (e *Endpoints) examine(content []byte) (ledger.Media, error) {
	if len(content) > e.Rules.ImageBytes {
		return ledger.Media{}, request.Wrong("File file size must be less than %d bytes", e.Rules.ImageBytes)
	}
	kind := http.DetectContentType(content)
	if !slices.Contains(e.Rules.MIME, kind) {
		return ledger.Media{}, request.Wrong("File content type is invalid, File is invalid (%s)", kind)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return ledger.Media{}, request.No(http.StatusUnprocessableEntity, "Error processing thumbnail for uploaded media: %v", err)
	}
	if config.Width*config.Height > e.Rules.ImagePixels {
		return ledger.Media{}, request.Wrong("%dx%d images are not supported", config.Width, config.Height)
	}
	if _, _, err := image.Decode(bytes.NewReader(content)); err != nil {
		return ledger.Media{}, request.No(http.StatusUnprocessableEntity, "Error processing thumbnail for uploaded media: %v", err)
	}
	sum := sha256.Sum256(content)
	return ledger.Media{
		MIME: kind, Extension: "." + format, Width: config.Width, Height: config.Height, Size: len(content), SHA256: hex.EncodeToString(sum[:]),
	}, nil
}

// setWords reads a description and a focus, where they are given.
func (e *Endpoints) setWords(c *Call, m *ledger.Media) error {
	if c.P.Has("description") {
		m.Description = c.P.Get("description")
		if utf8.RuneCountInString(m.Description) > e.Rules.Description {
			return request.Wrong("Description is too long (maximum is %d characters)", e.Rules.Description)
		}
	}
	if !c.P.Has("focus") {
		return nil
	}
	x, y, both := strings.Cut(c.P.Get("focus"), ",")
	var errX, errY error
	m.FocusX, errX = strconv.ParseFloat(strings.TrimSpace(x), 64)
	m.FocusY, errY = strconv.ParseFloat(strings.TrimSpace(y), 64)
	// Written so that not-a-number is refused too.
	if !both || errX != nil || errY != nil || !(m.FocusX >= -1 && m.FocusX <= 1 && m.FocusY >= -1 && m.FocusY <= 1) {
		return request.Wrong("Focus %q is not two numbers from -1 to 1 with a comma between", c.P.Get("focus"))
	}
	return nil
}

// ownMedia returns the picture in the path, when it is the account's and on no status yet.
func (e *Endpoints) ownMedia(c *Call) (ledger.Media, error) {
	m, ok := e.Ledger.Media(c.R.PathValue("id"))
	if !ok || m.Account != c.Viewer || m.Status != "" {
		return m, NotFound()
	}
	return m, nil
}

// Media answers GET /api/v1/media/:id: 206 until the picture is ready.
func (e *Endpoints) Media(c *Call) (any, error) {
	m, err := e.ownMedia(c)
	if err != nil {
		return nil, err
	}
	if m, _ = e.Ledger.Asked(m.ID); !m.Ready() {
		c.Code = http.StatusPartialContent
	}
	return c.Media(m), nil
}

// Describe answers PUT /api/v1/media/:id.
func (e *Endpoints) Describe(c *Call) (any, error) {
	e.posting.Lock()
	defer e.posting.Unlock()
	m, err := e.ownMedia(c)
	if err != nil {
		return nil, err
	}
	if err := e.setWords(c, &m); err != nil {
		return nil, err
	}
	if err := e.Ledger.Save(ledger.Change{Media: []ledger.Media{m}}); err != nil {
		return nil, err
	}
	return c.Media(m), nil
}

// attachable returns the pictures a new status names, all of which must be the account's, ready and on no other status.
func (e *Endpoints) attachable(c *Call) ([]ledger.Media, error) {
	ids := c.P.List("media_ids")
	if len(ids) > e.Rules.Attachments {
		return nil, request.Wrong("Cannot attach more than %d files", e.Rules.Attachments)
	}
	var out []ledger.Media
	for i, id := range ids {
		m, ok := e.Ledger.Media(id)
		if !ok || m.Account != c.Viewer || m.Status != "" || slices.Contains(ids[:i], id) {
			return nil, request.Wrong("Media %q not found, not yours or already attached", id)
		}
		if !m.Ready() {
			return nil, request.Wrong("Cannot attach files that have not finished processing. Try again in a moment!")
		}
		out = append(out, m)
	}
	return out, nil
}

// File answers GET /media/{file} with the bytes of a picture.
func (e *Endpoints) File(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	id := strings.TrimSuffix(name, path.Ext(name))
	m, ok := e.Ledger.Media(id)
	if !ok || name != id+m.Extension {
		http.NotFound(w, r)
		return
	}
	content, err := e.Ledger.File(id)
	if err != nil {
		http.Error(w, fmt.Sprintf("the picture's file is gone: %v", err), http.StatusGone)
		return
	}
	w.Header().Set("Content-Type", m.MIME)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "public, max-age=86400, immutable")
	_, _ = w.Write(content) // a reader that has gone needs no picture
}
