// Package sheet writes and reads CSV that is safe to open in a spreadsheet and comes back exactly as it was.
//
// Spreadsheets run a cell that begins with one of a few characters as a formula
// (https://owasp.org/www-community/attacks/CSV_Injection). [Harmless] puts an apostrophe before such a cell, and before one that
// already has apostrophes there, so that [Plain] takes back exactly what was put. Every cell is quoted (RFC 4180), because a program
// of another country may split at semicolons. The standard library's reader is not used: it turns CR LF inside a cell into LF.
// The package does no I/O of its own and knows no columns.
package sheet

import (
	"strings"
	"unicode/utf8"

	"daymark/internal/core/fault"
)

// starters are what a spreadsheet takes for the beginning of a formula: OWASP's list, with the full-width forms that East Asian
// versions treat alike, and the line feed, after which some look again.
const starters = "=+-@\t\r\n＝＋－＠"

// runs reports whether a cell, its leading apostrophes aside, begins like a formula.
func runs(cell string) bool {
	c, size := utf8.DecodeRuneInString(strings.TrimLeft(cell, "'"))
	return size > 0 && c != utf8.RuneError && strings.ContainsRune(starters, c)
}

// Harmless returns a cell as it is written: with an apostrophe before it where a spreadsheet would run it.
func Harmless(cell string) string {
	if runs(cell) {
		return "'" + cell
	}
	return cell
}

// Plain takes back what [Harmless] did.
func Plain(cell string) string {
	if strings.HasPrefix(cell, "'") && runs(cell) {
		return cell[1:]
	}
	return cell
}

// Line writes one record: each cell harmless and in quotation marks, ended by CR LF.
func Line(cells ...string) string {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(strings.ReplaceAll(Harmless(cell), `"`, `""`))
		b.WriteByte('"')
	}
	b.WriteString("\r\n")
	return b.String()
}

// Read reads records, quoted or not, whose lines end in CR LF or LF, and takes back the apostrophes of [Harmless]. Problems name
// the line. A byte order mark at the beginning is skipped: spreadsheets write one.
func Read(text string) ([][]string, error) { return ReadBy(text, ',') }

// ReadBy reads records whose cells are parted by another sign: a semicolon or a tab, as spreadsheets of other countries write them.
func ReadBy(text string, sign rune) ([][]string, error) {
	r := reader{rest: strings.TrimPrefix(text, "\ufeff"), line: 1, sign: string(sign)}
	var all [][]string
	for r.rest != "" {
		record, err := r.record()
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
	return all, nil
}

// signName is what people call the signs between cells.
var signName = map[string]string{",": "comma", ";": "semicolon", "\t": "tab"}

// reader stands between two records, or two cells of one.
type reader struct {
	rest string
	sign string // between cells
	line int    // of the file, for messages
}

func (r *reader) record() ([]string, error) {
	var cells []string
	for {
		cell, err := r.cell()
		if err != nil {
			return nil, err
		}
		cells = append(cells, Plain(cell))
		if strings.HasPrefix(r.rest, r.sign) {
			r.rest = r.rest[len(r.sign):]
			continue
		}
		switch {
		case r.rest == "":
		case strings.HasPrefix(r.rest, "\r\n"):
			r.rest = r.rest[2:]
		case strings.HasPrefix(r.rest, "\n"):
			r.rest = r.rest[1:]
		default:
			return nil, fault.New(fault.Invalid, "Line %d of the CSV: after a closing quotation mark a %s or the end of the line is expected.", r.line, signName[r.sign])
		}
		r.line++
		return cells, nil
	}
}

func (r *reader) cell() (string, error) {
	if !strings.HasPrefix(r.rest, `"`) {
		end := strings.IndexAny(r.rest, r.sign+"\n")
		if end < 0 {
			end = len(r.rest)
		}
		if end > 0 && end < len(r.rest) && r.rest[end] == '\n' && r.rest[end-1] == '\r' {
			end--
		}
		cell := r.rest[:end]
		if strings.Contains(cell, `"`) {
			return "", fault.New(fault.Invalid, "Line %d of the CSV: a quotation mark inside a cell needs the whole cell in quotation marks.", r.line)
		}
		r.rest = r.rest[end:]
		return cell, nil
	}
	var b strings.Builder
	began := r.line
	for rest := r.rest[1:]; ; {
		end := strings.IndexByte(rest, '"')
		if end < 0 {
			return "", fault.New(fault.Invalid, "Line %d of the CSV: the quotation mark that opens a cell here is never closed.", began)
		}
		b.WriteString(rest[:end])
		r.line += strings.Count(rest[:end], "\n")
		if rest = rest[end+1:]; !strings.HasPrefix(rest, `"`) {
			r.rest = rest
			return b.String(), nil
		}
		b.WriteByte('"')
		rest = rest[1:]
	}
}
