package report_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"daymark/internal/face/report"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/texts"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/reach/handout"
	"daymark/internal/media/card/lettering"
	"daymark/internal/media/paper/papertest"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// now is four days after the day.
var now = booktest.Due.AddDate(0, 0, 4)

// languages are those of the posts.
var languages = []string{"en", "fr", "es", "ar"}

// edition fills a book with a number of messages in four languages on three channels, with figures, and the year before with some.
func edition(t testing.TB, db *postgres.DB, messages int) *booktest.Book {
	t.Helper()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	b := booktest.New(t, db)
	channels := []int64{
		b.Channel(booktest.Channel{Name: "Harbour Light", Handle: "@light@127.0.0.1"}),
		b.Channel(booktest.Channel{Name: "ضوء الميناء", Handle: "@daw@127.0.0.1", Zone: "Africa/Cairo"}),
		b.Channel(booktest.Channel{Name: "Sky 💙", Handle: "@sky", Platform: "bluesky"}),
	}
	fill := func(n int, year, scale int, due time.Time) {
		for i := range n {
			post := b.Post(fmt.Sprintf("m%d-%d", year, i+1))
			for j, language := range languages {
				for k, channel := range channels {
					d := b.Deliver(booktest.Delivery{Post: post, Channel: channel, Language: language, Due: due})
					b.Publish(d, due.Add(time.Duration(i)*time.Second))
					base := scale * (i*17 + j*5 + k*3)
					impressions := any(nil)
					if k == 2 {
						impressions = base * 40
					}
					exec(`
INSERT INTO latest_counts (delivery_id, taken_at, changed_at, favourites, boosts, replies, impressions)
VALUES ($1, $2, $2, $3, $4, $5, $6)`, d, due.Add(26*time.Hour), base, base/2, base/7, impressions)
				}
			}
		}
	}
	last := booktest.Due.AddDate(-1, 0, 0)
	this := b.Edition
	if err := db.GetContext(t.Context(), &b.Edition, `
INSERT INTO editions (campaign_id, year, first_day, last_day) VALUES ('july-30', 2026, '2026-07-30', '2026-07-30') RETURNING id`); err != nil {
		t.Fatal(err)
	}
	fill(2, 2026, 1, last)
	for i, day := range []string{"2026-07-30", "2026-08-03", "2026-08-04"} { // the last is a day too late to compare with
		exec(`INSERT INTO reach_days (edition_id, channel_id, day, platform, language, favourites, boosts, impressions) VALUES ($1, 0, $2, 'mastodon', 'en', $3, $4, NULL)`, b.Edition, day, 1000+i, 30+i)
	}
	b.Edition = this
	fill(messages, 2027, 29, booktest.Due)
	exec(`INSERT INTO entered_figures (edition_id, name, value, unit, note, person_id) VALUES ($1, 'helpline-contacts', 1350, '', 'By the operator.', $2)`, this, b.Author)
	exec(`INSERT INTO lessons (edition_id, message, body, person_id) VALUES ($1, 'm2027-1', 'Shorter words were shared more: كلمات أقصر.', $2)`, this, b.Author)
	exec(`UPDATE campaigns SET title = title || '{"ar": "اليوم العالمي لمكافحة الاتجار بالأشخاص"}'`)
	exec(`INSERT INTO audit (action, subject_kind) VALUES ('a.done', 'a')`)
	if _, err := audit.NewSealer(db).Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func words(t testing.TB) map[string]page.Words {
	t.Helper()
	all, err := texts.All()
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]page.Words{}
	for _, w := range all {
		by[w.Lang] = page.Words{Words: w}
	}
	return by
}

func options(w page.Words) report.Options {
	return report.Options{Words: w, Org: "Harbour Light", Now: now, Zone: time.UTC, Lessons: true}
}

// sqlFigures is written for this test alone: it shares nothing with the statements of the product.
const sqlFigures = `
SELECT kind, what, n
FROM (
  SELECT 'posts' AS kind, '' AS what, count(*) AS n FROM deliveries d JOIN posts p ON p.id = d.post_id WHERE p.edition_id = $1 AND d.state = 'published'
  UNION ALL
  SELECT f.kind, w.what, sum(f.n)
  FROM deliveries d
  JOIN posts p ON p.id = d.post_id
  JOIN channels c ON c.id = d.channel_id
  JOIN latest_counts l ON l.delivery_id = d.id
  CROSS JOIN LATERAL (VALUES ('favourites', l.favourites), ('boosts', l.boosts), ('replies', l.replies), ('impressions', l.impressions),
    ('engagements', l.favourites + l.boosts + l.replies)) f (kind, n)
  CROSS JOIN LATERAL (VALUES (''), (c.platform), (p.message), (d.language), (c.id::text), (d.due_date::text)) w (what)
  WHERE p.edition_id = $1 AND f.n IS NOT NULL
  GROUP BY 1, 2
  UNION ALL
  SELECT 'before', '', sum(favourites) FROM reach_days WHERE edition_id <> $1 AND edition_id > 0 AND day <= '2026-08-03'
  UNION ALL
  SELECT 'entered', '', value::bigint FROM entered_figures WHERE edition_id = $1
  UNION ALL
  SELECT 'approvals', '', count(*) FROM verdicts v JOIN submissions s ON s.id = v.submission_id JOIN posts p ON p.id = s.post_id WHERE p.edition_id = $1 AND v.verdict = 'approve'
) x
WHERE n IS NOT NULL`

