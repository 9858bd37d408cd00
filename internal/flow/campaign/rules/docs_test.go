package rules

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"daymark/internal/core/lint"

	"github.com/google/go-cmp/cmp"
)

// update writes the generated parts of docs/content-rules.md anew: go test ./internal/flow/campaign/rules -run Documentation -update
var update = flag.Bool("update", false, "write golden files anew")

const documentation = "../../../../docs/content-rules.md"

// describeRules returns the tables of all rules, one for each way of a rule.
func describeRules(all []lint.Rule) string {
	var b strings.Builder
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	for _, part := range []struct {
		how          lint.How
		title, heads string
	}{
		{lint.Automatic, "Automatic", "| Rule | A finding is | What is wrong | What to do |"},
		{lint.Asked, "Asked", "| Rule | A wrong answer is | Question | Right | What is wrong otherwise, and what to do |"},
		{lint.Retired, "Retired", "| Rule | What it said | Why it is retired |"},
	} {
		n := 0
		var rows strings.Builder
		for _, r := range all {
			if r.How != part.how {
				continue
			}
			n++
			severity := string(r.Severity)
			if r.Fixed {
				severity += ", cannot be waived"
			}
			if len(r.NotFor) > 0 {
				severity += "; not for " + strings.Join(r.NotFor, ", ")
			}
			switch part.how {
			case lint.Automatic:
				fmt.Fprintf(&rows, "| %s | %s | %s | %s |\n", r.ID, severity, cell(r.Message), cell(r.Suggestion))
			case lint.Asked:
				fmt.Fprintf(&rows, "| %s | %s | %s | %s | %s %s |\n", r.ID, severity, cell(r.Question), r.Right, cell(r.Message), cell(r.Suggestion))
			case lint.Retired:
				fmt.Fprintf(&rows, "| %s | %s | %s |\n", r.ID, cell(r.Message), cell(r.Reason))
			}
		}
		fmt.Fprintf(&b, "### %s: %d rules\n\n%s\n%s\n%s\n", part.title, n, part.heads, regexp.MustCompile(`[^|]+`).ReplaceAllString(part.heads, " --- "), rows.String())
	}
	return b.String()
}

// describeChecks returns the checks with the rules that name them.
func describeChecks(all []lint.Rule) string {
	var b strings.Builder
	b.WriteString("| Check | Named by |\n| --- | --- |\n")
	for _, check := range lint.Checks() {
		by := "no rule that we ship"
		for _, r := range all {
			if r.Check == check {
				by = r.ID + ": " + r.Message
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", check, by)
	}
	return b.String()
}

func TestTheDocumentationKnowsEveryRule(t *testing.T) {
	t.Parallel()
	all, _ := shippedFile(t)
	was, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	now := was
	for name, text := range map[string]string{"rules": describeRules(all), "checks": describeChecks(all)} {
		part := regexp.MustCompile(`(?s)(<!-- generated: ` + name + ` -->\n).*?(<!-- end -->)`)
		if !part.Match(now) {
			t.Fatalf("the documentation has no place for the %s", name)
		}
		now = part.ReplaceAll(now, []byte("${1}\n"+strings.ReplaceAll(text, "$", "$$")+"\n${2}"))
	}
	if *update {
		if err := os.WriteFile(documentation, now, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(now), string(was)); diff != "" {
		t.Errorf("docs/content-rules.md is not what the rules are; run go test ./internal/flow/campaign/rules -run Documentation -update (-want +got):\n%s", diff)
	}
	for _, condition := range lint.Conditions() {
		if !strings.Contains(string(now), "`"+condition+"`") {
			t.Errorf("the documentation does not name the condition %s", condition)
		}
	}
}

func TestTheRulesOfTheDocumentationAreRead(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1) {
		all, problems := Read("docs/content-rules.md", m[1])
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		set, err := lint.New(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			for _, e := range r.Bad {
				if len(set.Check(of(e.Text, e.Language, lint.InText))) == 0 {
					t.Errorf("%s does not find its own example %q", r.ID, e.Text)
				}
			}
		}
	}
}
