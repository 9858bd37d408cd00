// Package agenda is the book as a calendar shows it: which posts go out on which day, each as one line however many places it goes
// to, with how they stand and what is odd about them.
//
// One statement groups, filters, counts and cuts, so that a month of thousands of posts costs a page what it shows of them. The
// package decides nothing about what stands where on a page, changes nothing and knows no other calendar than that of civil dates.
package agenda

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Ask says which lines are wanted. An empty filter lets everything through.
type Ask struct {
	From, To civil.Date     // the first day, and the first day that is no longer wanted
	Zone     *time.Location // whose days and hours they are
	Each     bool           // each place's own days and hours instead
	Fine     bool           // a line for each time of a day at which a post goes out; else one for each day
	PerDay   int            // how many lines of a day come back; 0 is all
	Skip     int            // how many lines are passed over
	Most     int            // how many lines come back at most; 0 is all
	Texts    bool           // with the words of each

	Standings []string // how they stand, see [Line.Standings]
	Networks  []string
	Languages []string
	Editions  []int64 // 0 is posts that stand alone
	Labels    []string

	Person people.Person // whose limits hold
	Now    time.Time
}

// Line is a post on a day, or at a time of a day.
type Line struct {
	Post      int64
	Delivery  int64 // the first of its places
	Edition   int64
	Message   string
	Kind      string
	Rehearsal bool
	Day       civil.Date  // as it was asked for
	Clock     civil.Clock // the first one on the day
	DueAt     time.Time   // of the first of its places
	Languages []string
	Places    int
	Standings []string // one for each place: a state, or why it is held: draft, review, changes, edited, paused, overdue, decision
	Waits     bool     // some of it can be moved
	Risk      string   // what may keep it from going out as planned; a sentence
	Close     bool     // closer to another post than an account likes
	Quiet     bool     // at an hour at which an account would rather be quiet
	Source    post.Source

	OfDay int // how many lines its day has
	OfAll int // how many lines there are
}

