package takingdown

import (
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
	"daymark/internal/flow/dispatch/takedown"
)

func TestEachPageRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &FormPage{Frame: page.Frame{Template: "takedown"}}, &ResultPage{Frame: page.Frame{Template: "takendown"}})
}

func TestEveryResultHasAMarkAndAWord(t *testing.T) {
	t.Parallel()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{takedown.Waiting, takedown.Removed, takedown.Gone, takedown.Cannot, takedown.Failed} {
		if m := marks[state]; m.Icon == "" || m.Tone == "" || !words.Has("down.state."+state) {
			t.Errorf("%s: %+v", state, m)
		}
	}
}
