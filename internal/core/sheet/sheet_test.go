package sheet_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daymark/internal/core/fault"
	"daymark/internal/core/sheet"
)

func TestACellThatASpreadsheetWouldRunIsWrittenHarmless(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "text": "text", "a=b": "a=b", " =1": " =1", "'quoted'": "'quoted'", "'": "'", "12": "12",
		"=HYPERLINK(1)": "'=HYPERLINK(1)", "+44 20": "'+44 20", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"\n=1": "'\n=1", "＝1": "'＝1", "'=1": "''=1", "''=1": "'''=1",
	} {
		if got := sheet.Harmless(cell); got != want {
			t.Errorf("%q is written %q, want %q", cell, got, want)
		}
		if got := sheet.Plain(want); got != cell {
			t.Errorf("%q comes back as %q, want %q", want, got, cell)
		}
	}
}

func TestAnyCellsComeBackUnchangedAndNoneRuns(t *testing.T) {
	t.Parallel()
	cell := rapid.OneOf(
		rapid.String(), rapid.StringMatching(`'{0,3}[=+\-@\t\r\n＝"',;a]{0,6}`),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 5), 1, 4).Draw(t, "records")
		var b strings.Builder
		for _, record := range want {
			b.WriteString(sheet.Line(record...))
		}
		got, err := sheet.Read(b.String())
		if err != nil {
			t.Fatalf("read %q: %v", b.String(), err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("records (-want +got):\n%s", diff)
		}
		lines := csv.NewReader(strings.NewReader(b.String())) // what another program sees
		lines.FieldsPerRecord = -1
		seen, err := lines.ReadAll()
		if err != nil {
			t.Fatalf("another reader: %v", err)
		}
		for _, record := range seen {
			for _, cell := range record {
				if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
					t.Fatalf("a spreadsheet would run %q", cell)
				}
			}
		}
	})
}

func TestWhatAnotherProgramSavedIsRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       [][]string
	}{
		{"nothing", "", nil},
		{"without quotation marks", "a,b\nc,\n", [][]string{{"a", "b"}, {"c", ""}}},
		{"with a byte order mark and no last line end", "\ufeffa,\"b\"\r\nc", [][]string{{"a", "b"}, {"c"}}},
		{"an empty line is a record of one empty cell", "a\n\nb", [][]string{{"a"}, {""}, {"b"}}},
		{"a line break in a cell stays as it is", "\"a\r\nb\",c", [][]string{{"a\r\nb", "c"}}},
		{"an apostrophe of ours goes, one of a text stays", "'=1,'tis", [][]string{{"=1", "'tis"}}},
	} {
		got, err := sheet.Read(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	for text, want := range map[string]string{
		"a\n\"b":            "Line 2 of the CSV",
		"\"a\nb\"c":         "Line 2 of the CSV",
		"a\"b":              "Line 1 of the CSV",
		"\"a\r\n\r\n\",\"x": "Line 3 of the CSV",
	} {
		if _, err := sheet.Read(text); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a,b\r\n", "\"a\"\"b\",'=1\n", "\ufeff\"", "\r", "a\r,b", "''''=\",\"", "\"\r\n\"\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := sheet.Read(text)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("a problem of another kind: %v", err)
			}
			return
		}
		var b strings.Builder
		for _, record := range first {
			b.WriteString(sheet.Line(record...))
		}
		again, err := sheet.Read(b.String())
		if err != nil {
			t.Fatalf("what we wrote cannot be read: %v", err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("what was read does not come back (-first +again):\n%s", diff)
		}
	})
}
