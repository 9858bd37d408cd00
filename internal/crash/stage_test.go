package crash

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/app/connect"
	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/lib/pq"
)

// settling is how long a sandbox's "not found" proves nothing in these tests.
const settling = 300 * time.Millisecond

// stage is a database with an edition in it, and what daemons on it are told. It differs from a [site] in that its database is one
// of the cluster that all tests share, and that its posts are written in bulk: it costs little, so that there can be many.
type stage struct {
	t        *testing.T
	db       *postgres.DB
	owner    *postgres.DB
	data     string
	env      []string
	networks *connect.Networks
	book     *booktest.Book
	posts    int
}

// newStage makes a stage in a database of its own.
func newStage(t *testing.T) *stage {
	t.Helper()
	d := postgrestest.NewBoth(t, migrations.FS)
	return stageOn(t, d)
}

// stageOn makes a stage in a migrated database that is empty.
func stageOn(t *testing.T, d postgrestest.Databases) *stage {
	t.Helper()
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	text := base64.StdEncoding.EncodeToString(raw)
	key, err := seal.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{
		t: t, db: d.App, owner: d.Owner, data: folder(t), book: booktest.New(t, d.App),
		env: []string{"DATABASE_URL=" + d.OwnerDSN, "DAYMARK_APP_DATABASE_URL=" + d.AppDSN, "DAYMARK_KEY=" + text, "DAYMARK_PLAN_WEEKS=0"},
		networks: connect.New(connect.Options{
			DB: d.App, Keys: seal.Keys{key}, Clock: app.LineClock(clock.Line{}), Version: "test", Settling: settling,
		}),
	}
}

// start starts the crash build on the stage and waits for nothing.
func (s *stage) start(env ...string) *daemon {
	s.t.Helper()
	return start(s.t, program(s.t, programs.crash), s.data, environment(append(slices.Clone(s.env), env...)...), "serve")
}

