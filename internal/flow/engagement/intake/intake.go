// Package intake reads tables of counts that people bring from networks which tell Daymark none, and enters them.
//
// A table has a line for each post: by the number of its delivery or by its link, the day that the counts are of, and a column for each
// figure. [Look] says of each line what it would enter or what is wrong with it, and keeps nothing; [Keep] enters those that are right.
// What entering does is said in flow/engagement. The package knows no page.
package intake

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/sheet"
	"daymark/internal/flow/engagement"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// MaxRows is how many lines one table may have.
const MaxRows = 2000

// Row is a line of a table.
type Row struct {
	Line     int // in the file, its heading is the first
	Delivery int64
	Name     string // of the account that the delivery went to
	At       time.Time
	Counts   platform.Counts
	Err      error // what is wrong with it; nil where it can be entered
}

// columns are the names that headings may have, in small letters.
var columns = map[string]string{
	"delivery": "delivery", "number": "delivery", "link": "link", "url": "link", "post": "link", "date": "date", "day": "date",
	"favourites": "favourites", "favorites": "favourites", "likes": "favourites", "reactions": "favourites",
	"boosts": "boosts", "reposts": "boosts", "shares": "boosts", "retweets": "boosts",
	"replies": "replies", "comments": "replies", "quotes": "quotes",
	"impressions": "impressions", "views": "impressions", "clicks": "clicks", "link clicks": "clicks",
}

// Columns names the headings that people are told of.
func Columns() []string {
	return []string{"link", "date", "favourites", "boosts", "replies", "quotes", "impressions", "clicks"}
}

func figure(c *platform.Counts, name string) **int64 {
	switch name {
	case "favourites":
		return &c.Favourites
	case "boosts":
		return &c.Boosts
	case "replies":
		return &c.Replies
	case "quotes":
		return &c.Quotes
	case "impressions":
		return &c.Impressions
	case "clicks":
		return &c.Clicks
	}
	return nil
}

// On is what the lines of a table are held against.
type On struct {
	Edition int64
	By      people.Person
	Note    string // where the figures come from
	Now     time.Time
	Zone    *time.Location // in which days without a time end
}

const sqlOut = `
SELECT d.id, c.name, coalesce(k.url, '') AS url
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
JOIN channels c ON c.id = d.channel_id
LEFT JOIN copies k ON k.delivery_id = d.id
WHERE p.edition_id = $1
ORDER BY d.id, k.part`

// ground is what is out of an edition.
type ground struct {
	names  map[int64]string
	byLink map[string]int64
}

func read(ctx context.Context, q postgres.Querier, edition int64) (ground, error) {
	var list []struct {
		ID   int64  `db:"id"`
		Name string `db:"name"`
		URL  string `db:"url"`
	}
	if err := q.SelectContext(ctx, &list, sqlOut, edition); err != nil {
		return ground{}, fmt.Errorf("read what is out of edition %d: %w", edition, err)
	}
	g := ground{names: map[int64]string{}, byLink: map[string]int64{}}
	for _, one := range list {
		g.names[one.ID] = one.Name
		if one.URL != "" {
			g.byLink[plain(one.URL)] = one.ID
		}
	}
	return g, nil
}

// plain is a link as it is compared.
func plain(link string) string { return strings.TrimSuffix(strings.TrimSpace(link), "/") }

// find returns the delivery whose copy has a link, as it is or without what copying it adds behind a question mark; 0 for none.
func (g ground) find(link string) int64 {
	if id, ok := g.byLink[plain(link)]; ok {
		return id
	}
	bare, _, _ := strings.Cut(link, "?")
	return g.byLink[plain(bare)]
}

// Read reads a table. The error is about the table as a whole; what is wrong with a line is said there.
func Read(ctx context.Context, q postgres.Querier, file string, on On) ([]Row, error) {
	sign, text := sheet.Sign(file)
	records, err := sheet.ReadBy(text, sign)
	if err != nil {
		return nil, err
	}
	if len(records) < 2 {
		return nil, fault.New(fault.Invalid, "The table is empty: it needs a line of headings, and a line for each post.")
	}
	if len(records) > MaxRows+1 {
		return nil, fault.New(fault.Invalid, "The table has more than %d lines. Split it.", MaxRows)
	}
	heads := make([]string, len(records[0]))
	for i, cell := range records[0] {
		heads[i] = columns[strings.ToLower(strings.Join(strings.Fields(cell), " "))]
	}
	if !slices.Contains(heads, "link") && !slices.Contains(heads, "delivery") {
		return nil, fault.New(fault.Invalid, "No column says which post a line is about. Call one of them link or delivery.")
	}
	if !slices.ContainsFunc(heads, func(h string) bool { return figure(&platform.Counts{}, h) != nil }) {
		return nil, fault.New(fault.Invalid, "No column has counts. Call them favourites, boosts, replies, quotes, impressions or clicks.")
	}
	g, err := read(ctx, q, on.Edition)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for i, record := range records[1:] {
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		rows = append(rows, g.row(i+2, heads, record, on))
	}
	return rows, nil
}

