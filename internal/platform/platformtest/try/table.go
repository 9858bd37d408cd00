package try

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// head is the document without what was tried.
const head = `# Networks tried

Which real servers Daymark's connectors were tried against, and how it went. The suite in ` + "`internal/platform/platformtest/try`" + ` writes
this file when it is given accounts ([how](testing.md#real-servers)); a server that is tried again replaces its line. It publishes two
posts with a picture, alt text, a content note, a link and a hashtag, the second an answer to the first, reads them back, counts
them and takes both down. *Not supported* is what the network, the server or the account does not offer; the reasons are below the
table.

`

// none is what the document says as long as nothing was tried.
const none = "No real server has been tried yet. What holds against the sandboxes is in [networks.md](networks.md).\n"

const columns = `| Network | Server | Software | Version | Date | Passed | Not supported | Failed |
|---|---|---|---|---|---|---|---|
`

// Record returns the document with the reports in it, and with what it said before of other servers.
func Record(document string, reports []Report) string {
	var rows, notes []string
	for line := range strings.Lines(document) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "| Network |") && !strings.HasPrefix(line, "|---"):
			rows = append(rows, line)
		case strings.HasPrefix(line, "- "):
			notes = append(notes, line)
		}
	}
	for _, r := range reports {
		row := fmt.Sprintf("| %s | %s |", cell(string(r.Network)), cell(r.Name))
		note := fmt.Sprintf("- %s, %s: ", cell(string(r.Network)), cell(r.Name))
		rows = slices.DeleteFunc(rows, func(l string) bool { return strings.HasPrefix(l, row) })
		notes = slices.DeleteFunc(notes, func(l string) bool { return strings.HasPrefix(l, note) })
		rows = append(rows, fmt.Sprintf("%s %s | %s | %s | %d | %d | %d |", row, cell(r.Software), cell(r.Version), r.On.UTC().Format(time.DateOnly),
			r.Count(Passed), r.Count(NotSupported), r.Count(Failed)))
		for _, c := range r.Cases {
			switch c.State {
			case NotSupported:
				notes = append(notes, note+"not supported: "+cell(c.Name)+". "+cell(c.Why))
			case Failed:
				notes = append(notes, note+"**failed**: "+cell(c.Name)+". "+cell(c.Why))
			case Passed:
			}
		}
	}
	slices.Sort(rows)
	slices.SortStableFunc(notes, func(a, b string) int { return strings.Compare(server(a), server(b)) })
	if len(rows) == 0 {
		return head + none
	}
	out := head + columns + strings.Join(rows, "\n") + "\n"
	if len(notes) > 0 {
		out += "\n" + strings.Join(notes, "\n") + "\n"
	}
	return out
}

// server returns the beginning of a note, which names the server.
func server(note string) string {
	name, _, _ := strings.Cut(note, ": ")
	return name
}

// cell makes a text fit into one cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
