package bluesky_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"daymark/internal/core/text/bluesky"

	"github.com/google/go-cmp/cmp"
)

func TestFacetsAreThoseTheAppWouldSet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []bluesky.Facet
	}{
		{"none", "Hello", nil},
		{"offsets are bytes", "é #Tag", []bluesky.Facet{{Start: 3, End: 7, Kind: bluesky.Tag, Value: "Tag"}}},
		{"a link as it is", "https://a.org/x", []bluesky.Facet{{Start: 0, End: 15, Kind: bluesky.Link, Value: "https://a.org/x"}}},
		{"a bare domain gets a scheme", "a.org/x.", []bluesky.Facet{{Start: 0, End: 7, Kind: bluesky.Link, Value: "https://a.org/x"}}},
		{"one that begins like a scheme too", "httpbin.org", []bluesky.Facet{{Start: 0, End: 11, Kind: bluesky.Link, Value: "https://httpbin.org"}}},
		{"a bracket that was not opened stays outside", "(a.org/x)", []bluesky.Facet{{Start: 1, End: 8, Kind: bluesky.Link, Value: "https://a.org/x"}}},
		{"a scheme alone is no link", "https:// and http://.", nil},
		{"a mention is without its sign", "@a.org!", []bluesky.Facet{{Start: 0, End: 6, Kind: bluesky.Mention, Value: "a.org"}}},
		{"handles of developers", "@alice.test", []bluesky.Facet{{Start: 0, End: 11, Kind: bluesky.Mention, Value: "alice.test"}}},
		{"no handle has an empty part", "@a..org @.org", nil},
		{"the full-width sign", "＃全角", []bluesky.Facet{{Start: 0, End: 9, Kind: bluesky.Tag, Value: "全角"}}},
		{"what lies in a hashtag is no link", "#a(b.org)", []bluesky.Facet{{Start: 0, End: 8, Kind: bluesky.Tag, Value: "a(b.org"}}},
		{"all three", "@a.org b.org #c", []bluesky.Facet{
			{Start: 0, End: 6, Kind: bluesky.Mention, Value: "a.org"},
			{Start: 7, End: 12, Kind: bluesky.Link, Value: "https://b.org"},
			{Start: 13, End: 15, Kind: bluesky.Tag, Value: "c"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, bluesky.Facets(tt.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzFacets(f *testing.F) {
	for _, s := range []string{"@a.org b.org #c", "(https://a.org/(b)) #(c.org", "#\u200b#a", "@-.org", "＃全角 é.org", "#a\u00a0@b.test", "http://a.org\u2028b.org", "#" + strings.Repeat("a", 70)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at := 0
		for _, facet := range bluesky.Facets(s) {
			if facet.Start < at || facet.End <= facet.Start || facet.End > len(s) || facet.Value == "" {
				t.Fatalf("%q: %+v", s, facet)
			}
			part := s[facet.Start:facet.End]
			if utf8.ValidString(s) && !utf8.ValidString(part) {
				t.Fatalf("%q: %+v cuts a character", s, facet)
			}
			switch facet.Kind {
			case bluesky.Link:
				if facet.Value != part && facet.Value != "https://"+part {
					t.Fatalf("%q: %+v leads elsewhere than it says", s, facet)
				}
			case bluesky.Mention:
				if part != "@"+facet.Value {
					t.Fatalf("%q: %+v", s, facet)
				}
			case bluesky.Tag:
				if part != "#"+facet.Value && part != "＃"+facet.Value {
					t.Fatalf("%q: %+v", s, facet)
				}
			default:
				t.Fatalf("%q: %+v is of no kind", s, facet)
			}
			at = facet.End
		}
		if seen, bytes := bluesky.Length(s); bytes != len(s) || seen > bytes || (seen == 0) != (s == "") {
			t.Fatalf("%q is %d characters and %d bytes long", s, seen, bytes)
		}
	})
}
