package written

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"daymark/internal/core/lint"
	corepost "daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/judge"
)

func at(severity lint.Severity, field, quote string, start int) judge.Found {
	return judge.Found{Finding: lint.Finding{Severity: severity, Field: field, Quote: quote, Start: start, End: start + len(quote)}}
}

func TestTheWordsAFindingIsAboutAreMarkedWhereTheyStand(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body  string
		found []judge.Found
		want  string // what is marked in brackets, with the first letter of the severity
	}{
		"nothing found":            {"one two", nil, "one two"},
		"nothing written":          {"", []judge.Found{at(lint.Error, "text", "x", 0)}, ""},
		"at its place":             {"two two two", []judge.Found{at(lint.Error, "text", "two", 4)}, "two [e:two] two"},
		"moved, as in a draft":     {"{{org}} rescues", []judge.Found{at(lint.Warning, "text", "rescues", 10)}, "{{org}} [w:rescues]"},
		"filled, and not in it":    {"{{fact:F02}}", []judge.Found{at(lint.Error, "text", "38%", 0)}, "{{fact:F02}}"},
		"about all of it":          {"one", []judge.Found{at(lint.Error, "text", "", 0)}, "one"},
		"two that overlap":         {"one two three", []judge.Found{at(lint.Note, "text", "one two", 0), at(lint.Error, "text", "two three", 4)}, "[n:one ][e:two three]"},
		"Arabic":                   {"قلب أزرق", []judge.Found{at(lint.Warning, "text", "أزرق", len("قلب "))}, "قلب [w:أزرق]"},
		"of another field":         {"one", []judge.Found{at(lint.Error, "alt", "one", 0)}, "one"},
		"hashtags after the text":  {"one\n\n#two", []judge.Found{at(lint.Warning, "hashtags", "#two", 0)}, "one\n\n[w:#two]"},
		"a place beyond the end":   {"one", []judge.Found{at(lint.Error, "text", "four", 40)}, "one"},
		"a place before the start": {"one", []judge.Found{at(lint.Error, "text", "one", -1)}, "[e:one]"},
	} {
		var b strings.Builder
		for _, p := range marked("en", tt.body, tt.found, in(0, "text", ""), in(0, "hashtags", "")).Pieces {
			if p.Mark != "" {
				b.WriteString("[" + p.Mark[:1] + ":" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		if b.String() != tt.want {
			t.Errorf("%s: %q, want %q", name, b.String(), tt.want)
		}
	}
}

func TestFindingsOfOneAccountAreMarkedThereOnly(t *testing.T) {
	t.Parallel()
	w := Writer{}
	only := at(lint.Error, "text", "two", 4)
	only.Places = []string{"b"}
	final := corepost.Final{Language: "en", Parts: []corepost.FinalPart{{Text: "one two"}}}
	for handle, want := range map[string]int{"a": 1, "b": 2} {
		if got := w.Release(final, []Place{{Handle: handle}}, []judge.Found{only}, "x").Parts[0].Text.Pieces; len(got) != want {
			t.Errorf("at %s: %v", handle, got)
		}
	}
}

func TestChangesLeadFromTheEarlierWordsToTheLater(t *testing.T) {
	t.Parallel()
	want := []Change{{"We ", ""}, {"rescue all victims", "gone"}, {"support people", "new"}, {" here.", ""}}
	if diff := cmp.Diff(want, Changes("We rescue all victims here.", "We support people here.")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab \nقé")), 0, 40, -1)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		var before, now strings.Builder
		for _, c := range Changes(a, b) {
			if c.What != "new" {
				before.WriteString(c.Text)
			}
			if c.What != "gone" {
				now.WriteString(c.Text)
			}
		}
		if before.String() != a || now.String() != b {
			t.Fatalf("%q and %q came back as %q and %q", a, b, before.String(), now.String())
		}
	})
}

func writer(t *testing.T) Writer {
	t.Helper()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	return Writer{view.Viewer{Zone: time.UTC, Words: words}}
}

func TestFindingsAreGroupedAndOnlySomeCanBeWaived(t *testing.T) {
	t.Parallel()
	fixed := at(lint.Error, "alt", "x", 0)
	fixed.Fixed, fixed.Places, fixed.Part = true, []string{"a", "b"}, 1
	stands := at(lint.Warning, "text", "y", 0)
	stands.Waiver = &judge.Waiver{Person: "Ed", Reason: "why not"}
	stands.Sources = []string{"https://www.example.org/x", "A book", "javascript:alert(1)"}
	list := []judge.Found{fixed, at(lint.Error, "text", "z", 0), stands, at(lint.Note, "text", "n", 0)}
	f := writer(t).Findings(list, "en", "finding", "/posts/1/waivers")
	may := map[string]bool{}
	for _, one := range f.All() {
		may[one.Quote.Body] = one.MayWaive
	}
	if diff := cmp.Diff(map[string]bool{"x": false, "y": false, "z": true, "n": false}, may); diff != "" {
		t.Errorf("who may be waived, -want +got\n%s", diff)
	}
	if f.Errors[0].Where != "Part 2 · In an alt text · only at @a, @b" || !f.Warnings[0].Waived || f.Warnings[0].By != "Ed" {
		t.Errorf("%+v", f)
	}
	if diff := cmp.Diff([]Source{{Name: "example.org", URL: "https://www.example.org/x"}, {Name: "A book"}, {Name: "javascript:alert(1)"}}, f.Warnings[0].Sources); diff != "" {
		t.Errorf("sources, -want +got\n%s", diff)
	}
	if f := writer(t).Findings(list, "en", "finding", ""); f.Errors[1].MayWaive {
		t.Error("a finding can be waived where nobody may")
	}
}

func TestOpenQuestionsComeFirstAndShowTheirPicture(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	releases := []Release{{Parts: []Part{{Pictures: []Picture{{URL: "/media/" + sum, Veils: true, Alt: marked("en", "A heart", nil)}}}}}}
	picture := judge.Asked{Question: lint.Question{Rule: "Q-1", About: lint.AboutPicture, Picture: sum, Right: "no", Severity: lint.Error}, Answer: &answer.Answer{Answer: "no"}}
	wrong := judge.Asked{Question: lint.Question{Rule: "Q-2", About: lint.AboutWords, Right: "no", Message: "Bad.", Advice: "Mend."}, Open: true, Answer: &answer.Answer{Answer: "yes"}}
	open, done := writer(t).Questions([]judge.Asked{picture, wrong}, "en", releases, "question", "/x", true)
	if len(open) != 1 || open[0].Rule != "Q-2" || !open[0].Wrong || open[0].Advice != "Bad. Mend." || open[0].Answer != "Yes" {
		t.Errorf("open: %+v", open)
	}
	want := Picture{ID: "asked-question-1", URL: "/media/" + sum, Veils: true, Late: true, Alt: Words{Text: page.NewText("en", "A heart"), Pieces: []Piece{{Text: "A heart"}}}}
	if len(done) != 1 || done[0].Wrong || done[0].Open {
		t.Fatalf("answered: %+v", done)
	}
	if diff := cmp.Diff([]Picture{want}, done[0].Pictures, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("picture, -want +got\n%s", diff)
	}
	if _, ok := Asks("Q-1", "zz"); ok {
		t.Error("a hash that is none was read")
	}
	if about, ok := Asks("Q-1", sum); !ok || about.Hash[0] != 0xab {
		t.Errorf("about %v", about)
	}
}
