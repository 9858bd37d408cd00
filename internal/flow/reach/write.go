package reach

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/rivo/uniseg"
)

// breakdown is one table of a report.
type breakdown struct {
	name, title string
	rows        []Row
}

// breakdowns returns the report's breakdowns with their fixed names, in the order in which every format shows them.
func (r Report) breakdowns() []breakdown {
	return []breakdown{
		{"message", "By message", r.ByMessage},
		{"channel", "By channel", r.ByChannel},
		{"language", "By language", r.ByLanguage},
		{"network", "By network", r.ByNetwork},
		{"day", "By day", r.ByDay},
	}
}

// WriteTable writes the report for a terminal. A figure that nobody tells is a dash.
func WriteTable(w io.Writer, r Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d", plain(r.Edition.Title), r.Edition.Year)
	if r.Edition.Rehearsal {
		b.WriteString(" (rehearsal)")
	}
	fmt.Fprintf(&b, ", %s", r.Edition.FirstDay)
	if r.Edition.LastDay != r.Edition.FirstDay {
		fmt.Fprintf(&b, " to %s", r.Edition.LastDay)
	}
	fmt.Fprintf(&b, "\n\n%s\n", states(r))
	if r.LastAsked != nil {
		fmt.Fprintf(&b, "Counts as the networks told them by %s.\n", r.LastAsked.Format("2006-01-02 15:04 UTC"))
	} else {
		b.WriteString("No network has been asked yet.\n")
	}
	if p := r.Punctuality; p.Posts > 0 {
		fmt.Fprintf(&b, "Sent after the due time: half within %v, 99 of 100 within %v, all within %v.\n", rounded(p.P50), rounded(p.P99), rounded(p.Max))
	}
	var lines [][]string
	heads := []string{"posts", "favourites", "boosts", "replies", "quotes", "impressions", "clicks", "engagements"}
	for _, part := range append(r.breakdowns(), breakdown{title: "Altogether", rows: []Row{total(r)}}) {
		if len(part.rows) == 0 {
			continue
		}
		lines = append(lines, nil, append([]string{part.title}, heads...))
		for _, row := range part.rows {
			lines = append(lines, append([]string{plain(row.Label)}, cells(row, "–")...))
		}
	}
	align(&b, lines)
	if len(r.Missing) > 0 {
		b.WriteString("\n")
		for _, sentence := range r.Missing {
			fmt.Fprintf(&b, "%s\n", plain(sentence))
		}
		b.WriteString("A dash (–) is a figure that nobody reports; it is not zero.\n")
	}
	if r.Log.Seal > 0 {
		fmt.Fprintf(&b, "\nThe log of who did what was sealed up to %s\n", r.Log)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// align writes lines in columns of one width, the first to the left, the others to the right.
func align(b *strings.Builder, lines [][]string) {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	for _, line := range lines {
		for i, cell := range line {
			room := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
			if i == 0 {
				b.WriteString(cell + room)
			} else {
				b.WriteString("  " + room + cell)
			}
		}
		b.WriteString("\n")
	}
}

// document is the JSON form of a report. Its names are stable: programs read them.
type document struct {
	Campaign  string         `json:"campaign"`
	Title     string         `json:"title"`
	Year      int            `json:"year"`
	Rehearsal bool           `json:"rehearsal"`
	FirstDay  string         `json:"first_day"`
	LastDay   string         `json:"last_day"`
	LastAsked *time.Time     `json:"last_asked"`
	States    map[string]int `json:"deliveries"`
	Totals    Counts         `json:"totals"`

	ByMessage  []Row `json:"by_message"`
	ByChannel  []Row `json:"by_channel"`
	ByLanguage []Row `json:"by_language"`
	ByNetwork  []Row `json:"by_network"`
	ByDay      []Row `json:"by_day"`

	Missing     []string `json:"missing"`
	Punctuality *delays  `json:"punctuality"` // null when nothing was sent
	LogHead     string   `json:"log_head"`    // for daymark audit verify --head; empty before the first seal
}

// delays is the JSON form of a Punctuality.
type delays struct {
	Posts int     `json:"posts"`
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

// WriteJSON writes the report as one JSON object with stable names. A figure that nobody tells is null.
func WriteJSON(w io.Writer, r Report) error {
	d := document{
		Campaign: r.Edition.Campaign, Title: r.Edition.Title, Year: r.Edition.Year, Rehearsal: r.Edition.Rehearsal,
		FirstDay: r.Edition.FirstDay, LastDay: r.Edition.LastDay, LastAsked: r.LastAsked, Totals: r.Totals,
		States: map[string]int{
			"published": r.PublishedDeliveries, "removed": r.Removed, "gone": r.Gone, "missed": r.Missed, "failed": r.Failed,
			"unknown": r.Unknown, "waiting": r.Waiting, "cancelled": r.Cancelled,
		},
		ByMessage: list(r.ByMessage), ByChannel: list(r.ByChannel), ByLanguage: list(r.ByLanguage), ByNetwork: list(r.ByNetwork),
		ByDay: list(r.ByDay), Missing: list(r.Missing), LogHead: r.Log.String(),
	}
	if p := r.Punctuality; p.Posts > 0 {
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		d.Punctuality = &delays{Posts: p.Posts, P50: ms(p.P50), P99: ms(p.P99), Max: ms(p.Max)}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// csvHead names the columns of the CSV form; the names and their order are stable, new ones come last.
var csvHead = []string{
	"campaign", "year", "rehearsal", "last_asked", "breakdown", "key", "label",
	"posts", "favourites", "boosts", "replies", "quotes", "impressions", "clicks", "engagements",
}

// WriteCSV writes one line per row of each breakdown, one for the total (breakdown "total") and one per sentence about what is
// missing (breakdown "note", the sentence in label). The head of the log stands in the label of breakdown "log". A figure that nobody
// tells is an empty cell.
func WriteCSV(w io.Writer, r Report) error {
	asked := ""
	if r.LastAsked != nil {
		asked = r.LastAsked.Format(time.RFC3339)
	}
	head := []string{r.Edition.Campaign, strconv.Itoa(r.Edition.Year), strconv.FormatBool(r.Edition.Rehearsal), asked}
	c := csv.NewWriter(w)
	line := func(cells ...string) error {
		for i, cell := range cells {
			cells[i] = harmless(cell)
		}
		return c.Write(cells)
	}
	err := c.Write(csvHead)
	row := func(name string, row Row) {
		if err == nil {
			err = line(slices.Concat(head, []string{name, row.Key, row.Label}, cells(row, ""))...)
		}
	}
	row("total", total(r))
	for _, part := range r.breakdowns() {
		for _, one := range part.rows {
			row(part.name, one)
		}
	}
	say := func(name, label string) {
		if err == nil {
			err = line(slices.Concat(head, []string{name, "", label}, make([]string, len(csvHead)-len(head)-3))...)
		}
	}
	for _, sentence := range r.Missing {
		say("note", sentence)
	}
	if r.Log.Seal > 0 {
		say("log", r.Log.String())
	}
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	if err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// harmless keeps a spreadsheet from taking a cell for a formula: it puts an apostrophe before the characters that start one
// (https://owasp.org/www-community/attacks/CSV_Injection).
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// states says in one line what became of the edition's deliveries.
func states(r Report) string {
	parts := []string{fmt.Sprintf("%d published", r.PublishedDeliveries)}
	for _, s := range []struct {
		n    int
		what string
	}{
		{r.Removed, "of them taken down"},
		{r.Gone, "of them gone at the network"},
		{r.Waiting, "waiting"},
		{r.Unknown, "unknown"},
		{r.Missed, "missed"},
		{r.Failed, "failed"},
		{r.Cancelled, "cancelled"},
	} {
		if s.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", s.n, s.what))
		}
	}
	return "Deliveries: " + strings.Join(parts, ", ") + "."
}

// total returns the whole report as a row.
func total(r Report) Row {
	return Row{Label: "Total", Posts: r.PublishedDeliveries, Counts: r.Totals}
}

// cells writes the figures of a row, with none for one that nobody tells.
func cells(row Row, none string) []string {
	out := []string{strconv.Itoa(row.Posts)}
	c := row.Counts
	for _, n := range []*int64{c.Favourites, c.Boosts, c.Replies, c.Quotes, c.Impressions, c.Clicks, c.Engagements} {
		if n == nil {
			out = append(out, none)
		} else {
			out = append(out, strconv.FormatInt(*n, 10))
		}
	}
	return out
}

// plain keeps control characters out of a terminal and tabs out of the table.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// rounded writes a delay as short as people need it.
func rounded(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}

// list makes an empty list of nil, which JSON would show as null.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
