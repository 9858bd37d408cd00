package x_test

import (
	"strings"
	"testing"

	textx "daymark/internal/core/text/x"
	"daymark/internal/platform"
	"daymark/internal/platform/x"
	"daymark/internal/sandbox/x/words"
)

var caps = platform.Capabilities{
	MaxCharacters: 280, URLCharacters: 23, MaxPictures: 4, AltCharacters: 1000, MaxPictureBytes: 5_000_000,
	PictureTypes: []string{"image/jpeg", "image/png", "image/webp"}, Version: "2",
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := platform.Picture{MIME: "image/png", Alt: "A candle.", Bytes: []byte("x")}
	with := func(change func(c *platform.Content)) platform.Content {
		c := content("A post.")
		change(&c)
		return c
	}
	pictures := func(list ...platform.Picture) platform.Content {
		return with(func(c *platform.Content) { c.Parts[0].Pictures = list })
	}
	old := caps
	old.Version = "1.1"
	for name, tt := range map[string]struct {
		content platform.Content
		caps    platform.Capabilities
		want    []string // field and code, a warning with "~"
	}{
		"a good post":            {content("A post. https://example.org/" + strings.Repeat("x", 400)), caps, nil},
		"nothing":                {platform.Content{Visibility: "public"}, caps, []string{"text empty"}},
		"an empty part":          {content(" "), caps, []string{"text empty"}},
		"280 of two":             {content(strings.Repeat("日", 140)), caps, nil},
		"one too many":           {content(strings.Repeat("日", 140) + "x"), caps, []string{"text too_long"}},
		"a note that counts":     {with(func(c *platform.Content) { c.ContentNote = "violence"; c.Parts[0].Text = strings.Repeat("x", 267) }), caps, []string{"text too_long"}},
		"a note of two lines":    {with(func(c *platform.Content) { c.ContentNote = "a\nb" }), caps, []string{"content_note lines"}},
		"unlisted":               {with(func(c *platform.Content) { c.Visibility = "unlisted" }), caps, []string{"~visibility shown_to_all"}},
		"private":                {with(func(c *platform.Content) { c.Visibility = "private" }), caps, []string{"visibility not_supported"}},
		"no language":            {with(func(c *platform.Content) { c.Language = "" }), caps, nil},
		"two cashtags":           {content("$GO and $GOAL"), caps, []string{"text cashtags"}},
		"a cashtag and a price":  {content("$GO for $5"), caps, nil},
		"a byte order mark":      {content("a\ufeffb"), caps, []string{"text characters"}},
		"a thread":               {content("One.", "Two."), caps, []string{"~text thread_tried"}},
		"four pictures":          {pictures(good, good, good, good), caps, nil},
		"five pictures":          {pictures(good, good, good, good, good), caps, []string{"pictures too_many"}},
		"no alt text":            {pictures(platform.Picture{MIME: "image/png"}), caps, []string{"alt missing"}},
		"a long alt text":        {pictures(platform.Picture{MIME: "image/png", Alt: strings.Repeat("é", 1001)}), caps, []string{"alt too_long"}},
		"a GIF":                  {pictures(platform.Picture{MIME: "image/gif", Alt: "x"}), caps, []string{"pictures type"}},
		"a large picture":        {pictures(platform.Picture{MIME: "image/png", Alt: "x", Bytes: make([]byte, 5_000_001)}), caps, []string{"pictures too_large"}},
		"pictures to be hidden":  {with(func(c *platform.Content) { c.Sensitive = true; c.Parts[0].Pictures = []platform.Picture{good} }), caps, []string{"~pictures not_hidden"}},
		"pictures, version 1.1":  {pictures(good), old, []string{"pictures not_supported"}},
		"no pictures on old one": {content("A post."), old, nil},
	} {
		var got []string
		for _, i := range x.New(x.Options{}).Validate(tt.caps, tt.content) {
			code := i.Field + " " + i.Code
			if i.Warning {
				code = "~" + code
			}
			got = append(got, code)
			if i.Message == "" || strings.Contains(i.Message, "%!") {
				t.Errorf("%s: message %q", name, i.Message)
			}
		}
		if strings.Join(got, ", ") != strings.Join(tt.want, ", ") {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	c := content("One https://example.org/a and more https://example.org/b.", "Two.", "Three: see example.org")
	c.Parts[1].Pictures = []platform.Picture{{Alt: "a"}, {Alt: "b"}}
	charges := x.New(x.Options{}).Cost(caps, c)
	if got := platform.Total(charges); got.String() != "$0.425" || len(charges) != 3 {
		t.Errorf("%s for %+v", got, charges)
	}
	if got := platform.Total(x.New(x.Options{}).Cost(caps, content("Plain."))); got.String() != "$0.015" {
		t.Errorf("a plain post: %s", got)
	}
	old := caps
	old.Version = "1.1"
	if charges := x.New(x.Options{}).Cost(old, c); charges != nil {
		t.Errorf("version 1.1: %+v", charges)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	a := content("Today is World Mental Health Day: https://example.org/help")
	for name, tt := range map[string]struct {
		b    platform.Content
		want bool
	}{
		"itself":              {a, true},
		"other white space":   {content("  Today is  World Mental\nHealth Day: http://example.org/help "), true},
		"another case":        {content("TODAY is World Mental Health Day: https://example.org/help"), true},
		"one part of several": {content("Hello.", a.Parts[0].Text), true},
		"another text":        {content("Today we in Leeds mark World Mental Health Day: https://example.org/help"), false},
		"two without text":    {content(""), false},
	} {
		if got := x.New(x.Options{}).Same(a, tt.b); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if x.New(x.Options{}).Same(content(""), content(" ")) {
		t.Error("two empty texts are the same")
	}
}

// TestTheSandboxCountsAlike holds the two counters, written apart from each other, together.
func TestTheSandboxCountsAlike(t *testing.T) {
	t.Parallel()
	for _, text := range texts {
		if ours, theirs := textx.Length(text), words.Length(text); ours != theirs {
			t.Errorf("%q: ours %d, the sandbox's %d", text, ours, theirs)
		}
	}
}

var texts = []string{
	"", "Hello", "ünïcödé", "e\u0301", "日本語のテキスト", "한국어", "العربية", "हिन्दी", "“quoted” – ‘yes’…", "👍", "👍🏽", "👨‍👩‍👧‍👦", "🇫🇷🇩🇪", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☀️", "☀",
	"©", "©️", "❤️‍🔥", "https://example.org", "https://example.org/a?b=c&d=é", "see example.org now", "example.invalid", "v1.2.3", "me@example.org",
	"(https://example.org/a_(b))", "https://example.org/a.", "https://münchen.de/", "a https://x.org b http://y.org", "EXAMPLE.ORG", "https://example.org:8080/x#y",
	"http://sub.domain.example.co.uk/path/", "example.com.", "see https://example.org, then", "#Tag @name $GO", "zero\u200bwidth", "tab\tand\nline", "x.com/a/status/1",
	"https://example.org/ünï", "https://example.org?x", "👩🏽‍🚒 & <b>third</b>. #HumanTrafficking https://example.org/a?b=c&d=é",
}

func FuzzTheSandboxCountsAlike(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// Without a dot there are no links, and without what joins, tags and varies there are no emoji but those of Unicode's
		// list: in what nobody writes the two readings of the rules may differ.
		text = strings.ToValidUTF8(text, "")
		text = strings.NewReplacer(".", "", "\u200d", "", "\ufe0e", "", "\ufe0f", "", "\u20e3", "").Replace(text)
		text = strings.Map(func(r rune) rune {
			if 0x1F1E6 <= r && r <= 0x1F1FF || 0x1F3FB <= r && r <= 0x1F3FF || r >= 0xE0000 {
				return -1
			}
			return r
		}, text)
		if ours, theirs := textx.Length(text), words.Length(text); ours != theirs {
			t.Errorf("%q: ours %d, the sandbox's %d", text, ours, theirs)
		}
	})
}
