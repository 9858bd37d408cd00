package campaign_test

import (
	"fmt"
	"strings"
	"testing"

	"daymark/internal/core/observance"
	"daymark/internal/flow/campaign"
)

func FuzzParseCampaign(f *testing.F) {
	for _, s := range []string{good, rich, "", "~", "daymark: 1", "daymark: 1\nposts: [[]]", "{a: {b: [c, {d: e}]}}", "- a\n- b", "a: &a [*a]", "\ufeffdaymark: 1", "daymark: 1\ntitle: {? [a] : b}", "daymark: 1\nposts:\n - media: [{file: a, alt: {}}]", "!!binary x", "a: !!map {}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		c, problems := campaign.ReadCampaign("f", src)
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" || p.File != "f" {
				t.Fatalf("a problem without a place: %+v", p)
			}
		}
		if len(problems) == 0 && (c.ID == "" || len(c.Posts) == 0 || len(c.Languages) == 0) {
			t.Fatalf("an empty campaign without a problem: %+v", c)
		}
		if _, err := campaign.Canonical(c); err != nil {
			t.Fatal(err)
		}
		if len(problems) > 0 {
			return
		}
		out, err := campaign.Export(c)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		back, problems := campaign.ReadCampaign("out", out)
		if len(problems) > 0 || canonical(t, back) != canonical(t, c) {
			t.Fatalf("%v\n%s", problems, out)
		}
	})
}

func FuzzParseRule(f *testing.F) {
	for _, s := range []string{
		"type: fixed, month: 7, day: 30", "type: fixed, month: 2, day: 30", "type: fixed, month: 2, day: 29, since: 2000, until: 1999",
		"type: range, start: {month: 12, day: 20}, end: {month: 1, day: 6}", "type: month, month: 1", "type: last_day_of_month, month: 2",
		"type: nth_weekday, month: 9, weekday: SU, n: -1, overrides: {2025: \"2025-10-04\"}", "type: nth_weekday, month: 3, weekday: MO, n: 5, missing: error",
		"type: weekday_on_or_after, month: 2, day: 5, weekday: TU", "type: weekday_on_or_before, month: 1, day: 1, weekday: TU",
		"type: week_containing, month: 1, day: 1, first_weekday: MO", "type: nth_weekday_plus, month: 11, weekday: TH, n: 4, offset_days: 5",
		"type: easter, offset: -2, church: orthodox", "type: announced, dates: {2019: \"2019-03-14\", 2020: {start: \"2020-02-30\", end: \"2020-03-01\"}}",
		"type: [fixed]", "type: easter, offset: 9999999999999999999", "type: ~", "type: fixed, month: *a, day: &a 1", "}}", "type: lunar",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rule string) {
		src := fmt.Sprintf("daymark: 1\nobservances:\n  - id: a-day\n    names: {en: \"A day\"}\n    date: {%s}\n", rule)
		all, problems := campaign.ReadObservances("f", []byte(src))
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" || p.File != "f" {
				t.Fatalf("a problem without a place: %+v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		for _, o := range all {
			for _, year := range []int{observance.FirstYear, 2000, 2027, 2028, 2100, observance.LastYear} {
				days, ok, err := o.Rule.On(year)
				if err != nil && !strings.Contains(err.Error(), "has no fifth") {
					t.Fatalf("%+v was read and cannot be asked: %v", o.Rule, err)
				}
				if ok && (!days.Start.Exists() || !days.End.Exists() || days.Days() < 1) {
					t.Fatalf("%+v gave %s", o.Rule, days)
				}
			}
		}
	})
}
