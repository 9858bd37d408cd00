package edition

import (
	"strings"
	"testing"
	"time"
)

func TestALongLoadCountsAndAShortOneSaysNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		terminal bool
		each     time.Duration
		lines    int // how often the count is shown for ten thousand posts
		last     string
	}{
		"short":                 {false, 10 * time.Microsecond, 0, ""},
		"short on a terminal":   {true, 10 * time.Microsecond, 0, ""},
		"ten seconds":           {false, time.Millisecond, 10, "loading: 10000 of 10000 posts\n"},
		"ten seconds, terminal": {true, time.Millisecond, 92, "\r\x1b[K"}, // the line is taken off again
	} {
		var out strings.Builder
		at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		p := newProgress(&out, func() time.Time { return at })
		p.terminal, p.total = tt.terminal, 10_000
		for range p.total {
			at = at.Add(tt.each)
			p.step()
		}
		p.end()
		if n := strings.Count(out.String(), " of 10000 posts"); n != tt.lines && n != tt.lines-1 {
			t.Errorf("%s: shown %d times, want %d", name, n, tt.lines)
		}
		if !strings.HasSuffix(out.String(), tt.last) {
			t.Errorf("%s: it ends with %q", name, out.String()[max(0, out.Len()-40):])
		}
	}
}
