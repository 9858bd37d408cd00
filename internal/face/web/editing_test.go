package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"daymark/internal/flow/book"
)

// formOf reads the editor of a page as a browser without script would send it, without its buttons.
func (s *site) formOf(body string) url.Values {
	s.t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	s.must(err)
	form := url.Values{}
	has := func(n *html.Node, key string) bool {
		return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	}
	for top := range root.Descendants() {
		if top.Data != "form" || attribute(top, "id") != "editor" {
			continue
		}
		for n := range top.Descendants() {
			name := attribute(n, "name")
			kind := attribute(n, "type")
			switch {
			case name == "" || n.Type != html.ElementNode:
			case n.Data == "input" && (kind != "checkbox" || has(n, "checked")):
				form.Add(name, attribute(n, "value"))
			case n.Data == "textarea":
				form.Set(name, "")
				if n.FirstChild != nil {
					form.Set(name, strings.ReplaceAll(n.FirstChild.Data, "\n", "\r\n"))
				}
			case n.Data == "select":
				for o := range n.Descendants() {
					if o.Data == "option" && (has(o, "selected") || !form.Has(name)) {
						form.Set(name, attribute(o, "value"))
					}
				}
			}
		}
	}
	if len(form) == 0 {
		s.t.Fatalf("there is no editor in the page:\n%s", body)
	}
	return form
}

