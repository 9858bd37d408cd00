package logbook

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
)

func TestEachPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &logPage{Frame: page.Frame{Template: "audit"}})
}

func TestAFactIsWrittenForPeople(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		"a text": "a text", "12.5": 12.5, "true": true, "null": nil, `["a","<b>"]`: []any{"a", "<b>"}, `{"x":1}`: map[string]any{"x": 1.0},
	} {
		if got := written(value); got != want {
			t.Errorf("%v is written %q, want %q", value, got, want)
		}
	}
}
