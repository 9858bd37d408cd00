package mastodon_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/platform"
)

func TestCapabilitiesAreThoseOfTheVeryServer(t *testing.T) {
	t.Parallel()
	none := answer(404, `{}`)
	nodeinfo := func(name string) map[string]http.HandlerFunc {
		return map[string]http.HandlerFunc{
			"GET /.well-known/nodeinfo": answer(200, `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"https://elsewhere.example/nodeinfo/2.0"}]}`),
			"GET /nodeinfo/2.0":         answer(200, `{"software":{"name":"`+name+`","version":"1"}}`),
		}
	}
	std := platform.Capabilities{
		MaxCharacters: 500, URLCharacters: 23, MaxPictures: 4, AltCharacters: 1500, Findable: true, Settling: 3 * time.Minute, FetchedAt: start,
	}
	with := func(change func(*platform.Capabilities)) platform.Capabilities {
		c := std
		change(&c)
		return c
	}
	tests := map[string]struct {
		v2, v1   http.HandlerFunc
		nodeinfo string
		want     platform.Capabilities
	}{
		"Mastodon": {v2: answer(200, mastodonInstance), v1: none, want: with(func(c *platform.Capabilities) {
			c.MaxPictureBytes, c.MaxPicturePixels, c.PictureTypes = 16777216, 33177600, []string{"image/jpeg", "image/png"}
			c.Software, c.Version, c.HonoursKey, c.KeyLife = "mastodon", "4.4.2", true, 50*time.Minute
		})},
		"GoToSocial says so in its source": {
			v2: answer(200, `{"version":"0.20.0+git-1","source_url":"https://codeberg.org/superseriousbusiness/gotosocial","configuration":{"statuses":{"max_characters":5000,"max_media_attachments":6,"characters_reserved_per_url":25}}}`), v1: none,
			want: with(func(c *platform.Capabilities) {
				c.MaxCharacters, c.MaxPictures, c.URLCharacters, c.Software, c.Version = 5000, 6, 25, "gotosocial", "0.20.0+git-1"
			}),
		},
		"Akkoma by v1": {
			v2: none, v1: answer(200, `{"version":"2.7.2 (compatible; Akkoma 3.13.2)","max_toot_chars":6000,"description_limit":5000,"upload_limit":16000000}`),
			want: with(func(c *platform.Capabilities) {
				c.MaxCharacters, c.AltCharacters, c.MaxPictureBytes, c.Software, c.Version = 6000, 5000, 16000000, "akkoma", "2.7.2 (compatible; Akkoma 3.13.2)"
			}),
		},
		"Pixelfed needs pictures": {
			v2: answer(200, `{"version":"3.5.3 (compatible; Pixelfed 0.12.1)"}`), v1: none, nodeinfo: "pixelfed",
			want: with(func(c *platform.Capabilities) {
				c.NeedsPicture, c.Software, c.Version = true, "pixelfed", "3.5.3 (compatible; Pixelfed 0.12.1)"
			}),
		},
		"NodeInfo is believed over a look-alike version": {
			v2: answer(200, `{"version":"4.3.0","api_versions":{"mastodon":2}}`), v1: none, nodeinfo: "GoToSocial",
			want: with(func(c *platform.Capabilities) { c.Software, c.Version = "gotosocial", "4.3.0" }),
		},
		"an unknown software gets no key": {
			v2: answer(200, `{"version":"1.0"}`), v1: none,
			want: with(func(c *platform.Capabilities) { c.Software, c.Version = "unknown", "1.0" }),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			routes := map[string]http.HandlerFunc{"GET /api/v2/instance": tt.v2, "GET /api/v1/instance": tt.v1}
			if tt.nodeinfo != "" {
				for k, v := range nodeinfo(tt.nodeinfo) {
					routes[k] = v
				}
			}
			b := setup(t, routes)
			got, err := b.Capabilities(t.Context(), b.account)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("capabilities (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	caps := platform.Capabilities{
		MaxCharacters: 40, URLCharacters: 23, MaxPictures: 1, AltCharacters: 20, MaxPictureBytes: 100, MaxPicturePixels: 1000,
		PictureTypes: []string{"image/png"},
	}
	tests := map[string]struct {
		change func(*platform.Content)
		want   []string // field and code
	}{
		"fine":                             {func(*platform.Content) {}, nil},
		"no parts":                         {func(c *platform.Content) { c.Parts = nil }, []string{"text empty"}},
		"nothing said":                     {func(c *platform.Content) { c.Parts[0] = platform.Part{} }, []string{"text empty"}},
		"too long":                         {func(c *platform.Content) { c.Parts[0].Text = strings.Repeat("é", 41) }, []string{"text too_long"}},
		"a long link counts 23":            {func(c *platform.Content) { c.Parts[0].Text = "https://example.org/" + strings.Repeat("x", 90) }, nil},
		"the content note counts":          {func(c *platform.Content) { c.ContentNote, c.Parts[0].Text = "exploitation", strings.Repeat("x", 30) }, []string{"text too_long"}},
		"no language":                      {func(c *platform.Content) { c.Language = "" }, []string{"language missing"}},
		"a visibility that is not one":     {func(c *platform.Content) { c.Visibility = "friends" }, []string{"visibility unknown"}},
		"too many pictures":                {func(c *platform.Content) { c.Parts[0].Pictures = append(c.Parts[0].Pictures, c.Parts[0].Pictures[0]) }, []string{"pictures too_many"}},
		"no alt text":                      {func(c *platform.Content) { c.Parts[0].Pictures[0].Alt = " " }, []string{"alt missing"}},
		"alt text too long":                {func(c *platform.Content) { c.Parts[0].Pictures[0].Alt = strings.Repeat("x", 21) }, []string{"alt too_long"}},
		"a type the server does not take":  {func(c *platform.Content) { c.Parts[0].Pictures[0].MIME = "image/webp" }, []string{"pictures type"}},
		"too many bytes":                   {func(c *platform.Content) { c.Parts[0].Pictures[0].Bytes = make([]byte, 101) }, []string{"pictures too_large"}},
		"too many pixels":                  {func(c *platform.Content) { c.Parts[0].Pictures[0].Width = 101 }, []string{"pictures too_large"}},
		"a focus outside":                  {func(c *platform.Content) { c.Parts[0].Pictures[0].FocusX = 2 }, []string{"pictures focus"}},
		"several at once are all reported": {func(c *platform.Content) { c.Language, c.Parts[0].Pictures[0].Alt = "", "" }, []string{"language missing", "alt missing"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := heart()
			tt.change(&c)
			var got []string
			for _, i := range b.Validate(caps, c) {
				got = append(got, i.Field+" "+i.Code)
				if i.Message == "" {
					t.Error("an issue without a message")
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}
