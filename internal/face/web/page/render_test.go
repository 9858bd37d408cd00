package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// all lists every page, so that a template without a test fails.
func all() []Page {
	return []Page{&LogIn{}, &FirstRun{}, &Fault{}, &More{}, &Campaigns{}, &Published{}, &Year{}, &Edition{}, &Offer{}}
}

func set(t *testing.T) *Set {
	t.Helper()
	words, err := English()
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSet(words, Assets{Script: "/static/app-1.js", Style: "/static/app-1.css", Icons: "/static/icons-1.svg"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func render(t *testing.T, s *Set, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Render(&b, p); err != nil {
		t.Fatalf("%T: %v", p, err)
	}
	return b.String()
}

// nasty is what somebody might type to break a page.
const nasty = `"><script>alert(1)</script>`

// fill sets every field of a struct: texts to nasty, numbers to 2, lists to two elements.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i))
		}
	case reflect.String:
		v.SetString(nasty)
	case reflect.Int, reflect.Int64:
		v.SetInt(2)
	case reflect.Bool:
		v.SetBool(true)
	}
}

func TestEveryPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	s := set(t)
	for _, p := range all() {
		t.Run(fmt.Sprintf("%T", p), func(t *testing.T) {
			for _, full := range []bool{false, true} {
				if full {
					fill(reflect.ValueOf(p).Elem())
				}
				html := render(t, s, p)
				if strings.Contains(html, "<script>") {
					t.Errorf("full %v: a text came through unescaped", full)
				}
				for _, unwanted := range []string{"ZgotmplZ", " style=", " onclick=", "%!", "[frame.", "map["} {
					if strings.Contains(html, unwanted) {
						t.Errorf("full %v: the page has %q", full, unwanted)
					}
				}
				for _, wanted := range []string{`<html lang="en" dir="ltr">`, "<title>", `<main id="main"`, `class="skip"`, "</html>"} {
					if !strings.Contains(html, wanted) {
						t.Errorf("full %v: the page lacks %q", full, wanted)
					}
				}
			}
		})
	}
}

// elsewhere are the templates whose pages are structs of other rooms, each with the folder whose tests render it with pagetest.
var elsewhere = map[string]string{
	"decisions": "deciding", "hand": "deciding", "audit": "logbook", "punctuality": "outlook",
	"import": "importing", "import_days": "importing", "import_posts": "importing", "feeds": "subscribing",
	"compose": "composing", "now": "composing", "editor": "editing/sheet", "bit_look": "editing/sheet", "bit_kept": "editing/sheet", "versions": "editing/versions",
	"campaign": "campaigning", "campaign_form": "campaigning/typed", "learnt": "learning", "reach": "results", "reach_year": "results/years", "reach_import": "results/brought", "reach_counts": "results/brought",
	"pictures": "gallery", "picture": "gallery", "pictures_taken": "gallery", "picture_replace": "gallery",
	"calendar": "calendar", "move": "calendar/moving/aim",
	"post": "judged", "queue": "judged", "card": "judged",
	"cards": "drawing", "report": "reporting", "shared": "reporting", "digests": "reporting",
	"consents": "consents", "consent": "consents", "consent_new": "consents",
	"facts": "library/facts", "fact": "library/facts", "helplines": "library/helplines", "helpline": "library/helplines",
	"channels": "channels", "channel": "channels", "connect": "channels", "connect_go": "channels",
	"takedown": "takingdown", "takendown": "takingdown",
	"signin": "signing", "signin_codes": "signing", "signin_recovery": "signing", "signin_again": "signing", "code": "signing", "passkey": "signing",
	"organisation": "library", "rules": "library", "home": "home", "notices": "notices", "day": "dayof", "search": "searching", "pause": "pausing", "entry": "entering", "people": "members", "person": "members", "account": "members", "policies": "policies", "bylink": "linked", "refused": "linked", "links": "linked", "outside": "linked", "mail": "told", "add": "library/facts and library/helplines",
}

func TestEveryPageHasATemplateAndEveryTemplateAPage(t *testing.T) {
	t.Parallel()
	s := set(t)
	own := map[string]bool{}
	for _, p := range all() {
		own[p.file()] = true
	}
	for name := range s.pages {
		if own[name] == (elsewhere[name] != "") {
			t.Errorf("the template %s needs a page of one room: ours %v, elsewhere %q", name, own[name], elsewhere[name])
		}
	}
	if len(s.pages) != len(all())+len(elsewhere) {
		t.Errorf("there are %d templates, %d pages of ours and %d elsewhere", len(s.pages), len(all()), len(elsewhere))
	}
}

func TestNoPageHidesAFieldOfItsFrame(t *testing.T) {
	t.Parallel()
	frame := reflect.TypeFor[Frame]()
	for _, p := range all() {
		own := reflect.TypeOf(p).Elem()
		for i := range own.NumField() {
			if name := own.Field(i).Name; name != "Frame" {
				if _, hidden := frame.FieldByName(name); hidden {
					t.Errorf("%s.%s hides the frame's", own.Name(), name)
				}
			}
		}
	}
}

// keyed finds the keys of texts in templates and in Go.
var keyed = regexp.MustCompile(`(?:\bt|\bT|\.T)[ (]"([a-z.-]+)"`)

func TestEveryTextATemplateNamesIsThere(t *testing.T) {
	t.Parallel()
	words, err := English()
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keyed.FindAllStringSubmatch(string(src), -1) {
			if !words.Has(m[1]) {
				t.Errorf("%s: there is no text %q", name, m[1])
			}
		}
	}
	for _, s := range Standings() {
		if !words.Has("state." + string(s)) {
			t.Errorf("the state %q has no word", s)
		}
	}
}

func TestIconsOfTheStateTableAreBuilt(t *testing.T) {
	t.Parallel()
	var icons []string
	if err := json.Unmarshal(readUI(t, "icons.json"), &icons); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, i := range icons {
		known[i] = true
	}
	for _, m := range marks {
		if !known[m.icon] {
			t.Errorf("the icon %s of %s is not in ui/src/icons.json", m.icon, m.standing)
		}
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`\{\{icon "([a-z0-9-]+)"\}\}`)
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(src), -1) {
			if !known[m[1]] {
				t.Errorf("%s: the icon %s is not in ui/src/icons.json", name, m[1])
			}
		}
	}
}

func TestWordsAreChosenByTheirCount(t *testing.T) {
	t.Parallel()
	words, err := English()
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{0: "in 0 days", 1: "in 1 day", 38: "in 38 days"} {
		if got := words.T("plan.in", n); got != want {
			t.Errorf("T(plan.in, %d) = %q, want %q", n, got, want)
		}
	}
}

func TestLongTextsAreCutAtASpace(t *testing.T) {
	t.Parallel()
	if got := NewText("en", "The blue heart\nstands for those who are trafficked").Short(20).Body; got != "The blue heart…" {
		t.Errorf("got %q", got)
	}
}

func readUI(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../ui/src/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryTemplateCanBeParsed(t *testing.T) {
	t.Parallel()
	s := set(t)
	for name := range s.pages {
		if _, err := s.template(name); err != nil {
			t.Error(err)
		}
	}
}
