package review

import (
	"strings"
	"testing"

	"daymark/internal/core/post"

	"github.com/google/go-cmp/cmp"
)

func TestWordsAreThoseOfTheNetwork(t *testing.T) {
	t.Parallel()
	source := post.Source{
		Message:  "m",
		Hashtags: []string{"#EndHumanTrafficking"},
		Parts:    []post.SourcePart{{Texts: map[string]string{"en": "Read more: {{link}}", "fr": "Lire : {{link}}"}}},
		Variants: []post.Variant{{Part: 1, Language: "en", Network: "x", Text: "Short. {{link}}"}},
		NetworkTags: map[string][]string{
			"x": {"#BlueHeart"},
		},
		Mentions: map[string][]string{"mastodon": {"@partner@example.org"}},
		Link:     "https://hopeline.example/professionals",
	}
	common := map[string]string{"link": "https://hopeline.example"}
	for _, tt := range []struct{ language, network, want string }{
		{"en", "mastodon", "Read more: https://hopeline.example/professionals @partner@example.org\n\n#EndHumanTrafficking"},
		{"en", "x", "Short. https://hopeline.example/professionals\n\n#BlueHeart"},
		{"fr", "x", "Lire : https://hopeline.example/professionals\n\n#BlueHeart"},
	} {
		final, why := fillWords(source, tt.language, tt.network, common)
		if len(why) > 0 {
			t.Errorf("%s on %s waits: %v", tt.language, tt.network, why)
			continue
		}
		if diff := cmp.Diff(tt.want, final.Parts[0].Text); diff != "" {
			t.Errorf("%s on %s (-want +got):\n%s", tt.language, tt.network, diff)
		}
	}
	if common["link"] != "https://hopeline.example" {
		t.Error("the charity's own link was overwritten for the other posts")
	}
}

func TestAThreadWaitsUntilThreadsCanBeSent(t *testing.T) {
	t.Parallel()
	source := post.Source{Parts: []post.SourcePart{{Texts: map[string]string{"en": "one"}}, {Texts: map[string]string{"en": "two"}}}}
	_, why := fillWords(source, "en", "mastodon", nil)
	if len(why) != 1 || !strings.Contains(why[0], "thread") {
		t.Errorf("a thread is held back by %q; sending its first part alone would tear it apart", why)
	}
}

func TestACampaignCanAskForMoreApprovalsNeverForFewer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		sensitive   bool
		asked, want int
	}{{false, 0, 1}, {false, 3, 3}, {true, 0, 2}, {true, 1, 2}, {true, 3, 3}} {
		if got := Approvals(post.Source{Sensitive: tt.sensitive, Approvals: tt.asked}); got != tt.want {
			t.Errorf("sensitive %t, asked for %d: %d approvals, want %d", tt.sensitive, tt.asked, got, tt.want)
		}
	}
}