func TestAPostIsEditedLookedAtAndSaved(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	id := s.first(s.plan()).ID
	v := s.as("editor")
	at := fmt.Sprintf("/posts/%d/edit", id)
	a := v.get(at)
	if a.status != http.StatusOK {
		t.Fatalf("the editor: %d\n%s", a.status, a.body)
	}
	for _, want := range []string{`id="text-1-en"`, `id="text-1-ar"`, `dir="rtl"`, `id="count-1-en-mastodon"`, `data-limit="500"`, `id="editor-save"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the editor lacks %q", want)
		}
	}
	form := s.formOf(a.body)
	same := v.post(at, with(form, "do", "save"))
	if same.status != http.StatusSeeOther || s.version(id) != 2 {
		t.Errorf("saved unchanged: %d to %q, version %d\n%s", same.status, same.to, s.version(id), same.body)
	}
	looked := v.post(at+"/look", with(form, "text-1-en", "We saw \u202eeht\u202c modern slaves. https://example.org #bluelheart {{org}}"))
	for _, want := range []string{"Blue Heart Trust", `facet-link`, `facet-tag`, "202E", `id="found-en-1"`} {
		if looked.status != http.StatusOK || !strings.Contains(looked.body, want) {
			t.Errorf("the look: %d lacks %q", looked.status, want)
		}
	}
	if strings.Contains(looked.body, "<html") {
		t.Error("the look is a whole page")
	}
	unsafe := v.post(at, with(form, "text-1-en", "We saw \u202eeht\u202c.", "do", "save"))
	if unsafe.status != http.StatusUnprocessableEntity || !strings.Contains(unsafe.body, `id="text-1-en-problem"`) {
		t.Errorf("with a character that nobody sees: %d", unsafe.status)
	}
	saved := v.post(at, with(form, "text-1-en", "Tomorrow is the day. {{link}}", "do", "save"))
	if saved.status != http.StatusSeeOther || saved.to != at {
		t.Fatalf("saved: %d to %q\n%s", saved.status, saved.to, saved.body)
	}
	p, err := book.FindPost(t.Context(), s.db, id)
	s.must(err)
	if p.Source.Parts[0].Texts["en"] != "Tomorrow is the day. {{link}}" || p.Version != 3 {
		t.Errorf("version %d says %q", p.Version, p.Source.Parts[0].Texts["en"])
	}
	clash := v.post(at, with(form, "text-1-en", "Two days to go.", "do", "save"))
	if clash.status != http.StatusConflict || !strings.Contains(clash.body, `id="clash"`) || !strings.Contains(clash.body, "Two days to go.") || !strings.Contains(clash.body, `name="base" value="3"`) {
		t.Errorf("from an old version: %d\n%s", clash.status, clash.body)
	}
	list := v.get(fmt.Sprintf("/posts/%d/versions", id))
	if list.status != http.StatusOK || !strings.Contains(list.body, `id="version-2"`) || !strings.Contains(list.body, "<ins>") {
		t.Errorf("the versions: %d\n%s", list.status, list.body)
	}
	back := v.post(fmt.Sprintf("/posts/%d/versions", id), url.Values{"version": {"1"}, "read": {"3"}})
	if back.status != http.StatusSeeOther || s.version(id) != 4 {
		t.Errorf("taken back: %d, version %d\n%s", back.status, s.version(id), back.body)
	}
	sent := v.post(at, with(s.formOf(v.get(at).body), "do", "send:en"))
	var languages string
	s.must(s.db.GetContext(t.Context(), &languages, `SELECT coalesce(string_agg(language, ' '), '') FROM submissions WHERE post_id = $1`, id))
	if sent.status != http.StatusSeeOther || languages != "en" {
		t.Errorf("one language sent: %d to %s, %q is before reviewers\n%s", sent.status, sent.to, languages, sent.body)
	}
	if a := v.get(at); !strings.Contains(a.body, "they are asked again") {
		t.Error("the editor does not say that reviewers have been asked")
	}
}

func TestATranslatorEditsWordsAndIsAskedForNoPlaces(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	id := s.first(s.plan()).ID
	at := fmt.Sprintf("/posts/%d/edit", id)
	v := s.as("translator")
	a := v.get(at)
	if strings.Contains(a.body, `name="place"`) || !strings.Contains(a.body, "decided by who begins posts") {
		t.Errorf("the editor asks a translator for places: %d", a.status)
	}
	before := s.version(id)
	saved := v.post(at, with(s.formOf(a.body), "text-1-es", "Mañana es el día.", "where", "yes", "do", "save"))
	var gone int
	s.must(s.db.GetContext(t.Context(), &gone, `SELECT count(*) FROM deliveries WHERE post_id = $1 AND state = 'cancelled'`, id))
	if saved.status != http.StatusSeeOther || s.version(id) != before+1 || gone != 0 {
		t.Errorf("saved: %d, version %d, %d places left out\n%s", saved.status, s.version(id), gone, saved.body)
	}
}

func (s *site) version(id int64) int {
	s.t.Helper()
	p, err := book.FindPost(s.t.Context(), s.db, id)
	s.must(err)
	return p.Version
}

func TestWhatSomebodyTypesIsKeptAndSeenByOthersAndNeverLost(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	id := s.first(s.plan()).ID
	at := fmt.Sprintf("/posts/%d/edit", id)
	wren, boss := s.as("editor"), s.as("admin")
	form := s.formOf(wren.get(at).body)
	kept := wren.post(at+"/keep", with(form, "text-1-en", "Half a sentence"))
	if kept.status != http.StatusOK || !strings.Contains(kept.body, "Kept ") || !strings.Contains(kept.body, `data-no="1"`) {
		t.Fatalf("kept: %d\n%s", kept.status, kept.body)
	}
	if a := wren.post(at+"/keep", with(form, "text-1-en", "Another window")); a.status != http.StatusConflict || !strings.Contains(a.body, "another window") {
		t.Errorf("from another window: %d\n%s", a.status, a.body)
	}
	again := wren.get(at)
	if !strings.Contains(again.body, "Half a sentence") || !strings.Contains(again.body, "Not saved yet") {
		t.Error("what was typed is gone")
	}
	theirs := boss.get(at)
	if strings.Contains(theirs.body, "Half a sentence") || !strings.Contains(theirs.body, "has this post open with unsaved changes") {
		t.Error("another editor sees what was typed, or nothing of it")
	}
	million := with(s.formOf(again.body), "text-1-en", strings.Repeat("a ", 500_000))
	if a := wren.post(at, with(million, "do", "save")); a.status != http.StatusUnprocessableEntity || strings.Count(a.body, "a a a a a") < 1000 || !strings.Contains(a.body, "more than 10,000") && !strings.Contains(a.body, "more than 10000") {
		t.Errorf("a million characters: %d, %d bytes", a.status, len(a.body))
	}
	if a := wren.post(at+"/look", million); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a look at a million characters: %d", a.status)
	}
	saved := wren.post(at, with(s.formOf(again.body), "do", "save"))
	if saved.status != http.StatusSeeOther {
		t.Fatalf("saved: %d\n%s", saved.status, saved.body)
	}
	var n int
	s.must(s.db.GetContext(t.Context(), &n, `SELECT count(*) FROM working_copies`))
	if n != 0 {
		t.Errorf("%d working copies are left", n)
	}
}

func TestAnswersAndWaiversStayInTheEditor(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	post := s.first(s.plan())
	at := fmt.Sprintf("/posts/%d/edit", post.ID)
	ed := s.as("editor")
	plain := ed.get(at).body
	if strings.Contains(plain, "/answers") || !strings.Contains(plain, `href="`+at+`?unfold=asked-en#asked-en"`) {
		t.Error("the editor has forms for answers that nobody asked for, or does not lead to them")
	}
	_, asks, _ := strings.Cut(ed.get(at+"?unfold=asked-en").body, fmt.Sprintf(`action="/posts/%d/answers?edit=en"`, post.ID))
	form := hidden(asks[:strings.Index(asks, "</form>")])
	form.Set("answer", "no")
	a := ed.post(fmt.Sprintf("/posts/%d/answers?edit=en", post.ID), form)
	if want := at + "?unfold=asked-en#asked-en"; a.to != want {
		t.Fatalf("answered: %d to %q, want %q\n%.600s", a.status, a.to, want, a.body)
	}
	says(t, ed.get(at+"?unfold=asked-en"), `<details id="asked-en" open>`, "answered No.")
	if a := ed.post(fmt.Sprintf("/posts/%d/answers?edit=//evil.example", post.ID), form); strings.Contains(a.to, "evil") {
		t.Errorf("it leads to %q", a.to)
	}
}
