package draft

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/org/fact"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// User is a post that states a fact.
type User struct {
	Post      int64
	Edition   int64
	Title     string // the campaign and the year
	Message   string
	Rehearsal bool
	Languages []string           // in which it states the fact, in order
	States    map[post.State]int // of its deliveries in these languages
	Waiting   int                // deliveries that have yet to go out
	Live      int                // deliveries that are out, or may be
	First     time.Time          // when the first that waits is due; zero when none does
}

// use is a delivery with the version of its post that it goes out with, or went.
type use struct {
	Post      int64      `db:"post"`
	Edition   int64      `db:"edition"`
	Title     string     `db:"title"`
	Message   string     `db:"message"`
	Rehearsal bool       `db:"rehearsal"`
	Language  string     `db:"language"`
	State     post.State `db:"state"`
	Day       civil.Date `db:"due_date"`
	DueAt     time.Time  `db:"due_at"`
	Revision  int64      `db:"revision"`
}

// What is scheduled or out keeps the version that was approved; anything else will go out as the post reads now.
const sqlUses = `
SELECT p.id AS post, coalesce(p.edition_id, 0) AS edition, p.message, p.rehearsal, d.language, s.state, d.due_date, d.due_at, r.id AS revision,
  coalesce(coalesce(c.title->>'en', c.id) || ' ' || e.year, 'Stand-alone post') AS title
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
JOIN posts p ON p.id = d.post_id
JOIN revisions r ON r.id = coalesce(d.revision_id, p.current_revision)
LEFT JOIN editions e ON e.id = p.edition_id
LEFT JOIN campaigns c ON c.id = e.campaign_id
WHERE ($1::text = '' OR position(convert_to($1, 'UTF8') IN r.body) > 0)
  AND d.state <> 'cancelled'
  AND ($2::timestamptz IS NULL OR (d.due_at > $2 AND d.due_at <= $3 AND d.state IN ('held', 'scheduled') AND NOT p.rehearsal))
ORDER BY p.id, d.due_at, d.id`

const sqlBodies = `
SELECT id, body
FROM revisions
WHERE id = ANY($1)`

// uses returns deliveries with what each states in its language, those of one fact or those due between two instants.
func uses(ctx context.Context, q postgres.Querier, id string, after, until *time.Time) ([]use, func(use) []string, error) {
	var list []use
	if err := q.SelectContext(ctx, &list, sqlUses, id, after, until); err != nil {
		return nil, nil, fmt.Errorf("read what states facts: %w", err)
	}
	revisions := map[int64]bool{}
	for _, u := range list {
		revisions[u.Revision] = true
	}
	var rows []struct {
		ID   int64  `db:"id"`
		Body []byte `db:"body"`
	}
	if err := q.SelectContext(ctx, &rows, sqlBodies, pq.Array(slices.Sorted(maps.Keys(revisions)))); err != nil {
		return nil, nil, fmt.Errorf("read what states facts: %w", err)
	}
	sources := make(map[int64]post.Source, len(rows))
	for _, row := range rows {
		source, err := post.ReadSource(row.Body)
		if err != nil {
			return nil, nil, fmt.Errorf("revision %d: %w", row.ID, err)
		}
		sources[row.ID] = source
	}
	return list, func(u use) []string { return sources[u.Revision].StatedIn(u.Language) }, nil
}

// Users returns every post that states a fact, by name or by token, in the order in which they were made.
func Users(ctx context.Context, q postgres.Querier, id string) ([]User, error) {
	if _, err := fact.Find(ctx, q, id); err != nil {
		return nil, err
	}
	list, stated, err := uses(ctx, q, id, nil, nil)
	if err != nil {
		return nil, err
	}
	var users users
	for _, u := range list {
		if slices.Contains(stated(u), id) {
			users.add(u)
		}
	}
	return users, nil
}

// users gathers deliveries, which come post by post, into posts.
type users []User

func (list *users) add(u use) {
	if n := len(*list); n == 0 || (*list)[n-1].Post != u.Post {
		*list = append(*list, User{
			Post: u.Post, Edition: u.Edition, Title: u.Title, Message: u.Message, Rehearsal: u.Rehearsal, States: map[post.State]int{},
		})
	}
	last := &(*list)[len(*list)-1]
	if !slices.Contains(last.Languages, u.Language) {
		last.Languages = append(last.Languages, u.Language)
		slices.Sort(last.Languages)
	}
	last.States[u.State]++
	switch {
	case u.State == post.Held || u.State == post.Scheduled:
		last.Waiting++
		if last.First.IsZero() {
			last.First = u.DueAt.UTC()
		}
	case u.State.Out():
		last.Live++
	}
}

// Due is a fact that no longer holds on the day of a post that states it: somebody has to check it before then.
type Due struct {
	Fact  campaign.Fact
	Why   string     // what is wrong with it on that day
	Day   civil.Date // of the first such post, where it goes out
	Posts []User
}

// DueFacts returns the facts that a post due within the horizon states although they do not hold on its day, those needed first
// first. Rehearsals need nothing.
func DueFacts(ctx context.Context, q postgres.Querier, now time.Time, horizon time.Duration) ([]Due, error) {
	facts, err := fact.All(ctx, q)
	if err != nil {
		return nil, err
	}
	until := now.Add(horizon)
	list, stated, err := uses(ctx, q, "", &now, &until)
	if err != nil {
		return nil, err
	}
	due := map[string]*Due{}
	posts := map[string]*users{}
	for _, u := range list {
		for _, id := range stated(u) {
			f, known := facts[id]
			holds, why := f.Usable(u.Day)
			if !known || holds {
				continue
			}
			d, seen := due[id]
			if !seen {
				d = &Due{Fact: f, Why: why, Day: u.Day}
				due[id], posts[id] = d, &users{}
			}
			if u.Day.Before(d.Day) {
				d.Why, d.Day = why, u.Day
			}
			posts[id].add(u)
		}
	}
	var all []Due
	for _, id := range slices.Sorted(maps.Keys(due)) {
		due[id].Posts = *posts[id]
		all = append(all, *due[id])
	}
	slices.SortStableFunc(all, func(a, b Due) int { return a.Day.DaysSince(b.Day) })
	return all, nil
}
