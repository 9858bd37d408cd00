package journey

import (
	"fmt"
	"testing"
)

// pseudo turns every text of a page into the language en-XA: accented and longer by about two fifths, as a translation into a language
// of long words is (https://www.w3.org/International/articles/article-text-size). It stays readable, so that what is clipped is found by
// eye too. What people see in attributes is not part of the layout and stays.
const pseudo = `(() => {
  const letters = {a: "áá", e: "éé", i: "íí", o: "óó", u: "úú", y: "ý", A: "Â", E: "Ê", I: "Î", O: "Ô", U: "Û", c: "ç", n: "ñ"};
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walk.nextNode()) nodes.push(walk.currentNode);
  for (const n of nodes) {
    if (n.parentElement.closest("script, style, code, kbd, bdi, time, [lang]:not(html), [dir=auto]")) continue;
    n.data = n.data.replace(/[A-Za-z]/g, l => letters[l] ?? l);
  }
  document.documentElement.lang = "en-XA";
  return nodes.length;
})()`

// cut finds what does not fit: elements that reach out of the window, and texts of which a part cannot be seen. What scrolls by
// itself or is there for screen readers only is left out.
const cut = `(() => {
  const found = [];
  const scrolls = e => { for (let p = e; p; p = p.parentElement) { if (["auto", "scroll"].includes(getComputedStyle(p).overflowX)) return true } return false };
  const unseen = e => { for (let p = e; p; p = p.parentElement) { if (getComputedStyle(p).clipPath === "inset(50%)") return true } return false };
  for (const e of document.body.querySelectorAll("*")) {
    if (e.closest("svg, dialog:not([open]), option") || !e.checkVisibility() || unseen(e)) continue;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (box.width === 0 || box.height === 0) continue;
    const what = () => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className ? "." + String(e.className).replaceAll(" ", ".") : "") + ": " + e.textContent.trim().slice(0, 60);
    if ((box.right > innerWidth + 1 || box.left < -1) && !scrolls(e)) found.push("outside " + what());
    const hides = v => v === "hidden" || v === "clip";
    if (hides(style.overflowX) && e.scrollWidth > e.clientWidth + 1) found.push("cut at the side " + what());
    if (hides(style.overflowY) && e.scrollHeight > e.clientHeight + 1) found.push("cut below " + what());
  }
  return found.slice(0, 12);
})()`

// TestLongerWordsFitANarrowScreen walks over the pages in a language that does not exist, whose words are longer than English ones, on
// the narrowest screen that WCAG asks for (https://www.w3.org/TR/WCAG22/#reflow), and at a desk.
func TestLongerWordsFitANarrowScreen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("A notice stands here.")
	for _, size := range []screen{{"narrow", 320, 640}, desk} {
		v := visit(t, size)
		look := func(path string) {
			t.Helper()
			v.open(h.url + path)
			if n := ask[int](v, pseudo); n < 20 {
				t.Errorf("%s has %d texts only", path, n)
			}
			for _, found := range ask[[]string](v, cut) {
				t.Errorf("%s at %d px: %s", path, size.width, found)
			}
			if wide := ask[int64](v, `document.documentElement.scrollWidth`); wide > size.width {
				t.Errorf("%s is %d px wide in a window of %d", path, wide, size.width)
			}
		}
		look("/login")
		v.open(h.url + "/login")
		v.logIn(h, "admin@daymark.example", password)
		post := fmt.Sprintf("/posts/%d", h.first()[0].Post)
		paths := append(doors(v), post, fmt.Sprintf("/editions/%d", h.edition.ID), "/calendar?month=2027-07", "/year/2027")
		for _, path := range paths {
			look(path)
		}
	}
}
