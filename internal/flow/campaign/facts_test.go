package campaign_test

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	core "daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/source"
	keep "daymark/internal/org/fact"

	"github.com/google/go-cmp/cmp"
)

// goodFacts is a file of facts without a mistake; tests replace lines in it.
const goodFacts = `daymark: 1
sources:
  - {id: S-1, name: "A report", url: "https://example.org/report", year: 2024, level: official}
facts:
  - id: OLD
    text: {en: "A quarter.", fr: "Un quart."}
    value: "25%"
    kind: detected
    scope: "world, 2020"
    cite: "A report"
    source: S-1
    year: 2022
    data_year: 2020
    confidence: A
    status: superseded
    superseded_by: NEW-1
    review_by: "2026-11-22"
    note: "Look at the new one."
  - {id: NEW-1, text: {en: "A third."}, kind: estimate, scope: world, cite: "A report", source: S-1, year: 2024, confidence: B, status: current, review_by: "2027-11-22"}
`

func TestFactsAreRead(t *testing.T) {
	t.Parallel()
	got, problems := campaign.ReadFacts("f.yaml", []byte(goodFacts))
	if len(problems) > 0 || len(got) != 2 {
		t.Fatalf("%d facts: %s", len(got), source.Text(problems))
	}
	want := core.Fact{
		ID: "OLD", Texts: map[string]string{"en": "A quarter.", "fr": "Un quart."}, Value: "25%", Kind: core.Detected, Scope: "world, 2020",
		Cite: "A report", Year: 2022, DataYear: 2020, Confidence: "A", Status: core.Superseded, SupersededBy: "NEW-1",
		ReviewBy: civil.Date{Year: 2026, Month: time.November, Day: 22}, Note: "Look at the new one.",
	}
	want.Source.ID, want.Source.Name, want.Source.URL, want.Source.Year, want.Source.Level = "S-1", "A report", "https://example.org/report", 2024, "official"
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
}

func TestMistakesInFactsAreNamedWithTheirPlaces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ old, new, want string }{
		{"daymark: 1", "daymark: 2", `f.yaml:1:10: daymark: the file is of version "2"`},
		{"id: NEW-1", "id: OLD", `f.yaml:19:5: facts[1]: another fact has the id "OLD" already`},
		{"id: OLD", "id: an old one", `f.yaml:5:9: facts[0].id: "an old one" is no id of a fact`},
		{"kind: detected", "kind: detectd", `f.yaml:8:11: facts[0].kind: "detectd" is none of detected, estimate, admin, reports, definition, service; did you mean "detected"?`},
		{"status: superseded", "status: superceded", `f.yaml:15:13: facts[0].status: "superceded" is none of current, superseded, do-not-use; did you mean "superseded"?`},
		{"superseded_by: NEW-1", "superseded_by: NEW-2", `f.yaml:16:20: facts[0].superseded_by: no fact in this file has the id "NEW-2"; did you mean "NEW-1"?`},
		{"superseded_by: NEW-1", "superseded_by: OLD", `f.yaml:16:20: facts[0].superseded_by: the fact OLD is superseded itself: name the one that is current`},
		{"status: superseded", "status: current", `f.yaml:16:20: facts[0].superseded_by: a current fact is not superseded`},
		{"    source: S-1\n", "", `f.yaml:5:5: facts[0]: the field "source" is missing`},
		{"    source: S-1\n", "    source: S-2\n", `f.yaml:11:13: facts[0].source: no source in this file has the id "S-2"; did you mean "S-1"?`},
		{`review_by: "2026-11-22"`, `review_by: "2026-11-31"`, `f.yaml:17:16: facts[0].review_by: "2026-11-31" is not a date`},
		{`review_by: "2026-11-22"`, `review_by: ""`, `f.yaml:17:16: facts[0].review_by: is empty: write the day`},
		{"data_year: 2020", "data_year: then", `f.yaml:13:16: facts[0].data_year: expected a whole number`},
		{"confidence: A", "confidence: high", `f.yaml:14:17: facts[0].confidence: "high" is none of A, B, C`},
		{`en: "A quarter.", `, "", `f.yaml:6:11: facts[0].text: a sentence in "en" is missing`},
		{`fr: "Un quart."`, `fr: ""`, `f.yaml:6:30: facts[0].text.fr: a sentence is missing after the colon`},
		{`fr: "Un quart."`, `f: "Un quart."`, `f.yaml:6:30: facts[0].text.f: "f" is no language`},
		{"    scope: ", "    scop: ", `f.yaml:9:5: facts[0].scop: there is no field "scop" here; did you mean "scope"?`},
		{`cite: "A report"`, `cite: " "`, `f.yaml:10:11: facts[0].cite: is empty: write how a text names the source`},
		{`cite: "A report"`, "cite: \"A report\"\n    cites: {fr: \"Un rapport\", es: \"Un informe\"}", `f.yaml:11:31: facts[0].cites.es: the fact has no sentence in "es": add it to text, or take this out`},
		{`cite: "A report"`, "cite: \"A report\"\n    cites: {en: \"A report\"}", `f.yaml:11:13: facts[0].cites.en: the English form is the field cite`},
		{`cite: "A report"`, "cite: \"A report\"\n    cites: {fr: \"\"}", `f.yaml:11:13: facts[0].cites.fr: the name of the source is missing`},
		{`cite: "A report"`, "cite: \"A report\"\n    cites: {f: \"a\"}", `facts[0].cites.f: "f" is no language`},
		{`fr: "Un quart."`, `fr: "Un {{fact:F02}}."`, `f.yaml:6:34: facts[0].text.fr: has double braces: a fact states no other`},
		{`fr: "Un quart."`, `fr: "Un\nquart."`, `f.yaml:6:34: facts[0].text.fr: has more than one line`},
		{`fr: "Un quart."`, `fr: "` + strings.Repeat("a", 401) + `"`, `f.yaml:6:34: facts[0].text.fr: has 401 characters; at most 400 are read`},
		{`, url: "https://example.org/report"`, "", `f.yaml:11:13: facts[0].source: the source "S-1" has no url: a fact needs a page that people can open`},
		{"{id: S-1,", `{id: "",`, `f.yaml:3:10: sources[0].id: is empty: write a short name`},
		{"https://example.org", "example.org", `f.yaml:3:38: sources[0].url: "example.org/report" is no web address`},
	} {
		src := strings.Replace(goodFacts, tt.old, tt.new, 1)
		_, problems := campaign.ReadFacts("f.yaml", []byte(src))
		if got := source.Text(problems); src == goodFacts || !strings.Contains(got, tt.want) {
			t.Errorf("%q instead of %q\nwant %s\ngot  %s", tt.new, tt.old, tt.want, got)
		}
	}
}