// A delivery's standing is that of page.StandingOf in internal/face/web/page; a test there holds the two together. What lies closer to
// the post before it than the account likes, and quiet hours, are as internal/flow/plan/conflict has them; a test there compares.
//
// Lines are found, counted and cut by little more than their times, and by their standings only where these are asked for. What a line
// says is read afterwards, of those that are left.
const sqlLines = `
WITH allowed AS MATERIALIZED (
  SELECT c.id, c.spacing_minutes, c.zone, c.quiet_from, c.quiet_to
  FROM channels c
  WHERE (NOT $1::boolean OR may_see_channel($2::bigint, c.id))
    AND ($3::text[] IS NULL OR c.platform = ANY ($3))
    AND ($4::text[] IS NULL OR c.labels && $4)
), bound AS MATERIALIZED (
  SELECT e.id
  FROM editions e
  WHERE $1 AND may_see_edition($2, e.id)
), met AS (
  SELECT d.post_id, d.due_at, CASE WHEN $5 THEN d.due_date + d.due_clock END AS own,
    CASE WHEN $14::text[] IS NOT NULL THEN d.language END AS language,
    CASE
      WHEN $14 IS NULL THEN NULL
      WHEN d.state = 'scheduled' AND EXISTS (SELECT 1 FROM queue q WHERE d.due_at <= $9 AND q.delivery_id = d.id AND q.sending_at IS NOT NULL) THEN 'sending'
      WHEN d.state <> 'held' THEN d.state
      ELSE d.hold
    END AS stand
  FROM deliveries d
  WHERE d.due_at >= $7
    AND d.due_at < $8
    AND d.channel_id IN (SELECT c.id FROM allowed c)
    AND ($12::text[] IS NULL OR d.language = ANY ($12))
  GROUP BY 1, 2, 3, 4, 5
), told AS (
  SELECT m.post_id, m.shown, CASE WHEN $15 THEN m.shown ELSE date_trunc('day', m.shown) END AS slot
  FROM (SELECT m.post_id, m.language, m.stand, coalesce(m.own, m.due_at AT TIME ZONE $6::text) AS shown FROM met m OFFSET 0) m
  WHERE m.shown >= $10::date
    AND m.shown < $11::date
    AND ((NOT $1 AND $13::bigint[] IS NULL) OR EXISTS (
      SELECT 1
      FROM posts p
      WHERE p.id = m.post_id
        AND ($13 IS NULL OR coalesce(p.edition_id, 0) = ANY ($13))
        AND (NOT $1 OR CASE WHEN p.edition_id IS NULL THEN $20 ELSE p.edition_id IN (SELECT e.id FROM bound e) END)))
    AND ($14 IS NULL OR CASE
      WHEN m.stand NOT IN ('approval', 'edited') THEN m.stand
      ELSE coalesce((
        SELECT CASE WHEN EXISTS (
          SELECT 1
          FROM verdicts v
          WHERE v.submission_id = s.id
            AND v.verdict = 'changes'
            AND NOT EXISTS (SELECT 1 FROM verdicts l WHERE l.submission_id = v.submission_id AND l.person_id = v.person_id AND l.id > v.id)
        ) THEN 'changes' ELSE 'review' END
        FROM posts p
        JOIN submissions s ON s.post_id = p.id
          AND s.revision_id = p.current_revision
        WHERE p.id = m.post_id
          AND s.language = m.language
        ORDER BY s.id DESC
        LIMIT 1), CASE m.stand WHEN 'edited' THEN 'edited' ELSE 'draft' END) END = ANY ($14))
), ranked AS (
  SELECT l.post_id, l.slot, l.first, row_number() OVER (PARTITION BY l.first::date ORDER BY l.first, l.post_id) AS no,
    count(*) OVER (PARTITION BY l.first::date)::int AS of_day, count(*) OVER ()::int AS of_all
  FROM (SELECT t.post_id, t.slot, min(t.shown) AS first FROM told t GROUP BY t.post_id, t.slot) l
), cut AS MATERIALIZED (
  SELECT k.*
  FROM ranked k
  WHERE ($17::bigint = 0 OR k.no <= $17)
  ORDER BY k.first, k.post_id
  OFFSET $18
  LIMIT nullif($19::bigint, 0)
), placed AS (
  SELECT k.post_id, k.slot, d.id, d.language, d.due_at, p.current_revision,
    d.state IN ('held', 'scheduled', 'unknown') AND (
      SELECT b.post_id
      FROM deliveries b
      WHERE b.channel_id = d.channel_id
        AND b.state IN ('held', 'scheduled', 'unknown', 'published')
        AND b.due_at >= $7
        AND b.due_at > d.due_at - c.spacing_minutes * interval '1 minute'
        AND b.due_at <= d.due_at
        AND (b.due_at, b.post_id) < (d.due_at, d.post_id)
      ORDER BY b.due_at DESC, b.post_id DESC
      LIMIT 1) <> d.post_id AS crowded,
    d.state IN ('held', 'scheduled') AND c.quiet_from IS NOT NULL AND CASE WHEN c.quiet_from < c.quiet_to
      THEN (d.due_at AT TIME ZONE c.zone)::time >= c.quiet_from AND (d.due_at AT TIME ZONE c.zone)::time < c.quiet_to
      ELSE (d.due_at AT TIME ZONE c.zone)::time >= c.quiet_from OR (d.due_at AT TIME ZONE c.zone)::time < c.quiet_to END AS quiet,
    CASE
      WHEN d.state = 'scheduled' AND EXISTS (SELECT 1 FROM queue q WHERE d.due_at <= $9 AND q.delivery_id = d.id AND q.sending_at IS NOT NULL) THEN 'sending'
      WHEN d.state <> 'held' THEN d.state
      ELSE d.hold
    END AS stand
  FROM cut k
  JOIN posts p ON p.id = k.post_id
  JOIN deliveries d ON d.post_id = k.post_id
    AND d.due_at >= $7
    AND d.due_at < $8
    AND k.slot = CASE WHEN $15 THEN CASE WHEN $5 THEN d.due_date + d.due_clock ELSE d.due_at AT TIME ZONE $6 END
      ELSE date_trunc('day', CASE WHEN $5 THEN d.due_date + d.due_clock ELSE d.due_at AT TIME ZONE $6 END) END
    AND ($12 IS NULL OR d.language = ANY ($12))
  JOIN allowed c ON c.id = d.channel_id
), grouped AS MATERIALIZED (
  SELECT l.post_id, l.slot, l.language, l.stand, l.current_revision, min(l.due_at) AS due_at, min(l.id) AS delivery, count(*) AS places,
    array_agg(l.id) AS ids, bool_or(l.crowded) AS crowded, bool_or(l.quiet) AS quiet
  FROM placed l
  GROUP BY l.post_id, l.slot, l.language, l.stand, l.current_revision
), stood AS (
  SELECT g.*,
    CASE
      WHEN g.stand NOT IN ('approval', 'edited') THEN g.stand
      ELSE coalesce((
        SELECT CASE WHEN EXISTS (
          SELECT 1
          FROM verdicts v
          WHERE v.submission_id = s.id
            AND v.verdict = 'changes'
            AND NOT EXISTS (SELECT 1 FROM verdicts l WHERE l.submission_id = v.submission_id AND l.person_id = v.person_id AND l.id > v.id)
        ) THEN 'changes' ELSE 'review' END
        FROM submissions s
        WHERE s.post_id = g.post_id
          AND s.revision_id = g.current_revision
          AND s.language = g.language
        ORDER BY s.id DESC
        LIMIT 1), CASE g.stand WHEN 'edited' THEN 'edited' ELSE 'draft' END)
    END AS standing
  FROM grouped g
), lines AS (
  SELECT l.post_id, l.slot, min(l.due_at) AS due_at, min(l.delivery) AS delivery, sum(l.places)::int AS places,
    string_agg(array_to_string(l.ids, ','), ',') AS ids, string_agg(l.language, ',') AS languages,
    string_agg(l.standing || ':' || l.places, ',') AS standings, coalesce(bool_or(l.crowded), false) AS crowded,
    coalesce(bool_or(l.quiet), false) AS quiet, bool_or(l.stand IN ('scheduled', 'approval', 'edited', 'paused', 'overdue')) AS waits
  FROM stood l
  WHERE ($14 IS NULL OR l.standing = ANY ($14))
  GROUP BY l.post_id, l.slot
)
SELECT k.post_id AS post, l.delivery, coalesce(p.edition_id, 0) AS edition, p.message, p.rehearsal, k.first::date AS day, to_char(k.first, 'HH24:MI') AS clock,
  l.due_at, l.languages, l.places, l.standings, l.waits, l.crowded, l.quiet, k.of_day, k.of_all,
  coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind,
  CASE WHEN $16 THEN r.body END AS body,
  coalesce((
    SELECT x.say
    FROM delivery_risks x
    JOIN deliveries d ON d.id = x.delivery_id
    WHERE x.delivery_id = ANY (string_to_array(l.ids, ',')::bigint[])
      AND d.state IN ('held', 'scheduled')
    ORDER BY x.delivery_id, x.matter, x.subject
    LIMIT 1), '') AS risk
FROM cut k
JOIN lines l ON l.post_id = k.post_id
  AND l.slot = k.slot
JOIN posts p ON p.id = k.post_id
JOIN revisions r ON r.id = p.current_revision
ORDER BY k.first, k.post_id`

