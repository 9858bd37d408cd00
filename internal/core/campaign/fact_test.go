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