// spaces are what parts thousands in some languages.
var spaces = regexp.MustCompile(`[\s\x{00a0}\x{202f}]+`)

func TestEveryFigureIsInTheDocumentInEachLanguage(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := edition(t, db, 5)
	h, err := handout.Read(t.Context(), db, b.Edition, now, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Kind string `db:"kind"`
		What string `db:"what"`
		N    int64  `db:"n"`
	}
	if err := db.SelectContext(t.Context(), &rows, sqlFigures, b.Edition); err != nil || len(rows) < 50 {
		t.Fatalf("%d figures: %v", len(rows), err)
	}
	fonts := lettering.NewFonts(nil)
	for lang, w := range words(t) {
		data, err := report.PDF(report.Write(h, options(w)), options(w), fonts)
		if err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv("DAYMARK_REPORTS"); dir != "" { // to look at
			if err := os.WriteFile(dir+"/report-"+lang+".pdf", data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text := papertest.Layout(t, data)
		there := map[string]bool{}
		for _, word := range strings.FieldsFunc(spaces.ReplaceAllString(text, " "), func(r rune) bool { return r == ' ' || r >= 0x200e && r <= 0x202e }) {
			there[word] = true
		}
		squeezed := spaces.ReplaceAllString(text, "")
		for _, f := range rows {
			written := w.Number(f.N)
			if !there[written] && !(strings.ContainsAny(written, "\u202f") && strings.Contains(squeezed, spaces.ReplaceAllString(written, ""))) {
				t.Errorf("%s: %s of %q, %s, is not in the document", lang, f.Kind, f.What, written)
			}
		}
		if info := papertest.Info(t, data); !strings.Contains(info, "Tagged:          yes") || !strings.Contains(info, "A4") {
			t.Errorf("%s: %s", lang, info)
		}
		for _, font := range papertest.Fonts(t, data) {
			if !font.Embedded || !font.Subset || !font.Unicode {
				t.Errorf("%s: the font %+v", lang, font)
			}
		}
		plain := papertest.Text(t, data)
		for _, want := range []string{w.T("report.did"), w.T("report.saw"), w.T("report.acted"), w.T("report.help"), w.T("report.before"), w.T("report.safety"), w.T("report.learnt"), w.T("report.lacks"), "ضوء الميناء", "💙", "كلمات أقصر", h.Report.Log.String()} {
			if !papertest.Has(plain, want) && !papertest.Has(text, want) {
				t.Errorf("%s: %q is not found", lang, want)
			}
		}
		if lang == "ar" && !papertest.Has(plain, "اليوم العالمي لمكافحة الاتجار بالأشخاص") {
			t.Errorf("the title is not in Arabic:\n%s", plain)
		}
		for _, person := range []string{"Wren", "Ana Approver", "Omar"} {
			if strings.Contains(plain, person) {
				t.Errorf("%s: names %s", lang, person)
			}
		}
		if t.Failed() {
			t.Logf("%s", text)
			return
		}
	}
}

func TestTheSameFiguresGiveTheSameDocument(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := edition(t, db, 2)
	var docs [2][]byte
	for i := range docs {
		h, err := handout.Read(t.Context(), db, b.Edition, now, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		o := options(words(t)["ar"])
		if docs[i], err = report.PDF(report.Write(h, o), o, lettering.NewFonts(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(docs[0], docs[1]) {
		t.Error("two documents differ")
	}
}

func TestAnEditionWithoutAnythingSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	b := booktest.New(t, db)
	h, err := handout.Read(t.Context(), db, b.Edition, now, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	o := options(words(t)["en"])
	data, err := report.PDF(report.Write(h, o), o, lettering.NewFonts(nil))
	if err != nil {
		t.Fatal(err)
	}
	text := papertest.Text(t, data)
	for _, key := range []string{"report.help.none", "report.before.none", "report.learnt.none", "report.untold"} {
		if !papertest.Has(text, o.Words.T(key)) {
			t.Errorf("%q is not found in\n%s", o.Words.T(key), text)
		}
	}
	o.Lessons = false
	for _, s := range report.Write(h, o).Sections {
		if s.ID == "learnt" {
			t.Error("what was learnt is told though it was not asked for")
		}
	}
}

// BenchmarkReport measures the document of an edition with 14 messages in 4 languages on 3 channels, from reading to its bytes.
func BenchmarkReport(b *testing.B) {
	db := postgrestest.New(b, migrations.FS)
	book := edition(b, db, 14)
	all := words(b)
	const most = 1500 * time.Millisecond
	slowest := time.Duration(0)
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		o := options(all[languages[i%len(languages)]])
		h, err := handout.Read(b.Context(), db, book.Edition, now, time.UTC)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := report.PDF(report.Write(h, o), o, lettering.NewFonts(nil)); err != nil { // fonts are read each time, as a command does
			b.Fatal(err)
		}
		slowest = max(slowest, time.Since(began))
	}
	verdict := "PASS"
	if slowest > most {
		verdict = "FAIL"
	}
	b.Logf("the slowest of %d documents took %s, at most %s: %s", b.N, slowest.Round(time.Millisecond), most, verdict)
	b.ReportMetric(float64(slowest.Milliseconds()), "ms-slowest")
}
