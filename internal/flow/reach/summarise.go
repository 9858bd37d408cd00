package reach

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Summarise adds up what an edition reached by now. It runs four statements, whatever the size of the edition.
func Summarise(ctx context.Context, q postgres.Querier, editionID int64) (Report, error) {
	edition, err := book.EditionByID(ctx, q, editionID)
	if err != nil {
		return Report{}, err
	}
	r := Report{Edition: edition}
	if err := r.countStates(ctx, q); err != nil {
		return Report{}, err
	}
	if err := r.addUp(ctx, q); err != nil {
		return Report{}, err
	}
	if r.Punctuality, err = punctuality(ctx, q, editionID); err != nil {
		return Report{}, err
	}
	if r.Log, err = audit.Newest(ctx, q); err != nil {
		return Report{}, err
	}
	return r, nil
}

const sqlStates = `
SELECT count(*) FILTER (WHERE s.state IN ('published', 'removed')) AS published,
  count(*) FILTER (WHERE s.state = 'removed') AS removed,
  count(*) FILTER (WHERE s.state = 'missed') AS missed,
  count(*) FILTER (WHERE s.state = 'failed') AS failed,
  count(*) FILTER (WHERE s.state = 'unknown') AS unknown,
  count(*) FILTER (WHERE s.state IN ('held', 'scheduled', 'sending')) AS waiting,
  count(*) FILTER (WHERE s.state = 'cancelled') AS cancelled
FROM posts p
JOIN deliveries d ON d.post_id = p.id
JOIN delivery_states s ON s.delivery_id = d.id
WHERE p.edition_id = $1`

func (r *Report) countStates(ctx context.Context, q postgres.Querier) error {
	var row struct{ Published, Removed, Missed, Failed, Unknown, Waiting, Cancelled int }
	if err := q.GetContext(ctx, &row, sqlStates, r.Edition.ID); err != nil {
		return fmt.Errorf("count the deliveries of edition %d: %w", r.Edition.ID, err)
	}
	r.PublishedDeliveries, r.Removed, r.Missed, r.Failed = row.Published, row.Removed, row.Missed, row.Failed
	r.Unknown, r.Waiting, r.Cancelled = row.Unknown, row.Waiting, row.Cancelled
	return nil
}

// One pass over the edition's deliveries makes every breakdown. sum leaves NULLs out and is NULL when there is nothing else,
// which is what a figure that nobody tells has to be. told_* count how many deliveries a figure is told for.
const sqlBreakdowns = `
SELECT CASE
    WHEN grouping(p.message) = 0 THEN 'message'
    WHEN grouping(c.id) = 0 THEN 'channel'
    WHEN grouping(d.language) = 0 THEN 'language'
    WHEN grouping(c.platform) = 0 THEN 'network'
    WHEN grouping(d.due_date) = 0 THEN 'day'
    ELSE 'total' END AS breakdown,
  coalesce(p.message, c.id::text, d.language, c.platform, to_char(d.due_date, 'YYYY-MM-DD'), '') AS key,
  coalesce(min(w.kind), '') AS kind, coalesce(min(w.opening), '') AS opening,
  coalesce(min(c.name), '') AS channel_name, coalesce(min(c.handle), '') AS handle,
  count(d.id) AS posts, count(l.delivery_id) AS asked, count(*) FILTER (WHERE l.gone) AS gone, max(l.taken_at) AS last_asked,
  sum(l.favourites) AS favourites, sum(l.boosts) AS boosts, sum(l.replies) AS replies, sum(l.quotes) AS quotes,
  sum(l.impressions) AS impressions, sum(l.clicks) AS clicks,
  count(l.favourites) AS told_favourites, count(l.boosts) AS told_boosts, count(l.replies) AS told_replies,
  count(l.quotes) AS told_quotes, count(l.impressions) AS told_impressions, count(l.clicks) AS told_clicks
FROM posts p
JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
JOIN channels c ON c.id = d.channel_id
LEFT JOIN latest_counts l ON l.delivery_id = d.id
LEFT JOIN LATERAL (
  SELECT b.body->>'kind' AS kind, coalesce(b.texts->>'en', (SELECT min(t.value) FROM jsonb_each_text(b.texts) t)) AS opening
  FROM (
    SELECT v.body, v.body#>'{parts,0,texts}' AS texts
    FROM (SELECT convert_from(r.body, 'UTF8')::jsonb AS body FROM revisions r WHERE r.id = p.current_revision) v
  ) b
) w ON true
WHERE p.edition_id = $1
GROUP BY GROUPING SETS ((p.message), (c.id), (d.language), (c.platform), (d.due_date), ())
ORDER BY breakdown,
  CASE WHEN grouping(p.message) = 0 THEN min(d.due_at) END,
  CASE WHEN grouping(c.id) = 0 THEN min(c.name) END,
  key`

