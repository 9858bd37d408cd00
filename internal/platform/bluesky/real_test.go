package bluesky_test

import (
	"crypto/rand"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/xrpc"
	"daymark/internal/wire"
)

// TestARealServer publishes one post to a real account, looks for it, counts it and takes it down. DAYMARK_TRY_BLUESKY names the
// account as handle:app-password.
func TestARealServer(t *testing.T) {
	t.Parallel()
	handle, password, ok := strings.Cut(os.Getenv("DAYMARK_TRY_BLUESKY"), ":")
	if !ok {
		t.Skip("DAYMARK_TRY_BLUESKY names no account as handle:app-password")
	}
	ctx := t.Context()
	client := wire.NewClient(wire.Options{})
	t.Cleanup(client.CloseIdleConnections)
	c := bluesky.New(bluesky.Options{
		Options: xrpc.Options{HTTP: client, Now: time.Now, UserAgent: "Daymark test"}, Random: rand.Reader, DNS: net.DefaultResolver,
	})
	account, err := c.Connect(ctx, handle, password)
	if err != nil {
		t.Fatal(err)
	}
	if account.Secret, err = c.Refresh(ctx, account); err != nil {
		t.Fatal(err)
	}
	who, err := c.Verify(ctx, account)
	if err != nil || who.RemoteID != account.RemoteID {
		t.Fatalf("%+v, %v", who, err)
	}
	caps, err := c.Capabilities(ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	content := hello("A test of Daymark, taken down in a moment. https://example.org #test")
	content.Parts[0].Pictures = []platform.Picture{bluePicture(t)}
	if issues := c.Validate(caps, content); len(issues) > 0 {
		t.Fatalf("%+v", issues)
	}
	a := platform.Attempt{Key: "try", No: 1, Content: content, StartedAt: time.Now()}
	if a.Handles, err = c.Prepare(ctx, account, content, 0, nil); err != nil {
		t.Fatal(err)
	}
	if f, err := c.Find(ctx, account, a); err != nil || f.State != platform.NotFound {
		t.Errorf("before: %+v, %v", f, err)
	}
	made, err := c.Publish(ctx, account, a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Publish(ctx, account, a); platform.Outcome(err) != platform.KindUnknown {
		t.Errorf("the same again: %v", err)
	}
	if f, err := c.Find(ctx, account, a); err != nil || f.State != platform.Found || f.Receipt.Ref != made.Ref {
		t.Errorf("after: %+v, %v", f, err)
	}
	if _, err := c.Measure(ctx, account, []platform.Ref{made.Ref}); err != nil {
		t.Error(err)
	}
	if err := c.Delete(ctx, account, made.Ref); err != nil {
		t.Error(err)
	}
	if f, err := c.Find(ctx, account, a); err != nil || f.State != platform.NotFound {
		t.Errorf("taken down: %+v, %v", f, err)
	}
	t.Logf("%s: %s %s at %s", time.Now().UTC().Format(time.DateOnly), caps.Software, caps.Version, account.Address)
}
