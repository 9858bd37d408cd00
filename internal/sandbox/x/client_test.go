package x_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/sandbox/x"
)

// The client here was written by others and signs by its own code, so that the server and our connector cannot agree on a
// misreading.
func TestAClientNotOursCanDoTheWholeWay(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("client/node_modules/twitter-api-v2"); err != nil {
		t.Fatal("the client's packages are missing: run scripts/setup --test")
	}
	b := setup(t, func(o *x.Options) { o.Wall = time.Now; o.Switches.Replies = true })
	name := filepath.Join(t.TempDir(), "heart.png")
	if err := os.WriteFile(name, picture(t, 400, 300), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := json.Marshal(b.keys)
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(b.BaseURL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	raw, err := exec.CommandContext(ctx, "node", "client/walk.mjs", host, port, string(keys), name).Output()
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
	posts := b.State().Posts
	if len(posts) != 1 || posts[0].ID != got["id"] || len(posts[0].Media) != 1 || posts[0].Media[0].Alt != "A blue heart: «bleu»" {
		t.Errorf("on the server: %+v", posts)
	}
	delete(got, "id")
	invalid := "400 https://api.twitter.com/2/problems/invalid-request One or more parameters to your request was invalid."
	want := map[string]any{
		"me":  []any{x.Account{Handle: "hope"}.ID(), "hope", 2000.0},
		"alt": "A blue heart: «bleu»", "width": 400.0, "created": "2027-07-30T09:00:00.000Z", "likes": 0.0, "sent": true,
		"timeline": []any{[]any{true, "replied_to"}, []any{false, nil}},
		"several":  []any{1.0, "12"}, "rate": 75.0, "who": "hope", "deleted": true, "granted": "hope",
		"errors": map[string]any{
			"the same again":       "403 about:blank You are not allowed to create a Tweet with duplicate content.",
			"too long":             invalid,
			"no such picture":      invalid,
			"a field that is none": invalid,
			"version 1.1":          "403 453",
			"a wrong secret":       "401 about:blank Unauthorized",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the client was answered (-want +got):\n%s", diff)
	}
}
