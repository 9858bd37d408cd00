package readback_test

import (
	"strings"
	"testing"

	"daymark/internal/flow/dispatch/readback"
	"daymark/internal/platform"

	"github.com/google/go-cmp/cmp"
)

func shown(change func(*platform.Shown)) platform.Shown {
	note, language, visibility, sensitive, alt := "violence", "pt-BR", "public", true, "A café."
	s := platform.Shown{Text: "One.\n\nTwo  three.", Note: &note, Language: &language, Visibility: &visibility, Sensitive: &sensitive, Alts: []*string{&alt}}
	if change != nil {
		change(&s)
	}
	return s
}

func TestWhatANetworkChangesIsNamedAndWhatItDoesToEveryPostIsNot(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 60)
	for name, tt := range map[string]struct {
		change func(*platform.Shown)
		want   []readback.Difference
	}{
		"nothing":                         {nil, nil},
		"white space":                     {func(s *platform.Shown) { s.Text = " One. \r\n\r\n\n Two three.\n" }, nil},
		"composed accents":                {func(s *platform.Shown) { s.Alts = []*string{new("A cafe\u0301.")} }, nil},
		"a language without its country":  {func(s *platform.Shown) { s.Language = new("pt") }, nil},
		"a language that it does not say": {func(s *platform.Shown) { s.Language = new("") }, nil},
		"what the network does not tell": {func(s *platform.Shown) {
			s.Note, s.Language, s.Visibility, s.Sensitive, s.Alts = nil, nil, nil, nil, []*string{nil}
		}, nil},
		"another word":       {func(s *platform.Shown) { s.Text = "One.\n\nTwo four." }, []readback.Difference{{What: readback.Text, Approved: "One.\n\nTwo three.", Shown: "One.\n\nTwo four."}}},
		"a lost line":        {func(s *platform.Shown) { s.Text = "One. Two three." }, []readback.Difference{{What: readback.Text, Approved: "One.\n\nTwo three.", Shown: "One. Two three."}}},
		"a cut text":         {func(s *platform.Shown) { s.Text = "One." }, []readback.Difference{{What: readback.Text, Approved: "One.\n\nTwo three.", Shown: "One."}}},
		"no note":            {func(s *platform.Shown) { s.Note = new("") }, []readback.Difference{{What: readback.Note, Approved: "violence"}}},
		"another language":   {func(s *platform.Shown) { s.Language = new("en") }, []readback.Difference{{What: readback.Language, Approved: "pt-BR", Shown: "en"}}},
		"other readers":      {func(s *platform.Shown) { s.Visibility = new("unlisted") }, []readback.Difference{{What: readback.Visibility, Approved: "public", Shown: "unlisted"}}},
		"pictures uncovered": {func(s *platform.Shown) { s.Sensitive = new(false) }, []readback.Difference{{What: readback.Sensitive, Approved: "yes", Shown: "no"}}},
		"a lost picture":     {func(s *platform.Shown) { s.Alts = nil }, []readback.Difference{{What: readback.Pictures, Approved: "1", Shown: "0"}}},
		"a lost alt text":    {func(s *platform.Shown) { s.Alts = []*string{new("")} }, []readback.Difference{{What: readback.Alt, Picture: 1, Approved: "A café."}}},
		"far behind in a long text": {func(s *platform.Shown) { s.Text = long + "x" }, []readback.Difference{{
			What: readback.Text, Approved: "One.\n\nTwo three.", Shown: strings.TrimSpace(long[:100]) + " …",
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readback.Compare(shown(nil), shown(tt.change))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	a, b := shown(func(s *platform.Shown) { s.Text = long + "a" }), shown(func(s *platform.Shown) { s.Text = long + "b" })
	got := readback.Compare(a, b)
	if len(got) != 1 || !strings.HasPrefix(got[0].Approved, "…") || !strings.HasSuffix(got[0].Approved, "word a") || !strings.HasSuffix(got[0].Shown, "word b") || len(got[0].Shown) > 40 {
		t.Errorf("a difference at the end of a long text: %+v", got)
	}
}
