// Package request reads what clients send to the sandbox Mastodon server, strictly, and says no in Mastodon's words.
//
// A form, JSON and multipart body end as the same parameters, as they do in Mastodon. Mastodon drops parameters it does not
// know; this package refuses them, so that a client's spelling mistake is found here and not on a charity's page.
package request

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Refusal is a no to a request: a status and a sentence, in the shape Mastodon gives its errors.
type Refusal struct {
	Status      int
	Message     string
	Description string // only in answers of OAuth
}

// Error returns the sentence.
func (r *Refusal) Error() string { return r.Message }

// Write answers with the refusal.
func (r *Refusal) Write(w http.ResponseWriter) {
	WriteJSON(w, r.Status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{r.Message, r.Description})
}

// No returns a refusal.
func No(status int, format string, a ...any) *Refusal {
	return &Refusal{Status: status, Message: fmt.Sprintf(format, a...)}
}

// Wrong returns the refusal of an input that fails validation.
func Wrong(format string, a ...any) *Refusal {
	return No(http.StatusUnprocessableEntity, "Validation failed: "+format, a...)
}

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"the sandbox could not write its answer"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// Params are the parameters of a request by name; a list's name ends in [].
type Params struct {
	values url.Values
	files  map[string][]byte
}

// Read takes the parameters from the query and the body, at most limit bytes of it, and refuses every name that is not
// allowed.
func Read(r *http.Request, limit int64, allowed ...string) (Params, error) {
	p := Params{values: url.Values{}, files: map[string][]byte{}}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return p, No(http.StatusBadRequest, "the query is not well formed")
	}
	p.add(query)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if err := p.readBody(r, limit); err != nil {
			return p, err
		}
	}
	return p, p.check(allowed)
}

func (p *Params) add(v url.Values) {
	for name, values := range v {
		p.values[name] = append(p.values[name], values...)
	}
}

// readBody takes the parameters of a body in whichever of the three forms it has.
func (p *Params) readBody(r *http.Request, limit int64) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return No(http.StatusBadRequest, "the body broke off")
	}
	if int64(len(body)) > limit {
		return No(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", limit)
	}
	if len(body) == 0 {
		return nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return No(http.StatusBadRequest, "the form is not well formed")
		}
		p.add(form)
	case "application/json":
		return p.readJSON(body)
	case "multipart/form-data":
		return p.readParts(body, params["boundary"])
	default:
		return No(http.StatusUnsupportedMediaType, "Content-Type %q is not one of application/x-www-form-urlencoded, application/json, multipart/form-data",
			r.Header.Get("Content-Type"))
	}
	return nil
}

func (p *Params) readJSON(body []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil || decoder.More() {
		return No(http.StatusBadRequest, "Error occurred while parsing request parameters")
	}
	for name, v := range object {
		p.flatten(name, v)
	}
	return nil
}

// flatten names nested values as a form would.
func (p *Params) flatten(name string, v any) {
	switch v := v.(type) {
	case nil:
	case []any:
		for _, e := range v {
			p.flatten(name+"[]", e)
		}
	case map[string]any:
		for k, e := range v {
			p.flatten(name+"["+k+"]", e)
		}
	default:
		p.values.Add(name, fmt.Sprint(v))
	}
}

func (p *Params) readParts(body []byte, boundary string) error {
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF { //nolint:errorlint // multipart returns io.EOF itself
			return nil
		}
		if err != nil {
			return No(http.StatusBadRequest, "the multipart body is not well formed")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return No(http.StatusBadRequest, "the multipart body breaks off")
		}
		if part.FileName() == "" {
			p.values.Add(part.FormName(), string(content))
			continue
		}
		if _, twice := p.files[part.FormName()]; twice {
			return Wrong("parameter %q is given twice", part.FormName())
		}
		p.files[part.FormName()] = content
	}
}

// check refuses unknown names, repeated single values and text that is no text.
func (p *Params) check(allowed []string) error {
	for name, values := range p.values {
		if !slices.Contains(allowed, name) {
			return Wrong("parameter %q is not known here (Mastodon would ignore it; the sandbox does not)", name)
		}
		if len(values) > 1 && !strings.HasSuffix(name, "[]") {
			return Wrong("parameter %q is given twice", name)
		}
		for _, v := range values {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return Wrong("parameter %q is not valid UTF-8 text", name)
			}
		}
	}
	for name := range p.files {
		if !slices.Contains(allowed, name) {
			return Wrong("file %q is not known here (Mastodon would ignore it; the sandbox does not)", name)
		}
	}
	return nil
}

// Get returns a single value, or the empty text.
func (p Params) Get(name string) string { return p.values.Get(name) }

// Has reports whether a parameter was given, be it empty.
func (p Params) Has(name string) bool { return p.values.Has(name) }

// List returns the values of a list.
func (p Params) List(name string) []string { return p.values[name+"[]"] }

// File returns an uploaded file.
func (p Params) File(name string) ([]byte, bool) {
	f, ok := p.files[name]
	return f, ok
}

// Bool returns a truth value, false when it is absent.
func (p Params) Bool(name string) (bool, error) {
	switch p.Get(name) {
	case "", "false", "0":
		return false, nil
	case "true", "1":
		return true, nil
	}
	return false, Wrong("parameter %q is neither true nor false", name)
}
