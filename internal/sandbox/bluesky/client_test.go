package bluesky_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The client here is the one that Bluesky's own apps use, so that the server and our connector cannot agree on a misreading.
func TestAClientNotOursCanDoTheWholeWay(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("client/node_modules/@atproto/api"); err != nil {
		t.Fatal("the client's packages are missing: run scripts/setup --test")
	}
	b := setup(t, nil)
	name := filepath.Join(t.TempDir(), "heart.png")
	if err := os.WriteFile(name, picture(t, 4, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	raw, err := exec.CommandContext(ctx, "node", "client/walk.mjs", b.url, hope.Handle, b.AppPassword(hope), name).Output()
	if err != nil {
		said := ""
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			said = string(e.Stderr)
		}
		t.Fatalf("the client: %v\n%s", err, said)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	uri, _ := got["uri"].(string)
	if !strings.HasPrefix(uri, "at://"+hope.DID()+"/app.bsky.feed.post/") {
		t.Errorf("uri: %q", uri)
	}
	delete(got, "uri")
	want := map[string]any{
		"did": hope.DID(), "session": hope.Handle, "renewed": true, "resolved": hope.DID(), "profile": hope.DisplayName, "server": true,
		"facets": []any{
			[]any{39.0, 69.0, "https://hope.example/help?a=é"},
			[]any{74.0, 82.0, "https://hope.org"},
			[]any{89.0, 99.0, hope.DID()},
			[]any{100.0, 120.0, "EndHumanTrafficking"},
			[]any{121.0, 134.0, "مساعدة"},
		},
		"posts":       []any{[]any{uri, 1.0, 1.0, 1.0, true}},
		"sameContent": true, "listed": 3.0, "blob": true, "left": 2.0,
		"errors": map[string]any{
			"wrong password": "401 AuthenticationRequired", "key in use": "500 InternalServerError", "key that is no TID": "400 InvalidRequest",
			"text too long": "400 InvalidRequest", "bytes too many": "400 InvalidRequest", "facet outside": "400 InvalidRequest",
			"unknown field": "400 InvalidRequest", "no date": "400 InvalidRequest", "reply to nothing": "400 InvalidRequest",
			"no such record": "400 RecordNotFound", "another account": "401 AuthenticationRequired", "owner's password needed": "400 InvalidToken",
			"no such method": "501 MethodNotImplemented", "swap": "400 InvalidSwap",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the client was answered (-want +got):\n%s", diff)
	}
}
