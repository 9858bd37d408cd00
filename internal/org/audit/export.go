package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"daymark/internal/core/fault"
	"daymark/internal/core/sheet"
	"daymark/internal/postgres"
)

// Format is how rows are exported.
type Format string

// The formats: a table that is safe to open in a spreadsheet, and one JSON object a line.
const (
	CSV       Format = "csv"
	JSONLines Format = "jsonl"
)

// columns are the CSV's; their names and order are stable, new ones come last. JSON lines have the same names.
var columns = []string{"id", "at", "person_id", "person", "action", "subject_kind", "subject_id", "via", "address", "detail"}

// exported is a row as JSON lines have it.
type exported struct {
	ID        int64           `json:"id"`
	At        time.Time       `json:"at"`
	PersonID  int64           `json:"person_id,omitempty"`
	Person    string          `json:"person,omitempty"`
	Action    string          `json:"action"`
	Kind      string          `json:"subject_kind"`
	SubjectID int64           `json:"subject_id,omitempty"`
	Via       string          `json:"via,omitempty"`
	Address   string          `json:"address,omitempty"`
	Detail    json.RawMessage `json:"detail"`
}

// Export writes the rows that a filter leaves, newest first. Its Limit and Before do not count: all rows are written, a page at a
// time, so that nothing grows with the log.
func Export(ctx context.Context, q postgres.Querier, w io.Writer, f Filter, as Format) error {
	if as == CSV {
		if _, err := io.WriteString(w, sheet.Line(columns...)); err != nil {
			return fmt.Errorf("export the log: %w", err)
		}
	}
	f.Limit, f.Before = maxLimit, 0
	for {
		rows, err := list(ctx, q, f)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		for _, r := range rows {
			if err := r.export(&b, as); err != nil {
				return err
			}
			f.Before = r.ID
		}
		if _, err := b.WriteTo(w); err != nil {
			return fmt.Errorf("export the log: %w", err)
		}
		if len(rows) < maxLimit {
			return nil
		}
	}
}

func (r record) export(b *bytes.Buffer, as Format) error {
	if as == CSV {
		b.WriteString(sheet.Line(
			strconv.FormatInt(r.ID, 10), r.At.UTC().Format(time.RFC3339Nano), number(r.PersonID), r.PersonName, r.Action,
			r.SubjectKind, number(r.SubjectID), r.Via, r.Address, string(r.Detail)))
		return nil
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(exported{r.ID, r.At.UTC(), r.PersonID, r.PersonName, r.Action, r.SubjectKind, r.SubjectID, r.Via, r.Address, r.Detail}); err != nil {
		return fmt.Errorf("export audit row %d: %w", r.ID, err)
	}
	return nil
}

// maxExport bounds how large an exported file may be that is compared, and maxBatch how many rows are compared at once.
const (
	maxExport = 256 << 20
	maxBatch  = 1000
)

const sqlByIDs = `
SELECT id, at, COALESCE(person_id, 0) AS person_id, '' AS person_name, action, subject_kind,
       COALESCE(subject_id, 0) AS subject_id, detail, COALESCE(via, '') AS via, COALESCE(host(address), '') AS address
FROM audit
WHERE id = ANY ($1)`

// Compare holds an exported file, CSV or JSON lines, against the log. It returns how many rows it compared, and a sentence about
// the first that is not in the log as the file has it. The names of people may have changed since and are not compared.
func Compare(ctx context.Context, q postgres.Querier, file io.Reader) (rows int, broken string, err error) {
	raw, err := io.ReadAll(io.LimitReader(file, maxExport+1))
	if err != nil {
		return 0, "", fmt.Errorf("read the exported file: %w", err)
	}
	if len(raw) > maxExport {
		return 0, "", fault.New(fault.Invalid, "The file is larger than %d MB; export and compare shorter spans of time.", maxExport>>20)
	}
	all, err := readExport(string(raw))
	if err != nil {
		return 0, "", err
	}
	for ; len(all) > 0; all = all[min(maxBatch, len(all)):] {
		batch := all[:min(maxBatch, len(all))]
		ids := make([]int64, len(batch))
		for i, r := range batch {
			ids[i] = r.ID
		}
		var found []record
		if err := q.SelectContext(ctx, &found, sqlByIDs, pq.Array(ids)); err != nil {
			return rows, "", fmt.Errorf("read the rows of the exported file: %w", err)
		}
		byID := make(map[int64]record, len(found))
		for _, r := range found {
			byID[r.ID] = r
		}
		for _, r := range batch {
			ours, ok := byID[r.ID]
			switch {
			case !ok:
				return rows, fmt.Sprintf("Row %d of the file is not in the log.", r.ID), nil
			case !bytes.Equal(compact(ours).sealed(), compact(r).sealed()):
				return rows, fmt.Sprintf("Row %d of the file is not as the log has it.", r.ID), nil
			}
			rows++
		}
	}
	return rows, "", nil
}

// compact returns the row with its detail written without spaces, as both formats have it then.
func compact(r record) record {
	var b bytes.Buffer
	if json.Compact(&b, r.Detail) == nil {
		r.Detail = b.Bytes()
	}
	return r
}

// readExport reads what [Export] wrote, in either format.
func readExport(text string) ([]record, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return readCSV(text)
	}
	var all []record
	d := json.NewDecoder(strings.NewReader(text))
	for d.More() {
		var e exported
		if err := d.Decode(&e); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "Object %d of the file is no exported row: %v.", len(all)+1, err)
		}
		all = append(all, record{e.ID, e.At, e.PersonID, e.Person, e.Action, e.Kind, e.SubjectID, e.Detail, e.Via, e.Address})
	}
	return all, nil
}

func readCSV(text string) ([]record, error) {
	lines, err := sheet.Read(text)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || strings.Join(lines[0], ",") != strings.Join(columns, ",") {
		return nil, fault.New(fault.Invalid, "This is no exported log: the first line should be %s.", strings.Join(columns, ","))
	}
	all := make([]record, 0, len(lines))
	for i, cells := range lines[1:] {
		if len(cells) != len(columns) {
			return nil, fault.New(fault.Invalid, "Record %d of the file has %d cells, it should have %d.", i+2, len(cells), len(columns))
		}
		id, idErr := strconv.ParseInt(cells[0], 10, 64)
		at, atErr := time.Parse(time.RFC3339Nano, cells[1])
		person, personErr := unnumber(cells[2])
		subject, subjectErr := unnumber(cells[6])
		if idErr != nil || atErr != nil || personErr != nil || subjectErr != nil {
			return nil, fault.New(fault.Invalid, "Record %d of the file is no exported row: a number or the time cannot be read.", i+2)
		}
		all = append(all, record{id, at, person, cells[3], cells[4], cells[5], subject, []byte(cells[9]), cells[7], cells[8]})
	}
	return all, nil
}

// number writes an id; there is none where it is 0.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func unnumber(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	return strconv.ParseInt(s, 10, 64)
}
