package cli

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The golden file was checked by hand on 2026-11-22: in July London is at +01:00, New York at -04:00, Kolkata at +05:30,
// Auckland at +12:00 and Kathmandu at +05:45, and a window ends at midnight of the place unless the campaign says otherwise.
func TestPlanForFiveZones(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := Main([]string{"plan", "july-30", "--year", "2027", "--channels", "testdata/five-zones.yaml", "--format", "csv"}, &out, &errs); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, row := range rows {
		got.WriteString(strings.Join(append(row[:1:1], row[2:9]...), ",") + "\n")
	}
	const golden = "testdata/five-zones.csv"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the plan for five zones (-want +got):\n%s", diff)
	}
}
