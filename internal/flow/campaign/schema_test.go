package campaign_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"daymark/campaigns"
	core "daymark/internal/core/campaign"
	"daymark/internal/core/observance"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/form"

	"github.com/google/go-cmp/cmp"
	generate "github.com/invopop/jsonschema"
	check "github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

var update = flag.Bool("update", false, "write the JSON Schemas anew")

const schemaFolder = "../../../campaigns/"

// base is the address that a schema names itself by; nothing is fetched from it.
const base = "https://daymark.invalid/schemas/"

// generated makes a schema from the structs of form, with what their tags cannot say.
func generated(t *testing.T, name string, from any) []byte {
	t.Helper()
	r := &generate.Reflector{Anonymous: true}
	if err := r.AddGoComments("daymark/internal/flow/campaign", "./form"); err != nil {
		t.Fatal(err)
	}
	s := r.Reflect(from)
	s.ID = generate.ID(base + name)
	for defName, def := range s.Definitions {
		for pair := def.Properties.Oldest(); pair != nil; pair = pair.Next() {
			if pair.Key == "hashtags" {
				pair.Value.Items = &generate.Schema{Type: "string", Pattern: `^#?[\p{L}\p{M}\p{Nd}_]*\p{L}[\p{L}\p{M}\p{Nd}_]*$`}
			}
			if pair.Key == "networks" {
				pair.Value.Items = networks()
			}
			if pair.Key == "network" {
				*pair.Value = *networks()
			}
		}
		switch defName {
		case "Texts":
			def.AdditionalProperties = &generate.Schema{Type: "string", MinLength: ptr(uint64(1))}
			def.PropertyNames = &generate.Schema{Pattern: "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}
		case "Lists":
			def.PropertyNames = networks()
		case "Campaign":
			resources, _ := def.Properties.Get("resources")
			resources.PropertyNames = &generate.Schema{Enum: enum(core.Audiences)}
		case "Post":
			once := &generate.Schema{Required: []string{"offset", "time"}, Not: &generate.Schema{Required: []string{"series"}}}
			series := &generate.Schema{Required: []string{"series"}, Not: &generate.Schema{AnyOf: []*generate.Schema{{Required: []string{"offset"}}, {Required: []string{"time"}}}}}
			def.OneOf = []*generate.Schema{once, series}
		case "Theme":
			year, _ := def.Properties.Get("year")
			*year = generate.Schema{OneOf: []*generate.Schema{{Type: "integer", Minimum: "1900", Maximum: "2200"}, {Const: "all"}}}
		case "Rule":
			*def = *ruleSchema()
		case "ContentRule": // an example is a post, or its text alone
			for _, field := range []string{"bad", "good"} {
				list, _ := def.Properties.Get(field)
				list.Items = &generate.Schema{OneOf: []*generate.Schema{{Type: "string", MinLength: ptr(uint64(1))}, list.Items}}
			}
		}
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func networks() *generate.Schema { return &generate.Schema{Type: "string", Enum: enum(core.Networks)} }

func enum(words []string) []any {
	all := make([]any, len(words))
	for i, w := range words {
		all[i] = w
	}
	return all
}

func ptr[T any](v T) *T { return &v }

// ruleSchema says which fields each kind of rule has.
func ruleSchema() *generate.Schema {
	number := func(least, most int) *generate.Schema {
		return &generate.Schema{Type: "integer", Minimum: json.Number(fmt.Sprint(least)), Maximum: json.Number(fmt.Sprint(most))}
	}
	date := &generate.Schema{Type: "string", Pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
	object := func(required []string, fields map[string]*generate.Schema) *generate.Schema {
		s := &generate.Schema{Type: "object", Properties: generate.NewProperties(), Required: required, AdditionalProperties: generate.FalseSchema}
		for _, name := range slices.Sorted(keys(fields)) {
			s.Properties.Set(name, fields[name])
		}
		return s
	}
	days := &generate.Schema{OneOf: []*generate.Schema{date, object([]string{"end", "start"}, map[string]*generate.Schema{"start": date, "end": date})}}
	years := &generate.Schema{Type: "object", PropertyNames: &generate.Schema{Pattern: "^(19|20|21|22)[0-9]{2}$"}, AdditionalProperties: days}
	weekday := &generate.Schema{Type: "string", Enum: enum([]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"})}
	monthDay := object([]string{"day", "month"}, map[string]*generate.Schema{"month": number(1, 12), "day": number(1, 31)})
	fields := map[string]*generate.Schema{
		"month": number(1, 12), "day": number(1, 31), "start": monthDay, "end": monthDay, "weekday": weekday, "first_weekday": weekday,
		"n": {Type: "integer", Enum: []any{-1, 1, 2, 3, 4, 5}}, "missing": {Type: "string", Enum: enum([]string{observance.SkipYear, observance.NoFifth})},
		"offset_days": number(-observance.MaxOffset, observance.MaxOffset), "offset": number(-observance.MaxOffset, observance.MaxOffset),
		"church": {Type: "string", Enum: enum([]string{observance.Western, observance.Orthodox})}, "dates": years, "overrides": years,
		"since": number(observance.FirstYear, observance.LastYear), "until": number(observance.FirstYear, observance.LastYear),
	}
	rule := &generate.Schema{Type: "object", Description: "The rule of the days in any year; docs/campaign-files.md lists the kinds."}
	for _, kind := range []struct {
		name           observance.Kind
		need, optional string
	}{
		{observance.Fixed, "month day", ""},
		{observance.Days, "start end", ""},
		{observance.Month, "month", ""},
		{observance.LastDayOfMonth, "month", ""},
		{observance.NthWeekday, "month weekday n", "missing"},
		{observance.WeekdayOnOrAfter, "month day weekday", ""},
		{observance.WeekdayOnOrBefore, "month day weekday", ""},
		{observance.WeekContaining, "month day first_weekday", ""},
		{observance.NthWeekdayPlus, "month weekday n offset_days", "missing"},
		{observance.Easter, "offset", "church"},
		{observance.Announced, "dates", ""},
	} {
		own := map[string]*generate.Schema{"type": {Const: string(kind.name)}}
		for _, f := range strings.Fields(kind.need + " " + kind.optional + " overrides since until") {
			own[f] = fields[f]
		}
		rule.OneOf = append(rule.OneOf, object(append([]string{"type"}, strings.Fields(kind.need)...), own))
	}
	return rule
}

func keys(m map[string]*generate.Schema) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

var schemas = map[string]any{"campaign.schema.json": &form.Campaign{}, "observances.schema.json": &form.Calendar{}, "facts.schema.json": &form.Facts{}, "lint.schema.json": &form.Rules{}, "helplines.schema.json": &form.Helplines{}, "cards.schema.json": &form.Cards{}}

func TestTheSchemasAreThoseOfTheFormat(t *testing.T) {
	t.Parallel()
	for name, from := range schemas {
		want := generated(t, name, from)
		if *update {
			if err := os.WriteFile(schemaFolder+name, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := fs.ReadFile(campaigns.Schemas, name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s has drifted; write it anew with go test ./internal/flow/campaign -run Schemas -update\n%s", name, diff)
		}
	}
}

// validate returns what a committed schema says of a YAML file.
func validate(t *testing.T, name string, src []byte) error {
	t.Helper()
	raw, err := os.ReadFile(schemaFolder + name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := check.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := check.NewCompiler()
	if err := c.AddResource(base+name, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(base + name)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal(src, &value); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(plain(value))
}

// plain turns what YAML gives into what JSON has: names are texts.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
		return v
	case map[any]any:
		m := map[string]any{}
		for k := range v {
			m[fmt.Sprint(k)] = plain(v[k])
		}
		return m
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}

func TestShippedFilesFitTheirSchemasAndNameThem(t *testing.T) {
	t.Parallel()
	files := map[string]string{"observances.yaml": "observances.schema.json", "facts.yaml": "facts.schema.json", "lint.yaml": "lint.schema.json", "helplines.yaml": "helplines.schema.json"}
	ids, err := campaign.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		files[id+"/campaign.yaml"], files[id+"/cards.yaml"] = "campaign.schema.json", "cards.schema.json"
	}
	for file, schema := range files {
		src, err := fs.ReadFile(campaigns.Files, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, src); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if line := "# yaml-language-server: $schema=" + strings.Repeat("../", strings.Count(file, "/")) + schema + "\n"; !bytes.HasPrefix(src, []byte(line)) {
			t.Errorf("%s does not begin with %s", file, line)
		}
	}
	for name, src := range map[string]string{"good": good, "rich": rich} {
		if err := validate(t, "campaign.schema.json", []byte(src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	src, err := os.ReadFile("testdata/fifty-rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, "observances.schema.json", src); err != nil {
		t.Error(err)
	}
}

func TestTheSchemasFindMistakesInEditors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ old, new string }{
		{"daymark: 1", "daymark: 2"},
		{"id: blue-day", "id: Blue Day"},
		{"observance:", "observanse:"},
		{"offset: D-1", "offset: tomorrow"},
		{"offset: D-1", "ofset: D-1"},
		{`time: "09:00"`, `time: "25:00"`},
		{"mode: fixed", "mode: fixd"},
		{"window: 90m", "window: long"},
		{"sensitive: true", "sensitive: maybe"},
		{"languages: [en, fr]", "languages: en"},
		{"languages: [en, fr]", "languages: [en, fr, en]"},
		{`hashtags: ["#Blue"]`, `hashtags: ["#Blue-Day"]`},
		{`en: "Hello {{link}}"`, `en: ""`},
		{`text: {en: "Two", fr: "Deux"}`, "text: Two"},
		{"network: bluesky", "network: myspace"},
		{"    alt: {en: \"A heart.\", fr: \"Un cœur.\"}\n", ""},
		{good[strings.Index(good, "posts:"):], "posts: []\n"},
		{"offset: end+1", "offset: end+1\n    series: {cron: 0 12 * * *, from: D0, to: end}"},
	} {
		src := strings.Replace(good, tt.old, tt.new, 1)
		if src == good || validate(t, "campaign.schema.json", []byte(src)) == nil {
			t.Errorf("%q instead of %q was not found", tt.new, tt.old)
		}
	}
	const card = "daymark: 1\ncards:\n  - {id: a, %s}\n"
	if err := validate(t, "cards.schema.json", []byte(fmt.Sprintf(card, "template: fact, fact: F02, posts: [j30-08]"))); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"template: quote", "template: helpline", "templates: fact", "template: countdown, days: 0", "template: steps, items: []", "template: fact, palette: pink", `template: steps, items: [{text: "Go"}]`} {
		if validate(t, "cards.schema.json", []byte(fmt.Sprintf(card, wrong))) == nil {
			t.Errorf("the card %s was taken", wrong)
		}
	}
	const calendar = "daymark: 1\nobservances:\n  - {id: a, names: {en: A}, date: {%s}}\n"
	if err := validate(t, "observances.schema.json", []byte(fmt.Sprintf(calendar, "type: fixed, month: 7, day: 30"))); err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{"type: fixed, month: 7", "type: fixxed, month: 7, day: 1", "type: fixed, month: 13, day: 1", "type: month, month: 7, day: 1", "type: nth_weekday, month: 7, weekday: MO, n: 0", "type: easter, offset: 0, church: eastern", `type: announced, dates: {soon: "2027-01-01"}`} {
		if validate(t, "observances.schema.json", []byte(fmt.Sprintf(calendar, rule))) == nil {
			t.Errorf("the rule %s was taken", rule)
		}
	}
}