// connect makes a channel of an account on a ground.
func (s *stage) connect(g *ground) channel.Channel {
	s.t.Helper()
	made, err := s.networks.Connect(s.t.Context(), g.account, people.Person{ID: s.book.Author, Role: people.RoleAdmin})
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// planned is a post with one delivery.
type planned struct {
	channel channel.Channel
	due     time.Time
	parts   []string
	picture string // its hash; none when empty
}

// Each step of a post's life in one statement for all posts: what the product does one by one.
var sqlPlan = []struct{ name, sql string }{
	{"posts", `INSERT INTO posts (edition_id, message) SELECT $1, m FROM unnest($2::text[]) m RETURNING id`},
	{"revisions", `
INSERT INTO revisions (post_id, no, author_id, body, sha256)
SELECT t.post, 1, $1, t.body, sha256(t.body)
FROM unnest($2::bigint[], $3::bytea[]) AS t(post, body)
RETURNING id`},
	{"deliveries", `
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after)
SELECT t.post, t.channel, 'en', t.due::date, t.due::time(0), 'Etc/UTC', t.due, t.due + interval '24 hours'
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS t(post, channel, due)
RETURNING id`},
	{"submissions", `
INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
SELECT id, current_revision, 'en', 2, $1
FROM posts
WHERE id = ANY($2)
RETURNING id`},
	{"releases", `
INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, s.id, d.post_id, s.revision_id, d.channel_id, d.language, d.due_at, d.not_after, t.body, sha256(t.body)
FROM unnest($1::bigint[], $2::bytea[]) AS t(delivery, body)
JOIN deliveries d ON d.id = t.delivery
JOIN submissions s ON s.post_id = d.post_id
RETURNING id`},
	{"verdicts", `
INSERT INTO verdicts (submission_id, person_id, role, verdict)
SELECT s, p, 'reviewer', 'approve'
FROM unnest($1::bigint[]) s, unnest($2::bigint[]) p
RETURNING id`},
	{"clearances", `INSERT INTO clearances (submission_id) SELECT s FROM unnest($1::bigint[]) s RETURNING submission_id`},
	{"scheduled", `
UPDATE deliveries d
SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r
WHERE r.id = ANY($1)
  AND d.id = r.delivery_id
RETURNING d.id`},
	{"queue", `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id,
  submission_id, revision_id, due_at
FROM releases
WHERE id = ANY($1)
RETURNING delivery_id`},
}

// bulk is the size from which a group of posts is written as their owner, without the triggers that look at each one: here they are
// all good. Only the queue's own look at every row that comes in.
const bulk = 100

// What a trigger does for a revision that is written.
const sqlCurrent = `
UPDATE posts p
SET current_revision = t.revision
FROM unnest($1::bigint[], $2::bigint[]) AS t(post, revision)
WHERE p.id = t.post`

// plan writes approved posts that wait in the queue, and returns their deliveries in the same order. Many are written in groups, and
// the database is told how full its tables are: it would otherwise plan for empty ones.
func (s *stage) plan(list ...planned) []int64 {
	s.t.Helper()
	var all []int64
	for group := range slices.Chunk(list, 500) {
		all = append(all, s.planGroup(group)...)
		if len(list) > len(group) {
			if _, err := s.owner.ExecContext(s.t.Context(), "ANALYZE"); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	return all
}

func (s *stage) planGroup(list []planned) []int64 {
	s.t.Helper()
	var messages []string
	var bodies, finals [][]byte
	var channels []int64
	var dues []time.Time
	for _, p := range list {
		s.posts++
		messages = append(messages, fmt.Sprintf("message-%d", s.posts))
		source := post.Source{Message: messages[len(messages)-1]}
		for _, text := range p.parts {
			source.Parts = append(source.Parts, post.SourcePart{Texts: map[string]string{"en": text}})
		}
		bodies = append(bodies, canonical(s.t, source))
		channels, dues = append(channels, p.channel.ID), append(dues, p.due)
	}
	var deliveries []int64
	ctx := s.t.Context()
	db, triggers := s.db, func(*postgres.Tx, string) {}
	if len(list) > bulk {
		db, triggers = s.owner, func(tx *postgres.Tx, role string) {
			if _, err := tx.ExecContext(ctx, "SET LOCAL session_replication_role = "+role); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		step := 0
		triggers(tx, "replica")
		run := func(args ...any) (ids []int64) {
			now := sqlPlan[step]
			step++
			if err := tx.SelectContext(ctx, &ids, now.sql, args...); err != nil || len(ids) < len(list) {
				s.t.Fatalf("plan %d posts: %s: %d, %v", len(list), now.name, len(ids), err)
			}
			return ids
		}
		posts := run(s.book.Edition, pq.Array(messages))
		revisions := run(s.book.Author, pq.Array(posts), pq.ByteaArray(bodies))
		if len(list) > bulk {
			if _, err := tx.ExecContext(ctx, sqlCurrent, pq.Array(posts), pq.Array(revisions)); err != nil {
				return err
			}
		}
		deliveries = run(pq.Array(posts), pq.Array(channels), pq.Array(dues))
		submissions := run(s.book.Author, pq.Array(posts))
		for i, p := range list {
			finals = append(finals, canonical(s.t, final(posts[i], p)))
		}
		releases := run(pq.Array(deliveries), pq.ByteaArray(finals))
		run(pq.Array(submissions), pq.Array(s.book.Reviewers[:]))
		run(pq.Array(submissions))
		run(pq.Array(releases))
		triggers(tx, "origin")
		run(pq.Array(releases))
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return deliveries
}

// final is what reviewers were shown of a post.
func final(id int64, p planned) post.Final {
	due := p.due.UTC()
	f := post.Final{
		Post: id, Channel: p.channel.ID, Platform: p.channel.Platform, Account: p.channel.Handle, Language: "en", DueDate: due.Format(time.DateOnly),
		DueClock: due.Format("15:04"), Zone: "Etc/UTC", DueAt: due, NotAfter: due.Add(24 * time.Hour), Visibility: "public",
	}
	for i, text := range p.parts {
		part := post.FinalPart{Text: text}
		if i == 0 && p.picture != "" {
			part.Pictures = []post.FinalPicture{{SHA256: p.picture, Alt: "A blue rectangle."}}
		}
		f.Parts = append(f.Parts, part)
	}
	return f
}

func canonical(t *testing.T, v any) []byte {
	t.Helper()
	body, _, err := post.Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// picture stores a small picture and returns its hash.
func (s *stage) picture() string {
	s.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 8, 6))
	for i := range 48 {
		img.Set(i%8, i/8, color.RGBA{B: 200, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		s.t.Fatal(err)
	}
	err := s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error {
		return book.AddBlob(s.t.Context(), tx, book.Blob{Bytes: b.Bytes(), MIME: "image/png", Width: 8, Height: 6})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:])
}

// soon is an instant that is due in a moment: a daemon that starts now is ready by then.
func soon(in time.Duration) time.Time { return time.Now().Add(in).Truncate(time.Millisecond).UTC() }

// standing is how a delivery stands.
type standing struct {
	Delivery int64          `db:"id"`
	State    string         `db:"state"`
	Hold     string         `db:"hold"`
	Problem  string         `db:"problem"`
	Parts    pq.StringArray `db:"parts"` // the network's ids of what is out, as the book has them
}

const sqlStandings = `
SELECT d.id, s.state, coalesce(d.hold, '') AS hold, d.problem,
  ARRAY(SELECT c.remote_id FROM copies c WHERE c.delivery_id = d.id ORDER BY c.part) AS parts
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
ORDER BY d.id`

// standings returns how every delivery stands.
func (s *stage) standings() []standing {
	s.t.Helper()
	var list []standing
	if err := s.db.SelectContext(s.t.Context(), &list, sqlStandings); err != nil {
		s.t.Fatal(err)
	}
	return list
}

const sqlOpen = `
SELECT count(*)
FROM deliveries
WHERE state IN ('scheduled', 'unknown')`

// open returns how many deliveries are on their way or to be asked about.
func (s *stage) open() int {
	s.t.Helper()
	var n int
	if err := s.db.GetContext(s.t.Context(), &n, sqlOpen); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// settled waits until every delivery is settled.
func (s *stage) settled() {
	s.t.Helper()
	every(s.t, 20*time.Millisecond, "the deliveries to be settled", func() bool { return s.open() == 0 })
}

// diesOrSettles waits until a daemon is dead or has settled every delivery, and reports whether it died.
func (s *stage) diesOrSettles(d *daemon) bool {
	s.t.Helper()
	dead := false
	every(s.t, 20*time.Millisecond, "the daemon to die or to settle everything", func() bool {
		select {
		case <-d.ended:
			dead = true
			return true
		default:
		}
		return s.open() == 0
	})
	return dead
}

// long is how long a stage's tests wait: a question that was cut off may be asked again only when its time is over, and on a busy machine
// everything takes its time. It costs nothing where all goes well.
const long = 5 * time.Minute

// every looks at a condition at intervals until it holds.
func every(t *testing.T, interval time.Duration, what string, done func() bool) {
	t.Helper()
	limit := time.NewTimer(long)
	defer limit.Stop()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for !done() {
		select {
		case <-limit.C:
			t.Fatalf("waited %s for %s", long, what)
		case <-tick.C:
		}
	}
}
