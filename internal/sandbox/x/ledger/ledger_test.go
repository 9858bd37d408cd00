package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"daymark/internal/sandbox/x/ledger"
)

var start = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

func TestALineBrokenOffByAKillIsForgottenAndADamagedOneIsSaid(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	l, err := ledger.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	p := ledger.Post{ID: l.NextID(start), Account: "hope", Text: "Kept.", CreatedAt: start}
	if err := l.Add(p, func([]ledger.Post) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Save(ledger.Change{Posts: []ledger.Post{p}}); err == nil {
		t.Error("a change after the end was kept")
	}
	name := filepath.Join(folder, "x.jsonl")
	add := func(text string) {
		t.Helper()
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	add(`{"posts":[{"id":"9`)
	l, err = ledger.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if posts := l.Posts(""); len(posts) != 1 || posts[0].Text != "Kept." {
		t.Errorf("%+v", posts)
	}
	if next := l.NextID(start.Add(-time.Hour)); len(next) < len(p.ID) || next <= p.ID {
		t.Errorf("the id %s does not follow %s", next, p.ID)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	add("damaged\n")
	if _, err := ledger.Open(folder); err == nil {
		t.Error("a damaged journal was read")
	}
}

func TestARefusedPostLeavesNothing(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open("")
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	if err := l.Add(ledger.Post{ID: "1", Account: "hope"}, func([]ledger.Post) error { return no }); !errors.Is(err, no) {
		t.Errorf("%v", err)
	}
	if len(l.Posts("")) != 0 {
		t.Error("it was kept")
	}
	first := ledger.Post{ID: "2", Account: "hope"}
	reply := ledger.Post{ID: "3", Account: "hope", InReplyTo: "2"}
	if err := l.Save(ledger.Change{Posts: []ledger.Post{first, reply}}); err != nil {
		t.Fatal(err)
	}
	if l.Replies("2") != 1 {
		t.Errorf("%d replies", l.Replies("2"))
	}
	reply.Deleted = true
	if err := l.Save(ledger.Change{Posts: []ledger.Post{reply}}); err != nil || l.Replies("2") != 0 {
		t.Errorf("%d replies, %v", l.Replies("2"), err)
	}
	if err := l.KeepFile("4", []byte("ab"), false); err != nil {
		t.Fatal(err)
	}
	if err := l.KeepFile("4", []byte("cd"), true); err != nil {
		t.Fatal(err)
	}
	if b, err := l.File("4"); err != nil || string(b) != "abcd" {
		t.Errorf("%q, %v", b, err)
	}
}
