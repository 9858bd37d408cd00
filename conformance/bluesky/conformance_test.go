package conformance_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/xrpc"
	sandbox "daymark/internal/sandbox/bluesky"
	"daymark/internal/wire"

	"github.com/bluesky-social/indigo/atproto/atclient"
	"github.com/bluesky-social/indigo/atproto/atdata"
	"github.com/bluesky-social/indigo/atproto/lexicon"
	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
)

var hope = sandbox.Account{Handle: "hope.test", DisplayName: "Hope"}

// TestWhatWePostIsWhatTheNetworkTakes publishes a thread to the sandbox, reads it back through indigo and holds each record against the
// lexicons and each name against its content.
func TestWhatWePostIsWhatTheNetworkTakes(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC))
	server, err := sandbox.New(sandbox.Options{Accounts: []sandbox.Account{hope}, Clock: now, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server.Handler())
	t.Cleanup(func() {
		listener.Close()
		_ = server.Close()
	})
	publish(t, server, listener, now)

	ctx := t.Context()
	client, err := atclient.LoginWithPasswordHost(ctx, listener.URL, hope.Handle, server.AppPassword(hope), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var listed struct {
		Records []struct {
			URI, CID string
			Value    json.RawMessage
		}
	}
	query := map[string]any{"repo": hope.DID(), "collection": "app.bsky.feed.post"}
	if err := client.Get(ctx, syntax.NSID("com.atproto.repo.listRecords"), query, &listed); err != nil || len(listed.Records) != 3 {
		t.Fatalf("%d records, %v", len(listed.Records), err)
	}
	for _, r := range listed.Records {
		uri, err := syntax.ParseATURI(r.URI)
		if err != nil {
			t.Error(err)
		}
		if _, err := syntax.ParseTID(uri.RecordKey().String()); err != nil {
			t.Error(err)
		}
		value, err := atdata.UnmarshalJSON(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		if got := nameOf(t, value); got != r.CID {
			t.Errorf("the content of %s is named %s, and by indigo %s", r.URI, r.CID, got)
		}
		held(t, value)
	}
	var made struct{ URI, CID string }
	err = client.Post(ctx, syntax.NSID("com.atproto.repo.createRecord"), map[string]any{
		"repo": hope.DID(), "collection": "app.bsky.feed.post", "record": map[string]any{"$type": "app.bsky.feed.post", "text": "By indigo", "createdAt": syntax.DatetimeNow()},
	}, &made)
	if err != nil || made.CID == "" {
		t.Errorf("indigo posts: %+v, %v", made, err)
	}
}

// publish lets the connector publish a thread with all that a post can have.
func publish(t *testing.T, server *sandbox.Server, listener *httptest.Server, now *clock.Fake) {
	t.Helper()
	address := listener.Listener.Addr().String()
	c := bluesky.New(bluesky.Options{
		Options: xrpc.Options{HTTP: wire.NewClient(wire.Options{Allow: []string{address}}), Now: now.Now, UserAgent: "Daymark test"},
		Random:  rand.Reader, Directory: listener.URL, Entry: listener.URL,
	})
	account, err := c.Connect(t.Context(), hope.Handle, server.AppPassword(hope))
	if err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, 8, 6))); err != nil {
		t.Fatal(err)
	}
	content := platform.Content{
		Parts: []platform.Part{
			{Text: "Línea uno 👩🏽‍🚒, @hope.test, https://hope.example/é?a=b #EndHumanTrafficking", Pictures: []platform.Picture{{SHA256: "x", MIME: "image/png", Alt: "A heart", Bytes: picture.Bytes()}}},
			{Text: "مساعدة #مساعدة hope.org"},
			{Text: "Three."},
		},
		ContentNote: "exploitation", Sensitive: true, Language: "es-419", Visibility: "public",
	}
	var before *platform.Ref
	for part := range content.Parts {
		h, err := c.Prepare(t.Context(), account, content, part, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.Publish(t.Context(), account, platform.Attempt{Key: fmt.Sprint(part), No: 1, Part: part, Content: content, Handles: h, ReplyTo: before, StartedAt: now.Now()})
		if err != nil {
			t.Fatal(err)
		}
		before = &r.Ref
	}
}

// nameOf returns the name of a content by indigo's form of it.
func nameOf(t *testing.T, value map[string]any) string {
	t.Helper()
	b, err := atdata.MarshalCBOR(value)
	if err != nil {
		t.Fatal(err)
	}
	name, err := cid.NewPrefixV1(cid.DagCBOR, multihash.SHA2_256).Sum(b)
	if err != nil {
		t.Fatal(err)
	}
	return name.String()
}

// held holds a record against the lexicons. They are not ours and not kept here: the variable names a folder with those of
// https://github.com/bluesky-social/atproto/tree/main/lexicons.
func held(t *testing.T, value map[string]any) {
	t.Helper()
	folder := os.Getenv("DAYMARK_ATPROTO_LEXICONS")
	if folder == "" {
		t.Log("DAYMARK_ATPROTO_LEXICONS names no folder with the lexicons: records are not held against them")
		return
	}
	catalog := lexicon.NewBaseCatalog()
	if err := catalog.LoadDirectory(folder); err != nil {
		t.Fatal(err)
	}
	if err := lexicon.ValidateRecord(catalog, value, "app.bsky.feed.post", 0); err != nil {
		t.Errorf("%v: %v", value, err)
	}
}
