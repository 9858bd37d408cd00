package mastodon_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/sandbox/mastodon"
)

// A second client not ours, in another language and from other hands than go-mastodon, which our connector is built on.
func TestAClientInJavaScriptCanDoTheWholeWay(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("client/node_modules/masto"); err != nil {
		t.Fatal("the client's packages are missing: run scripts/setup --test")
	}
	b := setup(t, nil)
	name := filepath.Join(t.TempDir(), "heart.png")
	if err := os.WriteFile(name, picture(t, 4, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	raw, err := exec.CommandContext(ctx, "node", "client/walk.mjs", b.BaseURL(), b.Token("other"), name).Output()
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
	posts := b.State().Statuses
	if len(posts) != 2 || len(posts[1].Media) != 1 {
		t.Fatalf("on the server: %+v", posts)
	}
	media := posts[1].Media[0].ID
	if posts[1].ID != got["id"] || posts[1].Key != "one" || posts[1].Media[0].Description != "A blue heart: «bleu»" {
		t.Errorf("on the server: %+v", posts)
	}
	delete(got, "id")
	want := map[string]any{
		"state": "s 1", "given": []any{"Bearer", true}, "app": "Elsewhere", "limits": []any{500.0, 23.0, 1500.0}, "old": 4.0,
		"me":    []any{mastodon.Account{Handle: "hope"}.ID(), "hope", "Hope House", 2000.0, "public"},
		"media": []any{"image", 4.0, -0.25, "A blue heart: «bleu»", "A blue heart: «bleu»"}, "file": []any{"image/png", true},
		"again": true, "reply": []any{true, true, "ar", "unlisted"}, "boost": []any{true, true}, "counts": []any{1.0, 1.0, 1.0, true, true},
		"read": []any{"2027-07-30T09:00:00.000Z", "en", "Trafficking", true, "public", "Elsewhere", true}, "alt": []any{"A blue heart: «bleu»"},
		"tags": []any{[]any{"endhumantrafficking", true}, []any{"مساعدة", true}}, "mentions": []any{"other"},
		"links":   []any{"https://hope.org/help?a=1&b=2", "/@other", "/tags/EndHumanTrafficking", "/tags/مساعدة"},
		"escaped": true, "source": true, "several": []any{true, false}, "unseen": false,
		"pages":     []any{[]any{2.0, 1.0}, []any{0.0}},
		"unboosted": 0.0, "unliked": 0.0, "gone": "Part two", "left": 0.0,
		"errors": map[string]any{
			"a code twice":                "400 invalid_grant",
			"too long":                    "422 Validation failed: Text character limit of 500 exceeded (the sandbox counts 501)",
			"nothing":                     "422 Validation failed: Text can't be blank",
			"no such picture":             `422 Validation failed: Media "12" not found, not yours or already attached`,
			"a picture twice":             `422 Validation failed: Media "` + media + `" not found, not yours or already attached`,
			"an answer to nothing":        "404 The post you are trying to reply to does not appear to exist.",
			"a field that is none":        `422 Validation failed: parameter "content_warning" is not known here (Mastodon would ignore it; the sandbox does not)`,
			"no language":                 `422 Validation failed: Language "english!" is not an ISO 639 code`,
			"a visibility that is none":   "422 Validation failed: Visibility is not included in the list",
			"no picture at all":           "422 Validation failed: File content type is invalid, File is invalid (text/plain; charset=utf-8)",
			"no such status":              "404 Record not found",
			"no token":                    "401 The access token is invalid",
			"a wrong token":               "401 The access token is invalid",
			"another's source":            "403 This action is not allowed",
			"another's status":            "404 Record not found",
			"nobody's token":              "422 This method requires an authenticated user",
			"a scope that was not given":  "403 This action is outside the authorized scopes",
			"what is gone":                "404 Record not found",
			"a token that was given back": "401 The access token was revoked",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the client was answered (-want +got):\n%s", diff)
	}
}
