package mastodon_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"daymark/internal/platform"

	"github.com/google/go-cmp/cmp"
)

func TestWhatServersMakeOfATextIsReadAsPeopleReadIt(t *testing.T) {
	t.Parallel()
	for sent, content := range map[string]string{
		"One.\nTwo.\n\nThree & four": `<p>One.<br />Two.</p><p>Three &amp; four</p>`,
		"Look: https://example.org/a/long/way?b=c&d=e": `<p>Look: <a href="https://example.org/a/long/way?b=c&amp;d=e"><span class="invisible">https://</span>` +
			`<span class="ellipsis">example.org/a/long/</span><span class="invisible">way?b=c&amp;d=e</span></a></p>`,
		"Ask @help@far.example, or (@here) me@mail.example": `<p>Ask <span class="h-card"><a href="https://far.example/@help" class="u-url mention">@<span>help</span></a></span>, or (@here) me@mail.example</p>`,
		"#Tag": `<p><a href="https://s.example/tags/Tag" class="mention hashtag" rel="tag">#<span>Tag</span></a></p>`,
		"":     ``,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"id":"1","content":%q,"spoiler_text":"","visibility":"public","language":"en","sensitive":false,"media_attachments":[{"description":null}]}`, content)
		}))
		t.Cleanup(srv.Close)
		c, account := connectorAt(t, srv.URL, true)
		reader, _ := c.(platform.Reader)
		got, err := reader.Read(t.Context(), account, []platform.Ref{{ID: "1"}})
		if err != nil {
			t.Fatal(err)
		}
		want := reader.Expected(platform.Content{Parts: []platform.Part{{Text: sent, Pictures: []platform.Picture{{}}}}, Language: "en", Visibility: "public"}, 0)
		if diff := cmp.Diff(want, got["1"]); diff != "" {
			t.Errorf("%q (-expected +shown):\n%s", sent, diff)
		}
	}
}

func TestAnAnswerWithoutATextIsNotAPost(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"id":"1"}`, `{"id":"2","content":"x"}`, `null`, `[]`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, body) }))
		t.Cleanup(srv.Close)
		c, account := connectorAt(t, srv.URL, true)
		reader, _ := c.(platform.Reader)
		if got, err := reader.Read(t.Context(), account, []platform.Ref{{ID: "1"}}); err == nil || platform.Say(err) == "" || len(got) > 0 {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}
