// Package upload holds the endpoints of the sandbox X server that are about pictures: one request for a small one, segments
// for a larger one, the question whether it is ready, and its alt text. It decodes every picture to know that it is one.
package upload

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	_ "image/gif"  // pictures that X takes
	_ "image/jpeg" // pictures that X takes
	_ "image/png"  // pictures that X takes
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daymark/internal/sandbox/mischief"
	"daymark/internal/sandbox/x/ledger"
	"daymark/internal/sandbox/x/request"

	_ "golang.org/x/image/webp" // pictures that X takes
)

// What X takes (https://docs.x.com/x-api/media/quickstart/best-practices).
const (
	maxImage   = 5 << 20
	maxSegment = 5 << 20
	maxAlt     = 1000
	segments   = 1000
)

// types are the pictures that are taken.
var types = []string{"image/jpeg", "image/png", "image/webp", "image/gif", "image/pjpeg"}

// form reads a multipart form with these fields and the file "media", strictly.
func form(c *request.Call, fields ...string) (values map[string]string, media []byte, err error) {
	reader, err := c.R.MultipartReader()
	if err != nil {
		return nil, nil, request.Invalid("", "", "the body is not multipart/form-data: %v", err)
	}
	values = map[string]string{}
	for {
		part, err := reader.NextPart()
		if err == io.EOF { //nolint:errorlint // NextPart returns it bare
			return values, media, nil
		}
		if err != nil {
			return nil, nil, request.Invalid("", "", "the body breaks off: %v", err)
		}
		if err := read(part, fields, values, &media); err != nil {
			return nil, nil, err
		}
	}
}

// read reads one part of a form.
func read(part *multipart.Part, fields []string, values map[string]string, media *[]byte) error {
	name := part.FormName()
	content, err := io.ReadAll(io.LimitReader(part, maxSegment+1))
	if err != nil {
		return request.Invalid(name, "", "the body breaks off: %v", err)
	}
	if _, twice := values[name]; twice || name == "media" && *media != nil {
		return request.Invalid(name, "", "`%s` is given twice", name)
	}
	switch {
	case name == "media":
		if len(content) > maxSegment {
			return request.Plain(http.StatusRequestEntityTooLarge, "The media is too large.")
		}
		*media = content
	case slices.Contains(fields, name):
		values[name] = string(content)
	default:
		return request.Invalid(name, "", "$: unknown property %s", name)
	}
	return nil
}

// Desk carries out calls.
type Desk struct {
	Ledger *ledger.Ledger
	Polls  int // how often an upload answers "pending" before it is ready; 0 is at once, below 0 never
}

// Upload answers POST /2/media/upload: one picture in one request.
func (d *Desk) Upload(c *request.Call) (any, error) {
	values, content, err := form(c, "media_category", "media_type")
	if err != nil {
		return nil, err
	}
	if values["media_category"] != "tweet_image" {
		return nil, request.Invalid("media_category", values["media_category"], "only images can be uploaded in one request")
	}
	m := ledger.Media{ID: d.Ledger.NextID(c.Now), Account: c.Owner.Handle, Category: values["media_category"], Total: len(content), CreatedAt: c.Now}
	return d.close(c, m, content)
}

// close examines the whole of an upload and answers with what has become of it.
func (d *Desk) close(c *request.Call, m ledger.Media, content []byte) (any, error) {
	m.Open, m.Size, m.MIME = false, len(content), http.DetectContentType(content)
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err == nil {
		_, _, err = image.Decode(bytes.NewReader(content))
	}
	switch {
	case len(content) > maxImage:
		return nil, request.Invalid("media", "", "Image file size exceeds 5242880 bytes")
	case len(content) == 0 || !slices.Contains(types, m.MIME) || err != nil:
		return nil, request.Invalid("media", "", "media type unrecognized.")
	}
	m.Width, m.Height = config.Width, config.Height
	sum := sha256.Sum256(content)
	m.SHA256 = hex.EncodeToString(sum[:])
	m.Polls = d.Polls
	if c.Fault.Kind == mischief.MediaPending {
		if m.Polls = c.Fault.Polls; m.Polls == 0 {
			m.Polls = 2
		}
	}
	if err := d.Ledger.KeepFile(m.ID, content, false); err != nil {
		return nil, err
	}
	if err := d.Ledger.Save(ledger.Change{Media: []ledger.Media{m}}); err != nil {
		return nil, err
	}
	return map[string]any{"data": shown(c, m)}, nil
}

// shown is an upload as an answer has it.
func shown(c *request.Call, m ledger.Media) map[string]any {
	out := map[string]any{
		"id": m.ID, "media_key": m.Key(), "size": m.Size,
		"expires_after_secs": max(0, int(m.CreatedAt.Add(ledger.Life).Sub(c.Now).Seconds())),
	}
	if m.Width > 0 {
		out["image"] = map[string]any{"image_type": m.MIME, "w": m.Width, "h": m.Height}
	}
	switch {
	case m.Failed:
		out["processing_info"] = map[string]any{"state": "failed", "progress_percent": 0}
	case m.Polls != 0:
		out["processing_info"] = map[string]any{"state": "pending", "check_after_secs": 1, "progress_percent": 0}
	}
	return out
}

