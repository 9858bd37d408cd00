package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestAnExportIsHarmlessAndComparesWithTheLog(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	text := rapid.StringMatching(`'{0,2}[=+\-@\t"',;{}<>&\x{2028}a😀]{0,8}`)
	for i := range 600 { // more than a page
		word := text.Example(i)
		if strings.ContainsRune(word, 0) || word == "" {
			word = "=1"
		}
		ctx := audit.Within(t.Context(), audit.From{Via: audit.ByBrowser, Address: "192.0.2.7"})
		if err := audit.Write(ctx, db, audit.Entry{Action: word, Kind: "@kind", ID: int64(i), Detail: map[string]any{word: word, "n": 9007199254740993}}); err != nil {
			t.Fatalf("%q: %v", word, err)
		}
	}
	for _, as := range []audit.Format{audit.CSV, audit.JSONLines} {
		var b bytes.Buffer
		if err := audit.Export(t.Context(), db, &b, audit.Filter{}, as); err != nil {
			t.Fatal(err)
		}
		rows, broken, err := audit.Compare(t.Context(), db, bytes.NewReader(b.Bytes()))
		if err != nil || broken != "" || rows != 600 {
			t.Errorf("%s: compared %d rows, %q, %v", as, rows, broken, err)
		}
		if as == audit.CSV {
			lines, err := csv.NewReader(&b).ReadAll()
			if err != nil || len(lines) != 601 {
				t.Fatalf("%d lines, %v", len(lines), err)
			}
			for _, line := range lines {
				for _, cell := range line {
					if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
						t.Errorf("a spreadsheet would run %q", cell)
					}
				}
			}
			continue
		}
		for line := range strings.Lines(b.String()) {
			var one map[string]any
			if err := json.Unmarshal([]byte(line), &one); err != nil || one["via"] != "browser" {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}

func TestAFileThatWasChangedIsNoticed(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	write(t, db, 3)
	for _, as := range []audit.Format{audit.CSV, audit.JSONLines} {
		var b bytes.Buffer
		if err := audit.Export(t.Context(), db, &b, audit.Filter{}, as); err != nil {
			t.Fatal(err)
		}
		for old, tt := range map[string]struct{ now, says string }{
			"post.approved": {"post.rejected", "Row 3 of the file is not as the log has it."},
			"أزرق":          {"أحمر", "Row 3 of the file is not as the log has it."},
		} {
			_, broken, err := audit.Compare(t.Context(), db, strings.NewReader(strings.Replace(b.String(), old, tt.now, 1)))
			if err != nil || broken != tt.says {
				t.Errorf("%s: %q, %v", as, broken, err)
			}
		}
	}
	for _, text := range []string{
		"a,b\n", "", `{"id": "x"}`, "id,at,person_id,person,action,subject_kind,subject_id,via,address,detail\n1,2\n",
		"id,at,person_id,person,action,subject_kind,subject_id,via,address,detail\nx,2027-07-30T00:00:00Z,,,a,b,,,,{}\n",
	} {
		if _, _, err := audit.Compare(t.Context(), db, strings.NewReader(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
	strange := `{"id": 77, "at": "2027-07-30T00:00:00Z", "action": "a", "subject_kind": "b", "detail": {}}`
	if _, broken, err := audit.Compare(t.Context(), db, strings.NewReader(strange)); err != nil || broken != "Row 77 of the file is not in the log." {
		t.Errorf("%q, %v", broken, err)
	}
}
