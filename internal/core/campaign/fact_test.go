package campaign_test

import (
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
)

func TestAFactIsUsableWhileItIsCurrentAndChecked(t *testing.T) {
	t.Parallel()
	due := civil.Date{Year: 2027, Month: time.February, Day: 28}
	for name, tt := range map[string]struct {
		fact campaign.Fact
		day  civil.Date
		why  string
	}{
		"before its review":           {campaign.Fact{Status: campaign.Current}, due.AddDays(-1), ""},
		"on the day of its review":    {campaign.Fact{Status: campaign.Current}, due, ""},
		"the day after":               {campaign.Fact{Status: campaign.Current}, due.AddDays(1), "The fact F1 holds until 2027-02-28: check it again before it is used on 2027-03-01."},
		"superseded":                  {campaign.Fact{Status: campaign.Superseded}, due, "The fact F1 is superseded: take it out."},
		"superseded by another":       {campaign.Fact{Status: campaign.Superseded, SupersededBy: "F2"}, due, "The fact F1 is superseded: use F2 in its place."},
		"superseded and over":         {campaign.Fact{Status: campaign.Superseded, SupersededBy: "F2"}, due.AddDays(99), "The fact F1 is superseded: use F2 in its place."},
		"not to be used":              {campaign.Fact{Status: campaign.DoNotUse}, due, "The fact F1 must not be used: take it out."},
		"not to be used, with a note": {campaign.Fact{Status: campaign.DoNotUse, Note: "Press only."}, due, "The fact F1 must not be used. Press only."},
		"not to be used, but another": {campaign.Fact{Status: campaign.DoNotUse, SupersededBy: "F2", Note: "Old"}, due, "The fact F1 must not be used: use F2 in its place."},
		"without a status":            {campaign.Fact{}, due, "The fact F1 must not be used: take it out."},
	} {
		tt.fact.ID, tt.fact.ReviewBy = "F1", due
		if ok, why := tt.fact.Usable(tt.day); ok != (tt.why == "") || why != tt.why {
			t.Errorf("%s: %t, %q; want %q", name, ok, why, tt.why)
		}
	}
}

func TestAFactSaysItsSentenceWithItsSource(t *testing.T) {
	t.Parallel()
	fact := campaign.Fact{
		Cite: "UNODC, Global Report 2024", Cites: map[string]string{"fr": "ONUDC, rapport mondial 2024", "ar": "المكتب، التقرير العالمي 2024"},
		Texts: map[string]string{
			"en": "38% of detected victims are children.", "fr": "38 % des victimes détectées sont des enfants.",
			"es": "El 38 % de las víctimas detectadas son menores", "ar": "38% من الضحايا المكتشفين أطفال.", "pt": "",
		},
	}
	for language, want := range map[string]string{
		"en":    "38% of detected victims are children (UNODC, Global Report 2024).",
		"en-GB": "38% of detected victims are children (UNODC, Global Report 2024).",
		"fr":    "38 % des victimes détectées sont des enfants (ONUDC, rapport mondial 2024).",
		"es":    "El 38 % de las víctimas detectadas son menores (UNODC, Global Report 2024)",
		"ar":    "38% من الضحايا المكتشفين أطفال (المكتب، التقرير العالمي 2024).",
		"de":    "", "pt": "", "": "",
	} {
		if got, ok := fact.Say(language); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t; want %q", language, got, ok, want)
		}
	}
	for sentence, want := range map[string]string{
		"Did you know?":    "Did you know (A)?",
		"Le saviez-vous ?": "Le saviez-vous (A) ?",
		"هل تعلمون؟":       "هل تعلمون (A)؟",
		"More to come...":  "More to come (A)...",
		"One. Two.":        "One. Two (A).",
		"Up 3.5%.":         "Up 3.5% (A).",
	} {
		if got, _ := (campaign.Fact{Cite: "A", Texts: map[string]string{"en": sentence}}).Say("en"); got != want {
			t.Errorf("%q is said as %q, want %q", sentence, got, want)
		}
	}
	if got, ok := (campaign.Fact{Texts: map[string]string{"en": "So."}}).Say("en"); got != "So." || !ok {
		t.Errorf("without a source: %q, %t", got, ok)
	}
}
