package command

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Printf writes to the command's output.
func (r *Run) Printf(format string, args ...any) {
	_, _ = fmt.Fprintf(r.Out, format, args...)
}

// JSON prints a value as indented JSON.
func (r *Run) JSON(v any) error {
	e := json.NewEncoder(r.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Table prints rows under a head, in columns.
func (r *Run) Table(head string, fill func(row func(...any))) error {
	w := tabwriter.NewWriter(r.Out, 0, 4, 2, ' ', 0)
	writeRow(w, head)
	fill(func(cells ...any) { writeRow(w, tabbed(cells)) })
	return w.Flush()
}

func writeRow(w io.Writer, line string) { _, _ = fmt.Fprintln(w, line) }

// tabbed joins cells with tabs; a tab or line break inside a cell becomes a space.
func tabbed(cells []any) string {
	list := make([]string, len(cells))
	for i, c := range cells {
		list[i] = strings.Join(strings.Fields(fmt.Sprint(c)), " ")
	}
	return strings.Join(list, "\t")
}

// UTC writes an instant as RFC 3339 in UTC.
func UTC(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Cut shortens a text for a table.
func Cut(s string, n int) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) <= n {
		return string(runes)
	}
	return string(runes[:n-1]) + "…"
}

// Harmless keeps a spreadsheet from running a cell as a formula (OWASP, CSV injection).
func Harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Count writes a number of things, in the plural where it is not one.
func Count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// Listed returns the words of a text with commas between; an empty one has none.
func Listed(text string) []string {
	list := []string{}
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			list = append(list, one)
		}
	}
	return list
}
