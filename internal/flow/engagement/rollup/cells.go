package rollup

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lib/pq"

	"daymark/internal/core/civil"
	"daymark/internal/postgres"
)

// The slices over all editions, in the place of an edition's number.
const (
	Everything = -1 // all that is no rehearsal
	Rehearsals = -2
)

// Cell names a row of reach_days: one day of one slice.
type Cell struct {
	Edition  int64 // 0: posts of no campaign; [Everything] or [Rehearsals]
	Channel  int64 // 0 but for the slice of a channel, which has Everything as its edition
	Day      civil.Date
	Platform string
	Language string // empty but for editions
}

// compare orders cells as the primary key does, which is the order in which their rows are locked.
func compare(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.Edition, b.Edition), cmp.Compare(a.Channel, b.Channel), a.Day.Compare(b.Day),
		cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Language, b.Language))
}

// Cells are sums by cell.
type Cells map[Cell]Figures

// Place says where the gains of a delivery count.
type Place struct {
	Delivery  int64  `db:"id"`
	Channel   int64  `db:"channel_id"`
	Edition   int64  `db:"edition_id"`
	Rehearsal bool   `db:"rehearsal"`
	Platform  string `db:"platform"`
	Language  string `db:"language"`
	Zone      string `db:"zone"`
}

// Put adds what a delivery gained at an instant to its cells. The day is that of the clocks at the channel's place, as it was when the
// delivery was planned.
func (c Cells) Put(p Place, at time.Time, gain Figures, zones Zones) {
	if !gain.Told() {
		return
	}
	day, over := civil.DateOf(at.In(zones.of(p.Zone))), int64(Everything)
	if p.Rehearsal {
		over = Rehearsals
	}
	for _, cell := range [...]Cell{
		{Edition: p.Edition, Day: day, Platform: p.Platform, Language: p.Language},
		{Edition: Everything, Channel: p.Channel, Day: day, Platform: p.Platform},
		{Edition: over, Day: day, Platform: p.Platform},
	} {
		c[cell] = c[cell].Plus(gain)
	}
}

// Zones are time zones by name, each read once.
type Zones map[string]*time.Location

// of returns a zone; one that nobody knows any more counts as UTC.
func (z Zones) of(name string) *time.Location {
	if l, ok := z[name]; ok {
		return l
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		l = time.UTC
	}
	z[name] = l
	return l
}

// Change is what a delivery gained at an instant.
type Change struct {
	Delivery int64
	At       time.Time
	Gain     Figures
}

const sqlPlaces = `
SELECT d.id, d.channel_id, coalesce(p.edition_id, 0) AS edition_id, p.rehearsal, c.platform, d.language, d.zone
FROM deliveries d
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
WHERE d.id = ANY ($1)`

// Add adds gains to the sums, at the end of the transaction that keeps the counts: the rows of a busy day are waited for by others.
func Add(ctx context.Context, tx postgres.Querier, changes []Change) error {
	changes = slices.DeleteFunc(changes, func(c Change) bool { return !c.Gain.Told() })
	if len(changes) == 0 {
		return nil
	}
	ids := make([]int64, len(changes))
	for i, c := range changes {
		ids[i] = c.Delivery
	}
	var places []Place
	if err := tx.SelectContext(ctx, &places, sqlPlaces, pq.Array(ids)); err != nil {
		return fmt.Errorf("read where counts belong: %w", err)
	}
	of := make(map[int64]Place, len(places))
	for _, p := range places {
		of[p.Delivery] = p
	}
	cells, zones := Cells{}, Zones{}
	for _, c := range changes {
		cells.Put(of[c.Delivery], c.At, c.Gain, zones)
	}
	return cells.add(ctx, tx)
}

// The sum of a figure and nothing is the figure: coalesce finds it.
const sqlAddCells = `
INSERT INTO reach_days AS r (edition_id, channel_id, day, platform, language, favourites, boosts, replies, quotes, impressions, clicks)
SELECT i.edition_id, i.channel_id, i.day, i.platform, i.language, i.favourites, i.boosts, i.replies, i.quotes, i.impressions, i.clicks
FROM unnest($1::bigint[], $2::bigint[], $3::date[], $4::text[], $5::text[],
  $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
  AS i (edition_id, channel_id, day, platform, language, favourites, boosts, replies, quotes, impressions, clicks)
ON CONFLICT (edition_id, channel_id, day, platform, language) DO UPDATE
SET favourites = coalesce(r.favourites + excluded.favourites, r.favourites, excluded.favourites),
  boosts = coalesce(r.boosts + excluded.boosts, r.boosts, excluded.boosts),
  replies = coalesce(r.replies + excluded.replies, r.replies, excluded.replies),
  quotes = coalesce(r.quotes + excluded.quotes, r.quotes, excluded.quotes),
  impressions = coalesce(r.impressions + excluded.impressions, r.impressions, excluded.impressions),
  clicks = coalesce(r.clicks + excluded.clicks, r.clicks, excluded.clicks)`

func (c Cells) add(ctx context.Context, tx postgres.Querier) error {
	for list := range slices.Chunk(c.ordered(), atOnce) {
		if _, err := tx.ExecContext(ctx, sqlAddCells, c.columns(list)...); err != nil {
			return fmt.Errorf("add up what was gained: %w", err)
		}
	}
	return nil
}

// atOnce is how many cells one statement writes; only a rebuild has so many.
const atOnce = 10_000

// ordered returns the cells in the order of the key.
func (c Cells) ordered() []Cell { return slices.SortedFunc(maps.Keys(c), compare) }

// columns returns cells as one array for each column.
func (c Cells) columns(list []Cell) []any {
	editions, channels := make([]int64, len(list)), make([]int64, len(list))
	days, platforms, languages := make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	var figures [6][]*int64
	for i, cell := range list {
		editions[i], channels[i], days[i], platforms[i], languages[i] = cell.Edition, cell.Channel, cell.Day.String(), cell.Platform, cell.Language
		for f, n := range c[cell] {
			figures[f] = append(figures[f], n)
		}
	}
	args := []any{pq.Array(editions), pq.Array(channels), pq.Array(days), pq.Array(platforms), pq.Array(languages)}
	for _, column := range figures {
		args = append(args, pq.Array(column))
	}
	return args
}
