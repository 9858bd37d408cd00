package x_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	sandbox "daymark/internal/sandbox/x"
)

// TestRequestsAgainstXsOwnDefinition holds what the connector sends, and what the sandbox answers, against the machine-readable
// definition of X's API, which is not ours to keep here: DAYMARK_X_OPENAPI names the file
// (https://api.x.com/2/openapi.json).
func TestRequestsAgainstXsOwnDefinition(t *testing.T) {
	t.Parallel()
	name := os.Getenv("DAYMARK_X_OPENAPI")
	if name == "" {
		t.Skip("DAYMARK_X_OPENAPI names no file: X's definition is not part of this repository")
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	definition, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4)
	if err := compiler.AddResource("x.json", definition); err != nil {
		t.Fatal(err)
	}
	check := func(what, schema string, body []byte) {
		t.Helper()
		s, err := compiler.Compile("x.json#/components/schemas/" + schema)
		if err != nil {
			t.Errorf("%s: %v", schema, err)
			return
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err == nil {
			err = s.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %s is not a %s: %v", what, body, schema, err)
		}
	}
	if s, err := compiler.Compile("x.json#/components/schemas/CreatePostsRequest"); err != nil || s.Validate(map[string]any{"status": "x"}) == nil {
		t.Fatalf("the definition takes a field that it does not have (%v): nothing is checked here", err)
	}
	requests := map[string]string{
		"POST /2/tweets": "CreatePostsRequest", "POST /2/media/upload": "MediaUploadRequest", "POST /2/media/upload/initialize": "InitializeMediaUploadRequest",
		"POST /2/media/upload/:id/append": "AppendMediaUploadRequest", "POST /2/media/metadata": "CreateMediaMetadataRequest",
	}
	answers := map[string]string{
		"POST /2/tweets": "CreatePostsResponse", "POST /2/media/upload": "MediaUploadResponse", "POST /2/media/upload/initialize": "InitializeMediaUploadResponse",
		"POST /2/media/upload/:id/append": "AppendMediaUploadResponse", "POST /2/media/upload/:id/finalize": "FinalizeMediaUploadResponse",
		"GET /2/media/upload": "GetMediaUploadStatusResponse", "POST /2/media/metadata": "CreateMediaMetadataResponse", "GET /2/users/me": "GetUsersMeResponse",
		"DELETE /2/tweets/:id": "DeletePostsResponse",
	}

	var mu sync.Mutex
	seen := map[string]bool{}
	now := clock.NewFake(start)
	server, err := sandbox.New(sandbox.Options{Accounts: []sandbox.Account{{Handle: "charity"}}, Clock: now, Wall: time.Now, Quiet: true, MediaPolls: 1, Switches: sandbox.Switches{Replies: true}})
	if err != nil {
		t.Fatal(err)
	}
	inner := server.Handler()
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		kept := httptest.NewRecorder()
		inner.ServeHTTP(kept, r)
		at := endpoint(r)
		mu.Lock()
		defer mu.Unlock()
		seen[at] = true
		if schema := requests[at]; schema != "" {
			check(at, schema, asJSON(t, r.Header.Get("Content-Type"), body))
		}
		if schema := answers[at]; schema != "" && kept.Code < 300 {
			check("the answer of "+at, schema, kept.Body.Bytes())
		}
		for name, values := range kept.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	}))
	t.Cleanup(func() {
		listener.Close()
		_ = server.Close()
	})
	c := connector(t, time.Minute, now, listener.Listener.Addr().String())
	account := platform.Account{Address: listener.URL, Handle: "@charity", RemoteID: sandbox.Account{Handle: "charity"}.ID(), Secret: keysOf(t, server, "charity", false).Secret()}
	b := &bench{server: server, clock: now}
	b.Bench = newBench(c, account, now)
	post := content("One https://example.org.", "Two.")
	post.Parts[0].Pictures = []platform.Picture{picture(t, 1100, 900), picture(t, 4, 4)}
	first, _, err := b.publish(t, post, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.publish(t, post, 1, &first.Ref); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Verify(t.Context(), account); err != nil {
		t.Error(err)
	}
	if err := c.Delete(t.Context(), account, first.Ref); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for at := range answers {
		if !seen[at] {
			t.Errorf("%s was never called", at)
		}
	}
}

// endpoint names what a request asks for, with ids left out.
func endpoint(r *http.Request) string {
	parts := strings.Split(r.URL.Path, "/")
	for i, p := range parts {
		if len(p) > 5 && strings.Trim(p, "0123456789") == "" {
			parts[i] = ":id"
		}
	}
	return r.Method + " " + strings.Join(parts, "/")
}

// asJSON turns a form into the object that the definition describes.
func asJSON(t *testing.T, kind string, body []byte) []byte {
	t.Helper()
	_, boundary, found := strings.Cut(kind, "boundary=")
	if !found {
		return body
	}
	out := map[string]any{}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if err != nil {
			break
		}
		value, _ := io.ReadAll(part)
		switch part.FormName() {
		case "media":
			out["media"] = "bytes"
		case "segment_index":
			out["segment_index"] = json.Number(value)
		default:
			out[part.FormName()] = string(value)
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		t.Error(err)
	}
	return b
}
