package reach_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/reach"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func n(v int64) *int64 { return &v }

// counted writes the newest counts of a delivery, in the order of reach.Counts without engagements.
func counted(t *testing.T, db *postgres.DB, delivery int64, at time.Time, gone bool, figures ...*int64) {
	t.Helper()
	args := []any{delivery, at, gone}
	for i := range 6 {
		if i < len(figures) {
			args = append(args, figures[i])
		} else {
			args = append(args, nil)
		}
	}
	if _, err := db.ExecContext(t.Context(), `
INSERT INTO latest_counts (delivery_id, taken_at, changed_at, gone, favourites, boosts, replies, quotes, impressions, clicks)
VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9)`, args...); err != nil {
		t.Fatal(err)
	}
}

var asked = booktest.Due.Add(26 * time.Hour)

// edition fills a book: two messages to two Mastodon channels, one of them also to a network with impressions.
func edition(t *testing.T, db *postgres.DB) *booktest.Book {
	t.Helper()
	b := booktest.New(t, db)
	north := b.Channel(booktest.Channel{Name: "North", Handle: "@north@127.0.0.1"})
	nepal := b.Channel(booktest.Channel{Name: "=Nepal", Handle: "@nepal@127.0.0.1", Zone: "Asia/Kathmandu"})
	other := b.Channel(booktest.Channel{Name: "Views", Handle: "@views", Platform: "bluesky"})
	facts, thanks := b.Post("what-it-is"), b.Post("thank-you")
	out := func(d booktest.Delivery, late time.Duration) int64 {
		id := b.Deliver(d)
		due := d.Due
		if due.IsZero() {
			due = booktest.Due
		}
		b.Publish(id, due.Add(late))
		return id
	}
	evening := booktest.Due.Add(10 * time.Hour) // 31 July in Kathmandu
	counted(t, db, out(booktest.Delivery{Post: facts, Channel: north}, 20*time.Millisecond), asked, false, n(5), n(3), n(1))
	counted(t, db, out(booktest.Delivery{Post: facts, Channel: nepal, Language: "fr", Due: evening}, 30*time.Millisecond), asked.Add(-time.Hour), false, n(2), n(0), n(0), n(4))
	counted(t, db, out(booktest.Delivery{Post: facts, Channel: other}, 40*time.Millisecond), asked, true, n(7), nil, nil, nil, n(900), n(12))
	gone := out(booktest.Delivery{Post: thanks, Channel: north, Due: evening}, 2*time.Second)
	b.TakeDown(gone, evening.Add(time.Hour)) // not asked about before
	b.Miss(b.Deliver(booktest.Delivery{Post: thanks, Channel: nepal}))
	b.Refuse(b.Deliver(booktest.Delivery{Post: thanks, Channel: nepal, Language: "fr"}), booktest.Due, "Too long.")
	b.Lose(b.Deliver(booktest.Delivery{Post: thanks, Channel: other}), booktest.Due)
	b.Deliver(booktest.Delivery{Post: thanks, Channel: other, Language: "fr"})
	b.Send(b.Deliver(booktest.Delivery{Post: thanks, Channel: other, Language: "ar"}), booktest.Due)
	return b
}

func summarise(t *testing.T) (reach.Report, *booktest.Book) {
	t.Helper()
	db := postgrestest.New(t, migrations.FS)
	b := edition(t, db)
	r, err := reach.Summarise(t.Context(), db, b.Edition)
	if err != nil {
		t.Fatal(err)
	}
	return r, b
}

