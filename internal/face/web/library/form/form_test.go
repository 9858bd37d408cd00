package form_test

import (
	"net/url"
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"

	"github.com/google/go-cmp/cmp"
)

func sample() form.Form {
	return form.Form{ID: "edit", Groups: []form.Group{
		{Controls: []form.Control{form.Line("name", "Name", "Hope"), form.Area("text-fr", "In French", "Bonjour\nà tous", 2).In("fr").As("text in fr")}},
		{Controls: []form.Control{form.Choice("for", "For whom", "all", []page.Option{{Value: "all", Word: "Everyone"}, {Value: "few", Word: "Some"}})}},
	}}
}

func TestAFormKeepsWhatWasTypedAndSaysWhatIsWrongUnderEachField(t *testing.T) {
	t.Parallel()
	f := sample()
	f.Mend(url.Values{"name": {"<b>"}, "text-fr": {""}, "for": {"few"}}, []fault.Problem{
		{Field: "text in fr", Message: "is missing"}, {Field: "text in fr", Message: "is odd"}, {Field: "hosts", Message: "are too many"},
	})
	name, french, whom := f.Groups[0].Controls[0], f.Groups[0].Controls[1], f.Groups[1].Controls[0]
	if name.Value != "<b>" || name.Problem != "" || french.Problem != "is missing; is odd" || french.Run != "ltr" || !whom.Options[1].Chosen || whom.Options[0].Chosen {
		t.Errorf("%+v", f.Groups)
	}
	var summary []string
	for _, p := range f.Problems {
		summary = append(summary, p.ID+"|"+p.Label+"|"+p.Problem)
	}
	if diff := cmp.Diff([]string{"text-fr|In French|is missing; is odd", "|Hosts|are too many"}, summary); diff != "" {
		t.Error(diff)
	}
}

func TestAFormShowsWhatIsKeptByNowBesideWhatWasTyped(t *testing.T) {
	t.Parallel()
	f := sample()
	f.Meanwhile(url.Values{"name": {"Mine"}, "text-fr": {"Bonjour\r\nà tous\r\n"}, "for": {"few"}}, "Somebody was faster.")
	name, french, whom := f.Groups[0].Controls[0], f.Groups[0].Controls[1], f.Groups[1].Controls[0]
	if name.Value != "Mine" || name.Now != "Hope" || french.Now != "" || whom.Now != "Everyone" || !whom.Options[1].Chosen || f.Clash == "" {
		t.Errorf("%+v", f.Groups)
	}
}

func TestTextsKeepTheLanguagesThatAFormDidNotAskFor(t *testing.T) {
	t.Parallel()
	got := form.Texts(url.Values{"text-en": {"New"}, "text-fr": {""}, "value": {"1"}}, "text-", map[string]string{"en": "Old", "pt": "Antigo"})
	if diff := cmp.Diff(map[string]string{"en": "New", "fr": "", "pt": "Antigo"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"en", "fr", "es", "ar", "de", "pt"}, form.Tongues([]string{"pt", "en"}, []string{"de", ""})); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersReasonsAndPrintsAreReadAsTyped(t *testing.T) {
	t.Parallel()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]int{" 30 ": 30, "": 0, "x": 0, "1e3": 0, "-2": -2} {
		if got := form.Number(typed); got != want {
			t.Errorf("%q is %d, want %d", typed, got, want)
		}
	}
	for _, tt := range []struct{ typed, reason, wrong string }{
		{" It rang\r\n out. ", "It rang out.", ""},
		{" \n", "", "missing"},
		{strings.Repeat("é", 6) + "x", "", "at most 6"},
		{"a\u202eb", "", "plain text"},
	} {
		reason, wrong := form.Reason(words, tt.typed, 6+6*boolInt(tt.wrong == ""))
		if reason != tt.reason || !strings.Contains(wrong, tt.wrong) || (wrong == "") != (tt.wrong == "") {
			t.Errorf("%q: %q, %q", tt.typed, reason, wrong)
		}
	}
	if form.Print(1) == form.Print(2) || form.Print([]string{"a"}) != form.Print([1]string{"a"}) || form.Print(func() {}) != "" {
		t.Error("prints do not tell things apart")
	}
	if form.Year(0) != "" || form.Year(2027) != "2027" {
		t.Error("years are written wrong")
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
