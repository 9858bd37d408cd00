// Package internal holds the rules of the house as tests: which room may import which, what may be named how, how long
// a file may be, and what only one place may use.
//
// The first folder below internal is the layer, and arrows point down only. The tables in this file are the rules; the
// code that applies them is in layers_rules_test.go, and layers_self_test.go breaks each rule on purpose, because a
// check that cannot fail is a defect.
package internal

import (
	"os"
	"testing"
)

// rank orders the layers: a room imports only rooms of a lower rank, or of its own layer where that layer allows it.
// Two layers of one rank do not know each other.
var rank = map[string]int{
	"cli":      9,
	"app":      8,
	"rehearse": 8,
	"face":     7,
	"flow":     6,
	"org":      5,
	"platform": 4,
	"media":    3,
	"wire":     2,
	"postgres": 2,
	"core":     1,
}

// outside holds the folders that stand beside the order: each has a rule of its own.
var outside = map[string]string{
	"sandbox": "servers that speak the networks' protocols by their own code: of ours they import only core/clock",
	"journey": "browser walks: tests only, which may import anything",
	"crash":   "the real daemon killed, restored and misused: tests only, which may import anything",
	"attack":  "what nobody may be able to do, tried on the whole product: tests only, which may import anything",
	"":        "this package: tests only",
}

// testsOnly are the folders of those that hold no product code and that nobody imports.
var testsOnly = map[string]bool{"journey": true, "crash": true, "attack": true, "": true}

// leaves are the packages at the root that only embed files. They import nothing of ours, and everybody may import them.
var leaves = map[string]bool{"campaigns": true, "migrations": true}

// sandboxUsers are the layers whose product code may start a sandbox. Any test may.
var sandboxUsers = map[string]bool{"app": true, "rehearse": true, "cli": true}

// networkBlind are the layers that know networks only by the contract in internal/platform.
var networkBlind = map[string]bool{"face": true, "flow": true}

// steps are the verbs of a post's life in their order. Each step's package comment says which one it is.
var steps = []string{"campaign", "plan", "draft", "review", "dispatch", "engagement", "reach"}

// bannedNames say nothing about what is inside, so everything ends up inside.
var bannedNames = map[string]bool{
	"util": true, "utils": true, "common": true, "helper": true, "helpers": true, "model": true, "models": true,
	"manager": true, "managers": true, "misc": true, "shared": true, "lib": true,
}

// Limits of length, in lines, for what we write by hand for the product.
const (
	maxFile = 350
	maxRoom = 900
	maxMain = 40
)

// longer lists the files and rooms that may be longer, each with its limit and the reason.
var longer = map[string]struct {
	limit  int
	reason string
}{}