func TestSummariseAddsUpWhatIsTold(t *testing.T) {
	t.Parallel()
	r, b := summarise(t)
	if r.Edition.ID != b.Edition || r.Edition.Campaign != "july-30" || r.Edition.Title != "World Day Against Trafficking in Persons" {
		t.Errorf("edition: %+v", r.Edition)
	}
	if got, want := []int{r.PublishedDeliveries, r.Removed, r.Gone, r.Missed, r.Failed, r.Unknown, r.Waiting, r.Cancelled}, []int{4, 1, 1, 1, 1, 1, 2, 0}; !cmp.Equal(got, want) {
		t.Errorf("published, removed, gone, missed, failed, unknown, waiting, cancelled are %v, want %v", got, want)
	}
	total := reach.Counts{Favourites: n(14), Boosts: n(3), Replies: n(1), Quotes: n(4), Impressions: n(900), Clicks: n(12), Engagements: n(34)}
	if diff := cmp.Diff(total, r.Totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	north := reach.Counts{Favourites: n(5), Boosts: n(3), Replies: n(1), Engagements: n(9)}
	nepal := reach.Counts{Favourites: n(2), Boosts: n(0), Replies: n(0), Quotes: n(4), Engagements: n(6)}
	views := reach.Counts{Favourites: n(7), Impressions: n(900), Clicks: n(12), Engagements: n(19)}
	english := reach.Counts{Favourites: n(12), Boosts: n(3), Replies: n(1), Impressions: n(900), Clicks: n(12), Engagements: n(28)}
	mastodon := reach.Counts{Favourites: n(7), Boosts: n(3), Replies: n(1), Quotes: n(4), Engagements: n(15)}
	for _, tt := range []struct {
		name      string
		got, want []reach.Row
	}{
		{"by message, in the order they fell due", r.ByMessage, []reach.Row{
			{Key: "what-it-is", Label: "Text of what-it-is", Posts: 3, Counts: total},
			{Key: "thank-you", Label: "Text of thank-you", Posts: 1},
		}},
		{"by language", r.ByLanguage, []reach.Row{
			{Key: "en", Label: "en", Posts: 3, Counts: english},
			{Key: "fr", Label: "fr", Posts: 1, Counts: nepal},
		}},
		{"by network", r.ByNetwork, []reach.Row{
			{Key: "bluesky", Label: "Bluesky", Posts: 1, Counts: views},
			{Key: "mastodon", Label: "Mastodon", Posts: 3, Counts: mastodon},
		}},
		{"by day at the channel's place", r.ByDay, []reach.Row{
			{Key: "2027-07-30", Label: "2027-07-30", Posts: 3, Counts: english},
			{Key: "2027-07-31", Label: "2027-07-31", Posts: 1, Counts: nepal},
		}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	byLabel := map[string]reach.Counts{}
	for _, row := range r.ByChannel {
		byLabel[row.Label] = row.Counts
	}
	if diff := cmp.Diff(map[string]reach.Counts{"North (@north@127.0.0.1)": north, "=Nepal (@nepal@127.0.0.1)": nepal, "Views (@views)": views}, byLabel); diff != "" {
		t.Errorf("by channel (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"Bluesky does not report boosts, replies and quotes.",
		"Mastodon has not been asked yet about 1 of 3 posts.",
		"Mastodon reports quotes for 1 of 2 posts only.",
		"Mastodon does not report impressions and clicks.",
	}, r.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if r.LastAsked == nil || !r.LastAsked.Equal(asked) {
		t.Errorf("last asked %v, want %v", r.LastAsked, asked)
	}
	want := reach.Punctuality{Posts: 4, P50: 30 * time.Millisecond, P99: 2 * time.Second, Max: 2 * time.Second}
	if r.Punctuality != want {
		t.Errorf("punctuality %+v, want %+v", r.Punctuality, want)
	}
}

func TestAnEditionThatNobodyAskedAboutHasNoFigures(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b, _ := booktest.Published(t, db, 2)
	r, err := reach.Summarise(t.Context(), db, b.Edition)
	if err != nil {
		t.Fatal(err)
	}
	if r.PublishedDeliveries != 2 || r.LastAsked != nil || r.Totals != (reach.Counts{}) {
		t.Errorf("%d published, asked %v, totals %+v: want 2, never, nothing", r.PublishedDeliveries, r.LastAsked, r.Totals)
	}
	if diff := cmp.Diff([]string{"Mastodon has not been asked yet about 2 of 2 posts."}, r.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func TestAnEditionWithoutDeliveriesIsEmpty(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	r, err := reach.Summarise(t.Context(), db, b.Edition)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"table": func(b *bytes.Buffer) error { return reach.WriteTable(b, r) },
		"JSON":  func(b *bytes.Buffer) error { return reach.WriteJSON(b, r) },
		"CSV":   func(b *bytes.Buffer) error { return reach.WriteCSV(b, r) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSummariseOfNoEditionIsNotFound(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	if _, err := reach.Summarise(t.Context(), db, 99); !fault.Is(err, fault.NotFound) {
		t.Errorf("Summarise of an edition that is not there: %v", err)
	}
}

func TestTableShowsADashWhereNobodyTells(t *testing.T) {
	t.Parallel()
	r, _ := summarise(t)
	var b strings.Builder
	if err := reach.WriteTable(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"World Day Against Trafficking in Persons 2027, 2027-07-30",
		"Deliveries: 4 published, 1 of them taken down, 1 of them gone at the network, 2 waiting, 1 unknown, 1 missed, 1 failed.",
		"Counts as the networks told them by 2027-07-31 11:00 UTC.",
		"half within 30ms, 99 of 100 within 2s",
		"Mastodon does not report impressions and clicks.",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q", want)
		}
	}
	table := b.String()
	if !strings.Contains(table, "\nNorth (@north@127.0.0.1)       2 ") {
		t.Errorf("labels are not aligned to the left:\n%s", table)
	}
	for line := range strings.Lines(table) {
		if strings.Contains(line, "North") {
			if got, want := strings.Fields(line)[2:], strings.Fields("2 5 3 1 – – – 9"); !cmp.Equal(got, want) {
				t.Errorf("the row of North is %q, want %q", got, want)
			}
		}
	}
}

func TestJSONHasNullWhereNobodyTells(t *testing.T) {
	t.Parallel()
	r, _ := summarise(t)
	var b bytes.Buffer
	if err := reach.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Campaign   string         `json:"campaign"`
		Year       int            `json:"year"`
		Deliveries map[string]int `json:"deliveries"`
		ByNetwork  []struct {
			Key    string          `json:"key"`
			Counts map[string]*int `json:"counts"`
		} `json:"by_network"`
		Punctuality map[string]float64 `json:"punctuality"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Campaign != "july-30" || got.Year != 2027 || got.Deliveries["published"] != 4 || got.Punctuality["p99_ms"] != 2000 {
		t.Errorf("head of the document: %+v", got)
	}
	mastodon := got.ByNetwork[1]
	impressions, told := mastodon.Counts["impressions"]
	if mastodon.Key != "mastodon" || !told || impressions != nil || *mastodon.Counts["favourites"] != 7 {
		t.Errorf("row of Mastodon: %+v", mastodon)
	}
}

func TestCSVIsHarmlessAndComplete(t *testing.T) {
	t.Parallel()
	r, _ := summarise(t)
	r.ByMessage[0].Key = "@SUM(1)"
	var b bytes.Buffer
	if err := reach.WriteCSV(&b, r); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split("campaign,year,rehearsal,last_asked,breakdown,key,label,posts,favourites,boosts,replies,quotes,impressions,clicks,engagements", ",")
	if diff := cmp.Diff(want, lines[0]); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(strings.Split("july-30,2027,false,2027-07-31T11:00:00Z,total,,Total,4,14,3,1,4,900,12,34", ","), lines[1]); diff != "" {
		t.Errorf("total (-want +got):\n%s", diff)
	}
	kinds := map[string]int{}
	for _, line := range lines[1:] {
		kinds[line[4]]++
		for _, cell := range line {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("a spreadsheet takes %q for a formula", cell)
			}
		}
		if strings.Contains(line[6], "Nepal") && (line[6] != "'=Nepal (@nepal@127.0.0.1)" || line[12] != "" || line[8] != strconv.Itoa(2)) {
			t.Errorf("row of Nepal: %q", line)
		}
	}
	if diff := cmp.Diff(map[string]int{"total": 1, "message": 2, "channel": 3, "language": 2, "network": 2, "day": 2, "note": 4}, kinds); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestEachFormatCarriesTheHeadOfTheLog(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := edition(t, db)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO audit (action, subject_kind) VALUES ('a.done', 'a')`); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.NewSealer(db).Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := reach.Summarise(t.Context(), db, b.Edition)
	if err != nil || r.Log.Seal != 1 {
		t.Fatalf("head %+v, %v", r.Log, err)
	}
	for name, write := range map[string]func(io.Writer, reach.Report) error{"table": reach.WriteTable, "JSON": reach.WriteJSON, "CSV": reach.WriteCSV} {
		var out bytes.Buffer
		if err := write(&out, r); err != nil || !strings.Contains(out.String(), r.Log.String()) {
			t.Errorf("%s lacks %s: %v\n%s", name, r.Log, err, out.String())
		}
	}
}

func TestInBriefTheFiguresAreThoseOfTheReport(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := edition(t, db)
	want, err := reach.Summarise(t.Context(), db, b.Edition)
	if err != nil {
		t.Fatal(err)
	}
	got, err := reach.InBrief(t.Context(), db, b.Edition)
	if err != nil {
		t.Fatal(err)
	}
	brief := reach.Brief{Posts: want.PublishedDeliveries, Totals: want.Totals, Lacks: want.Lacks, LastAsked: want.LastAsked}
	if diff := cmp.Diff(brief, got); diff != "" {
		t.Errorf("(-report +brief):\n%s", diff)
	}
	if none, err := reach.InBrief(t.Context(), db, 4711); err != nil || none.Posts != 0 || none.Totals.Engagements != nil || len(none.Lacks) != 0 {
		t.Errorf("of no edition: %+v, %v", none, err)
	}
}
