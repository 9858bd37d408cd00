package lint_test

import (
	"testing"
	"time"

	"daymark/internal/core/lint"

	"github.com/google/go-cmp/cmp"
)

func TestQuestionsAreAskedWhenTheirConditionHolds(t *testing.T) {
	t.Parallel()
	ask := func(id string, about lint.About, when string) lint.Rule {
		return lint.Rule{ID: id, How: lint.Asked, Severity: lint.Error, Message: "No.", Question: "Is it?", About: about, Right: "no", When: when}
	}
	exempt := ask("Q-6", lint.AboutWords, "")
	exempt.NotFor = []string{"topic"}
	set := newSet(t, ask("Q-1", lint.AboutPicture, "has_picture"), ask("Q-2", lint.AboutWords, "is_sensitive"), ask("Q-3", lint.AboutWords, "has_quote"),
		ask("Q-4", lint.AboutWords, "asks_money"), ask("Q-5", lint.AboutWords, ""), exempt, lint.Rule{ID: "Q-7", How: lint.Retired, Reason: "Old."})
	for _, tt := range []struct {
		name string
		post lint.Subject
		want []string
	}{
		{"plain", english("Wear blue."), []string{"Q-5", "Q-6"}},
		{"two pictures, one twice", lint.Subject{Language: "en", Parts: []lint.Part{{Pictures: []lint.Picture{{SHA256: "a"}, {SHA256: "b"}}}, {Pictures: []lint.Picture{{SHA256: "a"}}}}}, []string{"Q-1 a", "Q-1 b", "Q-5", "Q-6"}},
		{"sensitive, with a quote and a request", lint.Subject{Language: "en", Sensitive: true, Parts: []lint.Part{{Text: "“I did not know whom to ask.” Donate today."}}}, []string{"Q-2", "Q-3", "Q-4", "Q-5", "Q-6"}},
		{"an exempt topic", lint.Subject{Language: "en", Topics: []string{"topic"}}, []string{"Q-5"}},
	} {
		var got []string
		for _, q := range set.Ask(tt.post) {
			name := q.Rule
			if q.Picture != "" {
				name += " " + q.Picture
			}
			got = append(got, name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestACampaignIsJudgedAsAWhole(t *testing.T) {
	t.Parallel()
	set := newSet(t, lint.Rule{ID: "TONE-001", How: lint.Automatic, Severity: lint.Note, Message: "Bleak.", Check: "bleak_campaign"},
		lint.Rule{ID: "PLAT-004", How: lint.Automatic, Severity: lint.Warning, Message: "Crowd.", Check: "crowd"})
	var list []lint.Subject
	for _, account := range []string{"a", "b", "c", "d", "e"} {
		s := english("They took her papers.")
		s.Sensitive, s.Kind, s.Account, s.Network, s.At = true, "fact", account, "x", time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)
		list = append(list, s)
	}
	var got []string
	for _, f := range set.CheckCampaign(list) {
		got = append(got, f.Rule)
		if f.Part != -1 || f.Field != "post" || f.Message == "" {
			t.Errorf("%+v", f)
		}
	}
	if diff := cmp.Diff([]string{"TONE-001", "PLAT-004"}, got); diff != "" {
		t.Error(diff)
	}
	if got := set.Check(list[0]); len(got) != 0 {
		t.Errorf("one post: %v", got)
	}
}

func TestEveryCheckIsNamedOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range append(lint.Checks(), lint.Conditions()...) {
		if seen[name] {
			t.Errorf("%s is named twice", name)
		}
		seen[name] = true
	}
	if len(lint.Checks()) != 33 || len(lint.Conditions()) != 4 || len(lint.CampaignChecks()) != 2 {
		t.Errorf("%d checks, %d conditions", len(lint.Checks()), len(lint.Conditions()))
	}
}
