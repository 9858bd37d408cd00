package journey

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
)

// axeFile is axe-core (https://github.com/dequelabs/axe-core), which npm installs beside the front end.
const axeFile = "../face/web/ui/node_modules/axe-core/axe.min.js"

var axe struct {
	once   sync.Once
	source string
	err    error
}

func axeSource(t testing.TB) string {
	t.Helper()
	axe.once.Do(func() {
		b, err := os.ReadFile(axeFile)
		axe.source, axe.err = string(b), err
	})
	if errors.Is(axe.err, fs.ErrNotExist) {
		t.Fatalf("axe-core is not installed: run scripts/setup --test, or: npm --prefix internal/face/web/ui ci")
	}
	if axe.err != nil {
		t.Fatal(axe.err)
	}
	return axe.source
}

// found is a rule that a page breaks.
type found struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string   `json:"html"`
		Target  []string `json:"target"`
		Summary string   `json:"failureSummary"`
	} `json:"nodes"`
}

// check looks at the page: nothing is wider than the window, and on a phone axe-core finds no violation, light and dark. What it looks at
// is the same on a desk, where each page is looked at by itself in internal/face/web.
func (v *visitor) check(page string) {
	v.t.Helper()
	if wide := ask[int64](v, `document.documentElement.scrollWidth`); wide > v.width {
		v.t.Errorf("%s is %d px wide in a window of %d px", page, wide, v.width)
	}
	if v.width != phone.width {
		return
	}
	ask[bool](v, axeSource(v.t)+"; true")
	// Dark pages differ in their colours only, so that the other rules need not look twice.
	for _, scheme := range []struct{ name, rules string }{{"dark", `runOnly: ["cat.color"], `}, {"light", ""}} {
		v.scheme(scheme.name)
		for _, f := range ask[[]found](v, `axe.run(document, {`+scheme.rules+`resultTypes: ["violations"]}).then(r => r.violations)`) {
			for _, n := range f.Nodes {
				v.t.Errorf("%s at %d px, %s: %s (%s)\n  %s\n  %s\n  %s", page, v.width, scheme.name, f.Help, f.ID, strings.Join(n.Target, " "), n.HTML, n.Summary)
			}
		}
	}
}
