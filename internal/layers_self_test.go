package internal

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sound is a small house in which every rule holds.
var sound = map[string]string{
	"campaigns/campaigns.go": "// Package campaigns embeds.\npackage campaigns\n",
	"cmd/daymark/main.go":    "// Command daymark is the program.\npackage main\n\nimport \"daymark/internal/cli\"\n\nfunc main() { cli.Main() }\n",
	"internal/cli/cli.go": `// Package cli is the command line.
package cli

import (
	"time"

	"daymark/internal/app"

	"github.com/alecthomas/kong"
)

// Main runs a command.
func Main() { app.Run(time.Now, kong.Must) }
`,
	"internal/app/app.go": `// Package app builds everything.
package app

import (
	"daymark/campaigns"
	_ "daymark/internal/face/web"
	_ "daymark/internal/flow/plan"
	_ "daymark/internal/platform/mastodon"
	_ "daymark/internal/sandbox/mastodon"
)

// Run runs.
func Run(...any) { _ = campaigns.FS }
`,
	"internal/face/web/web.go": `// Package web shows pages.
package web

import (
	"html/template"

	"daymark/internal/flow/plan"
	"daymark/internal/platform"
)

// Page is a page.
type Page struct {
	plan.Plan
	platform.Connector
	T template.HTML
}

// Show shows it.
func (p *Page) Show() {}

func (p *Page) hide() {}

// The kinds.
const (
	A = iota // first
	B
)
`,
	"internal/flow/plan/plan.go": `// Package plan is step 2 of 7.
package plan

import (
	"daymark/internal/core/clock"
	"daymark/internal/flow/book"
	"daymark/internal/flow/plan/conflict"
)

// Plan is a plan.
type Plan struct {
	book.Book
	conflict.Conflict
	clock.Clock
}
`,
	"internal/flow/plan/plan_test.go": `package plan_test

import (
	"testing"
	"time"

	"daymark/internal/flow/review"
	"daymark/internal/postgres/postgrestest"
	"daymark/internal/sandbox/mastodon"
)

func TestPlan(t *testing.T) { _, _, _, _ = review.X, postgrestest.X, mastodon.X, time.Now() }
`,
	"internal/flow/plan/conflict/conflict.go":        "// Package conflict finds them.\npackage conflict\n",
	"internal/flow/book/book.go":                     "// Package book writes.\npackage book\n",
	"internal/flow/review/review.go":                 "// Package review is step 4 of 7.\npackage review\n",
	"internal/platform/platform.go":                  "// Package platform is the contract.\npackage platform\n",
	"internal/platform/mastodon/m.go":                "// Package mastodon speaks.\npackage mastodon\n\nimport (\n\t\"daymark/internal/platform\"\n\t\"daymark/internal/wire\"\n)\n\nvar _ = platform.X\nvar _ = wire.X\n",
	"internal/platform/bluesky/b.go":                 "// Package bluesky speaks.\npackage bluesky\n",
	"internal/wire/wire.go":                          "// Package wire calls out.\npackage wire\n",
	"internal/postgres/db.go":                        "// Package postgres opens.\npackage postgres\n",
	"internal/postgres/postgrestest/postgrestest.go": "// Package postgrestest helps.\npackage postgrestest\n\nimport \"testing\"\n\n// New makes one.\nfunc New(testing.TB) {}\n",
	"internal/core/clock/clock.go":                   "// Package clock tells time.\npackage clock\n",
	"internal/core/post/post.go":                     "// Package post is a noun.\npackage post\n",
	"internal/sandbox/mastodon/m.go":                 "// Package mastodon pretends.\npackage mastodon\n\nimport \"daymark/internal/core/clock\"\n\nvar _ clock.Clock\n",
	"internal/journey/walk_test.go":                  "// Package journey walks.\npackage journey\n\nimport \"daymark/internal/app\"\n\nvar _ = app.Run\n",
	"tools/go.mod":                                   "module daymark/tools\n",
	"tools/util/x.go":                                "package util\n",
	"internal/face/web/ui/node_modules/x/util.go":    "package util\n",
}

