package bluesky_test

import (
	"testing"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/platformtest"
	sandbox "daymark/internal/sandbox/bluesky"
)

// TestOneSetOfHandlesServesAWholeThread walks as dispatch does: every part is prepared into one set of handles, then each is published;
// a part whose answer was lost is sent again with what was prepared, also by a daemon that was started anew.
func TestOneSetOfHandlesServesAWholeThread(t *testing.T) {
	t.Parallel()
	b, server := openServer(t, platformtest.CommitThenDrop, sandbox.Options{})
	content := platform.Content{
		Parts:    []platform.Part{{Text: "One.", Pictures: []platform.Picture{bluePicture(t)}}, {Text: "Two."}, {Text: "Three."}},
		Language: "en", Visibility: "public",
	}
	var h platform.Handles
	for range 2 { // prepared twice: the second time nothing changes
		for part := range content.Parts {
			var err error
			if h, err = b.Connector.Prepare(t.Context(), b.Account, content, part, h); err != nil {
				t.Fatal(err)
			}
		}
	}
	var root, before *platform.Ref
	for part := range content.Parts {
		a := platform.Attempt{Key: "k", No: 1, Part: part, Content: content, Handles: h, ReplyTo: before, Root: root, StartedAt: b.Now()}
		b.Inject(platformtest.CommitThenDrop)
		if _, err := b.Connector.Publish(t.Context(), b.Account, a); platform.Outcome(err) != platform.KindUnknown {
			t.Fatalf("part %d: %v", part, err)
		}
		b.Pass(time.Minute)
		if _, err := b.Connector.Publish(t.Context(), b.Account, a); platform.Outcome(err) != platform.KindUnknown {
			t.Fatalf("part %d again: %v", part, err)
		}
		f, err := b.Connector.Find(t.Context(), b.Account, a)
		if err != nil || f.State != platform.Found {
			t.Fatalf("part %d: %+v, %v", part, f, err)
		}
		if before = &f.Receipt.Ref; root == nil {
			root = before
		}
		if elsewhere := a; part > 0 { // an answer to another post is not ours
			elsewhere.ReplyTo = &platform.Ref{ID: "3lzzzzzzzzz2a"}
			if f, err := b.Connector.Find(t.Context(), b.Account, elsewhere); err != nil || f.State != platform.CannotTell {
				t.Errorf("part %d as an answer to another: %+v, %v", part, f, err)
			}
		}
	}
	posts := server.State().Posts
	if len(posts) != 3 || posts[0].ReplyTo != posts[1].URI || posts[1].ReplyTo != posts[2].URI || posts[0].Root != posts[2].URI {
		t.Errorf("%+v", posts)
	}
}
