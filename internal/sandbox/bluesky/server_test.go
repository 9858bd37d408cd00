package bluesky_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/bluesky/method"
	"daymark/internal/sandbox/mischief"

	"github.com/google/go-cmp/cmp"
)

const createRecord = "POST /xrpc/com.atproto.repo.createRecord"

// key returns the record key of so many minutes after the start.
func key(minutes int) string { return method.TID(start.Add(time.Duration(minutes) * time.Minute)) }

func TestEachFaultHappensOnARealConnection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    mischief.Kind
		code    int    // 0 when there is no whole answer
		says    string // in the body
		commits bool
		again   int // what the same key is answered next
	}{
		{mischief.CommitThenDrop, 0, "", true, 500},
		{mischief.CommitThen504, 504, "504 Gateway", true, 500},
		{mischief.Reject500, 500, "InternalServerError", false, 200},
		{mischief.RateLimited429, 429, "RateLimitExceeded", false, 200},
		{mischief.Slow, 200, "at://", true, 500},
		{mischief.TruncateBody, 0, "", true, 500},
		{mischief.HTMLInsteadOfJSON, 200, "<html>", true, 500},
		{mischief.DropBeforeRead, 0, "", false, 200},
		{mischief.TokenExpired, 400, "ExpiredToken", false, 200},
		{mischief.CachedErrorReplayed, 500, "InternalServerError", false, 500},
		{mischief.KeyBurnt, 500, "InternalServerError", false, 500},
		{mischief.Repeat500, 200, "at://", true, 500},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			fault, err := json.Marshal(mischief.Fault{Kind: c.kind, Endpoint: createRecord, DelayMS: 20})
			if err != nil {
				t.Fatal(err)
			}
			if a := b.do(http.MethodPost, "/sandbox/faults", "", "application/json", string(fault)); a.code != 200 {
				t.Fatalf("planning: %+v", a)
			}
			if a := b.post(key(1), `"text":"once"`); a.code != c.code || !strings.Contains(a.body, c.says) {
				t.Errorf("answer: %+v", a)
			}
			if got := len(b.texts()) == 1; got != c.commits {
				t.Errorf("committed: %v", got)
			}
			if a := b.post(key(1), `"text":"once"`); a.code != c.again {
				t.Errorf("the same key again: %+v, want %d", a, c.again)
			}
			for range 3 {
				b.post(key(1), `"text":"once"`)
			}
			if diff := cmp.Diff([]string{"once"}, b.texts()); diff != "" {
				t.Errorf("timeline (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatBlueskyWouldKeepAndNobodyWantsIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	png, jpg := picture(t, 4, 2), photo(t, 4, 2)
	blob := b.upload("image/png", png)
	image := func(alt, more string) string {
		return `"text":"x","embed":{"$type":"app.bsky.embed.images","images":[{"image":` + blob + `,"alt":"` + alt + `"` + more + `}]}`
	}
	facet := func(start, end int, feature string) string {
		return fmt.Sprintf(`"text":"é #tag","facets":[{"index":{"byteStart":%d,"byteEnd":%d},"features":[%s]}]`, start, end, feature)
	}
	tag := `{"$type":"app.bsky.richtext.facet#tag","tag":"tag"}`
	for name, c := range map[string]struct{ fields, says string }{
		"good":                           {image("A heart", `,"aspectRatio":{"width":8,"height":4}`), ""},
		"a good facet":                   {facet(3, 7, tag), ""},
		"an unknown field":               {`"text":"x","via":"Daymark"`, "via"},
		"an empty post":                  {`"text":""`, "empty"},
		"301 characters":                 {`"text":"` + strings.Repeat("é", 301) + `"`, "300 graphemes"},
		"3,001 bytes in 300 characters":  {`"text":"` + strings.Repeat("👩🏽‍🚒", 201) + `"`, "3000 characters"},
		"no alt text":                    {`"text":"x","embed":{"$type":"app.bsky.embed.images","images":[{"image":` + blob + `}]}`, "alt"},
		"an empty alt text":              {image(" ", ""), "alt is empty"},
		"another shape than the picture": {image("A heart", `,"aspectRatio":{"width":2,"height":4}`), "aspect ratio"},
		"a blob nobody uploaded":         {strings.Replace(image("A heart", ""), "bafkrei", "bafkrei"[:6]+"q", 1), ""},
		"another type than the blob":     {strings.Replace(image("A heart", ""), "image/png", "image/jpeg", 1), "MimeType"},
		"another size than the blob":     {strings.Replace(image("A heart", ""), `"size":`, `"size":1`, 1), "bytes of"},
		"a facet that cuts a character":  {facet(1, 7, tag), "cut a character"},
		"a facet behind the end":         {facet(3, 8, tag), "not a part of the text"},
		"a facet backwards":              {facet(7, 3, tag), "not a part of the text"},
		"a facet before the beginning":   {facet(-1, 3, tag), "at least 0"},
		"a facet on another word":        {facet(0, 2, tag), "does not stand at its place"},
		"a facet without a type":         {facet(3, 7, `{"tag":"tag"}`), "$type"},
		"a link to a script":             {facet(3, 7, `{"$type":"app.bsky.richtext.facet#link","uri":"javascript:alert(1)"}`), "not of its form"},
		"a mention of nobody":            {facet(3, 7, `{"$type":"app.bsky.richtext.facet#mention","did":"hope"}`), "not of its form"},
		"four languages":                 {`"text":"x","langs":["en","fr","es","ar"]`, "more than 3"},
		"a language nobody speaks":       {`"text":"x","langs":["English"]`, "not of its form"},
		"a label nobody knows":           {`"text":"x","labels":{"$type":"com.atproto.label.defs#selfLabels","values":[{"val":"trafficking"}]}`, "not of its form"},
		"an answer to nothing":           {`"text":"x","reply":{"root":{"uri":"at://did:plc:x/app.bsky.feed.post/` + key(9) + `","cid":"bafyreigaknpexyvxt76zgkitavbwx6ejgfheup5oybpm77f3pxzrvwpfdi"},"parent":{"uri":"at://did:plc:x/app.bsky.feed.post/` + key(9) + `","cid":"bafyreigaknpexyvxt76zgkitavbwx6ejgfheup5oybpm77f3pxzrvwpfdi"}}`, "not there"},
	} {
		a := b.post("", c.fields)
		if name == "a blob nobody uploaded" {
			if a.code != 400 {
				t.Errorf("%s: %+v", name, a)
			}
			continue
		}
		if ok := a.code == 200; ok != (c.says == "") || !strings.Contains(a.body, c.says) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	exif := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 10}, "Exif\x00\x00xx"...)
	for name, c := range map[string]struct {
		kind string
		body []byte
		code int
	}{
		"another type than it says": {"image/png", jpg, 400},
		"no picture":                {"image/png", []byte("hello"), 400},
		"the camera's notes":        {"image/jpeg", append(exif, jpg[2:]...), 400},
		"too large":                 {"image/png", append(slices.Clone(png), make([]byte, 5<<20)...), 413},
	} {
		if a := b.do(http.MethodPost, "/xrpc/com.atproto.repo.uploadBlob", b.access, c.kind, string(c.body)); a.code != c.code {
			t.Errorf("%s: %+v, want %d", name, a, c.code)
		}
	}
	large := b.upload("image/png", append(slices.Clone(png), make([]byte, 2<<20)...))
	if a := b.post("", strings.Replace(image("A heart", ""), blob, large, 1)); !strings.Contains(a.body, "BlobTooLarge") {
		t.Errorf("a large picture in a post: %+v", a)
	}
}

// upload uploads a file and returns what a record says of it.
func (b *bench) upload(kind string, content []byte) string {
	b.t.Helper()
	a := b.do(http.MethodPost, "/xrpc/com.atproto.repo.uploadBlob", b.access, kind, string(content))
	var up struct {
		Blob json.RawMessage `json:"blob"`
	}
	if err := json.Unmarshal([]byte(a.body), &up); err != nil || a.code != 200 {
		b.t.Fatalf("upload: %+v", a)
	}
	return string(up.Blob)
}

func TestSessionsRunOutAndAreRenewed(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	whoAmI := func(token string) string {
		return b.do(http.MethodGet, "/xrpc/com.atproto.server.getSession", token, "", "").body
	}
	renew := func(token string) (access, fresh, body string) {
		a := b.do(http.MethodPost, "/xrpc/com.atproto.server.refreshSession", token, "", "")
		var p struct{ AccessJwt, RefreshJwt string }
		_ = json.Unmarshal([]byte(a.body), &p)
		return p.AccessJwt, p.RefreshJwt, a.body
	}
	has := func(what, body, word string) {
		t.Helper()
		if !strings.Contains(body, word) {
			t.Errorf("%s: %s, want %s", what, body, word)
		}
	}
	has("nobody", whoAmI(""), "AuthMissing")
	has("nonsense", whoAmI("a.b.c"), "InvalidToken")
	has("a refresh token where an access token belongs", whoAmI(b.fresh), "InvalidToken")
	has("a forged token", whoAmI(b.access[:len(b.access)-2]+"AA"), "InvalidToken")
	has("at first", whoAmI(b.access), hope.DID())
	_, _, body := renew(b.access)
	has("an access token where a refresh token belongs", body, "InvalidToken")
	b.clock.Add(2*time.Hour + time.Second)
	has("after two hours", whoAmI(b.access), "ExpiredToken")
	access, fresh, _ := renew(b.fresh)
	has("renewed", whoAmI(access), hope.DID())
	again, _, _ := renew(b.fresh)
	has("renewed twice with the same", whoAmI(again), hope.DID())
	b.clock.Add(2*time.Hour + time.Second)
	_, _, body = renew(b.fresh)
	has("a used one, later", body, "ExpiredToken")
	b.Suspend(hope.Handle, true)
	_, _, body = renew(fresh)
	has("taken down", body, "AccountTakedown")
	b.Suspend(hope.Handle, false)
	access, fresh, _ = renew(fresh)
	has("given back", whoAmI(access), hope.DID())
	if err := b.Revoke(hope.Handle); err != nil {
		t.Fatal(err)
	}
	has("revoked", whoAmI(access), "InvalidToken")
	_, _, body = renew(fresh)
	has("revoked", body, "ExpiredToken")
}

func TestLimitsAreKeptAndTold(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *bluesky.Options) {
		o.Limits = &bluesky.Limits{Sessions: bluesky.Limit{Requests: 2, Per: 5 * time.Minute}, Points: bluesky.Limit{Requests: 6, Per: time.Hour}}
	})
	login := `{"identifier":"` + hope.Handle + `","password":"` + b.AppPassword(hope) + `"}`
	for i, want := range []int{200, 200, 429} {
		if a := b.do(http.MethodPost, "/xrpc/com.atproto.server.createSession", "", "application/json", login); a.code != want {
			t.Errorf("session %d: %+v", i, a)
		}
	}
	for i, want := range []int{200, 200, 429} {
		a := b.post(key(i), `"text":"x"`)
		if a.code != want || a.header.Get("RateLimit-Reset") != fmt.Sprint(start.Add(time.Hour).Unix()) {
			t.Errorf("post %d: %+v", i, a)
		}
		if want == 429 && a.header.Get("Retry-After") != "3600" {
			t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
		}
	}
	b.clock.Add(time.Hour)
	if a := b.post(key(5), `"text":"x"`); a.code != 200 {
		t.Errorf("an hour later: %+v", a)
	}
}

