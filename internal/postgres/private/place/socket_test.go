package place

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daymark/internal/core/fault"
)

func TestSocketDirSaysThatEveryPathIsTooLong(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("x", 120))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := SocketDir(dir, filepath.Join(dir, "postgres"), Account{}, []string{dir})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "too long") {
		t.Errorf("got %v", err)
	}
}
