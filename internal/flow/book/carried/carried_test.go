package carried_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/campaign"
	"daymark/internal/core/lint"
	"daymark/internal/flow/book/carried"
	"daymark/internal/org/helpline"
)

func TestHelplinesAreFoundByNumberAndByName(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)
	record := func(id, country, name, phone string, until time.Time) helpline.Record {
		r := helpline.Record{Helpline: campaign.Helpline{ID: id, Country: country, Name: name, Phone: phone}, Version: 1}
		if !until.IsZero() {
			r.Last = &helpline.Check{Version: 1, Result: helpline.Works, Until: until}
		}
		return r
	}
	later := at.Add(time.Hour)
	lines := carried.Know([]helpline.Record{
		record("fr-missing", "FR", "Enfants disparus", "116 000", time.Time{}),
		record("eu-missing", "EU", "Missing Children Europe", "116 000", later),
		record("gb-msh", "GB", "Modern Slavery Helpline", "08000 121 700", later),
		record("short", "GB", "Line", "112", later),
	})
	const token = "Modern Slavery Helpline: 08000 121 700"
	for _, tt := range []struct {
		name, country string
		part          lint.Part
		want          []string
	}{
		{"a number with spaces of another width", "GB", lint.Part{Text: "Call 08000\u00a0121\u202f700."}, []string{"gb-msh"}},
		{"a number from abroad", "GB", lint.Part{Text: "+44 (0) 8000-121-700 is wrong, +44 8000 121 700 is right"}, []string{"gb-msh"}},
		{"a name in other letters", "GB", lint.Part{Text: "The MODERN SLAVERY HELPLINE answers"}, []string{"gb-msh"}},
		{"a shared number, in a country that has its own line", "FR", lint.Part{Text: "116000"}, []string{"fr-missing"}},
		{"a shared number, elsewhere", "ES", lint.Part{Text: "116 000"}, []string{"eu-missing"}},
		{"a short number and a year say too little", "GB", lint.Part{Text: "Since 1120, call 112"}, nil},
		{"figures", "GB", lint.Part{Text: "116,000 people; 08000 in 121 days, 700 more"}, nil},
		{"what the token put there", "GB", lint.Part{Text: "Call " + token, Inserted: []lint.Inserted{{Token: "helpline", Start: 5, End: 5 + len(token)}}}, nil},
		{"what another token put there", "GB", lint.Part{Text: "Call " + token, Inserted: []lint.Inserted{{Token: "support", Start: 5, End: 5 + len(token)}}}, []string{"gb-msh"}},
	} {
		var got []string
		for _, h := range lines.In([]lint.Part{tt.part}, tt.country, at) {
			got = append(got, h.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", tt.name, tt.part.Text, diff)
		}
	}
}