func TestAServerStartedAgainKnowsEverything(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b := setup(t, func(o *bluesky.Options) { o.Folder = folder })
	blob := b.upload("image/png", picture(t, 4, 2))
	b.post(key(1), `"text":"kept","embed":{"$type":"app.bsky.embed.images","images":[{"image":`+blob+`,"alt":"A heart"}]}`)
	b.post(key(2), `"text":"taken down"`)
	gone := `{"repo":"` + hope.DID() + `","collection":"app.bsky.feed.post","rkey":"` + key(2) + `"}`
	if a := b.do(http.MethodPost, "/xrpc/com.atproto.repo.deleteRecord", b.access, "application/json", gone); a.code != 200 {
		t.Fatalf("%+v", a)
	}
	before := b.State().Posts
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again := setup(t, func(o *bluesky.Options) { o.Folder = folder })
	if diff := cmp.Diff(before, again.State().Posts); diff != "" {
		t.Errorf("posts (-before +after):\n%s", diff)
	}
	again.access = b.access
	if a := again.post(key(1), `"text":"kept"`); a.code != 500 {
		t.Errorf("a key in use, with the session from before: %+v", a)
	}
	q := url.Values{"did": {hope.DID()}, "cid": {before[0].Images[0].CID}}
	if a := again.do(http.MethodGet, "/xrpc/com.atproto.sync.getBlob?"+q.Encode(), "", "", ""); !bytes.Equal([]byte(a.body), picture(t, 4, 2)) {
		t.Errorf("the picture: %+v", a)
	}
}

