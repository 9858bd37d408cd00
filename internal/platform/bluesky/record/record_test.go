package record

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func nobody(string) (string, error) { return "", nil }

func someone(string) (string, error) { return "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", nil }

// good returns a post of a text.
func good(body string) Post {
	return Post{Type: Collection, Text: body, CreatedAt: "2027-07-30T09:00:00.000Z"}
}

func TestKeysAreSortedByTime(t *testing.T) {
	t.Parallel()
	last := ""
	for i, at := range []time.Time{time.UnixMicro(-5), time.UnixMicro(1), time.UnixMicro(1 << 40), time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
		key := TID(at, uint16(i))
		if !ValidTID(key) || key <= last {
			t.Errorf("%v: %q after %q", at, key, last)
		}
		last = key
	}
	if got := TID(time.UnixMicro(0), 0); got != "2222222222222" {
		t.Errorf("zero is %q", got)
	}
	if TID(time.UnixMicro(7), 1) == TID(time.UnixMicro(7), 2) {
		t.Error("two clocks have one key")
	}
}

// The fixtures are those of https://github.com/bluesky-social/atproto-interop-tests. They are not ours and not kept here: the
// variable names a folder with them.
func TestKeysAgreeWithTheProtocolsFixtures(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("DAYMARK_ATPROTO_INTEROP")
	if folder == "" {
		t.Skip("DAYMARK_ATPROTO_INTEROP names no folder with the protocol's fixtures")
	}
	for name, want := range map[string]bool{"tid_syntax_valid.txt": true, "tid_syntax_invalid.txt": false} {
		f, err := os.Open(filepath.Join(folder, "syntax", name))
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if line := lines.Text(); line != "" && line[0] != '#' && ValidTID(line) != want {
				t.Errorf("%q: %v", line, !want)
			}
		}
		_ = f.Close()
	}
}

