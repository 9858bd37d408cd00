package book

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Edition is one campaign in one year.
type Edition struct {
	ID        int64  `db:"id"`
	Campaign  string `db:"campaign"`
	Title     string `db:"title"` // in English, else the campaign's id
	Year      int    `db:"year"`
	Rehearsal bool   `db:"rehearsal"`
	FirstDay  string `db:"first_day"` // YYYY-MM-DD
	LastDay   string `db:"last_day"`
	Theme     string `db:"theme"`
}

const sqlEditions = `
SELECT e.id, e.campaign_id AS campaign, coalesce(c.title->>'en', c.id) AS title, e.year, e.rehearsal,
  to_char(e.first_day, 'YYYY-MM-DD') AS first_day, to_char(e.last_day, 'YYYY-MM-DD') AS last_day, coalesce(e.theme, '') AS theme
FROM editions e
JOIN campaigns c ON c.id = e.campaign_id
WHERE ($1 = '' OR (e.campaign_id = $1 AND e.year = $2 AND e.rehearsal = $3))
  AND ($4::bigint = 0 OR e.id = $4)
ORDER BY e.first_day DESC, e.rehearsal, e.id`

// Editions returns every edition, the latest first.
func Editions(ctx context.Context, q postgres.Querier) ([]Edition, error) {
	return editions(ctx, q, "", 0, false, 0)
}

// FindEdition returns the edition of a campaign in a year.
func FindEdition(ctx context.Context, q postgres.Querier, campaign string, year int, rehearsal bool) (Edition, error) {
	list, err := editions(ctx, q, campaign, year, rehearsal, 0)
	if err != nil {
		return Edition{}, err
	}
	if len(list) == 0 {
		return Edition{}, noEdition(campaign, year)
	}
	return list[0], nil
}

// EditionByID returns an edition.
func EditionByID(ctx context.Context, q postgres.Querier, id int64) (Edition, error) {
	list, err := editions(ctx, q, "", 0, false, id)
	if err != nil {
		return Edition{}, err
	}
	if id == 0 || len(list) == 0 {
		return Edition{}, noEdition("", 0)
	}
	return list[0], nil
}

func editions(ctx context.Context, q postgres.Querier, campaign string, year int, rehearsal bool, id int64) ([]Edition, error) {
	var list []Edition
	if err := q.SelectContext(ctx, &list, sqlEditions, campaign, year, rehearsal, id); err != nil {
		return nil, fmt.Errorf("list editions: %w", err)
	}
	return list, nil
}

// Entry is one delivery as a calendar shows it.
type Entry struct {
	Delivery    int64      `db:"delivery"`
	Post        int64      `db:"post"`
	Edition     int64      `db:"edition"`
	Message     string     `db:"message"`
	Kind        string     `db:"kind"`
	Language    string     `db:"language"`
	Text        string     `db:"text"` // as it was released; until then the source in that language, tokens unfilled
	Channel     int64      `db:"channel"`
	ChannelName string     `db:"channel_name"`
	Handle      string     `db:"handle"`
	Platform    string     `db:"platform"`
	Zone        string     `db:"zone"`
	DueAt       time.Time  `db:"due_at"`
	DueDate     string     `db:"due_date"`  // YYYY-MM-DD in Zone
	DueClock    string     `db:"due_clock"` // HH:MM in Zone
	NotAfter    time.Time  `db:"not_after"`
	State       post.State `db:"state"`
	Hold        post.Hold  `db:"hold"`
	Problem     string     `db:"problem"`
	URL         string     `db:"url"`
	PublishedAt *time.Time `db:"published_at"`
	Rehearsal   bool       `db:"rehearsal"`
	ReadyAt     time.Time  `db:"ready_at"` // from when it could go out: when it fell due, or was approved if that was later for what is prompt
	Prompt      bool       `db:"prompt"`   // it goes out as soon as it is approved, until NotAfter
	Answers     int64      `db:"answers"`  // the delivery that it goes out as a reply to, on the same channel; 0 for none
	AnswersPost int64      `db:"answers_post"`
	AnswersURL  string     `db:"answers_url"`
}

// Coming reports whether an entry's time is still to come, so that it can be approved in time.
func (e Entry) Coming(now time.Time) bool {
	return e.DueAt.After(now) || (e.Prompt && e.NotAfter.After(now))
}

// EntryFilter narrows a list of entries; a zero field does not narrow. From is inside, To outside.
type EntryFilter struct {
	From, To               time.Time
	Edition, Post, Channel int64
	Language               string
	State                  post.State
}

const sqlEntries = `
SELECT d.id AS delivery, d.post_id AS post, coalesce(p.edition_id, 0) AS edition, p.message, p.rehearsal,
  coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind,
  coalesce(convert_from(f.body, 'UTF8')::jsonb#>>'{parts,0,text}',
    convert_from(r.body, 'UTF8')::jsonb#>>ARRAY['parts', '0', 'texts', d.language], '') AS text,
  d.language, d.channel_id AS channel, c.name AS channel_name, c.handle, c.platform, d.zone,
  d.due_at, to_char(d.due_date, 'YYYY-MM-DD') AS due_date, to_char(d.due_clock, 'HH24:MI') AS due_clock, d.not_after,
  s.state, coalesce(d.hold, '') AS hold, d.problem, coalesce(k.url, '') AS url, k.published_at,
  greatest(d.ready_at, d.due_at) AS ready_at, d.prompt, coalesce(d.answers, 0) AS answers, coalesce(b.post_id, 0) AS answers_post, coalesce(bk.url, '') AS answers_url
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
LEFT JOIN revisions r ON r.id = p.current_revision
LEFT JOIN releases f ON f.id = d.release_id
LEFT JOIN copies k ON k.delivery_id = d.id AND k.part = 1
LEFT JOIN deliveries b ON b.id = d.answers
LEFT JOIN copies bk ON bk.delivery_id = d.answers AND bk.part = 1
WHERE ($1::timestamptz IS NULL OR d.due_at >= $1)
  AND ($2::timestamptz IS NULL OR d.due_at < $2)
  AND ($3::bigint = 0 OR p.edition_id = $3)
  AND ($4::bigint = 0 OR d.post_id = $4)
  AND ($5::bigint = 0 OR d.channel_id = $5)
  AND ($6 = '' OR d.language = $6)
  AND ($7 = '' OR s.state = $7)
ORDER BY d.due_at, d.post_id, d.channel_id, d.language`