type row struct {
	Post      int64       `db:"post"`
	Delivery  int64       `db:"delivery"`
	Edition   int64       `db:"edition"`
	Message   string      `db:"message"`
	Kind      string      `db:"kind"`
	Rehearsal bool        `db:"rehearsal"`
	Day       civil.Date  `db:"day"`
	Clock     civil.Clock `db:"clock"`
	DueAt     time.Time   `db:"due_at"`
	Languages string      `db:"languages"`
	Places    int         `db:"places"`
	Standings string      `db:"standings"`
	Waits     bool        `db:"waits"`
	Risk      string      `db:"risk"`
	Crowded   bool        `db:"crowded"`
	Quiet     bool        `db:"quiet"`
	Body      []byte      `db:"body"`
	OfDay     int         `db:"of_day"`
	OfAll     int         `db:"of_all"`
}

// Lines returns what goes out, in the order of days and times.
func Lines(ctx context.Context, q postgres.Querier, a Ask) ([]Line, error) {
	if a.Zone == nil {
		a.Zone = time.UTC
	}
	from, to := civil.Place(a.From, civil.Clock{}, a.Zone), civil.Place(a.To, civil.Clock{}, a.Zone)
	if a.Each { // a place's day begins up to 14 hours before and ends up to 12 hours after that of UTC
		from, to = civil.Place(a.From.AddDays(-1), civil.Clock{}, time.UTC), civil.Place(a.To.AddDays(1), civil.Clock{}, time.UTC)
	}
	var rows []row
	err := postgres.SelectPlanned(ctx, q, &rows, sqlLines, a.Person.Limited(), a.Person.ID, texts(a.Networks), texts(a.Labels), a.Each, a.Zone.String(),
		from, to, a.Now, a.From.String(), a.To.String(), texts(a.Languages), numbers(a.Editions), texts(a.Standings), a.Fine, a.Texts,
		a.PerDay, a.Skip, a.Most, len(a.Person.Campaigns) == 0)
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	list := make([]Line, len(rows))
	for i, r := range rows {
		list[i] = Line{
			Post: r.Post, Delivery: r.Delivery, Edition: r.Edition, Message: r.Message, Kind: r.Kind, Rehearsal: r.Rehearsal, Day: r.Day,
			Clock: r.Clock, DueAt: r.DueAt, Languages: sorted(r.Languages), Places: r.Places, Standings: stands(r.Standings),
			Waits: r.Waits, Risk: r.Risk, Close: r.Crowded, Quiet: r.Quiet, OfDay: r.OfDay, OfAll: r.OfAll,
		}
		if r.Body == nil {
			continue
		}
		if list[i].Source, err = post.ReadSource(r.Body); err != nil {
			return nil, fmt.Errorf("post %d: %w", r.Post, err)
		}
	}
	return list, nil
}

// sorted reads a list with commas, each value once.
func sorted(list string) []string {
	out := strings.Split(list, ",")
	slices.Sort(out)
	return slices.Compact(out)
}

// stands reads how many places stand how: "draft:3,review:1".
func stands(list string) (out []string) {
	for _, one := range strings.Split(list, ",") {
		standing, count, _ := strings.Cut(one, ":")
		n, err := strconv.Atoi(count)
		for range n {
			out = append(out, standing)
		}
		if err != nil {
			out = append(out, one)
		}
	}
	slices.Sort(out)
	return out
}

// texts and numbers hand a filter to the database: NULL where it is empty.
func texts(list []string) any {
	if len(list) == 0 {
		return nil
	}
	return pq.Array(list)
}

func numbers(list []int64) any {
	if len(list) == 0 {
		return nil
	}
	return pq.Array(list)
}
