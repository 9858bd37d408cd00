package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"daymark/internal/flow/book"
)

func TestACardIsMadeSeenAndPutOnAPost(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	id := s.first(s.plan()).ID
	v := s.as("editor")
	at := fmt.Sprintf("/posts/%d/cards", id)
	if editor := v.get(fmt.Sprintf("/posts/%d/edit", id)); !strings.Contains(editor.body, `href="`+at+`"`) {
		t.Error("the editor has no door to the cards")
	}
	a := v.get(at)
	for _, want := range []string{`id="ready"`, `?card=three-parts`, `id="templates"`, `name="template" value="date"`, `id="draw"`} {
		if a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("the form, %d, lacks %q", a.status, want)
		}
	}
	if quote := v.get(at + "?template=quote"); quote.status != http.StatusOK || !strings.Contains(quote.body, `id="quote"`) || strings.Contains(quote.body, `id="draw"`) {
		t.Errorf("a quote: %d", quote.status)
	}
	if other := v.get(at + "?template=nothing"); other.status != http.StatusOK || strings.Contains(other.body, `id="draw"`) {
		t.Errorf("a template that is not there: %d", other.status)
	}
	version := regexp.MustCompile(`name="read" value="(\d+)"`).FindStringSubmatch(a.body)
	if version == nil {
		t.Fatalf("no version in the form:\n%s", a.body)
	}
	form := url.Values{
		"read": {version[1]}, "template": {"steps"}, "format": {"4:5"}, "named": {"yes"}, "do": {"draw"},
		"title-en": {"One step"}, "items-en": {"Learn the signs.\r\nTell a friend."}, "title-fr": {"Un geste"}, "items-fr": {"Apprenez les signes.\r\nParlez-en."},
		"title-es": {"Un paso"}, "items-es": {"Aprende las señales.\r\nCuéntalo."}, "title-ar": {"خطوة واحدة"}, "items-ar": {"تعلّموا العلامات.\r\nأخبروا صديقًا."},
	}
	blobs := s.number(`SELECT count(*) FROM blobs`)
	drawn := v.post(at, form)
	if n := strings.Count(drawn.body, `<img src="data:image/`); drawn.status != http.StatusOK || n != 4 || !strings.Contains(drawn.body, `id="use"`) {
		t.Fatalf("the cards: %d, %d pictures\n%s", drawn.status, n, drawn.body)
	}
	if !strings.Contains(drawn.body, "تعلّموا العلامات") || !strings.Contains(drawn.body, "Blue Heart Trust") {
		t.Error("the alternative text lacks the words of the card")
	}
	if s.number(`SELECT count(*) FROM blobs`) != blobs {
		t.Error("a look at the cards stored them")
	}
	for name, bad := range map[string][2]string{
		"too long":               {"items-en", strings.Repeat("words ", 2_000)},
		"turned writing":         {"title-en", "One \u202estep"},
		"no title in a language": {"title-fr", ""},
		"another template":       {"template", "quote"},
	} {
		if got := v.post(at, with(with(form, "do", "use"), bad[0], bad[1])); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `class="problems"`) {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if s.number(`SELECT count(*) FROM blobs`) != blobs {
		t.Error("something was stored of cards that were refused")
	}
	used := v.post(at, with(form, "do", "use"))
	if used.status != http.StatusSeeOther || used.to != fmt.Sprintf("/posts/%d/edit", id) {
		t.Fatalf("used: %d to %q\n%s", used.status, used.to, used.body)
	}
	p, err := book.FindPost(t.Context(), s.db, id)
	s.must(err)
	said := map[string]string{}
	for _, picture := range p.Source.Parts[0].Pictures {
		if picture.Only != "" {
			said[picture.Only] = picture.Alt[picture.Only]
		}
	}
	if len(said) != 4 || !strings.Contains(said["en"], "Learn the signs; Tell a friend") || !strings.Contains(said["ar"], "أخبروا صديقًا") {
		t.Errorf("the post shows %v", said)
	}
	if again := v.post(at, with(form, "do", "use")); again.status != http.StatusUnprocessableEntity || !strings.Contains(again.body, "Somebody changed this post") {
		t.Errorf("over a newer version: %d", again.status)
	}
	editor := v.get(used.to)
	if strings.Count(editor.body, "Learn the signs; Tell a friend") == 0 {
		t.Error("the editor does not show the alternative text")
	}
}