// figureRow is one row of a breakdown as the database answers it.
type figureRow struct {
	Breakdown   string     `db:"breakdown"`
	Key         string     `db:"key"`
	Kind        string     `db:"kind"`    // of the message
	Opening     string     `db:"opening"` // the message's text, in English where it has one
	ChannelName string     `db:"channel_name"`
	Handle      string     `db:"handle"`
	Posts       int        `db:"posts"`
	Asked       int        `db:"asked"`
	Gone        int        `db:"gone"`
	LastAsked   *time.Time `db:"last_asked"`

	Favourites  *int64 `db:"favourites"`
	Boosts      *int64 `db:"boosts"`
	Replies     *int64 `db:"replies"`
	Quotes      *int64 `db:"quotes"`
	Impressions *int64 `db:"impressions"`
	Clicks      *int64 `db:"clicks"`

	ToldFavourites  int `db:"told_favourites"`
	ToldBoosts      int `db:"told_boosts"`
	ToldReplies     int `db:"told_replies"`
	ToldQuotes      int `db:"told_quotes"`
	ToldImpressions int `db:"told_impressions"`
	ToldClicks      int `db:"told_clicks"`
}

func (r *Report) addUp(ctx context.Context, q postgres.Querier) error {
	var rows []figureRow
	if err := q.SelectContext(ctx, &rows, sqlBreakdowns, r.Edition.ID); err != nil {
		return fmt.Errorf("add up edition %d: %w", r.Edition.ID, err)
	}
	for _, f := range rows {
		row := Row{Key: f.Key, Label: f.Key, Posts: f.Posts, Counts: f.counts()}
		switch f.Breakdown {
		case "message":
			row.Label = f.title()
			r.ByMessage = append(r.ByMessage, row)
		case "channel":
			row.Label = f.ChannelName + " (" + f.Handle + ")"
			r.ByChannel = append(r.ByChannel, row)
		case "language":
			r.ByLanguage = append(r.ByLanguage, row)
		case "network":
			row.Label = networkName(f.Key)
			r.ByNetwork = append(r.ByNetwork, row)
			r.Lacks = append(r.Lacks, f.lacks()...)
		case "day":
			r.ByDay = append(r.ByDay, row)
		case "total":
			r.Totals, r.Gone = row.Counts, f.Gone
			if f.LastAsked != nil {
				r.LastAsked = new(f.LastAsked.UTC())
			}
		}
	}
	r.Missing = sentences(r.Lacks)
	return nil
}

// title is what people know a message by: its kind and how it begins, or its key when it has neither.
func (f figureRow) title() string {
	opening := []rune(strings.Join(strings.Fields(f.Opening), " "))
	if len(opening) == 0 {
		return readable(f.Key)
	}
	const most = 48
	if len(opening) > most {
		opening = append(opening[:most-1], '…')
	}
	if f.Kind == "" {
		return string(opening)
	}
	return readable(f.Kind) + ": " + string(opening)
}

// counts returns the figures of a row with their engagements.
func (f figureRow) counts() Counts {
	c := Counts{Favourites: f.Favourites, Boosts: f.Boosts, Replies: f.Replies, Quotes: f.Quotes, Impressions: f.Impressions, Clicks: f.Clicks}
	for _, n := range []*int64{c.Favourites, c.Boosts, c.Replies, c.Quotes, c.Clicks} {
		switch {
		case n == nil:
		case c.Engagements == nil:
			c.Engagements = new(*n)
		default:
			*c.Engagements += *n
		}
	}
	return c
}

// percentile_disc gives a delay that did occur, never one between two. The attempt's own clock is ours, the network's is not.
const sqlPunctuality = `
SELECT count(*) AS posts,
  coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY t.micros), 0) AS p50,
  coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY t.micros), 0) AS p99,
  coalesce(max(t.micros), 0) AS most
FROM (
  SELECT (extract(epoch FROM a.started_at - d.due_at) * 1000000)::bigint AS micros
  FROM posts p
  JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
  JOIN attempts a ON a.delivery_id = d.id AND a.part = 1 AND (a.outcome = 'published' OR a.finding = 'found')
  WHERE p.edition_id = $1
) AS t`

func punctuality(ctx context.Context, q postgres.Querier, edition int64) (Punctuality, error) {
	var row struct {
		Posts          int
		P50, P99, Most int64
	}
	if err := q.GetContext(ctx, &row, sqlPunctuality, edition); err != nil {
		return Punctuality{}, fmt.Errorf("punctuality of edition %d: %w", edition, err)
	}
	micros := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	return Punctuality{Posts: row.Posts, P50: micros(row.P50), P99: micros(row.P99), Max: micros(row.Most)}, nil
}

// networkName writes a network as it writes itself.
func networkName(key string) string {
	switch key {
	case "x":
		return "X"
	case "linkedin":
		return "LinkedIn"
	case "byhand":
		return "By hand"
	}
	return readable(key)
}

// readable turns a key such as remember-tomorrow into words.
func readable(key string) string {
	words := strings.ReplaceAll(key, "-", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// join writes a list as people read it.
func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