// row reads a line.
func (g ground) row(line int, heads, record []string, on On) Row {
	r := Row{Line: line, At: on.Now}
	var wrong []fault.Problem
	for i, cell := range record {
		cell = strings.TrimSpace(cell)
		if i >= len(heads) || heads[i] == "" || cell == "" {
			continue
		}
		switch name := heads[i]; name {
		case "link":
			r.Delivery = g.find(cell)
		case "delivery":
			r.Delivery, _ = strconv.ParseInt(cell, 10, 64) // what is no number is no delivery either
		case "date":
			at, ok := instant(cell, on)
			if !ok {
				wrong = append(wrong, fault.Wrong(name, "is no day that has come; write it such as 2027-07-31"))
			}
			r.At = at
		default:
			n, ok := Count(cell)
			if !ok {
				wrong = append(wrong, fault.Wrong(name, "is no whole number"))
				continue
			}
			*figure(&r.Counts, name) = &n
		}
	}
	name, out := g.names[r.Delivery]
	if r.Name = name; !out {
		wrong = append(wrong, fault.Wrong("link", "leads to no post of this campaign that is out"))
	}
	r.Err = fault.BadFields(wrong)
	return r
}

// Count reads a whole number, with signs between thousands or without.
func Count(cell string) (int64, bool) {
	cell = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' || r == ',' || r == '.' {
			return -1
		}
		return r
	}, whole(cell))
	n, err := strconv.ParseInt(cell, 10, 64)
	return n, err == nil && n >= 0 && n <= math.MaxInt32
}

// whole takes the noughts behind a point away that a spreadsheet may write.
func whole(cell string) string {
	for _, end := range []string{".0", ",0", ".00", ",00"} {
		if rest, ok := strings.CutSuffix(cell, end); ok {
			return rest
		}
	}
	return cell
}

// instant reads a day, or a day with a time. The counts of a day are those of its end, those of today are of now.
func instant(cell string, on On) (time.Time, bool) {
	if at, err := time.ParseInLocation("2006-01-02 15:04", strings.Replace(cell, "T", " ", 1), on.Zone); err == nil {
		return at, !at.After(on.Now)
	}
	day, err := civil.ParseDate(cell)
	if err != nil {
		return on.Now, false
	}
	if today := civil.DateOf(on.Now.In(on.Zone)); !day.Before(today) {
		return on.Now, day == today
	}
	return civil.EndOfDay(day, on.Zone).Add(-time.Second), true
}

// errOnlyLooked undoes what looking did.
var errOnlyLooked = errors.New("only looked")

// Look reads a table and tries to enter each line, so that what entering would refuse is said too. Nothing of it is kept.
func Look(ctx context.Context, db *postgres.DB, file string, on On) ([]Row, error) {
	rows, err := Read(ctx, db, file, on)
	if err != nil {
		return nil, err
	}
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := enter(ctx, tx, rows, on); err != nil {
			return err
		}
		return errOnlyLooked
	})
	if errors.Is(err, errOnlyLooked) {
		err = nil
	}
	return rows, err
}

// Keep enters every line of a table that is right, and returns how many these are.
func Keep(ctx context.Context, tx *postgres.Tx, file string, on On) (int, error) {
	rows, err := Read(ctx, tx, file, on)
	if err != nil {
		return 0, err
	}
	return enter(ctx, tx, rows, on)
}

// What keeps a refused line from undoing the others.
const (
	before = `SAVEPOINT line`
	after  = `RELEASE SAVEPOINT line`
	undo   = `ROLLBACK TO SAVEPOINT line`
)

// enter enters the lines in the order of their instants, and notes at each what is refused.
func enter(ctx context.Context, tx *postgres.Tx, rows []Row, on On) (int, error) {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rows[a].At.Compare(rows[b].At) })
	entered := 0
	for _, i := range order {
		r := &rows[i]
		if r.Err != nil {
			continue
		}
		if _, err := tx.ExecContext(ctx, before); err != nil {
			return entered, fmt.Errorf("enter line %d: %w", r.Line, err)
		}
		err := engagement.Enter(ctx, tx, on.By, r.Delivery, r.Counts, r.At, on.Note)
		next := after
		switch {
		case err == nil:
			entered++
		case fault.Is(err, fault.Internal):
			return entered, err
		default:
			r.Err, next = err, undo
		}
		if _, err := tx.ExecContext(ctx, next); err != nil {
			return entered, fmt.Errorf("enter line %d: %w", r.Line, err)
		}
	}
	return entered, nil
}
