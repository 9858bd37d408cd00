package journey

import (
	"fmt"
	"testing"

	"daymark/internal/face/web/page/texts"
	"daymark/internal/org/people"
)

// speak chooses a language at the foot of the page.
func (v *visitor) speak(code string) {
	v.t.Helper()
	v.follow(fmt.Sprintf(`.speeches button[value="%s"]`, code))
}

// spoken expects the page to be in a language and to run its way.
func (v *visitor) spoken(code string) {
	v.t.Helper()
	dir := "ltr"
	if code == "ar" {
		dir = "rtl"
	}
	for what, want := range map[string]string{"lang": code, "dir": dir} {
		if got := ask[string](v, "document.documentElement."+what); got != want {
			v.t.Errorf("%s: the page has %s=%q, want %q", v.where(), what, got, want)
		}
	}
	if got := ask[string](v, `getComputedStyle(document.body).direction`); got != dir {
		v.t.Errorf("%s: the page runs %s, want %s", v.where(), got, dir)
	}
	if got := ask[string](v, `document.querySelector('.speeches [aria-current="true"]').value`); got != code {
		v.t.Errorf("%s: the foot says %q, want %q", v.where(), got, code)
	}
}

// TestALanguageIsChosenAtTheFootOfAPageAndKept walks from a choice before log-in to the same choice in another browser, with and
// without scripts.
func TestALanguageIsChosenAtTheFootOfAPageAndKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	all, err := texts.All()
	h.must(err)
	title := map[string]string{}
	for _, w := range all {
		title[w.Lang] = w.T("login.title")
	}
	for _, script := range []bool{true, false} {
		v := visit(t, phone)
		if !script {
			v.withoutScript()
		}
		v.open(h.url + "/login?next=%2Fcampaigns")
		v.spoken("en")
		for _, code := range []string{"fr", "es", "ar"} {
			v.speak(code)
			if at, want := v.where(), h.url+"/login?next=%2Fcampaigns"; at != want {
				t.Fatalf("after the choice of %s at %s, want %s", code, at, want)
			}
			v.spoken(code)
			v.reads("h1", title[code])
		}
		v.logIn(h, "editor@daymark.example", password)
		v.spoken("ar") // the browser remembers, nobody chose for the person yet
		v.open(h.url + "/account")
		v.spoken("ar")
		if script {
			v.check("own account in Arabic")
		}
		v.choose("#language", "fr")
		v.follow("#speech-send")
		v.spoken("fr")

		other := visit(t, desk)
		other.logIn(h, "editor@daymark.example", password)
		other.spoken("fr") // their own setting, in a browser that asks for English
		other.open(h.url + "/calendar?month=2027-07")
		other.speak("ar")
		other.spoken("ar")
		other.reads("#month-title", "يوليو 2027")
		if got := h.byRole(people.RoleEditor); got.Interface != "ar" {
			t.Errorf("the person's language is %q, want that of the last choice", got.Interface)
		}
		other.open(h.url + "/account")
		other.choose("#language", "")
		other.follow("#speech-send")
		other.spoken("ar") // what the browser keeps
		v.open(h.url + "/account")
		v.spoken("ar")
	}
}

// TestEveryPageIsMirroredInArabic looks at the pages of each role in Arabic: they have no violation of accessibility, nothing is wider
// than the window, and nothing in English stands unmarked among the texts of the frame.
func TestEveryPageIsMirroredInArabic(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("هذه جولة.")
	for _, size := range []screen{{"narrow", 320, 640}, desk} {
		v := visit(t, size)
		v.open(h.url + "/login")
		v.speak("ar")
		v.check("log-in in Arabic")
		v.logIn(h, "admin@daymark.example", password)
		for _, path := range append(doors(v), "/post-of-the-edition") {
			if path == "/post-of-the-edition" {
				path = fmt.Sprintf("/posts/%d", h.first()[0].Post)
			}
			v.open(h.url + path)
			v.spoken("ar")
			v.check(path + " in Arabic")
			if left := ask[[]string](v, `[...document.querySelectorAll("body *")].filter(e => /\[[a-z]+(\.[a-z0-9-]+)+\]/.test([...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(""))).map(e => e.textContent)`); len(left) > 0 {
				t.Errorf("%s lacks texts: %q", path, left)
			}
		}
	}
}

// doors returns the addresses of every door that the page has.
func doors(v *visitor) []string {
	v.t.Helper()
	v.open(ask[string](v, "location.origin") + "/more")
	return ask[[]string](v, `[...new Set([...document.querySelectorAll("a[id^=door-]")].map(a => a.getAttribute("href")))]`)
}
