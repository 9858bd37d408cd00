package edition

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"daymark/internal/cli/command"
)

func TestWhatIsAtRiskIsPrintedAndEndsAsAProblem(t *testing.T) {
	t.Parallel()
	one := []risky{{
		Delivery: 3, Post: 2, Message: "lamp", Channel: "hope@x.test", Language: "en", Due: "2027-07-30T09:00:00Z", Matter: "link",
		Subject: "https://x.test/", Why: "The link does not answer.", Mend: "Open it yourself.",
	}}
	for _, tt := range []struct {
		name, format string
		list         []risky
		want         []string
	}{
		{"nothing", "table", []risky{}, []string{"Nothing is at risk."}},
		{"nothing as JSON", "json", []risky{}, []string{"[]"}},
		{"a link", "table", one, []string{"POST", "lamp", "hope@x.test", "2027-07-30T09:00:00Z", "link", "The link does not answer.", "Open it yourself."}},
		{"a link as JSON", "json", one, []string{`"delivery": 3`, `"subject": "https://x.test/"`, `"why": "The link does not answer."`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := (&Preflight{Format: tt.format}).say(&command.Run{Out: &out}, tt.list)
			if errors.Is(err, command.ErrFound) != (len(tt.list) > 0) {
				t.Errorf("it ends with %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it lacks %q:\n%s", want, out.String())
				}
			}
		})
	}
}
