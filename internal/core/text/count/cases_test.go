package count_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"daymark/internal/core/text"
	"daymark/internal/core/text/count"

	"github.com/google/go-cmp/cmp"
)

// sample is a line of testdata: a text, what a network makes of it, and why.
type sample struct {
	Why, Text, Note string
	Limit           int
	PerLink         int `json:"per_link"`

	Length     int
	Bytes      *int
	Valid      *bool
	URLs       []string
	Mentions   []string
	X, Bluesky []string
	Mastodon   []string
}

// repeat is how the samples write a long text: {a*280} is an a 280 times.
var repeat = regexp.MustCompile(`\{([^{}*]+)\*([0-9]+)\}`)

func long(s string) string {
	return repeat.ReplaceAllStringFunc(s, func(m string) string {
		parts := repeat.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
}

// samples reads a file of testdata, which has at least as many lines as are promised.
func samples(t *testing.T, name string, least int) []sample {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var list []sample
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("%s, line %d: %v", name, len(list)+1, err)
		}
		s.Text = long(s.Text)
		list = append(list, s)
	}
	if len(list) < least {
		t.Fatalf("%s has %d cases, fewer than %d", name, len(list), least)
	}
	return list
}

func texts(spans []text.Span) []string {
	list := []string{}
	for _, s := range spans {
		list = append(list, s.Text)
	}
	return list
}

func TestTextsCountAsTheirNetworksSay(t *testing.T) {
	t.Parallel()
	for network, least := range map[string]int{"x": 80, "bluesky": 25, "mastodon": 25} {
		for _, s := range samples(t, network+".jsonl", least) {
			t.Run(network+": "+s.Why, func(t *testing.T) {
				t.Parallel()
				rules, _ := count.For(network)
				a := rules.Within(s.Limit, s.PerLink).Count(s.Text, s.Note)
				if a.Length != s.Length || a.Remaining != a.Limit-s.Length {
					t.Errorf("%q counts %d with %d left, want %d", s.Text, a.Length, a.Remaining, s.Length)
				}
				if s.Valid == nil || a.Valid() != *s.Valid {
					t.Errorf("%q: valid is %v (%s)", s.Text, a.Valid(), a.Problem)
				}
				if s.Bytes != nil && a.Bytes != *s.Bytes {
					t.Errorf("%q has %d bytes, want %d", s.Text, a.Bytes, *s.Bytes)
				}
				if diff := cmp.Diff(s.URLs, texts(a.URLs)); s.URLs != nil && diff != "" {
					t.Errorf("links of %q: %s", s.Text, diff)
				}
				if diff := cmp.Diff(s.Mentions, texts(a.Mentions)); s.Mentions != nil && diff != "" {
					t.Errorf("mentions of %q: %s", s.Text, diff)
				}
			})
		}
	}
}

func TestHashtagsAreThoseOfEachNetwork(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t, "hashtags.jsonl", 40) {
		t.Run(s.Why, func(t *testing.T) {
			t.Parallel()
			for network, want := range map[string][]string{"x": s.X, "bluesky": s.Bluesky, "mastodon": s.Mastodon} {
				rules, _ := count.For(network)
				for i := range want {
					want[i] = long(want[i])
				}
				if diff := cmp.Diff(want, texts(rules.Count(s.Text, "").Hashtags)); diff != "" {
					t.Errorf("%s, %q: %s", network, s.Text, diff)
				}
			}
		})
	}
}
