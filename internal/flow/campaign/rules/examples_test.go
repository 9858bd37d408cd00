package rules

import (
	"io/fs"
	"slices"
	"testing"

	"daymark/campaigns"
	"daymark/internal/core/lint"
	"daymark/internal/flow/campaign/source"
)

// shippedFile reads the shipped file with its examples.
func shippedFile(t *testing.T) ([]lint.Rule, []example) {
	t.Helper()
	src, err := fs.ReadFile(campaigns.Files, fileName)
	if err != nil {
		t.Fatal(err)
	}
	all, examples, problems := readAll("campaigns/"+fileName, src)
	if len(problems) > 0 {
		t.Fatal(source.Text(problems))
	}
	return all, examples
}

// found returns the rules that find something in posts, in order and each once.
func found(set *lint.Set, posts []lint.Subject) []string {
	var ids []string
	for _, post := range posts {
		for _, f := range set.Check(post) {
			ids = append(ids, f.Rule)
		}
	}
	for _, f := range set.CheckCampaign(posts) {
		ids = append(ids, f.Rule)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestEachAutomaticRuleFindsItsBadExamplesAndLeavesTheGood(t *testing.T) {
	t.Parallel()
	set, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	_, examples := shippedFile(t)
	for _, e := range examples {
		if got := slices.Contains(found(set, e.posts), e.rule); got != e.bad {
			t.Errorf("%v: %s: found %v, want %v in %q", e.at.Problem("example"), e.rule, got, e.bad, e.posts[0].Parts[0].Text)
		}
	}
}

func TestEveryRuleOfTheFirstListIsAutomaticAskedOrRetired(t *testing.T) {
	t.Parallel()
	all, _ := shippedFile(t)
	how := map[string]lint.How{}
	for _, r := range all {
		how[r.ID] = r.How
	}
	automatic := 0
	for _, id := range firstList {
		if how[id] == "" {
			t.Errorf("the rule %s is gone", id)
		}
		if how[id] == lint.Automatic {
			automatic++
		}
	}
	if len(firstList) != 61 {
		t.Errorf("%d rules in the first list, want 61", len(firstList))
	}
	if automatic < 40 {
		t.Errorf("%d of the first list are automatic, want 40 or more", automatic)
	}
	t.Logf("%d rules; of the %d of the first list %d are automatic", len(all), len(firstList), automatic)
}

// firstList has the rules that charities' guides were turned into before any of them was a file here. None may be lost.
var firstList = []string{
	"IMG-001", "IMG-002", "IMG-003", "IMG-004", "IMG-005", "IMG-006", "IMG-007",
	"LANG-001", "LANG-002", "LANG-003", "LANG-004", "LANG-005", "LANG-006", "LANG-007", "LANG-008", "LANG-009", "LANG-010",
	"STAT-001", "STAT-002", "STAT-003", "STAT-004", "STAT-005",
	"SAFE-001", "SAFE-002", "SAFE-003", "SAFE-004", "SAFE-005", "SAFE-006", "SAFE-007", "SAFE-008", "SAFE-009",
	"CTA-001", "CTA-002", "TONE-001", "SRC-001", "THEME-001", "SPAM-001",
	"A11Y-001", "A11Y-002", "A11Y-003", "A11Y-004", "A11Y-005", "A11Y-006", "A11Y-007", "A11Y-008", "A11Y-009", "A11Y-010",
	"A11Y-011", "A11Y-012", "A11Y-013", "A11Y-014", "A11Y-015", "A11Y-016", "A11Y-017", "A11Y-018", "A11Y-019",
	"PLAT-001", "PLAT-002", "PLAT-003", "PLAT-004", "PLAT-005",
}
