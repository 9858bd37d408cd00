package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
)

func writeRow(w io.Writer, line string) { _, _ = fmt.Fprintln(w, line) }

// tabbed joins cells with tabs; a tab or line break inside a cell becomes a space.
func tabbed(cells []any) string {
	list := make([]string, len(cells))
	for i, c := range cells {
		list[i] = strings.Join(strings.Fields(fmt.Sprint(c)), " ")
	}
	return strings.Join(list, "\t")
}

// utc writes an instant as RFC 3339 in UTC.
func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// cut shortens a text for a table.
func cut(s string, n int) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) <= n {
		return string(runes)
	}
	return string(runes[:n-1]) + "…"
}

// harmless keeps a spreadsheet from running a cell as a formula (OWASP, CSV injection).
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