// Entries returns the deliveries that pass the filter, in the order of their instants.
func Entries(ctx context.Context, q postgres.Querier, f EntryFilter) ([]Entry, error) {
	var list []Entry
	err := q.SelectContext(ctx, &list, sqlEntries, instant(f.From), instant(f.To), f.Edition, f.Post, f.Channel, f.Language, string(f.State))
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	return list, nil
}

// Post is a post with its current source and where it goes.
type Post struct {
	ID        int64
	Edition   int64
	Rehearsal bool
	Message   string
	Version   int
	Revision  int64
	Source    post.Source
	Author    string
	RevisedAt time.Time
	Entries   []Entry
}

const sqlPost = `
SELECT p.id, coalesce(p.edition_id, 0) AS edition, p.rehearsal, p.message, p.version, r.id AS revision, r.body, a.name AS author, r.at
FROM posts p
JOIN revisions r ON r.id = p.current_revision
JOIN people a ON a.id = r.author_id
WHERE p.id = $1`

// FindPost returns a post by its id.
func FindPost(ctx context.Context, q postgres.Querier, id int64) (Post, error) {
	var row struct {
		ID        int64     `db:"id"`
		Edition   int64     `db:"edition"`
		Rehearsal bool      `db:"rehearsal"`
		Message   string    `db:"message"`
		Version   int       `db:"version"`
		Revision  int64     `db:"revision"`
		Body      []byte    `db:"body"`
		Author    string    `db:"author"`
		At        time.Time `db:"at"`
	}
	if err := q.GetContext(ctx, &row, sqlPost, id); err != nil {
		return Post{}, notFound(err, "There is no post %d.", id)
	}
	source, err := post.ReadSource(row.Body)
	if err != nil {
		return Post{}, fmt.Errorf("post %d: %w", id, err)
	}
	entries, err := Entries(ctx, q, EntryFilter{Post: id})
	if err != nil {
		return Post{}, err
	}
	return Post{
		ID: row.ID, Edition: row.Edition, Rehearsal: row.Rehearsal, Message: row.Message, Version: row.Version,
		Revision: row.Revision, Source: source, Author: row.Author, RevisedAt: row.At, Entries: entries,
	}, nil
}

// Release is the final content of a delivery as it was put before reviewers.
type Release struct {
	ID         int64
	Delivery   int64
	Submission int64
	Final      post.Final
	SHA256     string // of the canonical body, in hex
	Current    bool   // made of the post's current revision
}

const sqlReleases = `
SELECT r.id, r.delivery_id, r.submission_id, r.body, r.sha256, r.revision_id = p.current_revision AS current
FROM releases r
JOIN posts p ON p.id = r.post_id
WHERE ($1::bigint = 0 OR r.post_id = $1)
  AND ($2::bigint[] IS NULL OR r.submission_id = ANY($2::bigint[]))
ORDER BY r.submission_id DESC, r.due_at, r.channel_id`

// Releases returns every release of a post, the newest submission first.
func Releases(ctx context.Context, q postgres.Querier, postID int64) ([]Release, error) {
	return releases(ctx, q, postID, nil)
}

// ReleasesOf returns the releases of submissions.
func ReleasesOf(ctx context.Context, q postgres.Querier, submissions ...int64) ([]Release, error) {
	if len(submissions) == 0 {
		return nil, nil
	}
	return releases(ctx, q, 0, submissions)
}

func releases(ctx context.Context, q postgres.Querier, postID int64, submissions []int64) ([]Release, error) {
	var rows []struct {
		ID         int64  `db:"id"`
		Delivery   int64  `db:"delivery_id"`
		Submission int64  `db:"submission_id"`
		Body       []byte `db:"body"`
		SHA256     []byte `db:"sha256"`
		Current    bool   `db:"current"`
	}
	if err := q.SelectContext(ctx, &rows, sqlReleases, postID, pq.Array(submissions)); err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	list := make([]Release, len(rows))
	for i, row := range rows {
		final, err := post.ReadFinal(row.Body)
		if err != nil {
			return nil, fmt.Errorf("release %d: %w", row.ID, err)
		}
		list[i] = Release{ID: row.ID, Delivery: row.Delivery, Submission: row.Submission, Final: final, SHA256: hexOf(row.SHA256), Current: row.Current}
	}
	return list, nil
}

// instant hands an instant to the database, NULL for none.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func noEdition(campaign string, year int) error {
	if campaign == "" {
		return fault.New(fault.NotFound, "There is no such edition.")
	}
	return fault.New(fault.NotFound, "There is no edition of %q in %d. Plan it first: daymark plan %s --year %d --save", campaign, year, campaign, year)
}
