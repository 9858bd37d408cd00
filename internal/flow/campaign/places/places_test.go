package places_test

import (
	"testing"

	"daymark/internal/flow/campaign/places"

	"github.com/google/go-cmp/cmp"
)

func TestChannelsOfAPreview(t *testing.T) {
	t.Parallel()
	got, problems := places.Read("zones.yaml", []byte("daymark: 1\nchannels:\n"+
		"  - {name: London, zone: Europe/London, languages: [en, ar]}\n"+
		"  - {name: Kathmandu, network: bluesky, zone: Asia/Kathmandu, languages: [en], labels: [nepal]}\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := []places.Place{
		{Name: "London", Network: "mastodon", Zone: "Europe/London", Languages: []string{"en", "ar"}},
		{Name: "Kathmandu", Network: "bluesky", Zone: "Asia/Kathmandu", Languages: []string{"en"}, Labels: []string{"nepal"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}
}

func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	t.Parallel()
	src := `daymark: 1
channels:
  - {name: London, zone: Europe/Londn, languages: [en]}
  - {name: London, zone: Europe/London, languages: [e!]}
  - {zone: Asia/Kolkata, langages: [en]}
`
	_, problems := places.Read("zones.yaml", []byte(src))
	lines := map[int]int{}
	for _, p := range problems {
		t.Log(p)
		lines[p.Line]++
	}
	if diff := cmp.Diff(map[int]int{3: 1, 4: 2, 5: 3}, lines); diff != "" {
		t.Errorf("problems by line (-want +got):\n%s", diff)
	}
	for _, empty := range []string{"", "daymark: 1", "channels: []", "[]", "daymark: 2\nchannels: []"} {
		if _, problems := places.Read("zones.yaml", []byte(empty)); len(problems) == 0 {
			t.Errorf("%q was taken", empty)
		}
	}
}
