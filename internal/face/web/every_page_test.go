package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"daymark/internal/org/people"
)

// looked is what a browser says of a page.
type looked struct {
	Axe    []string `json:"axe"`    // rules of axe-core that it breaks, each with its place
	Wide   []string `json:"wide"`   // what reaches out of the window sideways
	Small  []string `json:"small"`  // controls that are too small for a finger
	Moving []string `json:"moving"` // what moves although no motion is wanted
	Texts  []string `json:"texts"`  // texts that no language has
}

// axeRun asks axe-core (https://github.com/dequelabs/axe-core) about the page. The options say which rules.
const axeRun = `axe.run(document, {%s resultTypes: ["violations"]}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + " " + n.target.join(" ") + " " + n.html.slice(0, 200) + " " + n.failureSummary)))`

// measure finds, on a narrow window, what is wider than it (WCAG 2.2, 1.4.10, https://www.w3.org/TR/WCAG22/#reflow; a window of 1280 px
// at 400 % is as wide), controls that are less than 44 px high or wide (2.5.5, https://www.w3.org/TR/WCAG22/#target-size-enhanced; its
// exceptions are links within sentences and lists; a box to tick is its label, and beside a post at least 24 px wide as 2.5.8 asks), what
// moves, and keys in place of texts.
const measure = `(() => {
  const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (typeof e.className === "string" && e.className ? "." + e.className.trim().replaceAll(" ", ".") : "") + " " + e.textContent.trim().slice(0, 40);
  const found = {axe: [], wide: [], small: [], moving: [], texts: []};
  const unseen = e => { for (let p = e; p; p = p.parentElement) { if (getComputedStyle(p).clipPath === "inset(50%)") return true } return false };
  const scrolls = e => { for (let p = e; p; p = p.parentElement) { if (["auto", "scroll"].includes(getComputedStyle(p).overflowX)) return true } return false };
  if (document.scrollingElement.scrollWidth > innerWidth) {
    found.wide.push(document.scrollingElement.scrollWidth + " px");
    for (const e of document.body.querySelectorAll("*")) {
      const box = e.getBoundingClientRect();
      if (box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(e) && !unseen(e)) found.wide.push(name(e));
    }
  }
  for (const e of document.querySelectorAll("a.button, button, input:not([type=hidden]), select, textarea, summary")) {
    if (!e.checkVisibility() || unseen(e)) continue;
    const ticks = ["checkbox", "radio"].includes(e.type);
    const target = ticks && e.closest("label") || e;
    const box = target.getBoundingClientRect();
    if (box.width > 0 && (box.height < 43.5 || box.width < (ticks ? 23.5 : 43.5))) found.small.push(Math.round(box.width) + "×" + Math.round(box.height) + " " + name(e));
  }
  for (const e of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(e);
    if (style.animationName !== "none" || style.transitionDuration.split(",").some(d => parseFloat(d) > 0.01)) found.moving.push(name(e));
    if (/\[[a-z]+(\.[a-z0-9-]+)+\]/.test([...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(""))) found.texts.push(name(e));
  }
  for (const list of Object.values(found)) list.splice(6);
  return found;
})()`

// looker is a window of the browser with the cookies of somebody.
type looker struct {
	ctx    context.Context
	site   *site
	mu     sync.Mutex
	others []string // requests to anybody but us
}

// newBrowser starts Chromium, which internal/journey walks through the product with; here it looks at single pages.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(t.TempDir(), "profile")),
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,SpareRendererForSitePerProcess,BackForwardCache")) // as the walks do
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, _ := chromedp.NewContext(allocated)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start Chromium: %v; where it is not installed, scripts/setup --test does it", err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(browser) })
	return browser
}