func findings(t *testing.T, files map[string]string) map[string][]string {
	t.Helper()
	tree := fstest.MapFS{}
	for p, source := range files {
		tree[p] = &fstest.MapFile{Data: []byte(source)}
	}
	h, err := readHouse(tree)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, r := range rules {
		if f := r.find(h); len(f) > 0 {
			found[r.name] = f
		}
	}
	return found
}

func TestASoundHouseHasNoFindings(t *testing.T) {
	t.Parallel()

	for name, found := range findings(t, sound) {
		t.Errorf("%s: %q", name, found)
	}
}

// imports makes a file that only imports.
func imports(pkg string, paths ...string) string {
	return "// Package " + pkg + " is.\npackage " + pkg + "\n\nimport (\n\t_ \"" + strings.Join(paths, "\"\n\t_ \"") + "\"\n)\n"
}

// breaks adds one file to the sound house, and the named rule, and no other, must find it with these words.
var breaks = []struct {
	name, path, source string
	rule, says         string
}{
	{"core importing postgres", "internal/core/post/a.go", imports("post", "daymark/internal/postgres"), "arrows point down", "core is not above postgres"},
	{"flow importing face", "internal/flow/plan/a.go", imports("plan", "daymark/internal/face/web"), "arrows point down", "flow is not above face"},
	{"wire importing postgres", "internal/wire/a.go", imports("wire", "daymark/internal/postgres"), "arrows point down", "wire is not above postgres"},
	{"a test importing a layer above", "internal/wire/a_test.go", imports("wire", "daymark/internal/flow/plan"), "arrows point down", "wire is not above flow"},
	{"a step importing a step", "internal/flow/plan/a.go", imports("plan", "daymark/internal/flow/review"), "arrows point down", "share only flow/book"},
	{"the book importing a step", "internal/flow/book/a.go", imports("book", "daymark/internal/flow/plan"), "arrows point down", "share only flow/book"},
	{"a network importing a network", "internal/platform/mastodon/a.go", imports("mastodon", "daymark/internal/platform/bluesky"), "arrows point down", "do not know each other"},
	{"the contract importing a network", "internal/platform/a.go", imports("platform", "daymark/internal/platform/bluesky"), "arrows point down", "knows no network"},
	{"face importing a network", "internal/face/web/a.go", imports("web", "daymark/internal/platform/mastodon"), "arrows point down", "only by the contract"},
	{"flow importing a network", "internal/flow/plan/a.go", imports("plan", "daymark/internal/platform/mastodon"), "arrows point down", "only by the contract"},
	{"a sandbox importing ours", "internal/sandbox/mastodon/a.go", imports("mastodon", "daymark/internal/core/post"), "arrows point down", "imports only core/clock"},
	{"face importing a sandbox", "internal/face/web/a.go", imports("web", "daymark/internal/sandbox/mastodon"), "arrows point down", "start a sandbox"},
	{"product code importing test support", "internal/flow/plan/a.go", imports("plan", "daymark/internal/postgres/postgrestest"), "arrows point down", "for tests only"},
	{"app importing cli", "internal/app/a.go", imports("app", "daymark/internal/cli"), "arrows point down", "app is not above cli"},
	{"a walk imported by product code", "internal/app/a.go", imports("app", "daymark/internal/journey"), "arrows point down", "nobody imports it"},
	{"a command doing more than calling cli", "cmd/daymark/a.go", "package main\n\nimport _ \"daymark/internal/app\"\n", "arrows point down", "only calls internal/cli"},
	{"embedded files importing ours", "campaigns/a.go", imports("campaigns", "daymark/internal/core/post"), "arrows point down", "imports nothing of ours"},
	{"an unknown layer", "internal/services/a.go", imports("services", "fmt"), "every folder is a known layer", "is not a layer"},
	{"Go beside internal", "pkg/a.go", imports("pkg", "fmt"), "every folder is a known layer", "belong below internal"},
	{"product code among the crash tests", "internal/crash/a.go", "// Package crash is.\npackage crash\n", "every folder is a known layer", "for tests only"},
	{"product code among the walks", "internal/journey/a.go", "package journey\n", "every folder is a known layer", "for tests only"},
	{"YAML in a page", "internal/face/web/a.go", imports("web", "go.yaml.in/yaml/v4"), "each technology has its place", "campaign files"},
	{"kong outside cli", "internal/app/a.go", imports("app", "github.com/alecthomas/kong"), "each technology has its place", "command line"},
	{"templates in a step", "internal/flow/plan/a.go", imports("plan", "html/template"), "each technology has its place", "at the edge"},
	{"a browser in product code", "internal/app/a.go", imports("app", "github.com/chromedp/chromedp"), "each technology has its place", "tests only"},
	{"SQL in a page", "internal/face/web/a.go", imports("web", "github.com/jmoiron/sqlx"), "each technology has its place", "SQL lives"},
	{"an archived package", "internal/flow/campaign/a.go", "// Package campaign is step 1 of 7.\npackage campaign\n\nimport _ \"gopkg.in/yaml.v3\"\n", "each technology has its place", "archived"},
	{"I/O in core", "internal/core/post/a.go", imports("post", "net/http"), "core is pure", "no I/O"},
	{"a folder called util", "internal/core/util/a.go", "// Package text is.\npackage text\n", "names say what is inside", `"util"`},
	{"a package called helpers", "internal/core/aid/a.go", "// Package helpers is.\npackage helpers\n", "names say what is inside", `"helpers"`},
	{"a file too long", "internal/core/post/a.go", "package post\n" + strings.Repeat("\n", maxFile), "files and rooms are short", "internal/core/post/a.go has 351"},
	{"a script too long", "internal/face/web/ui/src/a.ts", strings.Repeat("\n", maxFile+1), "files and rooms are short", "has 351"},
	{"a main too long", "cmd/daymark/a.go", "package main\n" + strings.Repeat("\n", maxMain), "files and rooms are short", "has 41"},
	{"time.Now in a step", "internal/flow/plan/a.go", "package plan\n\nimport \"time\"\n\nvar now = time.Now\n", "time and clients are given", "time.Now"},
	{"time.Since in a sandbox", "internal/sandbox/mastodon/a.go", "package mastodon\n\nimport clock2 \"time\"\n\nvar _ = clock2.Since(clock2.Time{})\n", "time and clients are given", "time.Since"},
	{"time.Sleep in a test", "internal/flow/plan/a_test.go", "package plan\n\nimport \"time\"\n\nfunc wait() { time.Sleep(1) }\n", "time and clients are given", "time.Sleep"},
	{"time.Sleep in app", "internal/app/a.go", "package app\n\nimport \"time\"\n\nfunc wait() { time.Sleep(1) }\n", "time and clients are given", "time.Sleep"},
	{"the default client", "internal/wire/a.go", "package wire\n\nimport \"net/http\"\n\nvar c = http.DefaultClient\n", "time and clients are given", "http.DefaultClient"},
	{"printing to the global log", "internal/app/a.go", "package app\n\nimport \"log\"\n\nfunc say() { log.Printf(\"x\") }\n", "time and clients are given", "log.Printf"},
	{"the global slog", "internal/app/a.go", "package app\n\nimport \"log/slog\"\n\nfunc say() { slog.InfoContext(nil, \"x\") }\n", "time and clients are given", "slog.InfoContext"},
	{"an init", "internal/app/a.go", "package app\n\nfunc init() {}\n", "no init functions", "internal/app/a.go:3:1"},
	{"a dot import", "internal/app/a.go", "package app\n\nimport . \"fmt\"\n", "no dot imports", "with a dot"},
	{"no package comment", "internal/core/text/a.go", "package text\n", "every package has a comment", `"Package text ..."`},
	{"a step that does not say which", "internal/flow/draft/a.go", "// Package draft is for editing.\npackage draft\n", "every package has a comment", "step 3 of 7"},
	{"a bare function", "internal/core/post/a.go", "package post\n\nfunc Bare() {}\n", "exported names have a comment", "Bare needs"},
	{"a bare method of a generic type", "internal/core/post/a.go", "package post\n\n// List is a list.\ntype List[T any] []T\n\nfunc (l *List[T]) Bare() {}\n", "exported names have a comment", "Bare needs"},
	{"a bare type", "internal/core/post/a.go", "package post\n\ntype Bare int\n", "exported names have a comment", "Bare needs"},
	{"a bare constant", "internal/core/post/a.go", "package post\n\nconst bare, Bare = 1, 2\n", "exported names have a comment", "Bare needs"},
	{"a comment that is no sentence", "internal/core/post/a.go", "package post\n\n// Bare something\nfunc Bare() {}\n", "exported names have a comment", "Bare needs"},
}

