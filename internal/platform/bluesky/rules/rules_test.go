package rules_test

import (
	"strings"
	"testing"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/rules"

	"github.com/google/go-cmp/cmp"
)

var caps = platform.Capabilities{
	MaxCharacters: 300, MaxBytes: 3000, MaxPictures: 4, AltCharacters: 2000, MaxPictureBytes: 100, MaxPicturePixels: 10_000,
	PictureTypes: []string{"image/jpeg", "image/png"},
}

func TestWhatDoesNotGoToBluesky(t *testing.T) {
	t.Parallel()
	picture := platform.Picture{MIME: "image/png", Width: 10, Height: 10, Alt: "A heart", Bytes: make([]byte, 100)}
	content := func(change func(*platform.Content)) platform.Content {
		c := platform.Content{Parts: []platform.Part{{Text: "Hello", Pictures: []platform.Picture{picture}}}, Language: "en", Visibility: "public"}
		change(&c)
		return c
	}
	pic := func(change func(*platform.Picture)) func(*platform.Content) {
		return func(c *platform.Content) { change(&c.Parts[0].Pictures[0]) }
	}
	for name, tt := range map[string]struct {
		change func(*platform.Content)
		want   []string // part, field and code; with an exclamation mark when it is a warning
	}{
		"good":                {func(*platform.Content) {}, nil},
		"no part":             {func(c *platform.Content) { c.Parts = nil }, []string{"-1 text empty"}},
		"an empty part":       {func(c *platform.Content) { c.Parts[0] = platform.Part{Text: " "} }, []string{"0 text empty"}},
		"no language":         {func(c *platform.Content) { c.Language = "" }, []string{"-1 language missing"}},
		"unlisted":            {func(c *platform.Content) { c.Visibility = "unlisted" }, []string{"-1 visibility shown_to_all !"}},
		"for followers only":  {func(c *platform.Content) { c.Visibility = "private" }, []string{"-1 visibility not_supported"}},
		"a note of two lines": {func(c *platform.Content) { c.ContentNote = "a\nb" }, []string{"-1 content_note lines"}},
		"300 characters": {func(c *platform.Content) {
			c.Parts[0].Text = strings.Repeat("👩🏽‍🚒", 150) + strings.Repeat("é", 150)
		}, nil},
		"301 characters":             {func(c *platform.Content) { c.Parts[0].Text = strings.Repeat("é", 301) }, []string{"0 text too_long"}},
		"more bytes than 3,000":      {func(c *platform.Content) { c.Parts[0].Text = strings.Repeat("👩🏽‍🚒", 250) }, []string{"0 text too_long"}},
		"with its note just short":   {func(c *platform.Content) { c.ContentNote, c.Parts[0].Text = "war", strings.Repeat("é", 291) }, nil},
		"with its note one too long": {func(c *platform.Content) { c.ContentNote, c.Parts[0].Text = "war", strings.Repeat("é", 292) }, []string{"0 text too_long"}},
		"a link counts in full":      {func(c *platform.Content) { c.Parts[0].Text = "https://hope.org/" + strings.Repeat("a", 284) }, []string{"0 text too_long"}},
		"five pictures": {func(c *platform.Content) {
			c.Parts[0].Pictures = make([]platform.Picture, 0)
			for range 5 {
				c.Parts[0].Pictures = append(c.Parts[0].Pictures, picture)
			}
		}, []string{"0 pictures too_many"}},
		"no alt text":                    {pic(func(p *platform.Picture) { p.Alt = " " }), []string{"0 alt missing"}},
		"a novel for an alt text":        {pic(func(p *platform.Picture) { p.Alt = strings.Repeat("é", 2001) }), []string{"0 alt too_long"}},
		"a type that is not sent":        {pic(func(p *platform.Picture) { p.MIME = "image/avif" }), []string{"0 pictures type"}},
		"a file too large":               {pic(func(p *platform.Picture) { p.Bytes = make([]byte, 101) }), []string{"0 pictures too_large"}},
		"more pixels than Daymark reads": {pic(func(p *platform.Picture) { p.Width = 1001 }), []string{"0 pictures too_large"}},
	} {
		var got []string
		for _, i := range rules.Check(caps, content(tt.change)) {
			line := strings.Join([]string{map[int]string{-1: "-1", 0: "0"}[i.Part], i.Field, i.Code}, " ")
			if i.Warning {
				line += " !"
			}
			if !strings.HasSuffix(i.Message, ".") {
				t.Errorf("%s: %q is no sentence", name, i.Message)
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
