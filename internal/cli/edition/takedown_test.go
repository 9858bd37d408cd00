package edition

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"daymark/internal/cli/command"
	"daymark/internal/flow/dispatch/takedown"
)

func TestATakeDownIsPrintedCopyByCopy(t *testing.T) {
	t.Parallel()
	removed := takedown.Copy{Message: "one", Handle: "a@x.test", Platform: "mastodon", Language: "en", Part: 1, State: takedown.Removed, URL: "https://x.test/1"}
	cannot := takedown.Copy{Message: "one", Handle: "b@x.test", Platform: "x", Language: "en", Part: 1, State: takedown.Cannot, Problem: "Remove it by hand."}
	failed := takedown.Copy{Message: "one", Handle: "c@x.test", Platform: "bluesky", Language: "en", Part: 1, State: takedown.Failed, Problem: "No answer."}
	now := time.Now()
	for _, tt := range []struct {
		name  string
		t     takedown.Takedown
		want  []string
		found bool
	}{
		{"all removed", takedown.Takedown{ID: 7, DoneAt: &now, Copies: []takedown.Copy{removed}}, []string{"Take-down 7. Copies: 1.", "removed", "https://x.test/1"}, false},
		{"one by hand", takedown.Takedown{ID: 7, DoneAt: &now, Copies: []takedown.Copy{removed, cannot}}, []string{"cannot", "Remove it by hand."}, true},
		{"one tried again", takedown.Takedown{ID: 7, Copies: []takedown.Copy{failed}}, []string{"No answer.", "The daemon goes on trying."}, true},
		{"what waited only", takedown.Takedown{ID: 7, Held: 3, DoneAt: &now}, []string{"Held that waited to go out: 3."}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := sayTakedown(&command.Run{Out: &out}, tt.t)
			if errors.Is(err, command.ErrFound) != tt.found {
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
