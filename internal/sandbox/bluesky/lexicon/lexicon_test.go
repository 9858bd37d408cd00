package lexicon

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// read returns JSON with numbers as they were written.
func read(t testing.TB, raw []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil
	}
	return v
}

// The fixtures are those of https://github.com/bluesky-social/atproto-interop-tests. They are not ours and not kept here: the
// variable names a folder with them.
func TestContentsAreNamedAsTheProtocolsFixturesSay(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("DAYMARK_ATPROTO_INTEROP")
	if folder == "" {
		t.Skip("DAYMARK_ATPROTO_INTEROP names no folder with the protocol's fixtures")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "data-model", "data-model-fixtures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var fixtures []struct {
		JSON json.RawMessage `json:"json"`
		CBOR string          `json:"cbor_base64"`
		CID  string          `json:"cid"`
	}
	if err := json.Unmarshal(raw, &fixtures); err != nil || len(fixtures) == 0 {
		t.Fatal(err)
	}
	for i, f := range fixtures {
		var b bytes.Buffer
		v := read(t, f.JSON)
		if err := encode(&b, v); err != nil {
			t.Fatal(err)
		}
		if got := base64.RawStdEncoding.EncodeToString(b.Bytes()); got != strings.TrimRight(f.CBOR, "=") {
			t.Errorf("%d: %s", i, got)
		}
		if got, err := RecordCID(v); got != f.CID || err != nil {
			t.Errorf("%d: %s, %v", i, got, err)
		}
	}
}

func TestContentsAreNamed(t *testing.T) {
	t.Parallel()
	// The name of nothing is well known: bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku.
	if got := BlobCID(nil); got != "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku" || !ValidCID(got) {
		t.Errorf("nothing is %s", got)
	}
	a, _ := RecordCID(read(t, []byte(`{"b":1,"aa":[true,null,-5,70000,5000000000],"c":{"$bytes":"AAE"}}`)))
	b, _ := RecordCID(read(t, []byte(`{"aa":[true,null,-5,70000,5000000000],"c":{"$bytes":"AAE="},"b":1}`)))
	if a != b || !ValidCID(a) || !strings.HasPrefix(a, "bafyrei") {
		t.Errorf("%s and %s", a, b)
	}
	for _, bad := range []string{`1.5`, `{"$link":"x"}`, `{"$bytes":"*"}`} {
		if got, err := RecordCID(read(t, []byte(bad))); err == nil {
			t.Errorf("%s is %s", bad, got)
		}
	}
}

// FuzzCheck holds that no record breaks the server, and that what passes has a name.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"$type":"app.bsky.feed.post","text":"é #a","createdAt":"2027-07-30T09:00:00Z","facets":[{"index":{"byteStart":3,"byteEnd":5},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"a"}]}],"langs":["en"]}`))
	f.Add([]byte(`{"$type":"app.bsky.feed.post","text":"","createdAt":"2027-07-30T09:00:00Z","embed":{"$type":"app.bsky.embed.images","images":[{"alt":"a","image":{"$type":"blob","ref":{"$link":"b"},"mimeType":"image/png","size":1},"aspectRatio":{"width":1,"height":1}}]},"reply":{"root":null}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		v := read(t, raw)
		if _, _, err := Check(Post, v); err == nil {
			if _, err := RecordCID(v); err != nil {
				t.Errorf("%s passes and has no name: %v", raw, err)
			}
		}
	})
}
