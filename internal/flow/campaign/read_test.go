package campaign_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	_ "time/tzdata" // the tests must not depend on the machine's zone files

	core "daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/source"

	"github.com/google/go-cmp/cmp"
)

// good is a campaign file without a mistake; tests replace lines in it.
const good = `daymark: 1
id: blue-day
observance: un-trafficking-day
title: {en: "Blue day", fr: "Jour bleu"}
languages: [en, fr]
hashtags: ["#Blue"]
media:
  - file: heart.png
    alt: {en: "A heart.", fr: "Un cœur."}
    focus: "0, 0.5"
posts:
  - id: one
    offset: D-1
    time: "09:00"
    window: 90m
    sensitive: true
    content_note: {en: "Note", fr: "Note"}
    text:
      en: "Hello {{link}}"
      fr: "Bonjour {{link}}"
    facts: [F02]
  - id: two
    offset: end+1
    time: "10:30"
    mode: fixed
    zone: Asia/Kolkata
    labels: [north]
    hashtags: ["#Two", "#blue"]
    variants:
      - {language: en, network: bluesky, text: "Hi"}
    text: {en: "Two", fr: "Deux"}
`

func TestAGoodFileIsReadWhole(t *testing.T) {
	t.Parallel()
	c, problems := campaign.ReadCampaign("good.yaml", []byte(good))
	if len(problems) > 0 {
		t.Fatal(source.Text(problems))
	}
	got := fmt.Sprintf("%s %v %s %s %s %s %s %v %v %v %v", c.ID, c.Languages, c.Posts[0].Offset, c.Posts[0].Time, c.Posts[0].Mode, c.Posts[0].Window,
		c.Posts[1].Zone, c.Posts[1].Offset, c.Posts[1].Hashtags, c.Posts[1].Media[0].Alt["fr"], c.Posts[0].Media[0].Focus.Y)
	want := "blue-day [en fr] D-1 09:00 local 1h30m0s Asia/Kolkata end+1 [#Blue #Two] Un cœur. 0.5"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if s, _ := c.Posts[1].Text("en", "bluesky"); s != "Hi" {
		t.Errorf("the text for Bluesky is %q", s)
	}
	if c.Posts[1].Mode != core.Together {
		t.Errorf("the mode is %q", c.Posts[1].Mode)
	}
}

func TestEveryMistakeIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, old, new string
		line           int
		want           string // part of the problem after file and line
	}{
		{"another version", "daymark: 1", "daymark: 2", 1, "this Daymark reads version 1"},
		{"no version", "daymark: 1\n", "", 1, `the field "daymark" is missing`},
		{"a misspelt field", "offset: D-1", "ofset: D-1", 13, `there is no field "ofset" here; did you mean "offset"?`},
		{"the field that is missing then", "offset: D-1", "ofset: D-1", 12, `posts[0]: the field "offset" is missing`},
		{"a misspelt field of the campaign", "observance:", "observanse:", 3, `did you mean "observance"?`},
		{"an id with capitals", "id: blue-day", "id: Blue Day", 2, "is no id"},
		{"a second id", "id: two", "id: one", 22, `another post has the id "one"`},
		{"a field twice", "time: \"09:00\"", "time: \"09:00\"\n    time: \"10:00\"", 15, "comes twice; the first is in line 14"},
		{"a day that is none", "offset: D-1", "offset: D1", 13, `posts[0].offset: "D1" is no day of a campaign`},
		{"an empty day", "offset: D-1", `offset: ""`, 13, `posts[0].offset: "" is no day of a campaign`},
		{"an empty time", `time: "09:00"`, `time: ""`, 14, `posts[0].time: "" is not a time of day`},
		{"an empty mode", "mode: fixed", `mode: ""`, 25, "posts[1].mode: is empty"},
		{"a post left out", "  - id: two", "  -\n  - id: two", 22, "posts[1]: is empty: expected fields"},
		{"an hour that is none", `time: "09:00"`, `time: "25:00"`, 14, "is not a time of day"},
		{"an unknown zone", "zone: Asia/Kolkata", "zone: Asia/Kolkatta", 26, "is no time zone"},
		{"a zone of the machine", "zone: Asia/Kolkata", "zone: Local", 26, "is no time zone"},
		{"a fixed time without a zone", "    zone: Asia/Kolkata\n", "", 25, "a fixed time needs a zone"},
		{"a local time with a zone", "mode: fixed", "mode: local", 26, "has no zone"},
		{"a misspelt mode", "mode: fixed", "mode: fixd", 25, `did you mean "fixed"?`},
		{"a window that is too short", "window: 90m", "window: 1s", 15, "is no window"},
		{"a hashtag with a hyphen", `hashtags: ["#Blue"]`, `hashtags: ["#Blue-Day"]`, 6, "ends a hashtag"},
		{"a hashtag that became a comment", `hashtags: ["#Blue"]`, "hashtags:\n  - #Blue", 7, "must be in quotation marks"},
		{"a hashtag of digits", `hashtags: ["#Blue"]`, `hashtags: ["#2027"]`, 6, "no letter"},
		{"a text in a language that is not spoken", `fr: "Bonjour {{link}}"`, `de: "Hallo"`, 20, `"de" is not among the campaign's languages`},
		{"a text that is missing in a language", `      fr: "Bonjour {{link}}"` + "\n", "", 19, `a text in "fr" is missing`},
		{"an empty text", `en: "Hello {{link}}"`, `en: "  "`, 19, "a text is empty"},
		{"a text left out after its colon", `en: "Hello {{link}}"`, `en:`, 19, "a text is missing after the colon"},
		{"an alt text missing in a language", `alt: {en: "A heart.", fr: "Un cœur."}`, `alt: {en: "A heart."}`, 9, `media[0].alt: an alt text in "fr" is missing`},
		{"no alt text", `    alt: {en: "A heart.", fr: "Un cœur."}` + "\n", "", 8, `the field "alt" is missing`},
		{"a misspelt token", "Hello {{link}}", "Hello {{lnik}}", 19, `nothing is called {{lnik}}; did you mean "link"?`},
		{"half a token", "Hello {{link}}", "Hello {{link}", 19, "double braces must hold a name"},
		{"a mark of direction", "Hello {{link}}", "Hello \u202e{{link}}", 19, "U+202E"},
		{"a mark of direction, escaped", "Hello {{link}}", `Hello \u200f`, 19, "U+200F"},
		{"a byte that is not UTF-8", "Hello", "H\xe9llo", 19, "is not UTF-8"},
		{"a path out of the folder", "file: heart.png", "file: ../heart.png", 8, "is no path in the campaign's folder"},
		{"a focus out of the picture", `focus: "0, 0.5"`, `focus: "0, 2"`, 10, "is no focus"},
		{"a language that is none", "languages: [en, fr]", "languages: [en, fr, qqqqq]", 5, "is no language"},
		{"a language twice", "languages: [en, fr]", "languages: [en, fr, en]", 5, "in the list already"},
		{"yes instead of true", "sensitive: true", "sensitive: yes", 16, "expected true or false"},
		{"a list instead of text", "id: two", "id: [two]", 22, "expected text; found a list"},
		{"text instead of a list", "languages: [en, fr]", "languages: en", 5, "expected a list of language tags"},
		{"text instead of fields", "text: {en: \"Two\", fr: \"Deux\"}", "text: Two", 31, "expected a text for each language"},
		{"a network nobody knows", "network: bluesky", "network: bleusky", 30, `did you mean "bluesky"?`},
		{"an alias", "id: two", "id: *one", 22, "unknown anchor"},
		{"an anchor", "id: two", "id: &x two", 22, "anchors"},
		{"a quotation mark left open", `"Jour bleu"`, `"Jour bleu`, 0, "this is not YAML"},
		{"no posts", good[strings.Index(good, "posts:"):], "posts: []\n", 11, "at least one post"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(good, tt.old) {
				t.Fatalf("the good file has no %q", tt.old)
			}
			_, problems := campaign.ReadCampaign("f.yaml", []byte(strings.Replace(good, tt.old, tt.new, 1)))
			for _, p := range problems {
				if (p.Line == tt.line || tt.line == 0) && strings.Contains(p.String(), tt.want) {
					return
				}
			}
			t.Errorf("want line %d: %s\ngot  %s", tt.line, tt.want, source.Text(problems))
		})
	}
}