func TestEachRuleFindsWhatBreaksIt(t *testing.T) {
	t.Parallel()

	for _, b := range breaks {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()

			files := maps.Clone(sound)
			files[b.path] = b.source
			found := findings(t, files)
			if !strings.Contains(strings.Join(found[b.rule], "\n"), b.says) {
				t.Errorf("%q found %q, want it to say %q", b.rule, found[b.rule], b.says)
			}
			delete(found, b.rule)
			for name, other := range found {
				t.Errorf("%q found something too: %q", name, other)
			}
		})
	}
}

func TestARoomTooLongIsFound(t *testing.T) {
	t.Parallel()

	files := maps.Clone(sound)
	files["internal/core/post/a.go"] = "package post\n" + strings.Repeat("\n", 299)
	files["internal/core/post/b.go"] = files["internal/core/post/a.go"]
	files["internal/core/post/c.go"] = files["internal/core/post/a.go"]
	files["internal/core/post/c_test.go"] = files["internal/core/post/a.go"]
	files["internal/core/post/d.go"] = "// Code generated by a generator. DO NOT EDIT.\n\n" + files["internal/core/post/a.go"]
	got := findings(t, files)["files and rooms are short"]
	want := []string{"internal/core/post has 902 lines, the limit is 900: split it by ideas"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryRuleHasACaseThatBreaksIt(t *testing.T) {
	t.Parallel()

	for _, r := range rules {
		if !slices.ContainsFunc(breaks, func(b struct{ name, path, source, rule, says string }) bool { return b.rule == r.name }) {
			t.Errorf("nothing shows that %q can fail", r.name)
		}
	}
}

func TestTheRulesFindFaultsInEveryTable(t *testing.T) {
	t.Parallel()

	for _, p := range places {
		files := maps.Clone(sound)
		files["internal/nowhere/a.go"] = imports("nowhere", p.prefix)
		if len(findings(t, files)["each technology has its place"]) == 0 {
			t.Errorf("an import of %s in no place of its own is not found", p.prefix)
		}
	}
	for _, b := range banned {
		for _, name := range b.names {
			name = strings.Replace(name, "*", "f", 1)
			files := maps.Clone(sound)
			files["internal/nowhere/a.go"] = "package nowhere\n\nimport p \"" + b.pkg + "\"\n\nvar _ = p." + name + "\n"
			if len(findings(t, files)["time and clients are given"]) == 0 {
				t.Errorf("%s.%s is not found", b.pkg, name)
			}
		}
	}
	for name := range bannedNames {
		files := maps.Clone(sound)
		files["internal/core/"+name+"/a.go"] = "package x\n"
		if len(findings(t, files)["names say what is inside"]) == 0 {
			t.Errorf("a folder named %s is not found", name)
		}
	}
	for _, name := range impure {
		files := maps.Clone(sound)
		files["internal/core/post/a.go"] = imports("post", name)
		if len(findings(t, files)["core is pure"]) == 0 {
			t.Errorf("an import of %s by core is not found", name)
		}
	}
}
