package journey

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
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

// palette is everything that the contrast of the texts of a page can depend on: for each text its colour, size, weight, shadow and what
// stands before and behind it, and for each of those around it its background, opacity and the like, as the browser has computed
// them. Elements that are laid over others by their position are named with their place in the page.
const palette = `(() => {
  const looks = new Map();
  const look = e => {
    if (!e) return "";
    if (looks.has(e)) return looks.get(e);
    const s = getComputedStyle(e), around = look(e.parentElement);
    let own = "";
    if (s.backgroundColor !== "rgba(0, 0, 0, 0)") own += "|" + s.backgroundColor;
    for (const p of ["backgroundImage", "filter", "backdropFilter", "clipPath", "maskImage"]) if (s[p] !== "none" && s[p] !== "") own += "|" + p + s[p];
    for (const p of ["opacity", "mixBlendMode", "visibility"]) if (!["1", "normal", "visible"].includes(s[p])) own += "|" + p + s[p];
    if (!["static", "relative"].includes(s.position)) own += "|" + s.position + " " + e.tagName + "." + e.className;
    looks.set(e, around + own);
    return around + own;
  };
  const found = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility()) continue;
    const s = getComputedStyle(e);
    found.add([look(e), s.color, s.fontSize, s.fontWeight, s.textShadow, e.closest(":disabled, [aria-disabled=true]") ? "off" : ""].join(" "));
  }
  for (const e of document.querySelectorAll("input, textarea, select")) {
    const s = getComputedStyle(e);
    if (e.checkVisibility()) found.add([look(e), s.color, s.fontSize, s.fontWeight, e.disabled ? "off" : "", e.type].join(" "));
  }
  return [...found].sort();
})()`

// contrasts are the palettes of texts in which axe-core has found no lack of contrast. Most pages of a walk are in colours that another
// one had already, and to look at them again takes more time than all other rules together.
var contrasts struct {
	mu    sync.Mutex
	known map[string]bool
}

// fresh returns what of a palette has not been looked at yet.
func fresh(list []string) []string {
	contrasts.mu.Lock()
	defer contrasts.mu.Unlock()
	return slices.DeleteFunc(list, func(look string) bool { return contrasts.known[look] })
}

// learn notes what axe-core has looked at and found good.
func learn(list []string) {
	contrasts.mu.Lock()
	defer contrasts.mu.Unlock()
	if contrasts.known == nil {
		contrasts.known = map[string]bool{}
	}
	for _, look := range list {
		contrasts.known[look] = true
	}
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
	for _, broken := range v.broken() {
		v.t.Errorf("%s at %d px, %s", page, v.width, broken)
	}
}

// broken asks axe-core about the page, light and dark.
func (v *visitor) broken() []string {
	v.t.Helper()
	ask[bool](v, axeSource(v.t)+"; true")
	var all []string
	// Dark pages differ in their colours only, so that the other rules need not look twice.
	for _, scheme := range []string{"dark", "light"} {
		v.scheme(scheme)
		looks := ask[[]string](v, palette)
		unknown := fresh(slices.Clone(looks))
		options := ""
		switch {
		case len(unknown) == 0 && scheme == "dark":
			continue
		case len(unknown) == 0:
			options = `rules: {"color-contrast": {enabled: false}}, `
		case scheme == "dark":
			options = `runOnly: ["cat.color"], `
		}
		list := ask[[]found](v, `axe.run(document, {`+options+`resultTypes: ["violations"]}).then(r => r.violations)`)
		for _, f := range list {
			for _, n := range f.Nodes {
				all = append(all, fmt.Sprintf("%s: %s (%s)\n  %s\n  %s\n  %s", scheme, f.Help, f.ID, strings.Join(n.Target, " "), n.HTML, n.Summary))
			}
		}
		if len(list) == 0 {
			learn(unknown)
		}
	}
	return all
}

// TestTheLookAtAPageFindsWhatIsWrong breaks pages on purpose, after others with the same words in good colours.
func TestTheLookAtAPageFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	v := visit(t, phone)
	for _, tt := range []struct{ name, style, body, want string }{
		{"nothing", "p { color: #000 }", "<p>Words</p>", ""},
		{"a faint colour", "p { color: #bbb }", "<p>Words</p>", "light: Elements must meet minimum color contrast"},
		{"a faint colour in the dark only", "p { color: #000 } @media (prefers-color-scheme: dark) { p { color: #bbb } }", "<p>Words</p>", "dark: Elements must meet minimum color contrast"},
		{"a background behind a known colour", "p { color: #000 } div { background: #222 }", "<div><p>Words</p></div>", "light: Elements must meet minimum color contrast"},
		{"a known colour that fades", "p { color: #000 } div { opacity: .3 }", "<div><p>Words</p></div>", "light: Elements must meet minimum color contrast"},
		{"an image without words, in known colours", "p { color: #000 }", `<p>Words</p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`, "light: Images must have alternative text"},
		{"nothing, again", "p { color: #000 }", "<p>Words</p>", ""},
	} {
		v.do("open "+tt.name, chromedp.Navigate("data:text/html,"+url.PathEscape(`<!doctype html><html lang="en"><title>Broken</title><style>body, h1 { background: #fff; color: #000 } `+tt.style+`</style><main><h1>Broken</h1>`+tt.body+`</main>`)))
		if all := strings.Join(v.broken(), "\n"); (all == "") != (tt.want == "") || !strings.Contains(all, tt.want) {
			t.Errorf("%s: want %q, found %q", tt.name, tt.want, all)
		}
	}
}
