package internal

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// module is the path in go.mod.
const module = "daymark"

// A rule looks at the whole house and says what is wrong, one sentence with its place per finding.
type rule struct {
	name string
	find func(*house) []string
}

var rules = []rule{
	{"arrows point down", arrows},
	{"every folder is a known layer", knownLayers},
	{"each technology has its place", technologies},
	{"core is pure", purity},
	{"names say what is inside", names},
	{"files and rooms are short", lengths},
	{"time and clients are given", bannedUses},
	{"no init functions", inits},
	{"no dot imports", dotImports},
	{"every package has a comment", packageComments},
	{"exported names have a comment", exportedComments},
}

// house is the repository as the rules see it.
type house struct {
	fset  *token.FileSet
	files []*file
	rooms map[string][]*file // by folder
	lines map[string]int     // of every hand-written file that has a limit, by path
}

// file is one Go file.
type file struct {
	path, dir string
	syntax    *ast.File
	test      bool // a _test.go file, or part of a test-support package
	strictly  bool // a _test.go file
	generated bool
	imports   map[string]string // import path → the name it goes by here
}

// readHouse parses every Go file of the module. Folders that are not ours, and other modules, are left out.
func readHouse(root fs.FS) (*house, error) {
	h := &house{fset: token.NewFileSet(), rooms: map[string][]*file{}, lines: map[string]int{}}
	err := fs.WalkDir(root, ".", func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if p == "." {
				return nil
			}
			if strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "built" || name == "bin" {
				return fs.SkipDir
			}
			if _, err := fs.Stat(root, path.Join(p, "go.mod")); err == nil {
				return fs.SkipDir
			}
			return nil
		}
		ext := path.Ext(name)
		if !slices.Contains([]string{".go", ".ts", ".css", ".html"}, ext) {
			return nil
		}
		source, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		if ext != ".go" {
			h.lines[p] = bytes.Count(source, []byte("\n"))
			return nil
		}
		return h.add(p, source)
	})
	return h, err
}

func (h *house) add(p string, source []byte) error {
	syntax, err := parser.ParseFile(h.fset, p, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &file{
		path: p, dir: path.Dir(p), syntax: syntax,
		strictly:  strings.HasSuffix(p, "_test.go"),
		generated: ast.IsGenerated(syntax),
		imports:   map[string]string{},
	}
	f.test = f.strictly || isSupport(f.dir)
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: import %s: %w", p, spec.Path.Value, err)
		}
		f.imports[imported] = path.Base(imported)
		if spec.Name != nil {
			f.imports[imported] = spec.Name.Name
		}
	}
	h.files = append(h.files, f)
	h.rooms[f.dir] = append(h.rooms[f.dir], f)
	if !f.test && !f.generated {
		h.lines[p] = bytes.Count(source, []byte("\n"))
	}
	return nil
}

// roomLines counts the hand-written product lines of one folder.
func (h *house) roomLines(dir string) int {
	sum := 0
	for _, f := range h.rooms[dir] {
		sum += h.lines[f.path]
	}
	return sum
}

// isSupport tells a package made for tests: its name is that of another thing with "test" behind it (postgrestest).
func isSupport(dir string) bool {
	base := path.Base(dir)
	return strings.HasPrefix(dir, "internal/") && strings.HasSuffix(base, "test") && base != "test"
}

// layer is the first folder below internal, and room the second: "internal/flow/plan/x" is flow, plan.
func layer(dir string) (layer, room string, ok bool) {
	rest, ok := strings.CutPrefix(dir+"/", "internal/")
	if !ok {
		return "", "", false
	}
	layer, rest, _ = strings.Cut(rest, "/")
	room, _, _ = strings.Cut(rest, "/")
	return layer, room, true
}

// ours returns the folder of an import of this module.
func ours(imported string) (dir string, ok bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

func under(dir, folder string) bool { return dir == folder || strings.HasPrefix(dir, folder+"/") }

// sortedImports keeps the findings in one order.
func (f *file) sortedImports() []string { return slices.Sorted(maps.Keys(f.imports)) }

func arrows(h *house) []string {
	var found []string
	for _, f := range h.files {
		for _, imported := range f.sortedImports() {
			dir, ok := ours(imported)
			if !ok {
				continue
			}
			if why := mayNotImport(f, dir); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", f.path, dir, why))
			}
		}
	}
	return found
}

