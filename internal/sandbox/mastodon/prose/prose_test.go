package prose_test

import (
	"strings"
	"testing"

	"daymark/internal/sandbox/mastodon/prose"

	"github.com/google/go-cmp/cmp"
)

func TestLengthCountsAsMastodonDoes(t *testing.T) {
	t.Parallel()
	long := "https://www.unodc.org/unodc/en/endht/index.html?utm_source=a&utm_medium=b"
	for _, c := range []struct {
		name, note, text string
		want             int
	}{
		{"empty", "", "", 0},
		{"letters", "", "hello", 5},
		{"a content note counts", "note", "hello", 9},
		{"a family emoji is one", "", "👩‍👩‍👧‍👦", 1},
		{"a flag is one", "", "🇬🇧", 1},
		{"a blue heart is one", "", "💙", 1},
		{"a combining accent joins its letter", "", "e\u0301", 1},
		{"Arabic with marks", "", "مُحَمَّد", 4},
		{"a line break is one", "", "a\nb", 3},
		{"a link counts 23", "", long, 23},
		{"a short link counts 23", "", "http://a.org", 23},
		{"two links", "", long + " " + long, 47},
		{"a full stop after a link is its own", "", long + ".", 24},
		{"brackets around a link are their own", "", "(https://a.org/b)", 25},
		{"brackets within a link belong to it", "", "https://a.org/b_(c)", 23},
		{"without a protocol it is text", "", "example.org/page", 16},
		{"a letter before it makes it text", "", "xhttps://a.org", 14},
		{"an unknown top-level domain is text", "", "https://a.notadomain/x", 22},
		{"a reserved example domain is a link", "", "https://hope.example/a-very-long-path-indeed", 23},
		{"a port is part of the link", "", "https://a.org:8443/x", 23},
		{"a mention here", "", "@anna", 5},
		{"a mention elsewhere counts without its server", "", "@anna@social.example.org", 5},
		{"an address of mail is text", "", "anna@example.org", 16},
		{"a hashtag counts as written", "", "#EndHumanTrafficking", 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := prose.Length(c.note, c.text, 23); got != c.want {
				t.Errorf("Length(%q, %q) = %d, want %d", c.note, c.text, got, c.want)
			}
		})
	}
}

func TestTagsAreFoundWhereMastodonFindsThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"#EndHumanTrafficking and #HumanTrafficking.", []string{"EndHumanTrafficking", "HumanTrafficking"}},
		{"#one #ONE #two", []string{"one", "two"}},
		{"#2027 is only digits, #30July is not", []string{"30July"}},
		{"#World-Day ends at the hyphen", []string{"World"}},
		{"a#b, https://a.org/#c", nil},
		{"＃مكافحة_الاتجار", []string{"مكافحة_الاتجار"}},
		{"(#café)", []string{"café"}},
	} {
		if diff := cmp.Diff(c.want, prose.Tags(c.text)); diff != "" {
			t.Errorf("Tags(%q) (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestTheHTMLIsEscapedAndAlive(t *testing.T) {
	t.Parallel()
	got := prose.HTML("One <b> & two\nlines\n\nSee https://www.example.org/a/long/path/that/goes/on #Tag @here @there", prose.Places{
		Tag: func(n string) string { return "/tags/" + n },
		Account: func(u string) string {
			if u == "here" {
				return "/@here"
			}
			return ""
		},
	})
	for _, want := range []string{
		"<p>One &lt;b&gt; &amp; two<br />lines</p><p>See ",
		`href="https://www.example.org/a/long/path/that/goes/on"`,
		`<span class="invisible">https://www.</span><span class="ellipsis">example.org/a/long/path/that/g</span><span class="invisible">oes/on</span>`,
		`<a href="/tags/Tag" class="mention hashtag" rel="tag">#<span>Tag</span></a>`,
		`<a href="/@here" class="u-url mention">@<span>here</span></a></span> @there</p>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s\nin %s", want, got)
		}
	}
}

func FuzzSplitKeepsTheWholeText(f *testing.F) {
	f.Add("See https://a.org/(b) #tag @x@y.z \xff")
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		for _, p := range prose.Split(text) {
			b.WriteString(p.Text)
		}
		if b.String() != text {
			t.Errorf("parts of %q join to %q", text, b.String())
		}
		prose.Length("", text, 23)
	})
}