// places says where a technology is used: the first folders (below the module) whose product code may import it.
// An empty list means tests and test support only. database/sql/driver is free: with it a value of core says how it is
// stored, and it opens nothing.
var places = []struct {
	prefix string // of the import path
	in     []string
	why    string
}{
	{"go.yaml.in/yaml", []string{"internal/flow/campaign", "internal/cli"}, "campaign files are read in one room, daymark.yaml with the settings"},
	{"gopkg.in/yaml", nil, "archived; use go.yaml.in/yaml/v4 in internal/flow/campaign"},
	{"github.com/alecthomas/kong", []string{"internal/cli"}, "the command line is one room"},
	{"github.com/arran4/golang-ical", []string{"internal/core/ics"}, "its reader goes as deep as a file nests: one room measures files first"},
	{"html/template", []string{"internal/face", "internal/flow/reach", "internal/org/notify", "internal/sandbox"}, "pages are made at the edge"},
	{"github.com/pressly/goose", []string{"internal/postgres"}, "migrations run in one place"},
	{"github.com/mattn/go-mastodon", []string{"internal/platform/mastodon"}, "one network, one room"},
	{"github.com/dghubble/go-twitter", []string{"internal/platform/x"}, "one network, one room"},
	{"github.com/dghubble/oauth1", []string{"internal/platform/x"}, "one network, one room"},
	{"github.com/alexedwards/argon2id", []string{"internal/org/people"}, "passwords are one room's business"},
	{"github.com/jmoiron/sqlx", []string{"internal/postgres", "internal/media", "internal/org", "internal/flow", "internal/app", "internal/rehearse"}, "SQL lives beside the function that scans it, never in a page or a connector"},
	{"github.com/lib/pq", []string{"internal/postgres", "internal/media", "internal/org", "internal/flow", "internal/app", "internal/rehearse"}, "SQL lives beside the function that scans it, never in a page or a connector"},
	{"database/sql", []string{"internal/postgres", "internal/media", "internal/org", "internal/flow", "internal/app", "internal/rehearse"}, "SQL lives beside the function that scans it, never in a page or a connector"},
	{"github.com/go-text/typesetting", []string{"internal/media/card/lettering"}, "letters are set in one room"},
	{"eliasnaur.com/font", []string{"internal/media/card/lettering"}, "letters are set in one room"},
	{"github.com/chromedp", nil, "a browser drives tests only"},
	{"github.com/google/go-cmp", nil, "comparing is for tests"},
	{"pgregory.net/rapid", nil, "properties are for tests"},
	{"github.com/rogpeppe/go-internal", nil, "scripts of commands are for tests"},
	{"go.uber.org/goleak", nil, "leaks are looked for in tests"},
	{"testing", nil, "product code does not know that it is tested"},
}

// impure are the standard packages that core may not import: it does no I/O and keeps no secret state.
var impure = []string{
	"os", "os/exec", "os/signal", "os/user", "net", "net/http", "net/smtp", "net/rpc", "database/sql", "log", "log/slog",
	"syscall", "io/ioutil", "math/rand", "math/rand/v2", "crypto/rand", "embed", "plugin",
}

// banned are the names of other packages that our code does not use, and where it may all the same.
var banned = []struct {
	pkg    string   // import path
	names  []string // its names; one ending in * is a beginning
	except []string // layers that may
	tests  bool     // whether tests may
	why    string
}{
	{"time", []string{"Now", "Since", "Until"}, []string{"app", "cli"}, true, "time is an argument: take an instant or a clock.Clock"},
	{"time", []string{"Sleep"}, nil, false, "it cannot be cancelled and makes tests slow or flaky: wait for a signal, a timer or a context"},
	{"time", []string{"Local"}, nil, false, "instants are UTC; a zone is named by a channel or a person"},
	{"net/http", []string{"DefaultClient", "DefaultTransport", "Get", "Post", "PostForm", "Head"}, nil, true, "it has no time-out and no guard: use internal/wire"},
	{"log", []string{"Print*", "Fatal*", "Panic*", "Default", "SetOutput"}, nil, false, "log with an injected *slog.Logger"},
	{"log/slog", []string{"Default", "SetDefault", "Debug*", "Info*", "Warn*", "Error*", "Log", "LogAttrs", "With"}, nil, false, "the logger is injected, never global"},
}

// TestHouse applies every rule to the repository itself.
func TestHouse(t *testing.T) {
	t.Parallel()

	h, err := readHouse(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.files) < 10 {
		t.Fatalf("only %d Go files found: the rules looked in the wrong place", len(h.files))
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			for _, finding := range r.find(h) {
				t.Error(finding)
			}
		})
	}
}

// TestLongerIsUsed keeps the list of exceptions honest: an entry whose file is gone, or short again, must go too.
func TestLongerIsUsed(t *testing.T) {
	t.Parallel()

	h, err := readHouse(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for path, l := range longer {
		if l.reason == "" {
			t.Errorf("%s may be longer but no reason is given", path)
		}
		limit, lines := maxFile, h.lines[path]
		if _, isRoom := h.rooms[path]; isRoom {
			limit, lines = maxRoom, h.roomLines(path)
		}
		if lines <= limit {
			t.Errorf("%s has %d lines, which needs no exception: take it off the list", path, lines)
		}
	}
}
