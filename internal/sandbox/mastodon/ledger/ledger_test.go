package ledger_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"daymark/internal/sandbox/mastodon/ledger"
)

func TestALineThatWasNeverFinishedIsForgottenAndADamagedOneIsTold(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	l, err := ledger.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	first := ledger.Status{ID: l.NextID(time.UnixMilli(1000)), Account: "hope", Text: "kept"}
	if err := l.Save(ledger.Change{Statuses: []ledger.Status{first}}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "mastodon.jsonl")
	add := func(text string) {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	add(`{"statuses":[{"id":"9`)
	l, err = ledger.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Statuses(""); len(got) != 1 || got[0].Text != "kept" {
		t.Errorf("statuses: %+v", got)
	}
	if id := l.NextID(time.UnixMilli(0)); id <= first.ID {
		t.Errorf("id %s after %s, with the clock set back", id, first.ID)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	add("nonsense\n")
	if _, err := ledger.Open(folder); err == nil {
		t.Error("a damaged journal was opened")
	}
}
