package text_test

import (
	"strings"
	"testing"

	"daymark/internal/core/text"

	"github.com/google/go-cmp/cmp"
)

func TestFillingSaysWhichStretchesAreValues(t *testing.T) {
	t.Parallel()
	values := map[string]string{"org": "Portes ouvertes é", "link": "https://a.example", "gone": ""}
	for _, tt := range []struct {
		in      string
		stretch []string // "token=value"
	}{
		{"No token.", nil},
		{"{{org}}: {{link}}", []string{"org=Portes ouvertes é", "link=https://a.example"}},
		{"{{ org }}{{org}}", []string{"org=Portes ouvertes é", "org=Portes ouvertes é"}},
		{"A {{gone}} b {{org}} c {{gone}}", []string{"org=Portes ouvertes é"}},
		{"{{what}} {{org}}", []string{"org=Portes ouvertes é"}},
		{"", nil},
	} {
		out, filled, missing := text.FillSpans(tt.in, values)
		same, missed := text.Fill(tt.in, values)
		if diff := cmp.Diff(same, out); diff != "" {
			t.Errorf("%q is filled differently:\n%s", tt.in, diff)
		}
		if diff := cmp.Diff(missed, missing); diff != "" {
			t.Errorf("%q misses other tokens:\n%s", tt.in, diff)
		}
		var got []string
		for _, f := range filled {
			got = append(got, f.Token+"="+out[f.Start:f.End])
		}
		if diff := cmp.Diff(tt.stretch, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.in, diff)
		}
	}
}

func FuzzFilledStretchesHoldTheirValues(f *testing.F) {
	f.Add("a {{x}} {{y}}b{{z}} ", "value", "")
	f.Add("{{x}}{{y}}", "ends with a space ", "")
	f.Fuzz(func(t *testing.T, in, x, y string) {
		values := map[string]string{"x": x, "y": y}
		out, filled, _ := text.FillSpans(in, values)
		if same, _ := text.Fill(in, values); same != out {
			t.Errorf("%q is filled as %q and as %q", in, same, out)
		}
		at := 0
		for _, s := range filled {
			if s.Start < at || !strings.HasPrefix(values[s.Token], out[s.Start:s.End]) {
				t.Errorf("%q: the stretch %+v of %q is not the value of its token", in, s, out)
			}
			at = s.End
		}
		if strings.TrimSpace(in) == "" && len(filled) > 0 {
			t.Errorf("an empty text was filled")
		}
	})
}
