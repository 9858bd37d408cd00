package compare

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"daymark/internal/core/post"
	"daymark/internal/flow/reach"
	"daymark/internal/postgres"
)

// Row is one line of a breakdown.
type Row struct {
	Key  string // the message, its kind, the network, the account's id, the language, the day, the weekday (0 is Sunday) or the hour
	Name string // of an account
	Sums
}

// Message is a message with what it did.
type Message struct {
	Row
	Kind      string
	Texts     map[string]string // how it begins, by language
	Picture   string            // the hash of its first picture; empty where it has none, or is a sensitive post
	Alt       map[string]string // what the picture shows, by language
	Sensitive bool
}

// States are how many deliveries of an edition are where.
type States struct{ Removed, Gone, Missed, Failed, Unknown, Waiting, Cancelled int }

// Edition is what the posts of an edition did against each other. Days, weekdays and hours are those at which posts fell due by the
// clock of their channel; what they gathered since is theirs.
type Edition struct {
	Total     Sums
	States    States
	LastAsked *time.Time // when a network was last asked; nil when none was
	Messages  []Message  // in the order in which they fell due
	Kinds     []Row      // by name, as all that follow
	Networks  []Row
	Accounts  []Row
	Languages []Row
	Days      []Row
	Weekdays  []Row
	Hours     []Row
}

// sums is [Sums] as the database answers it.
type sums struct {
	Posts       int    `db:"posts"`
	Asked       int    `db:"asked"`
	Favourites  *int64 `db:"favourites"`
	Boosts      *int64 `db:"boosts"`
	Replies     *int64 `db:"replies"`
	Quotes      *int64 `db:"quotes"`
	Impressions *int64 `db:"impressions"`
	Clicks      *int64 `db:"clicks"`
	Engaged     int    `db:"engaged"`
	Shown       *int64 `db:"shown"`

	ToldFavourites  int `db:"told_favourites"`
	ToldBoosts      int `db:"told_boosts"`
	ToldReplies     int `db:"told_replies"`
	ToldQuotes      int `db:"told_quotes"`
	ToldImpressions int `db:"told_impressions"`
	ToldClicks      int `db:"told_clicks"`
}

func (s sums) as() Sums {
	c := reach.Counts{Favourites: s.Favourites, Boosts: s.Boosts, Replies: s.Replies, Quotes: s.Quotes, Impressions: s.Impressions, Clicks: s.Clicks}
	c.Engagements = Engagements(c)
	return Sums{
		Counts: c, Posts: s.Posts, Asked: s.Asked, Engaged: s.Engaged, Shown: s.Shown,
		Told: [6]int{s.ToldFavourites, s.ToldBoosts, s.ToldReplies, s.ToldQuotes, s.ToldImpressions, s.ToldClicks},
	}
}

// summed are the columns of sums, over deliveries d with their newest counts l. sum leaves NULLs out and is NULL when there is nothing
// else, which is what a figure that nobody tells has to be.
const summed = `count(d.id) AS posts, count(l.delivery_id) AS asked,
  sum(l.favourites) AS favourites, sum(l.boosts) AS boosts, sum(l.replies) AS replies, sum(l.quotes) AS quotes,
  sum(l.impressions) AS impressions, sum(l.clicks) AS clicks,
  count(*) FILTER (WHERE num_nonnulls(l.favourites, l.boosts, l.replies, l.quotes, l.clicks) > 0) AS engaged,
  sum(coalesce(l.favourites, 0)::bigint + coalesce(l.boosts, 0) + coalesce(l.replies, 0) + coalesce(l.quotes, 0) + coalesce(l.clicks, 0))
    FILTER (WHERE l.impressions IS NOT NULL) AS shown,
  count(l.favourites) AS told_favourites, count(l.boosts) AS told_boosts, count(l.replies) AS told_replies,
  count(l.quotes) AS told_quotes, count(l.impressions) AS told_impressions, count(l.clicks) AS told_clicks`

const (
	// One pass over the edition's deliveries makes every breakdown.
	sqlBreakdowns = `
SELECT CASE
    WHEN grouping(d.message) = 0 THEN 'message'
    WHEN grouping(d.platform) = 0 THEN 'network'
    WHEN grouping(d.channel_id) = 0 THEN 'account'
    WHEN grouping(d.language) = 0 THEN 'language'
    WHEN grouping(d.due_date) = 0 THEN 'day'
    WHEN grouping(d.weekday) = 0 THEN 'weekday'
    WHEN grouping(d.hour) = 0 THEN 'hour'
    ELSE 'total' END AS breakdown,
  coalesce(d.message, d.platform, d.channel_id::text, d.language, to_char(d.due_date, 'YYYY-MM-DD'), d.weekday::text, d.hour::text, '') AS key,
  CASE WHEN grouping(d.channel_id) = 0 THEN min(d.name) ELSE '' END AS name,
  min(d.due_at) AS first, max(l.taken_at) AS last_asked, count(*) FILTER (WHERE l.gone) AS gone,
  ` + summed + `
FROM (
  SELECT d.id, p.message, c.platform, d.channel_id, c.name || ' (' || c.handle || ')' AS name, d.language, d.due_date, d.due_at,
    extract(dow FROM d.due_date)::int AS weekday, extract(hour FROM d.due_clock)::int AS hour
  FROM posts p
  JOIN deliveries d ON d.post_id = p.id AND d.state IN ('published', 'removed')
  JOIN channels c ON c.id = d.channel_id
  WHERE p.edition_id = $1
    AND ($2::bigint[] IS NULL OR d.channel_id = ANY ($2))
) d
LEFT JOIN latest_counts l ON l.delivery_id = d.id
GROUP BY GROUPING SETS ((d.message), (d.platform), (d.channel_id), (d.language), (d.due_date), (d.weekday), (d.hour), ())
ORDER BY breakdown, name, key`

	sqlStates = `
SELECT count(*) FILTER (WHERE s.state = 'removed') AS removed,
  count(*) FILTER (WHERE s.state = 'missed') AS missed,
  count(*) FILTER (WHERE s.state = 'failed') AS failed,
  count(*) FILTER (WHERE s.state = 'unknown') AS unknown,
  count(*) FILTER (WHERE s.state IN ('held', 'scheduled', 'sending')) AS waiting,
  count(*) FILTER (WHERE s.state = 'cancelled') AS cancelled
FROM posts p
JOIN deliveries d ON d.post_id = p.id
JOIN delivery_states s ON s.delivery_id = d.id
WHERE p.edition_id = $1
  AND ($2::bigint[] IS NULL OR d.channel_id = ANY ($2))`

	sqlWords = `
SELECT p.message, r.body
FROM posts p
JOIN revisions r ON r.id = p.current_revision
WHERE p.edition_id = $1`
)