func TestMarksThatPointAnywhereAreFound(t *testing.T) {
	t.Parallel()
	facet := func(start, end int, f Feature) []Facet {
		return []Facet{{Index: Slice{start, end}, Features: []Feature{f}}}
	}
	tag, link := Feature{Type: TypeTag, Tag: "tag"}, Feature{Type: TypeLink, URI: "https://hope.org"}
	const body = "é #tag @hope.test hope.org"
	for name, tt := range map[string]struct {
		facets []Facet
		good   bool
	}{
		"none":                   {nil, true},
		"a hashtag":              {facet(3, 7, tag), true},
		"a link":                 {facet(19, 27, link), true},
		"a mention":              {facet(8, 18, Feature{Type: TypeMention, DID: "did:plc:x"}), true},
		"two":                    {append(facet(3, 7, tag), facet(19, 27, link)...), true},
		"two in the wrong order": {append(facet(19, 27, link), facet(3, 7, tag)...), false},
		"two that overlap":       {append(facet(3, 7, tag), facet(6, 8, link)...), false},
		"in a character":         {facet(1, 7, tag), false},
		"behind the end":         {facet(19, 28, link), false},
		"before the beginning":   {facet(-1, 2, link), false},
		"empty":                  {facet(3, 3, link), false},
		"backwards":              {facet(7, 3, tag), false},
		"without a feature":      {[]Facet{{Index: Slice{3, 7}}}, false},
		"with two features":      {[]Facet{{Index: Slice{3, 7}, Features: []Feature{tag, link}}}, false},
		"a hashtag on a link":    {facet(19, 27, tag), false},
		"a mention on a link":    {facet(19, 27, Feature{Type: TypeMention, DID: "did:plc:x"}), false},
		"a script":               {facet(19, 27, Feature{Type: TypeLink, URI: "javascript:alert(1)"}), false},
		"a link without a host":  {facet(19, 27, Feature{Type: TypeLink, URI: "https:///x"}), false},
		"an unknown type":        {facet(3, 7, Feature{Type: "x#bold"}), false},
		"a link with a tag":      {facet(19, 27, Feature{Type: TypeLink, URI: "https://hope.org", Tag: "x"}), false},
	} {
		p := good(body)
		p.Facets = tt.facets
		if err := p.Check(); (err == nil) != tt.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLinksAreWrittenAsTheNetworkTakesThem(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"https://hope.example/é?a=b&d=ü#ñ": "https://hope.example/%C3%A9?a=b&d=%C3%BC#%C3%B1",
		"https://hope.example/a%20b?c=d":   "https://hope.example/a%20b?c=d",
		"https://bücher.example:8080/x":    "https://xn--bcher-kva.example:8080/x",
		"hope.org":                         "https://hope.org",
		"https://%":                        "",
	} {
		facets, _, err := Facets(written, nobody)
		got := ""
		if err == nil && len(facets) == 1 {
			got = facets[0].Features[0].URI
		}
		if got != want {
			t.Errorf("%s becomes %q, want %q (%v)", written, got, want, err)
		}
	}
}

func TestARecordThatAppsCannotShowIsFound(t *testing.T) {
	t.Parallel()
	blob := Blob{Type: "blob", MIME: "image/png", Size: 5}
	blob.Ref.Link = "bafkreix"
	large, noRef := blob, blob
	large.Size = 2_000_001
	noRef.Ref.Link = ""
	images := func(n int, b Blob, a Aspect) func(*Post) {
		return func(p *Post) {
			p.Embed = &Embed{Type: TypeImages}
			for range n {
				p.Embed.Images = append(p.Embed.Images, Image{Alt: "x", Image: b, Aspect: a})
			}
		}
	}
	for name, tt := range map[string]struct {
		change func(*Post)
		good   bool
	}{
		"good":                      {func(*Post) {}, true},
		"four pictures":             {images(4, blob, Aspect{1, 1}), true},
		"five pictures":             {images(5, blob, Aspect{1, 1}), false},
		"no picture":                {images(0, blob, Aspect{1, 1}), false},
		"a large picture":           {images(1, large, Aspect{1, 1}), false},
		"a picture nobody uploaded": {images(1, noRef, Aspect{1, 1}), false},
		"a picture without a shape": {images(1, blob, Aspect{0, 1}), false},
		"a card": {func(p *Post) {
			p.Embed = &Embed{Type: TypeExternal, External: &External{URI: "https://hope.org", Thumb: &blob}}
		}, true},
		"a card with a large picture": {func(p *Post) {
			p.Embed = &Embed{Type: TypeExternal, External: &External{URI: "https://hope.org", Thumb: &large}}
		}, false},
		"a card without a link": {func(p *Post) { p.Embed = &Embed{Type: TypeExternal} }, false},
		"300 characters":        {func(p *Post) { p.Text = strings.Repeat("é", 300) }, true},
		"301 characters":        {func(p *Post) { p.Text = strings.Repeat("é", 301) }, false},
		"too many bytes":        {func(p *Post) { p.Text = strings.Repeat("👩🏽‍🚒", 250) }, false},
		"not UTF-8":             {func(p *Post) { p.Text = "\xff" }, false},
		"another type":          {func(p *Post) { p.Type = "app.bsky.feed.like" }, false},
		"no date":               {func(p *Post) { p.CreatedAt = "" }, false},
	} {
		p := good("Hello")
		tt.change(&p)
		if err := p.Check(); (err == nil) != tt.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARecordIsTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	p := good("Hello")
	for kept, want := range map[string]bool{
		`{"createdAt":"2027-07-30T09:00:00.000Z","text":"Hello","$type":"app.bsky.feed.post"}`:           true,
		`{"createdAt":"2027-07-30T09:00:00.000Z","text":"Hullo","$type":"app.bsky.feed.post"}`:           false,
		`{"createdAt":"2027-07-30T09:00:00.000Z","text":"Hello","$type":"app.bsky.feed.post","via":"x"}`: false,
		`null`: false,
	} {
		if same, err := p.Same(json.RawMessage(kept)); same != want || err != nil {
			t.Errorf("%s: %v, %v", kept, same, err)
		}
	}
	if _, err := p.Same(json.RawMessage(`{`)); err == nil {
		t.Error("half a record is no error")
	}
}

// FuzzFacets holds that what we mark ourselves always passes our check, and that the check never lets a mark outside of the text pass.
func FuzzFacets(f *testing.F) {
	for _, s := range []string{"See https://example.org/a?b=é, hope.org and @charity.bsky.social #EndHumanTrafficking", "＃مساعدة #️⃣ ##x #a\u200d", "(@a.test) https://%", "\xff#x"} {
		f.Add(s, 3, 7)
	}
	f.Fuzz(func(t *testing.T, body string, start, end int) {
		for _, resolve := range []func(string) (string, error){nobody, someone} {
			facets, _, err := Facets(body, resolve)
			if err != nil {
				t.Fatal(err)
			}
			if err := checkFacets(body, facets); utf8.ValidString(body) && err != nil {
				t.Errorf("%q: %v", body, err)
			}
		}
		one := []Facet{{Index: Slice{start, end}, Features: []Feature{{Type: TypeLink, URI: "https://hope.org"}}}}
		if err := checkFacets(body, one); err == nil && utf8.ValidString(body) && !utf8.ValidString(body[start:end]) {
			t.Errorf("%q: %d to %d passes", body, start, end)
		}
	})
}

// FuzzTID holds that a key is valid and sorts as its instant does.
func FuzzTID(f *testing.F) {
	f.Add(int64(1_800_000_000_000_000), int64(1), uint16(3))
	f.Fuzz(func(t *testing.T, micro, more int64, clock uint16) {
		micro, more = micro&(1<<52-1), more&0xffff
		a, b := TID(time.UnixMicro(micro), clock), TID(time.UnixMicro(micro+more), clock)
		if !ValidTID(a) || !ValidTID(b) || (a < b) != (more > 0) {
			t.Errorf("%d %d: %s %s", micro, more, a, b)
		}
	})
}