func TestTheShippedFactsAreComplete(t *testing.T) {
	t.Parallel()
	known, err := campaign.ShippedFacts()
	if err != nil {
		t.Fatal(err)
	}
	if len(known) != 28 {
		t.Errorf("%d facts", len(known))
	}
	for id, f := range known {
		if u, err := url.Parse(f.Source.URL); err != nil || u.Host == "" || f.Source.Name == "" || f.Source.Level == "" {
			t.Errorf("%s has the source %+v", id, f.Source)
		}
		if !strings.HasSuffix(f.Texts["en"], ".") {
			t.Errorf("%s says %q", id, f.Texts["en"])
		}
		if (f.Kind == core.Detected || f.Kind == core.Estimate) && f.DataYear == 0 {
			t.Errorf("%s does not say of which year its data are", id)
		}
	}
	if f := known["F12"]; f.Status != core.Superseded || f.SupersededBy != "F01" {
		t.Errorf("F12 is %+v", f)
	}
	if f := known["F08"]; f.Status != core.DoNotUse || f.Confidence != "C" {
		t.Errorf("F08 is %+v", f)
	}
}

func TestNoShippedCampaignStatesAFactThatIsNotCurrent(t *testing.T) {
	t.Parallel()
	ids, err := campaign.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	stated := 0
	for _, id := range ids {
		l, err := campaign.LoadShipped(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range l.Campaign.Posts {
			for _, f := range m.Facts {
				stated++
				if l.Facts[f].Status != core.Current {
					t.Errorf("%s of %s states %s, which is %q", m.ID, id, f, l.Facts[f].Status)
				}
			}
		}
	}
	if stated < 15 {
		t.Errorf("only %d facts are stated", stated)
	}
}

func TestACampaignMayOnlyStateFactsThatAreKnown(t *testing.T) {
	t.Parallel()
	heart := picture(t)
	for name, tt := range map[string]struct {
		facts string            // of the first post
		files map[string]string // beside the campaign
		want  []string          // of the error; none when it loads
		value string            // of the fact NEW-1 or F02, when it loads
	}{
		"a fact that Daymark ships":    {"F02", nil, nil, "38%"},
		"a misspelt one":               {"FF02", nil, []string{`1 problem in my/campaign.yaml`, `my/campaign.yaml:21:13: posts[0].facts[0]: no fact has the id "FF02"; did you mean "F02"?`}, ""},
		"one that nobody has heard of": {"rumours, F02", nil, []string{`posts[0].facts[0]: no fact has the id "rumours": add it to facts.yaml in the folder, or choose one of the 28 known`}, ""},
		"one's own, in the folder":     {"OLD, F02", map[string]string{"my/facts.yaml": goodFacts}, nil, "25%"},
		"one's own, above":             {"OLD, F02", map[string]string{"facts.yaml": goodFacts}, nil, "25%"},
		"one's own in place of ours":   {"F02", map[string]string{"my/facts.yaml": strings.Replace(goodFacts, "id: OLD", "id: F02", 1)}, nil, "25%"},
		"mistakes in both files": {"rumours", map[string]string{"my/facts.yaml": strings.Replace(goodFacts, "kind: detected", "kind: x", 1)}, []string{
			"2 problems", "my/campaign.yaml:21:13", "my/facts.yaml:8:11",
		}, ""},
	} {
		files := fstest.MapFS{"my/campaign.yaml": {Data: []byte(strings.Replace(good, "facts: [F02]", "facts: ["+tt.facts+"]", 1))}, "my/heart.png": {Data: heart}}
		for file, src := range tt.files {
			files[file] = &fstest.MapFile{Data: []byte(src)}
		}
		l, err := campaign.Load(files, "my")
		if len(tt.want) > 0 {
			if err == nil || fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, want := range tt.want {
				if !strings.Contains(fault.Say(err), want) {
					t.Errorf("%s: want %q in\n%v", name, want, err)
				}
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if first := l.Campaign.Posts[0].Facts[0]; l.Facts[first].Value != tt.value {
			t.Errorf("%s: %s is %q, want %q", name, first, l.Facts[first].Value, tt.value)
		}
	}
}

func TestTextsStateFactsByTokens(t *testing.T) {
	t.Parallel()
	heart := picture(t)
	own := strings.Replace(goodFacts, `    cite: "A report"`, "    cite: \"A report\"\n    cites: {fr: \"Un rapport\"}", 1)
	for name, tt := range map[string]struct{ old, new, want string }{
		"a fact in every language":  {"", "", ""},
		"a misspelt one":            {"{{fact:OLD}}", "{{fact:OLDE}}", `my/campaign.yaml:19:11: posts[0].text.en: no fact has the id "OLDE"; did you mean "OLD"?`},
		"one without a sentence":    {"{{fact:OLD}}", "{{fact:NEW-1}}", `my/campaign.yaml:20:11: posts[0].text.fr: the fact NEW-1 has no sentence in "fr": add one to facts.yaml`},
		"one without an id":         {"{{fact:OLD}}", "{{fact:}}", `posts[0].text.en: {{fact:}} names no fact: write its id behind the colon, such as {{fact:F02}}`},
		"a token that is misspelt":  {"{{fact:OLD}}", "{{facts:OLD}}", `posts[0].text.en: nothing is called {{facts:OLD}}; known are org, link`},
		"support is a token":        {"{{fact:OLD}}", "{{support}} {{resources_at_risk}} {{resources_professionals}}", ""},
		"support that is misspelt":  {"{{fact:OLD}}", "{{suport}}", `did you mean "support"?`},
		"a fact in another network": {"network: bluesky, text: \"", "network: bluesky, text: \"{{fact:NOBODY}} ", `no fact has the id "NOBODY"`},
	} {
		src := strings.Replace(good, `en: "Hello {{link}}"`, `en: "Hello {{fact:OLD}}"`, 1)
		src = strings.Replace(src, `fr: "Bonjour {{link}}"`, `fr: "Bonjour {{fact:OLD}}"`, 1)
		changed := strings.ReplaceAll(src, tt.old, tt.new)
		if tt.old == "" {
			changed = src
		} else if changed == src {
			t.Fatalf("%s: nothing was changed", name)
		}
		files := fstest.MapFS{"my/campaign.yaml": {Data: []byte(changed)}, "my/heart.png": {Data: heart}, "my/facts.yaml": {Data: []byte(own)}}
		l, err := campaign.Load(files, "my")
		if tt.want != "" {
			if err == nil || !strings.Contains(fault.Say(err), tt.want) {
				t.Errorf("%s: want %q in\n%v", name, tt.want, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if tt.old != "" {
			continue
		}
		if diff := cmp.Diff([]string{"F02", "OLD"}, l.Campaign.Posts[0].Facts); diff != "" {
			t.Errorf("%s: the facts of the first post: %s", name, diff)
		}
		if said, _ := l.Facts["OLD"].Say("fr"); said != "Un quart (Un rapport)." {
			t.Errorf("%s: the fact says %q", name, said)
		}
		if len(l.OwnFacts) != 2 {
			t.Errorf("%s: %d facts of one's own", name, len(l.OwnFacts))
		}
		first, err := campaign.Canonical(l.Campaign)
		if err != nil {
			t.Fatal(err)
		}
		written, err := campaign.Export(l.Campaign)
		if err != nil {
			t.Fatal(err)
		}
		files["my/campaign.yaml"] = &fstest.MapFile{Data: written}
		back, err := campaign.Load(files, "my")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := campaign.Canonical(back.Campaign); err != nil || string(again) != string(first) {
			t.Errorf("%s: writing and reading it changed it, %v", name, err)
		}
	}
}

func TestUsableShippedFactsSpeakEveryShippedLanguage(t *testing.T) {
	t.Parallel()
	all, err := campaign.ShippedFacts()
	if err != nil || len(all) != 28 {
		t.Fatalf("%d facts, %v", len(all), err)
	}
	scoped := map[string]string{"en": "detect", "fr": "détect", "es": "detect", "ar": "كتش"}
	for id, f := range all {
		if err := keep.Validate(f, all); err != nil {
			t.Errorf("%s could not be kept: %v", id, err)
		}
		for language, detected := range scoped {
			said, ok := f.Say(language)
			if !ok || !strings.Contains(said, "(") {
				t.Errorf("%s in %s is %q", id, language, said)
			}
			// Whoever wrote "detected" in English says so in the other languages, too.
			if strings.Contains(strings.ToLower(f.Texts["en"]), "detect") && !strings.Contains(strings.ToLower(said), detected) {
				t.Errorf("%s in %s lost that only detected cases are counted: %s", id, language, said)
			}
		}
	}
	if l, err := campaign.LoadShipped("july-30"); err != nil || len(l.OwnFacts) != 0 {
		t.Errorf("Daymark's facts count as %d of the charity's own, %v", len(l.OwnFacts), err)
	}
}

func TestTheSchemaOfFactsFindsMistakesInEditors(t *testing.T) {
	t.Parallel()
	if err := validate(t, "facts.schema.json", []byte(goodFacts)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ old, new string }{
		{"id: OLD", "id: an old one"},
		{"kind: detected", "kind: detectd"},
		{"status: superseded", "status: old"},
		{"    source: S-1\n", ""},
		{"    scope: ", "    scop: "},
		{`review_by: "2026-11-22"`, `review_by: "soon"`},
		{"year: 2022", "year: then"},
		{"confidence: A", "confidence: high"},
	} {
		src := strings.Replace(goodFacts, tt.old, tt.new, 1)
		if src == goodFacts || validate(t, "facts.schema.json", []byte(src)) == nil {
			t.Errorf("%q instead of %q was not found", tt.new, tt.old)
		}
	}
}

func TestTheFactsOnThePageForPeopleAreRead(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/campaign-files.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "## Facts\n")
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if all, problems := campaign.ReadFacts("example", []byte(example)); !found || len(problems) > 0 || len(all) != 1 {
		t.Errorf("the example has mistakes: %s", source.Text(problems))
	}
}

func FuzzParseFacts(f *testing.F) {
	for _, s := range []string{goodFacts, "", "~", "daymark: 1", "daymark: 1\nfacts: [[]]\nsources: {}", "daymark: 1\nfacts: [{id: a, superseded_by: a}]", "a: &a [*a]", "daymark: 1\nfacts: [~, ~]\nsources: [~]", "\ufeffdaymark: 1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		all, problems := campaign.ReadFacts("f", src)
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" || p.File != "f" {
				t.Fatalf("a problem without a place: %+v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		for _, one := range all {
			if one.ID == "" || one.Texts["en"] == "" || one.Source.ID == "" || one.Status == "" || !one.ReviewBy.Exists() {
				t.Fatalf("an incomplete fact without a problem: %+v", one)
			}
			if ok, why := one.Usable(civil.Date{Year: 2027, Month: time.July, Day: 30}); ok != (why == "") {
				t.Fatalf("usable %t: %q", ok, why)
			}
		}
	})
}