// Read adds up an edition in every breakdown, over some accounts or, with nil, all. It runs three statements, whatever the size of the
// edition.
func Read(ctx context.Context, q postgres.Querier, edition int64, accounts []int64) (Edition, error) {
	var list []struct {
		Breakdown string     `db:"breakdown"`
		Key       string     `db:"key"`
		Name      string     `db:"name"`
		First     *time.Time `db:"first"`
		LastAsked *time.Time `db:"last_asked"`
		Gone      int        `db:"gone"`
		sums
	}
	if err := q.SelectContext(ctx, &list, sqlBreakdowns, edition, pq.Array(accounts)); err != nil {
		return Edition{}, fmt.Errorf("compare the posts of edition %d: %w", edition, err)
	}
	var e Edition
	if err := q.GetContext(ctx, &e.States, sqlStates, edition, pq.Array(accounts)); err != nil {
		return Edition{}, fmt.Errorf("count the deliveries of edition %d: %w", edition, err)
	}
	sources, err := words(ctx, q, edition)
	if err != nil {
		return Edition{}, err
	}
	first := map[string]time.Time{}
	kinds := map[string]*Sums{}
	for _, l := range list {
		row := Row{Key: l.Key, Name: l.Name, Sums: l.as()}
		switch l.Breakdown {
		case "message":
			e.Messages = append(e.Messages, message(row, sources[l.Key]))
			first[l.Key] = *l.First
			kind := sources[l.Key].Kind
			if kinds[kind] == nil {
				kinds[kind] = &Sums{}
			}
			kinds[kind].Add(row.Sums)
		case "network":
			e.Networks = append(e.Networks, row)
		case "account":
			e.Accounts = append(e.Accounts, row)
		case "language":
			e.Languages = append(e.Languages, row)
		case "day":
			e.Days = append(e.Days, row)
		case "weekday":
			e.Weekdays = append(e.Weekdays, row)
		case "hour":
			e.Hours = append(e.Hours, row)
		case "total":
			e.Total, e.States.Gone = row.Sums, l.Gone
			if l.LastAsked != nil {
				e.LastAsked = new(l.LastAsked.UTC())
			}
		}
	}
	for kind, s := range kinds {
		e.Kinds = append(e.Kinds, Row{Key: kind, Sums: *s})
	}
	slices.SortFunc(e.Kinds, func(a, b Row) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortStableFunc(e.Messages, func(a, b Message) int { return first[a.Key].Compare(first[b.Key]) })
	slices.SortFunc(e.Hours, func(a, b Row) int { return number(a.Key) - number(b.Key) })
	return e, nil
}

// number reads a number that the database wrote.
func number(key string) int {
	n, _ := strconv.Atoi(key)
	return n
}

// words reads what the messages of an edition say.
func words(ctx context.Context, q postgres.Querier, edition int64) (map[string]post.Source, error) {
	var list []struct {
		Message string `db:"message"`
		Body    []byte `db:"body"`
	}
	if err := q.SelectContext(ctx, &list, sqlWords, edition); err != nil {
		return nil, fmt.Errorf("read the words of edition %d: %w", edition, err)
	}
	all := make(map[string]post.Source, len(list))
	for _, w := range list {
		s, err := post.ReadSource(w.Body)
		if err != nil {
			return nil, fmt.Errorf("message %q of edition %d: %w", w.Message, edition, err)
		}
		all[w.Message] = s
	}
	return all, nil
}

func message(row Row, s post.Source) Message {
	m := Message{Row: row, Kind: s.Kind, Sensitive: s.Sensitive}
	if len(s.Parts) == 0 {
		return m
	}
	m.Texts = s.Parts[0].Texts
	if pictures := s.Parts[0].Pictures; len(pictures) > 0 && !s.Sensitive {
		m.Picture, m.Alt = pictures[0].SHA256, pictures[0].Alt
	}
	return m
}

// Ranked returns the messages of which engagements are told, the best first: by engagements of a post on average, then by rate, then by
// name. With fewer than [Enough] posts that may be chance.
func (e Edition) Ranked() []Message {
	var list []Message
	for _, m := range e.Messages {
		if _, _, ok := m.Each(); ok {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b Message) int {
		x, _, _ := a.Each()
		y, _, _ := b.Each()
		r, _, _ := a.Rate()
		s, _, _ := b.Rate()
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(s, r), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// Ends returns the best and the weakest messages, at most n of each and none twice; the weakest one comes first among the weak.
func (e Edition) Ends(n int) (best, weakest []Message) {
	list := e.Ranked()
	n = min(n, len(list)/2)
	weakest = slices.Clone(list[len(list)-n:])
	slices.Reverse(weakest)
	return list[:n], weakest
}
