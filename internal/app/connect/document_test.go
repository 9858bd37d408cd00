package connect_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"daymark/internal/platform"

	"github.com/google/go-cmp/cmp"
)

// update writes the generated part of docs/networks.md anew: go test ./internal/app/connect -run Documentation -update
var update = flag.Bool("update", false, "write the generated part of docs/networks.md")

const documentation = "../../../docs/networks.md"

// The marks that the generated part stands between.
const (
	from  = "<!-- what the connectors can do: made by go test ./internal/app/connect -run Documentation -update -->\n"
	until = "<!-- end -->\n"
)

// row is a line of the table: what it says of one network.
type row struct {
	what string
	say  func(c platform.Connector, caps platform.Capabilities) string
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// number writes a limit.
func number(n int64, none string) string {
	if n == 0 {
		return none
	}
	return fmt.Sprint(n)
}

var rows = []row{
	{"asked of", func(_ platform.Connector, caps platform.Capabilities) string {
		return strings.TrimSpace(caps.Software+" "+caps.Version) + ", the sandbox"
	}},
	{"characters", func(_ platform.Connector, caps platform.Capabilities) string {
		return number(int64(caps.MaxCharacters), "not known")
	}},
	{"bytes", func(_ platform.Connector, caps platform.Capabilities) string {
		return number(int64(caps.MaxBytes), "no limit known")
	}},
	{"a link counts", func(_ platform.Connector, caps platform.Capabilities) string {
		return number(int64(caps.URLCharacters), "in full")
	}},
	{"pictures", func(_ platform.Connector, caps platform.Capabilities) string {
		return number(int64(caps.MaxPictures), "none")
	}},
	{"characters of alt text", func(_ platform.Connector, caps platform.Capabilities) string {
		return number(int64(caps.AltCharacters), "none")
	}},
	{"kinds of pictures", func(_ platform.Connector, caps platform.Capabilities) string {
		return strings.ReplaceAll(strings.Join(caps.PictureTypes, ", "), "image/", "")
	}},
	{"never twice by", func(c platform.Connector, caps platform.Capabilities) string {
		if k, ok := c.(platform.Keyed); ok && k.KeepsKey() {
			return "a key of the post that Daymark chooses"
		}
		if caps.HonoursKey {
			return fmt.Sprintf("an idempotency key, for %s; then by looking", caps.KeyLife)
		}
		return "looking before trying again"
	}},
	{"a lost answer can be looked up", func(_ platform.Connector, caps platform.Capabilities) string { return yes(caps.Findable) }},
	{"\"not found\" proves nothing for", func(_ platform.Connector, caps platform.Capabilities) string {
		if caps.Settling == 0 {
			return "the record's own key tells; Daymark waits 3m0s"
		}
		return caps.Settling.String()
	}},
	{"take a post down", func(c platform.Connector, _ platform.Capabilities) string {
		_, ok := c.(platform.Deleter)
		return yes(ok)
	}},
	{"how a post does", func(c platform.Connector, _ platform.Capabilities) string {
		_, ok := c.(platform.Meter)
		return yes(ok)
	}},
	{"posts are read back", func(c platform.Connector, _ platform.Capabilities) string {
		r, ok := c.(platform.Reader)
		if ok && r.ReadCost(platform.Account{}) > 0 {
			return "where the account has a budget: " + r.ReadCost(platform.Account{}).String() + " each"
		}
		return yes(ok)
	}},
	{"credentials are renewed", func(c platform.Connector, _ platform.Capabilities) string {
		if _, ok := c.(platform.Refresher); ok {
			return "yes, before they end"
		}
		return "not needed: they do not end by themselves"
	}},
	{"the test sees what the access allows", func(c platform.Connector, _ platform.Capabilities) string {
		_, ok := c.(platform.Scoped)
		return yes(ok)
	}},
	{"what a post costs", func(c platform.Connector, caps platform.Capabilities) string {
		p, ok := c.(platform.Priced)
		if !ok {
			return "nothing"
		}
		post := func(text string) platform.Money {
			return platform.Total(p.Cost(caps, platform.Content{Parts: []platform.Part{{Text: text}}}))
		}
		return fmt.Sprintf("%s, with a link %s", post("Hello"), post("https://example.org/"))
	}},
}

func TestTheDocumentationSaysWhatConnectorsCanDo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	networks := []string{"mastodon", "bluesky", "x"}
	var table strings.Builder
	table.WriteString("| | Mastodon | Bluesky | X |\n|---|---|---|---|\n")
	connectors, limits := map[string]platform.Connector{}, map[string]platform.Capabilities{}
	for _, n := range networks {
		c := s.join(n)
		connector, _, err := s.Reach(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		caps, err := s.Ask(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		connectors[n], limits[n] = connector, caps
	}
	for _, r := range rows {
		fmt.Fprintf(&table, "| %s |", r.what)
		for _, n := range networks {
			fmt.Fprintf(&table, " %s |", r.say(connectors[n], limits[n]))
		}
		table.WriteByte('\n')
	}
	was, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(was), from)
	_, tail, ended := strings.Cut(rest, until)
	if !found || !ended {
		t.Fatal("docs/networks.md has no place for the table")
	}
	now := head + from + table.String() + until + tail
	if *update {
		if err := os.WriteFile(documentation, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(now, string(was)); diff != "" {
		t.Errorf("docs/networks.md is not what the connectors are; run go test ./internal/app/connect -run Documentation -update (-want +got):\n%s", diff)
	}
}