func TestAnAudienceReactsAndThePageShowsIt(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *bluesky.Options) { o.Quiet, o.Lag = false, time.Second })
	made := b.post(key(0), `"text":"<b>Read</b> https://hope.example/é #Tag","langs":["en"],"facets":[{"index":{"byteStart":12,"byteEnd":35},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://hope.example/é"}]},{"index":{"byteStart":36,"byteEnd":40},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"Tag"}]}]`)
	if made.code != 200 {
		t.Fatalf("%+v", made)
	}
	uri := b.State().Posts[0].URI
	ask := "/xrpc/app.bsky.feed.getPosts?" + url.Values{"uris": {uri}}.Encode()
	if a := b.do(http.MethodGet, ask, "", "", ""); a.body != `{"posts":[]}` {
		t.Errorf("at once the index knows %s", a.body)
	}
	b.clock.Add(24 * time.Hour)
	if err := b.React(other.Handle, "like", uri); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Posts []struct{ LikeCount, RepostCount int }
	}
	a := b.do(http.MethodGet, ask, "", "", "")
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Posts) != 1 || got.Posts[0].LikeCount < 10 || got.Posts[0].RepostCount < 2 {
		t.Errorf("a day later: %s", a.body)
	}
	for path, want := range map[string]string{
		"/":                            `<a href="https://hope.example/%c3%a9" rel="noreferrer">https://hope.example/é</a>`,
		"/profile/hope.test":           "&lt;b&gt;Read&lt;/b&gt;",
		"/profile/" + hope.DID():       "App password here",
		"/hashtag/tag":                 `<a href="/hashtag/Tag"`,
		strings.TrimPrefix(uri, "at:"): "",
	} {
		if want == "" {
			path = "/profile/" + hope.DID() + "/post/" + key(0)
			want = `data-key="` + key(0) + `"`
		}
		if a := b.do(http.MethodGet, path, "", "", ""); a.code != 200 || !strings.Contains(a.body, want) || !strings.Contains(a.body, "This is a sandbox") {
			t.Errorf("%s: %d lacks %s", path, a.code, want)
		}
	}
	for _, path := range []string{"/profile/nobody.test", "/profile/hope.test/post/" + key(7), "/x"} {
		if a := b.do(http.MethodGet, path, "", "", ""); a.code != 404 {
			t.Errorf("%s: %d", path, a.code)
		}
	}
	if a := b.do(http.MethodGet, "/"+hope.DID(), "", "", ""); !strings.Contains(a.body, `"serviceEndpoint":"`+b.url+`"`) {
		t.Errorf("the directory: %+v", a)
	}
}
