package journey

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds each thing that a person in a walk waits for. It is long because the machine may be busy.
const patience = 2 * time.Minute

// chromium is the one browser of the test process, started by the first walk. Each visitor has a profile of their own in it.
var chromium struct {
	once sync.Once
	ctx  context.Context
	stop func() error
	err  error
}

// idle are the features of Chromium that work ahead for people who stay: a process kept ready for the next address, and pages kept for
// going back, which ours forbid. Without them half as many processes are started.
const idle = "Translate,BlinkGenPropertyTrees,SpareRendererForSitePerProcess,BackForwardCache"

// startChromium returns the context of the running browser.
func startChromium(t testing.TB) context.Context {
	t.Helper()
	chromium.once.Do(func() {
		path, err := findChromium()
		if err != nil {
			chromium.err = err
			return
		}
		home, err := os.MkdirTemp("", "daymark-chromium-")
		if err != nil {
			chromium.err = err
			return
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.UserDataDir(filepath.Join(home, "profile")), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-features", idle))
		allocated, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, _ := chromedp.NewContext(allocated)
		chromium.ctx, chromium.err = ctx, chromedp.Do(ctx) // starts it
		chromium.stop = func() error {
			err := chromedp.Cancel(ctx)
			cancelAllocator()
			_ = os.RemoveAll(home) // a helper process may still write a log; the system clears what is left
			return err
		}
	})
	if chromium.err != nil {
		t.Fatalf("start Chromium: %v", chromium.err)
	}
	return chromium.ctx
}

// findChromium returns the installed browser's program.
func findChromium() (string, error) {
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no Chromium is installed, and walks need one: run scripts/setup --test, or: apt-get install chromium")
}

func stopChromium() error {
	if chromium.stop == nil {
		return nil
	}
	return chromium.stop()
}

// visitor is somebody at a browser window of their own: cookies are not shared.
type visitor struct {
	t      testing.TB
	ctx    context.Context
	width  int64
	script bool   // whether pages may run scripts
	speech string // the language of the pages; none is looked for where it is empty

	mu   sync.Mutex
	said []string // what the browser complained about
}

// screen is the size of a window.
type screen struct {
	name          string
	width, height int64
}

var (
	phone = screen{"phone", 390, 844}
	desk  = screen{"desk", 1280, 900}
)

// visit opens a window of a size. What the browser complains about in it (a script that fails, a file that is missing,
// something that the content security policy stops) fails the test.
func visit(t testing.TB, size screen) *visitor {
	t.Helper()
	ctx, cancel := chromedp.NewContext(startChromium(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	v := &visitor{t: t, ctx: ctx, width: size.width, script: true}
	v.must("open a window", chromedp.Listen(ctx, v.listen))
	_, err := chromedp.Call(ctx, cdplog.Enable, struct{}{})
	v.must("listen to the browser's log", err)
	v.do("size the window", chromedp.EmulateViewport(size.width, size.height, chromedp.EmulateScale(1)))
	v.scheme("light")
	t.Cleanup(func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		for _, s := range v.said {
			t.Errorf("the browser says: %s", s)
		}
	})
	return v
}

func (v *visitor) listen(event any) {
	var said string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		said = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			said += " " + e.ExceptionDetails.Exception.Description
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level != "error" {
			return
		}
		said = e.Entry.Text + " " + e.Entry.URL
	default:
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.said = append(v.said, said)
}

// withoutScript stops scripts of pages, as some people and some machines do.
func (v *visitor) withoutScript() {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	v.must("stop scripts", err)
	v.script = false
}

// scheme asks for light or dark pages, without motion: a colour on its way to another has the wrong contrast.
func (v *visitor) scheme(name string) {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	v.must("ask for "+name+" pages", err)
}

// open goes to an address and expects it to answer well.
func (v *visitor) open(address string) {
	v.t.Helper()
	v.arrive("go to "+address, chromedp.Navigate(address))
}

// follow clicks on something that leads to another page.
func (v *visitor) follow(selector string) {
	v.t.Helper()
	v.arrive("follow "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// arrive does what leads to another page and waits for that page.
func (v *visitor) arrive(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	resp, err := chromedp.RunResponse(ctx, steps...)
	v.must(what, err)
	if resp == nil {
		return // the page that was left renewed a part of itself meanwhile; what the new one says is looked at next
	}
	if resp.Status >= 400 {
		v.t.Fatalf("%s: %s answers %d", what, resp.URL, resp.Status)
	}
}

// fill types into a field.
func (v *visitor) fill(selector, text string) {
	v.t.Helper()
	v.do("fill "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// logIn logs somebody in and expects to be let in.
func (v *visitor) logIn(h *house, email, password string) {
	v.t.Helper()
	v.open(h.url + "/login")
	v.fill("#email", email)
	v.fill("#password", password)
	v.follow("#login")
	if at := v.where(); strings.Contains(at, "/login") {
		v.t.Fatalf("%s is still at %s: %s", email, at, v.text("main"))
	}
}

// text returns what is to be read in the first element of a selector.
func (v *visitor) text(selector string) string {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	// What lies below the window may not be laid out yet, and has no text until it is; the page may put another element in its place meanwhile.
	// Nothing waits inside of the page: a visitor without script has no timers.
	expression := fmt.Sprintf(`(() => {
  const e = document.querySelector(%q);
  if (!e) return {};
  e.scrollIntoView({block: "nearest", behavior: "instant"});
  return {there: e.innerText !== "" || e.textContent.trim() === "" || !e.checkVisibility({contentVisibilityAuto: false}), text: e.innerText};
})()`, selector)
	type found struct {
		There bool   `json:"there"`
		Text  string `json:"text"`
	}
	var got found
	var err error
	for !got.There && ctx.Err() == nil {
		got, err = chromedp.Run(ctx, chromedp.Evaluate[found](expression))
	}
	if err == nil {
		err = ctx.Err()
	}
	v.must("read "+selector, err)
	return got.Text
}

// reads expects the first element of a selector to contain each of the words.
func (v *visitor) reads(selector string, words ...string) {
	v.t.Helper()
	text := unmarked(v.text(selector))
	for _, w := range words {
		if !strings.Contains(text, unmarked(w)) {
			v.t.Errorf("%s at %s does not say %q but: %s", selector, v.where(), w, text)
		}
	}
}

// where returns the address of the page.
func (v *visitor) where() string {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Location())
	v.must("read the address", err)
	return at
}

// ask evaluates an expression in the page.
func ask[T any](v *visitor, expression string) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	v.must("ask the page", err)
	return answer
}

// becomes waits until an expression is true in the page. A page that is left while it is asked is asked again when it is there.
func (v *visitor) becomes(what, expression string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	poll := chromedp.Poll[bool](expression, chromedp.WithPollingInterval(50*time.Millisecond))
	_, err := chromedp.Run(ctx, poll)
	for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "Cannot find context") {
		_, err = chromedp.Run(ctx, poll)
	}
	if err != nil {
		v.t.Fatalf("%s did not come at %s: %v\n%s", what, v.where(), err, v.text("body"))
	}
}

func (v *visitor) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	v.must(what, chromedp.Do(ctx, steps...))
}

func (v *visitor) must(what string, err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%s: %v", what, err)
	}
}

// click clicks on something that leads nowhere else.
func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}
