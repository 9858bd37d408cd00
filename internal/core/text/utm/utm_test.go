package utm_test

import (
	"net/url"
	"strings"
	"testing"

	"daymark/internal/core/text"
	"daymark/internal/core/text/utm"

	"pgregory.net/rapid"
)

var params = utm.Params{Source: "mastodon", Campaign: "july-30-2027", Content: "d0-morning.ar.c12"}

const tail = "utm_source=mastodon&utm_medium=social&utm_campaign=july-30-2027&utm_content=d0-morning.ar.c12"

func TestALinkSaysWhereItWasFollowedFrom(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://charity.example/help":            "https://charity.example/help?" + tail,
		"https://charity.example":                 "https://charity.example/?" + tail,
		"HTTPS://charity.example":                 "HTTPS://charity.example/?" + tail,
		"https://charity.example/?a=1&b=%20":      "https://charity.example/?a=1&b=%20&" + tail,
		"https://charity.example/?":               "https://charity.example/?" + tail,
		"https://charity.example/#part":           "https://charity.example/?" + tail + "#part",
		"https://charity.example/?q=x#a?b":        "https://charity.example/?q=x&" + tail + "#a?b",
		"https://charity.example/?UTM_Source=x":   "https://charity.example/?UTM_Source=x",
		"https://charity.example/?a=1&utm_term=k": "https://charity.example/?a=1&utm_term=k",
		"https://charity.example/utm_source=x":    "https://charity.example/utm_source=x?" + tail,
	} {
		if got := params.Link(in); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestSayingItTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		link := rapid.StringMatching(`https://[a-z]{1,9}\.example(/[a-z0-9./-]{0,9})?(\?[a-z=&]{0,9})?(#[a-z?&=]{0,9})?`).Draw(t, "link")
		once := params.Link(link)
		if twice := params.Link(once); twice != once {
			t.Fatalf("%s became %s", once, twice)
		}
		before, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		after, err := url.Parse(once)
		if err != nil {
			t.Fatal(err)
		}
		if after.Host != before.Host || strings.TrimSuffix(after.Path, "/") != strings.TrimSuffix(before.Path, "/") || after.Fragment != before.Fragment {
			t.Fatalf("%s leads elsewhere than %s", once, link)
		}
		for name, values := range before.Query() {
			if strings.Join(after.Query()[name], "\n") != strings.Join(values, "\n") {
				t.Fatalf("%s lost %s of %s", once, name, link)
			}
		}
	})
}

func TestOnlyLinksOfATextChange(t *testing.T) {
	t.Parallel()
	const in = "Read https://charity.example/a, then (https://charity.example/b). Call 0800 111 222 or mailto:a@b.example 💙 #EndHumanTrafficking"
	got := utm.Rewrite(in, func(text.Span) string { return "LINK" })
	if want := "Read LINK, then (LINK). Call 0800 111 222 or mailto:a@b.example 💙 #EndHumanTrafficking"; got != want {
		t.Errorf("got %q", got)
	}
}

func FuzzWhatIsBetweenLinksStays(f *testing.F) {
	f.Add("a https://charity.example/a?b#c d")
	f.Add("https://a.example https://b.example")
	f.Fuzz(func(t *testing.T, s string) {
		if got := utm.Rewrite(s, func(link text.Span) string { return link.Text }); got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}
