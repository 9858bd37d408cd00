package seal_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/seal"
)

func TestTheKeyIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids { // several daemons start at once on one folder
		all.Go(func() {
			k, err := seal.LoadOrMakeKey(dir, rand.Reader)
			if err != nil {
				t.Error(err)
			}
			ids[i] = k.ID()
		})
	}
	all.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Errorf("got the keys %v, want one", ids)
			break
		}
	}
	info, err := os.Stat(filepath.Join(dir, seal.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %o, want 600", info.Mode().Perm())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v and error %v, want the key alone", left, err)
	}
	other, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil || other.ID() == ids[0] {
		t.Errorf("another folder has key %s and error %v", other.ID(), err)
	}
}

func TestAKeyFileThatCannotBeTrustedIsRefused(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	for _, tt := range []struct {
		name, content string
		mode          os.FileMode
		want          string // part of the sentence; empty for accepted
	}{
		{"private", good + "\n", 0o600, ""},
		{"readable by its group", good, 0o640, ""},
		{"readable by everybody", good, 0o644, "chmod 600"},
		{"writable by its group", good, 0o660, "chmod 600"},
		{"empty", "", 0o600, "does not hold 32 bytes"},
		{"too short", good[:20], 0o600, "does not hold 32 bytes"},
		{"no base64", strings.Repeat("?", 44), 0o600, "does not hold 32 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), seal.KeyFile)
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.mode); err != nil { // past the umask
				t.Fatal(err)
			}
			_, err := seal.LoadOrMakeKey(filepath.Dir(path), rand.Reader)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a sentence with %q", err, tt.want)
			}
			if tt.content != "" && strings.Contains(err.Error(), tt.content) {
				t.Errorf("the error repeats the content: %v", err)
			}
			if kept, readErr := os.ReadFile(path); readErr != nil || string(kept) != tt.content {
				t.Errorf("the file was changed to %q, error %v", kept, readErr)
			}
		})
	}
}

func TestAFolderThatIsNotThereIsAClearError(t *testing.T) {
	t.Parallel()
	_, err := seal.LoadOrMakeKey(filepath.Join(t.TempDir(), "gone"), rand.Reader)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "cannot be written") {
		t.Errorf("got %v", err)
	}
}

func TestSecretsNeverShowThemselves(t *testing.T) {
	t.Parallel()
	raw := strings.Repeat("k", 32)
	text := base64.StdEncoding.EncodeToString([]byte(raw))
	key, err := seal.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	secret := seal.Secret(raw)
	type holder struct {
		Key    seal.Key
		Keys   seal.Keys
		Secret seal.Secret
		New    struct{ Credentials seal.Secret }
	}
	h := holder{key, seal.Keys{key}, secret, struct{ Credentials seal.Secret }{secret}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{key, &key, secret, &secret, h, &h} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	enc := json.NewEncoder(&out)
	for _, v := range []any{key, secret, h.Keys, map[string]any{"s": secret}} {
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).InfoContext(t.Context(), "kept", "key", key, "secret", secret, "holder", h)
	}
	shown := strings.ToLower(out.String())
	for _, leak := range []string{raw, text, "6b6b6b6b", "107 107 107", "0x6b, 0x6b"} {
		if strings.Contains(shown, strings.ToLower(leak)) {
			t.Errorf("%q is shown in:\n%s", leak, out.String())
		}
	}
	if !strings.Contains(shown, "[secret]") || !strings.Contains(shown, key.ID()) {
		t.Errorf("got\n%s", out.String())
	}
}