// window opens a window in which somebody is logged in already.
func (s *site) window(browser context.Context, who visitor) (*looker, error) {
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	s.t.Cleanup(cancel)
	l := &looker{ctx: ctx, site: s}
	if err := chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok && !strings.HasPrefix(e.Request.URL, s.server.URL+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			l.mu.Lock()
			l.others = append(l.others, e.Request.URL)
			l.mu.Unlock()
		}
	}); err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		return nil, err
	}
	at, err := url.Parse(s.server.URL)
	if err != nil {
		return nil, err
	}
	for _, c := range who.client.Jar.Cookies(at) {
		if err := l.cookie(c.Name, c.Value); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *looker) cookie(name, value string) error {
	_, err := chromedp.Call(l.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: l.site.server.URL})
	return err
}

// scheme asks for light or dark pages without motion.
func (l *looker) scheme(name string) error {
	_, err := chromedp.Call(l.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	return err
}

// look opens a page in a language and asks about it: at a desk, light and dark, in English; on a narrow phone in Arabic.
func (l *looker) look(axe, path, language string) (looked, error) {
	ctx, cancel := context.WithTimeout(l.ctx, 3*time.Minute) // a busy machine takes its time
	defer cancel()
	narrow := chromedp.EmulateViewport(320, 640, chromedp.EmulateScale(1))
	first := narrow
	if language == "en" {
		first = chromedp.EmulateViewport(1280, 900, chromedp.EmulateScale(1))
	}
	var broken []string
	if err := l.scheme("light"); err != nil {
		return looked{}, err
	}
	if err := l.cookie("daymark-language", language); err != nil {
		return looked{}, err
	}
	if err := chromedp.Do(ctx, first, chromedp.Navigate(l.site.server.URL+path)); err != nil {
		return looked{}, fmt.Errorf("open %s: %w", path, err)
	}
	if said, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.lang`)); err != nil || said != language {
		return looked{}, fmt.Errorf("%s is in %q, %w", path, said, err)
	}
	rules := map[string]string{"light": "", "dark": `runOnly: ["cat.color"],`} // dark pages differ in their colours only
	for _, scheme := range []string{"light", "dark"} {
		if scheme == "dark" && language != "en" {
			continue // colours do not change with the language
		}
		if err := l.scheme(scheme); err != nil {
			return looked{}, err
		}
		found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](axe+";"+fmt.Sprintf(axeRun, rules[scheme]), chromedp.EvalAwaitPromise))
		if err != nil {
			return looked{}, fmt.Errorf("ask axe-core about %s: %w", path, err)
		}
		for _, f := range found {
			broken = append(broken, scheme+": "+f)
		}
	}
	if err := chromedp.Do(ctx, narrow); err != nil {
		return looked{}, err
	}
	page, err := chromedp.Run(ctx, chromedp.Evaluate[looked](measure))
	page.Axe = broken
	return page, err
}

// TestEveryPageIsForEverybody looks at every page of the route list in a browser, in English light and dark, and in Arabic: axe-core
// finds no violation, nothing is wider than a window of 320 px, controls are large enough for a finger, nothing moves where no motion is
// wanted, and no request goes to another host. The scenes are those of the attacks: they have something of everything.
func TestEveryPageIsForEverybody(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("ui/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is not installed: run scripts/setup --test: %v", err)
	}
	browser := newBrowser(t)
	shown := map[string]bool{}
	for _, scene := range []struct {
		name string
		set  func(*testing.T) *site
		anew func(pattern string) bool // whether a page that was looked at in an earlier scene is another one here
	}{
		{"before reviewers", beforeReviewers, func(string) bool { return false }},
		{"after the day", wentOut, func(pattern string) bool {
			return slices.ContainsFunc([]string{"GET /{$}", "GET /posts/{id}", "GET /published", "GET /day", "GET /notices", "GET /decisions", "GET /reach", "GET /calendar"}, func(p string) bool { return pattern == p })
		}},
	} {
		t.Run(scene.name, func(t *testing.T) { //nolint:paralleltest // a scene leaves out what the one before it has shown
			s := scene.set(t)
			visitors, order := map[string]visitor{"nobody": s.visitor()}, []string{"admin"}
			for _, role := range people.Roles() {
				visitors[string(role)] = s.as(string(role))
				if role != people.RoleAdmin {
					order = append(order, string(role))
				}
			}
			order = append(order, "nobody")
			byRole, all := map[string][]string{}, s.pages()
			for pattern, addresses := range all {
				if shown[pattern] && !scene.anew(pattern) {
					continue
				}
				// One of many posts and cards will do here: the walks of internal/journey look at them in every state.
				if who := firstToSee(visitors, order, addresses[0]); who != "" {
					byRole[who], shown[pattern] = append(byRole[who], addresses[0]), true
				}
			}
			t.Logf("no page yet of %v", unseen(shown, all))
			var parts []part
			for who, addresses := range byRole {
				for list := range slices.Chunk(addresses, 12) {
					parts = append(parts, part{who, list})
				}
			}
			jobs := make(chan part)
			var done sync.WaitGroup
			for range 3 {
				done.Go(func() {
					for p := range jobs {
						p.look(t, s, browser, visitors[p.who], string(source))
					}
				})
			}
			for _, p := range parts {
				jobs <- p
			}
			close(jobs)
			done.Wait()
		})
	}
	if n := len(shown); n < 60 {
		t.Errorf("only %d kinds of pages were shown", n)
	}
}

// part is a few pages that one window looks at as somebody.
type part struct {
	who       string
	addresses []string
}

// firstToSee returns the first who is shown a page at an address, rather than a file, a picture or a way to somewhere else.
func firstToSee(visitors map[string]visitor, order []string, at string) string {
	for _, who := range order {
		a := visitors[who].get(at)
		if a.status == http.StatusOK && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && strings.Contains(a.body, "<html") {
			return who
		}
	}
	return ""
}

func (p part) look(t *testing.T, s *site, browser context.Context, as visitor, axe string) {
	t.Helper()
	l, err := s.window(browser, as)
	if err != nil {
		t.Error(err)
		return
	}
	for _, language := range []string{"en", "ar"} {
		for _, at := range p.addresses {
			page, err := l.look(axe, at, language)
			if err != nil {
				t.Errorf("%s as %s in %s: %v", at, p.who, language, err)
				continue
			}
			for what, list := range map[string][]string{"breaks": page.Axe, "is too wide": page.Wide, "has small targets": page.Small, "moves": page.Moving, "lacks texts": page.Texts} {
				if len(list) > 0 {
					t.Errorf("%s as %s in %s %s:\n  %s", at, p.who, language, what, strings.Join(list, "\n  "))
				}
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.others) > 0 {
		t.Errorf("pages of %s ask others: %v", p.who, l.others)
	}
}

// TestTheLookFindsWhatIsWrong breaks each rule of the look on purpose.
func TestTheLookFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("ui/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Broken</title><style>p { transition: color 1s; width: 500px; color: #aaa }</style>
<main><h1>Broken</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><p>[some.key]</p><button>x</button><img alt="" src="http://127.0.0.2:9/x.png"></main>`))
	}))}
	t.Cleanup(s.server.Close)
	l, err := s.window(newBrowser(t), s.visitor())
	if err != nil {
		t.Fatal(err)
	}
	page, err := l.look(string(source), "/", "en")
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range map[string]int{"axe-core": len(page.Axe), "width": len(page.Wide), "targets": len(page.Small), "motion": len(page.Moving), "texts": len(page.Texts), "other hosts": len(l.others)} {
		if n == 0 {
			t.Errorf("nothing is found by %s", what)
		}
	}
	if all := strings.Join(page.Axe, " "); !strings.Contains(all, "light: image-alt") || !strings.Contains(all, "dark: color-contrast") {
		t.Errorf("axe-core says %s", all)
	}
}
