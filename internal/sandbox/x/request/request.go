// Package request is one request to the sandbox X server as its endpoints see it: the body and the query read strictly, and
// the refusals in X's own two shapes. It does not know what any endpoint does.
package request

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"daymark/internal/sandbox/mischief"
	"daymark/internal/sandbox/x/ledger"
)

// Call is one request to an endpoint.
type Call struct {
	W     http.ResponseWriter
	R     *http.Request
	Now   time.Time
	Base  string     // address of the server
	Query url.Values // and, for version 1.1, the form
	Owner ledger.Account
	Token ledger.Token
	Fault mischief.Fault // one that the endpoint carries out itself, or none
	Code  int            // the status of the answer; 200 when zero
}

// maxJSON is the largest body of JSON read.
const maxJSON = 1 << 20

// Body reads one JSON object, strictly: a field that X's definition does not have is refused, as there
// ("additionalProperties": false).
func (c *Call) Body(v any) error {
	kind, _, _ := strings.Cut(c.R.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != "application/json" {
		return Invalid("", "", "The content type %q is not application/json.", kind)
	}
	decoder := json.NewDecoder(http.MaxBytesReader(c.W, c.R.Body, maxJSON))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return Invalid("", "", "$: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Invalid("", "", "$: there is more than one JSON value")
	}
	return nil
}

// Numeric reports whether a text is an id.
func Numeric(id string) bool {
	return id != "" && len(id) <= 19 && strings.Trim(id, "0123456789") == ""
}

// Instant writes an instant as X does.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Fields reads which fields are asked for, strictly.
func (c *Call) Fields(allowed []string, names ...string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, name := range names {
		for f := range strings.SplitSeq(c.Query.Get(name), ",") {
			if f == "" {
				continue
			}
			if !slices.Contains(allowed, f) {
				return nil, Invalid(name, f, "The `%s` query parameter value [%s] is not one of [%s]", name, f, strings.Join(allowed, ","))
			}
			out[f] = true
		}
	}
	return out, nil
}