// mayNotImport says why a file may not import one of our folders, or nothing.
func mayNotImport(f *file, dir string) string {
	if leaves[dir] {
		return ""
	}
	if isSupport(dir) && !f.test {
		return "it is for tests only"
	}
	switch {
	case leaves[f.dir]:
		if f.strictly {
			return ""
		}
		return "a folder of embedded files imports nothing of ours"
	case under(f.dir, "cmd"):
		if dir == "internal/cli" || f.strictly {
			return ""
		}
		return "a command only calls internal/cli"
	}

	from, fromRoom, ok := layer(f.dir)
	if !ok {
		return "only cmd, campaigns and migrations hold Go beside internal"
	}
	to, toRoom, ok := layer(dir)
	if !ok {
		return "nobody imports it"
	}

	switch {
	case testsOnly[from]:
		if f.strictly {
			return ""
		}
		return "this folder holds tests only"
	case testsOnly[to]:
		return "nobody imports it"
	case from == "sandbox":
		if to == "sandbox" || dir == "internal/core/clock" || f.strictly {
			return ""
		}
		return "a sandbox imports only core/clock, so that it cannot share our mistakes"
	case to == "sandbox":
		if f.test || sandboxUsers[from] {
			return ""
		}
		return "only app, rehearse, cli and tests start a sandbox"
	case from != to:
		if rank[from] <= rank[to] {
			return fmt.Sprintf("arrows point down only, and %s is not above %s", from, to)
		}
		if networkBlind[from] && to == "platform" && toRoom != "" && !f.test {
			return from + " knows networks only by the contract in internal/platform"
		}
		return ""
	}
	return mayNotImportSibling(f, to, fromRoom, toRoom)
}

// mayNotImportSibling holds the rules inside one layer. Tests may walk through several rooms.
func mayNotImportSibling(f *file, layer, from, to string) string {
	if f.test || from == to || to == "" {
		return ""
	}
	switch layer {
	case "platform":
		return "networks do not know each other, and the contract knows no network"
	case "flow":
		if to != "book" {
			return "steps hand over through the database and share only flow/book"
		}
	}
	return ""
}

func knownLayers(h *house) []string {
	var found []string
	for _, dir := range slices.Sorted(maps.Keys(h.rooms)) {
		if leaves[dir] || under(dir, "cmd/daymark") {
			continue
		}
		name, _, ok := layer(dir)
		if !ok {
			found = append(found, dir+" holds Go files; they belong below internal, in a layer")
			continue
		}
		if _, beside := outside[name]; rank[name] == 0 && !beside {
			found = append(found, fmt.Sprintf("%s: %q is not a layer of the house", dir, name))
		}
		if !testsOnly[name] {
			continue
		}
		for _, f := range h.rooms[dir] {
			if !f.strictly {
				found = append(found, f.path+" is product code in a folder for tests only")
			}
		}
	}
	return found
}

func technologies(h *house) []string {
	var found []string
	for _, f := range h.files {
		if f.test {
			continue
		}
		for _, imported := range f.sortedImports() {
			if imported == "database/sql/driver" {
				continue
			}
			for _, p := range places {
				if !under(imported, p.prefix) && !strings.HasPrefix(imported, p.prefix+".v") {
					continue
				}
				if !slices.ContainsFunc(p.in, func(folder string) bool { return under(f.dir, folder) }) {
					found = append(found, fmt.Sprintf("%s imports %s: %s", f.path, imported, p.why))
				}
			}
		}
	}
	return found
}

func purity(h *house) []string {
	var found []string
	for _, f := range h.files {
		if f.test || !under(f.dir, "internal/core") {
			continue
		}
		for _, imported := range f.sortedImports() {
			if slices.Contains(impure, imported) {
				found = append(found, fmt.Sprintf("%s imports %s: core does no I/O", f.path, imported))
			}
		}
	}
	return found
}

func names(h *house) []string {
	var found []string
	for _, dir := range slices.Sorted(maps.Keys(h.rooms)) {
		for part := range strings.SplitSeq(dir, "/") {
			if bannedNames[part] {
				found = append(found, fmt.Sprintf("%s: a folder named %q says nothing; name the idea it holds", dir, part))
			}
		}
		for _, f := range h.rooms[dir] {
			if name := f.syntax.Name.Name; bannedNames[name] {
				found = append(found, fmt.Sprintf("%s: a package named %q says nothing; name the idea it holds", f.path, name))
			}
		}
	}
	return found
}

