package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A calendar of one's own with fifty rules of every kind; the expected days were reckoned by another program.
func TestDatesOfFiftyRulesFromAFile(t *testing.T) {
	t.Parallel()
	type date struct {
		ID         string
		Year       int
		Start, End string
	}
	var out, errs bytes.Buffer
	const rules = "../flow/campaign/testdata/fifty-rules"
	if code := Main([]string{"dates", "--file", rules + ".yaml", "--from", "2026", "--to", "2030", "--format", "json"}, &out, &errs); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	src, err := os.ReadFile(rules + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []date
	if err := json.Unmarshal(src, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dates (-want +got):\n%s", diff)
	}
}