func TestTwentyMistakesAreTwentyProblemsInOneRun(t *testing.T) {
	t.Parallel()
	src := good
	for _, r := range [][2]string{
		{"id: blue-day", "id: Blue"},
		{`title: {en: "Blue day", fr: "Jour bleu"}`, `title: {en: "Blue day"}`},
		{"languages: [en, fr]", "languages: [en, fr, en]"},
		{`hashtags: ["#Blue"]`, `hashtags: ["#1", "#a b"]`},
		{"file: heart.png", "file: /heart.png"},
		{`focus: "0, 0.5"`, `focus: middle`},
		{"offset: D-1", "offset: tomorrow"},
		{`time: "09:00"`, `time: "9"`},
		{"window: 90m", "window: long"},
		{"sensitive: true", "sensitive: maybe"},
		{`{en: "Note", fr: "Note"}`, `{en: "Note", fr: ""}`},
		{"Hello {{link}}", "Hello {{liink}}"},
		{"facts: [F02]", "facts: [F 02]\n    fact: x"},
		{"zone: Asia/Kolkata", "zone: Mars"},
		{"labels: [north]", "labels: north"},
		{`"#Two"`, `"#Two!"`},
		{"network: bluesky", "network: myspace"},
		{`text: {en: "Two", fr: "Deux"}`, `text: {en: "Two"}`},
	} {
		src = strings.Replace(src, r[0], r[1], 1)
	}
	_, problems := campaign.ReadCampaign("f.yaml", []byte(src))
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d %s", p.Line, p.Field))
	}
	want := []string{
		"2 id", "4 title", "5 languages[2]", "6 hashtags[0]", "6 hashtags[1]", "8 media[0].file", "10 media[0].focus", "13 posts[0].offset",
		"14 posts[0].time", "15 posts[0].window", "16 posts[0].sensitive", "17 posts[0].content_note.fr", "19 posts[0].text.en",
		"21 posts[0].facts[0]", "22 posts[0].fact", "27 posts[1].zone", "28 posts[1].labels", "29 posts[1].hashtags[0]",
		"31 posts[1].variants[0].network", "32 posts[1].text",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, source.Text(problems))
	}
}

