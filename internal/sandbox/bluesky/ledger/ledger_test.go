package ledger_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"daymark/internal/sandbox/bluesky/ledger"
)

func TestALineThatWasNeverFinishedIsForgottenAndADamagedOneIsTold(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	l, err := ledger.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	post := ledger.Record{DID: "did:plc:a", Collection: "app.bsky.feed.post", Key: "1", Value: json.RawMessage(`{}`)}
	like := ledger.Record{DID: "did:plc:a", Collection: "app.bsky.feed.like", Key: "2", Value: json.RawMessage(`{}`), Subject: post.URI()}
	if err := l.Save(ledger.Change{Records: []ledger.Record{post, like}}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Save(ledger.Change{Records: []ledger.Record{post}}); err == nil {
		t.Error("a change was kept after the end")
	}
	name := filepath.Join(folder, "bluesky.jsonl")
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
	add(`{"records":[{"did":"9`)
	if l, err = ledger.Open(folder); err != nil {
		t.Fatal(err)
	}
	if got := l.Records("", post.Collection); len(got) != 1 || got[0].Key != "1" || l.About(post.URI(), like.Collection) != 1 {
		t.Errorf("records: %+v", got)
	}
	gone := like
	gone.Deleted = true
	for _, r := range []ledger.Record{gone, like, gone} { // taken away, made again, taken away
		if err := l.Save(ledger.Change{Records: []ledger.Record{r}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.About(post.URI(), like.Collection); n != 0 || len(l.Records("", like.Collection)) != 0 {
		t.Errorf("%d likes are left", n)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	add("nonsense\n")
	if _, err := ledger.Open(folder); err == nil {
		t.Error("a damaged journal was opened")
	}
}