// Initialize answers POST /2/media/upload/initialize.
func (d *Desk) Initialize(c *request.Call) (any, error) {
	var in struct {
		Type     string   `json:"media_type"`
		Total    int      `json:"total_bytes"`
		Category string   `json:"media_category"`
		Shared   *bool    `json:"shared"`
		Owners   []string `json:"additional_owners"`
	}
	if err := c.Body(&in); err != nil {
		return nil, err
	}
	switch {
	case in.Category != "tweet_image":
		return nil, request.Invalid("media_category", in.Category, "this sandbox takes tweet_image only")
	case !slices.Contains(types, in.Type):
		return nil, request.Invalid("media_type", in.Type, "$.media_type: does not have a value in the enumeration")
	case in.Total <= 0 || in.Total > maxImage:
		return nil, request.Invalid("total_bytes", strconv.Itoa(in.Total), "Image file size exceeds 5242880 bytes")
	}
	m := ledger.Media{ID: d.Ledger.NextID(c.Now), Account: c.Owner.Handle, Category: in.Category, MIME: in.Type, Total: in.Total, Open: true, CreatedAt: c.Now}
	if err := d.Ledger.Save(ledger.Change{Media: []ledger.Media{m}}); err != nil {
		return nil, err
	}
	return map[string]any{"data": shown(c, m)}, nil
}

// own returns the upload with an id, when it is the account's and not too old.
func (d *Desk) own(c *request.Call, id string) (ledger.Media, error) {
	m, ok := d.Ledger.Media(id)
	if !ok || m.Account != c.Owner.Handle || c.Now.After(m.CreatedAt.Add(ledger.Life)) {
		return m, request.Invalid("id", id, "Invalid media id %s", id)
	}
	return m, nil
}

// Append answers POST /2/media/upload/:id/append. Segments come in their order.
func (d *Desk) Append(c *request.Call) (any, error) {
	m, err := d.own(c, c.R.PathValue("id"))
	if err != nil {
		return nil, err
	}
	values, content, err := form(c, "segment_index")
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(values["segment_index"])
	if err != nil || n < 0 || n >= segments || n != m.Next || !m.Open {
		return nil, request.Invalid("segment_index", values["segment_index"], "Segments do not add up")
	}
	if m.Size += len(content); m.Size > m.Total {
		return nil, request.Invalid("media", "", "More bytes than were announced")
	}
	m.Next++
	if err := d.Ledger.KeepFile(m.ID, content, n > 0); err != nil {
		return nil, err
	}
	if err := d.Ledger.Save(ledger.Change{Media: []ledger.Media{m}}); err != nil {
		return nil, err
	}
	return map[string]any{"data": map[string]any{"expires_at": m.CreatedAt.Add(ledger.Life).Unix()}}, nil
}

// Finalize answers POST /2/media/upload/:id/finalize.
func (d *Desk) Finalize(c *request.Call) (any, error) {
	m, err := d.own(c, c.R.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !m.Open {
		return map[string]any{"data": shown(c, m)}, nil
	}
	if m.Size != m.Total {
		return nil, request.Invalid("total_bytes", strconv.Itoa(m.Total), "Segments do not add up to provided total file size.")
	}
	content, err := d.Ledger.File(m.ID)
	if err != nil {
		return nil, err
	}
	return d.close(c, m, content)
}

// Status answers GET /2/media/upload.
func (d *Desk) Status(c *request.Call) (any, error) {
	if command := c.Query.Get("command"); command != "" && command != "STATUS" {
		return nil, request.Invalid("command", command, "The `command` query parameter value [%s] is not one of [STATUS]", command)
	}
	m, err := d.own(c, c.Query.Get("media_id"))
	if err != nil {
		return nil, err
	}
	if m.Open {
		return nil, request.Invalid("media_id", m.ID, "The upload is not finalized.")
	}
	m, _ = d.Ledger.Asked(m.ID)
	out := shown(c, m)
	if m.Polls == 0 {
		out["processing_info"] = map[string]any{"state": "succeeded", "progress_percent": 100}
	}
	return map[string]any{"data": out}, nil
}

// Describe answers POST /2/media/metadata.
func (d *Desk) Describe(c *request.Call) (any, error) {
	var in struct {
		ID       string `json:"id"`
		Metadata *struct {
			Alt *struct {
				Text *string `json:"text"`
			} `json:"alt_text"`
		} `json:"metadata"`
	}
	if err := c.Body(&in); err != nil {
		return nil, err
	}
	if in.Metadata == nil || in.Metadata.Alt == nil || in.Metadata.Alt.Text == nil {
		return nil, request.Invalid("metadata", "", "$.metadata.alt_text.text: is missing")
	}
	alt := *in.Metadata.Alt.Text
	if utf8.RuneCountInString(alt) > maxAlt || strings.TrimSpace(alt) == "" {
		return nil, request.Invalid("metadata.alt_text.text", alt, "alt text must have 1 to 1000 characters")
	}
	m, err := d.own(c, in.ID)
	if err != nil {
		return nil, err
	}
	m.Alt = alt
	if err := d.Ledger.Save(ledger.Change{Media: []ledger.Media{m}}); err != nil {
		return nil, err
	}
	return map[string]any{"data": map[string]any{"id": m.ID, "associated_metadata": map[string]any{"alt_text": map[string]string{"text": alt}}}}, nil
}