func TestMistakesInObservancesAreNamedWithTheirLine(t *testing.T) {
	t.Parallel()
	const file = `daymark: 1
observances:
  - id: a-day
    names: {en: "A day"}
    date: {type: fixed, month: 7, day: 30}
    verify: V
    hashtags: ["#ADay"]
    sources: [S-A]
sources:
  - id: S-A
    name: "A page"
    url: "https://example.org/"
`
	if all, problems := campaign.ReadObservances("o.yaml", []byte(file)); len(problems) > 0 || len(all) != 1 || all[0].Sources[0].Name != "A page" || all[0].Unverified {
		t.Fatalf("%+v\n%s", all, source.Text(problems))
	}
	for _, tt := range []struct {
		name, old, new string
		line           int
		want           string
	}{
		{"30 February", "month: 7, day: 30", "month: 2, day: 30", 5, "there is no 30 February"},
		{"month 13", "month: 7", "month: 13", 5, "13 is outside 1 to 12"},
		{"a misspelt kind", "type: fixed", "type: fixxed", 5, `did you mean "fixed"?`},
		{"no kind", "type: fixed, ", "", 5, `the field "type" is missing`},
		{"a field of another kind", "day: 30", "day: 30, weekday: MO", 5, `there is no field "weekday" here`},
		{"a day left out", ", day: 30", "", 5, `the field "day" is missing`},
		{"a weekday in full", "{type: fixed, month: 7, day: 30}", "{type: weekday_on_or_after, month: 2, day: 5, weekday: Tuesday}", 5, "is none of SU, MO"},
		{"a week zero", "{type: fixed, month: 7, day: 30}", "{type: nth_weekday, month: 2, weekday: MO, n: 0}", 5, "n is 0"},
		{"a date that is none", "{type: fixed, month: 7, day: 30}", `{type: announced, dates: {2027: "2027-02-30"}}`, 5, "is not a date"},
		{"days turned round", "{type: fixed, month: 7, day: 30}", `{type: announced, dates: {2027: {start: "2027-02-03", end: "2027-02-01"}}}`, 5, "before the start"},
		{"a year that is none", "{type: fixed, month: 7, day: 30}", `{type: announced, dates: {soon: "2027-02-03"}}`, 5, "is no year"},
		{"an unknown source", "[S-A]", "[S-B]", 8, `no source in this file has the id "S-B"`},
		{"an address without a scheme", "https://example.org/", "example.org", 12, "is no web address"},
		{"no English name", `{en: "A day"}`, `{fr: "Un jour"}`, 4, `a name in "en" is missing`},
		{"a mark that is none", "verify: V", "verify: yes", 6, "is none of V, G"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, problems := campaign.ReadObservances("o.yaml", []byte(strings.Replace(file, tt.old, tt.new, 1)))
			for _, p := range problems {
				if p.Line == tt.line && strings.Contains(p.String(), tt.want) {
					return
				}
			}
			t.Errorf("want line %d: %s\ngot  %s", tt.line, tt.want, source.Text(problems))
		})
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFolderIsLoadedOrRefusedWhole(t *testing.T) {
	t.Parallel()
	heart := picture(t)
	file := func(b []byte) *fstest.MapFile { return &fstest.MapFile{Data: b} }
	own := "daymark: 1\nobservances:\n  - id: our-day\n    names: {en: \"Our day\"}\n    date: {type: month, month: 5}\n"
	tests := []struct {
		name  string
		files fstest.MapFS
		want  []string // parts of the error; none when it loads
		kind  fault.Kind
	}{
		{"all is there", fstest.MapFS{"my/campaign.yaml": file([]byte(good)), "my/heart.png": file(heart)}, nil, 0},
		{"an observance of one's own", fstest.MapFS{
			"my/campaign.yaml": file([]byte(strings.Replace(good, "un-trafficking-day", "our-day", 1))), "my/heart.png": file(heart), "observances.yaml": file([]byte(own)),
		}, nil, 0},
		{"no folder", fstest.MapFS{}, []string{"There is no file my/campaign.yaml"}, fault.NotFound},
		{"no picture", fstest.MapFS{"my/campaign.yaml": file([]byte(good))}, []string{"1 problem in my/campaign.yaml", `my/campaign.yaml:8:11: media[0].file: there is no file "heart.png"`}, fault.Invalid},
		{"a picture that is none", fstest.MapFS{"my/campaign.yaml": file([]byte(good)), "my/heart.png": file([]byte("GIF89a"))}, []string{"no PNG, JPEG or WebP"}, fault.Invalid},
		{"a picture cut off", fstest.MapFS{"my/campaign.yaml": file([]byte(good)), "my/heart.png": file(heart[:len(heart)-20])}, []string{"damaged"}, fault.Invalid},
		{"a folder for a picture", fstest.MapFS{"my/campaign.yaml": file([]byte(good)), "my/heart.png": {Mode: fs.ModeDir}}, []string{"is a folder"}, fault.Invalid},
		{
			"an unknown observance",
			fstest.MapFS{"my/campaign.yaml": file([]byte(strings.Replace(good, "un-trafficking-day", "un-traficking-day", 1))), "my/heart.png": file(heart)},
			[]string{`:3:13: observance: no observance has the id "un-traficking-day"; did you mean "un-trafficking-day"?`},
			fault.Invalid,
		},
		{"mistakes in both files", fstest.MapFS{
			"my/campaign.yaml": file([]byte(strings.Replace(good, "D-1", "D", 1))), "my/heart.png": file(heart), "observances.yaml": file([]byte(strings.Replace(own, "5", "15", 1))),
		}, []string{"2 problems", "my/campaign.yaml:13:13", "observances.yaml:5:32"}, fault.Invalid},
		{"a file that is none", fstest.MapFS{"my/campaign.yaml": {Mode: fs.ModeNamedPipe}}, []string{"is no ordinary file"}, fault.Invalid},
		{"a huge file", fstest.MapFS{"my/campaign.yaml": file(make([]byte, source.MaxBytes+1))}, []string{"at most"}, fault.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, err := campaign.Load(tt.files, "my")
			if len(tt.want) == 0 {
				if err != nil || l.Pictures["heart.png"].Width != 3 || l.Observance.ID == "" {
					t.Fatalf("%+v, %v", l, err)
				}
				return
			}
			if err == nil {
				t.Fatal("it was loaded")
			}
			for _, want := range tt.want {
				if !strings.Contains(fault.Say(err), want) {
					t.Errorf("want %q in\n%v", want, err)
				}
			}
			if fault.KindOf(err) != tt.kind || l.Campaign.ID != "" {
				t.Errorf("kind %v, campaign %q", fault.KindOf(err), l.Campaign.ID)
			}
		})
	}
}