func lengths(h *house) []string {
	var found []string
	check := func(what string, lines, limit int) {
		if l, listed := longer[what]; listed {
			limit = l.limit
		}
		if lines > limit {
			found = append(found, fmt.Sprintf("%s has %d lines, the limit is %d: split it by ideas", what, lines, limit))
		}
	}
	for _, p := range slices.Sorted(maps.Keys(h.lines)) {
		limit := maxFile
		if under(p, "cmd") {
			limit = maxMain
		}
		check(p, h.lines[p], limit)
	}
	for _, dir := range slices.Sorted(maps.Keys(h.rooms)) {
		check(dir, h.roomLines(dir), maxRoom)
	}
	return found
}

func bannedUses(h *house) []string {
	var found []string
	for _, f := range h.files {
		in, _, _ := layer(f.dir)
		for _, b := range banned {
			local, imported := f.imports[b.pkg]
			if !imported || (f.test && b.tests) || slices.Contains(b.except, in) {
				continue
			}
			ast.Inspect(f.syntax, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := selector.X.(*ast.Ident); ok && x.Name == local && matches(b.names, selector.Sel.Name) {
					found = append(found, fmt.Sprintf("%s: %s.%s: %s", h.fset.Position(n.Pos()), b.pkg, selector.Sel.Name, b.why))
				}
				return true
			})
		}
	}
	return found
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		beginning, open := strings.CutSuffix(p, "*")
		return p == name || open && strings.HasPrefix(name, beginning)
	})
}

func inits(h *house) []string {
	var found []string
	for _, f := range h.files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				found = append(found, fmt.Sprintf("%s: init runs behind everybody's back; make a value and pass it", h.fset.Position(fn.Pos())))
			}
		}
	}
	return found
}

func dotImports(h *house) []string {
	var found []string
	for _, f := range h.files {
		for _, imported := range f.sortedImports() {
			if f.imports[imported] == "." {
				found = append(found, fmt.Sprintf("%s imports %s with a dot, which hides where names come from", f.path, imported))
			}
		}
	}
	return found
}

func packageComments(h *house) []string {
	var found []string
	for _, dir := range slices.Sorted(maps.Keys(h.rooms)) {
		var comment, name string
		for _, f := range h.rooms[dir] {
			if f.syntax.Doc != nil {
				comment += f.syntax.Doc.Text()
			}
			if name == "" || !f.strictly {
				name = strings.TrimSuffix(f.syntax.Name.Name, "_test")
			}
		}
		begins := "Package " + name + " "
		if name == "main" {
			begins = "Command " + path.Base(dir) + " "
		}
		if !strings.HasPrefix(comment, begins) {
			found = append(found, fmt.Sprintf("%s needs one package comment that begins %q", dir, begins+"..."))
			continue
		}
		if in, room, _ := layer(dir); in == "flow" && dir == "internal/flow/"+room {
			step := slices.Index(steps, room) + 1
			if says := fmt.Sprintf("tep %d of %d", step, len(steps)); step > 0 && !strings.Contains(comment, says) {
				found = append(found, fmt.Sprintf("%s: the package comment does not say \"s%s\"", dir, says))
			}
		}
	}
	return found
}

// sentence is how a comment ends: with a stop, or with an indented example.
var sentence = regexp.MustCompile(`(?s)([.:!?][)"”]?|\n\t[^\n]*)\s*$`)

func exportedComments(h *house) []string {
	var found []string
	for _, f := range h.files {
		if f.strictly || f.generated {
			continue
		}
		report := func(n ast.Node, name string, comments ...*ast.CommentGroup) {
			for _, c := range comments {
				if c != nil && sentence.MatchString(c.Text()) {
					return
				}
			}
			found = append(found, fmt.Sprintf("%s: %s needs a comment that is a sentence", h.fset.Position(n.Pos()), name))
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
					report(d, d.Name.Name, d.Doc)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() {
							report(s, s.Name.Name, s.Doc, d.Doc)
						}
					case *ast.ValueSpec:
						// A value may be explained by the comment of its group or in short behind it.
						if i := slices.IndexFunc(s.Names, (*ast.Ident).IsExported); i >= 0 && s.Comment == nil {
							report(s, s.Names[i].Name, s.Doc, d.Doc)
						}
					}
				}
			}
		}
	}
	return found
}

// receiver returns the name of the type a method belongs to.
func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
