package static

import (
	"net/http"

	"daymark/campaigns"
)

// Schema serves the JSON Schema that an editor of campaign files or calendars reads, to everybody.
func Schema(w http.ResponseWriter, r *http.Request) {
	schema, err := campaigns.Schemas.ReadFile(r.PathValue("name"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/schema+json") // https://json-schema.org/draft/2020-12/json-schema-core#section-14
	h.Set("Cache-Control", "public, max-age=3600")   // the address stays the same when Daymark is updated
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*") // editors in a browser read it too
	_, _ = w.Write(schema)                    // the visitor has gone; there is nobody to tell
}
