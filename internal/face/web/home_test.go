package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/org/people"
)

// dayOn is a site on the day itself, two hours after most of it was due: something is out, something failed, something comes, and each
// role has something to do.
func dayOn(t testing.TB) (s *site, b *booktest.Book, comes int64) {
	t.Helper()
	s = newTeam(t)
	s.clock.Set(booktest.Due.Add(2 * time.Hour))
	b = booktest.New(t, s.db)
	leeds, york := b.Channel(booktest.Channel{Handle: "@leeds@127.0.0.1"}), b.Channel(booktest.Channel{Handle: "@york@127.0.0.1", Languages: []string{"en", "fr"}})
	s.exec(`UPDATE channels SET labels = ARRAY[CASE id WHEN $1 THEN 'leeds' ELSE 'york' END], problem = CASE id WHEN $1 THEN '' ELSE 'The account cannot be used.' END`, leeds)
	s.exec(`UPDATE people SET labels = '{leeds}' WHERE role = 'chapter'`)
	out := b.Post("one-fact")
	for _, c := range []int64{leeds, york} {
		id := b.Deliver(booktest.Delivery{Post: out, Channel: c})
		b.Publish(id, booktest.Due.Add(3*time.Second))
		s.exec(`INSERT INTO latest_counts (delivery_id, taken_at, changed_at, gone, favourites, boosts) VALUES ($1, $2, $2, false, 4, 1)`, id, booktest.Due.Add(time.Hour))
		s.exec(`INSERT INTO readbacks (delivery_id, part, channel_id, next_at, state, asked_at) VALUES ($1, 1, $2, clock_timestamp(), 'same', $3)`, id, c, booktest.Due.Add(time.Minute))
	}
	b.Refuse(b.Deliver(booktest.Delivery{Post: b.Post("refused-here"), Channel: york}), booktest.Due, "Too long for York.")
	soon := b.Post("evening-vigil")
	comes = b.Deliver(booktest.Delivery{Post: soon, Channel: leeds, Due: booktest.Due.Add(2*time.Hour + 30*time.Minute)})
	b.Submit(b.Deliver(booktest.Delivery{Post: b.Post("waits-here"), Channel: leeds, Due: booktest.Due.Add(20 * time.Hour)}))
	s.exec(`INSERT INTO revisions (post_id, no, author_id, body, sha256) SELECT p.id, 2, (SELECT id FROM people WHERE role = 'translator'), r.body, r.sha256
FROM posts p JOIN revisions r ON r.id = p.current_revision WHERE p.message = 'evening-vigil'`)
	return s, b, comes
}

// mains are the filled buttons of a page.
var mains = regexp.MustCompile(`class="button button-main"[^>]* id="([a-z-]+)"`)

func TestHomeShowsEachRoleWhatNeedsThemWithOneNextAction(t *testing.T) {
	t.Parallel()
	s, _, _ := dayOn(t)
	for role, want := range map[people.Role]struct {
		main string
		has  []string
		not  []string
	}{
		people.RoleEditor:       {"open-decisions", []string{`id="day"`, "Refused here to @@york", "Too long for York.", `id="open-plan"`}, []string{`id="start-reviewing"`, `id="health"`}},
		people.RoleReviewer:     {"start-reviewing", []string{"1 draft waits for you", "Waits here"}, []string{`id="decide"`, `id="health"`}},
		people.RoleSafeguarding: {"start-reviewing", []string{`id="decide"`, "1 draft waits for you"}, []string{`id="health"`}},
		people.RoleTranslator:   {"translate-fr", []string{`id="own"`, "Evening vigil", "2 posts have no words in it", "Open it for French"}, []string{`id="decide"`}},
		people.RoleModerator:    {"watch-day", []string{"2 of 4 places are out."}, []string{`id="decide"`, `id="own"`}},
		people.RoleManager:      {"open-report", []string{`<dd id="reached-engagements">10</dd>`, `<dd id="reached-impressions" class="unsaid">`, "Mastodon does not report"}, []string{`id="decide"`}},
		people.RoleAdmin:        {"start-reviewing", []string{`id="health"`, "The account cannot be used.", "This database may send."}, nil},
		people.RoleChapter:      {"open-plan", []string{`id="accounts"`, "leeds@127.0.0.1"}, []string{"york", "York", "Refused here", `id="decide"`}},
	} {
		body := s.as(string(role)).get("/").body
		for _, has := range want.has {
			if !strings.Contains(body, has) {
				t.Errorf("%s does not see %q", role, has)
			}
		}
		for _, not := range want.not {
			if strings.Contains(body, not) {
				t.Errorf("%s sees %q", role, not)
			}
		}
		got := mains.FindAllStringSubmatch(body, -1)
		if len(got) != 1 || got[0][1] != want.main {
			t.Errorf("the next action of %s is %q, want %q", role, got, want.main)
		}
	}
}

func TestHomeComparesWithTheYearBeforeAndInventsNothing(t *testing.T) {
	t.Parallel()
	s, b, _ := dayOn(t)
	s.exec(`INSERT INTO editions (campaign_id, year, first_day, last_day) VALUES ('july-30', 2026, '2026-07-30', '2026-07-30')`)
	_, err := s.owner.ExecContext(t.Context(), `UPDATE posts SET edition_id = (SELECT id FROM editions WHERE year = 2026) WHERE id = (SELECT post_id FROM deliveries WHERE state = 'published' LIMIT 1)`)
	s.must(err)
	again := b.Deliver(booktest.Delivery{Post: b.Post("this-year"), Channel: b.Channel(booktest.Channel{})})
	b.Publish(again, booktest.Due)
	body := s.as("manager").get("/").body
	if !strings.Contains(body, `<dd id="reached-engagements" class="unsaid">`) || !strings.Contains(body, `<dd class="before">2026: 10</dd>`) || !strings.Contains(body, "has not been asked yet about 1 of 1 posts") {
		t.Errorf("the manager's home:\n%s", body)
	}
}

func TestHomeTeachesWhileThereIsNothing(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for _, role := range people.Roles() {
		a := s.as(string(role)).get("/")
		if a.status != http.StatusOK || !strings.Contains(a.body, "No campaign is planned yet") {
			t.Errorf("%s: %d", role, a.status)
		}
		if len(mains.FindAllString(a.body, -1)) != 0 {
			t.Errorf("%s has a next action where nothing can be done", role)
		}
	}
}

func TestTheDayShowsWhatIsNextOutLateAndWrong(t *testing.T) {
	t.Parallel()
	s, b, comes := dayOn(t)
	v := s.as("editor")
	a := v.get("/day")
	says(t, a, "Fri 30 July 2027", "in 30 minutes", "Evening vigil", `data-said="Sent: One fact, to 2 of 2"`, "seen at the network as approved: 2 of 2", "Too long for York.",
		`data-said="Did not go out: Refused here, 1 of 1"`, "3\u00a0s late. It waited for its turn.", `id="day-pause"`, "1 place waits for a decision")
	seen := regexp.MustCompile(`data-hx-get="(/day/2027-07-30\?seen=[0-9a-f]{16})"`).FindStringSubmatch(a.body)
	if seen == nil {
		t.Fatalf("the day does not renew itself:\n%s", a.body)
	}
	again := func() got { return v.do(http.MethodGet, seen[1], nil, http.Header{"Hx-Request": {"true"}}) }
	s.clock.Add(2 * time.Second)
	if got := again(); got.status != http.StatusNoContent || got.body != "" {
		t.Errorf("unchanged: %d %q", got.status, got.body)
	}
	if got := v.get(seen[1]); got.status != http.StatusOK {
		t.Errorf("opened as a page: %d", got.status)
	}
	s.clock.Add(40 * time.Minute)
	b.Publish(comes, booktest.Due.Add(2*time.Hour+30*time.Minute))
	if got := again(); got.status != http.StatusOK || !strings.Contains(got.body, `data-said="Sent: Evening vigil, to 1 of 1"`) {
		t.Errorf("changed: %d", got.status)
	}
	lead := s.as("chapter").get("/day").body
	if strings.Contains(lead, "York") || strings.Contains(lead, "york") || !strings.Contains(lead, `data-said="Sent: One fact, to 1 of 1"`) {
		t.Errorf("the day of a chapter:\n%s", lead)
	}
	says(t, v.get("/day/2027-07-20"), "Nothing goes out on this day", `href="/day/2027-07-30"`)
	for _, wrong := range []string{"/day/tomorrow", "/day/2027-02-30", "/day/9999-01-01"} {
		if a := v.get(wrong); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", wrong, a.status)
		}
	}
}

func TestPostsAreFoundWithinLimitsWithTheWordsMarked(t *testing.T) {
	t.Parallel()
	s, _, _ := dayOn(t)
	v := s.as("editor")
	says(t, v.get("/search"), "Look for a word", `id="q"`)
	says(t, v.get("/search?q=TEXT+evening"), "1 post", `<mark class="mark-found">Text</mark> of <mark class="mark-found">evening</mark>`, "Evening vigil")
	says(t, v.get("/search?q=nowhere"), "No post has all of this")
	says(t, v.get("/search?state=failed"), "Refused here", "1 post")
	says(t, v.get("/search?q=text&from=2027-07-31&to=rubbish"), "Waits here", "One of the days is no date")
	lead := s.as("chapter")
	if body := lead.get("/search?q=text").body; strings.Contains(body, "Refused here") || !strings.Contains(body, "One fact") {
		t.Errorf("a chapter finds:\n%s", body)
	}
	for _, odd := range []string{`"><script>alert(1)</script>`, "'; DROP TABLE posts; --", "\xff\xfe\x00", strings.Repeat("long ", 400), "& | ! <-> :*"} {
		a := v.get("/search?page=-1&account=x&edition=99999999999999999999&q=" + url.QueryEscape(odd))
		if a.status != http.StatusOK || strings.Contains(a.body, "<script>alert") {
			t.Errorf("%.20q: %d", odd, a.status)
		}
	}
}

func TestNoticesAreReadByEachAndDoneForAll(t *testing.T) {
	t.Parallel()
	s, _, _ := dayOn(t)
	s.exec(`INSERT INTO notices (key, level, say, subject_kind, subject_id, at) SELECT 'task:' || n, 'note', 'Task ' || n || '.', 'edition', '1', $1 FROM generate_series(1, 30) n`, today)
	s.exec(`INSERT INTO notices (key, level, say, subject_kind, subject_id, at) VALUES ('helpline-lapsed:x', 'warning', 'A line lapsed.', 'helpline', 'x', $1)`, today)
	v, other := s.as("editor"), s.as("reviewer")
	a := v.get("/notices")
	says(t, a, "31 matters", "31 are new to you.", "A line lapsed.", `href="/notices?page=2"`, "Tasks of an edition (30)")
	says(t, v.get("/"), `id="door-notices"`, `aria-hidden="true">31<`)
	last := regexp.MustCompile(`name="last" value="(\d+)"`).FindStringSubmatch(a.body)
	if got := v.post("/notices/read", url.Values{"last": {last[1]}}); got.to != "/notices" {
		t.Fatalf("read: %d", got.status)
	}
	if body := v.get("/notices?kind=check").body; strings.Contains(body, "new to you") || strings.Contains(body, "Task 1.") || !strings.Contains(body, "A line lapsed.") {
		t.Errorf("checks, after all was read:\n%s", body)
	}
	says(t, other.get("/notices"), "31 are new to you.")
	id := regexp.MustCompile(`id="notice-(\d+)"`).FindStringSubmatch(v.get("/notices?kind=check").body)
	if got := v.post(fmt.Sprintf("/notices/%s/done", id[1]), url.Values{"back": {"/notices?kind=check"}}); got.to != "/notices?kind=check" {
		t.Errorf("done: %d to %q", got.status, got.to)
	}
	says(t, other.get("/notices?state=done"), "A line lapsed.", "Done by Ada editor")
	for _, wrong := range []url.Values{nil, {"last": {"x"}}, {"last": {"-1"}}} {
		if got := v.post("/notices/read", wrong); got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest {
			t.Errorf("%v: %d", wrong, got.status)
		}
	}
	if got := v.post(fmt.Sprintf("/notices/%s/done", id[1]), url.Values{"back": {"https://example.net/notices"}}); got.to != "/" {
		t.Errorf("a way back to elsewhere: %q", got.to)
	}
}

// many fills the month of the day: 2,000 posts, each to 5 of 200 accounts, a part of them out, approved, asked about and drafted, with 50
// people.
func (s *site) many(posts, accounts int) {
	s.t.Helper()
	b := booktest.New(s.t, s.db)
	for i := range accounts {
		b.Channel(booktest.Channel{Handle: fmt.Sprintf("@account%d@127.0.0.1", i)})
	}
	s.exec(`INSERT INTO people (email, name, role, languages) SELECT 'p' || n || '@example.org', 'Person ' || n, 'editor', '{en}' FROM generate_series(1, 42) n`)
	s.exec(`INSERT INTO posts (edition_id, message) SELECT $1, 'many-' || n FROM generate_series(1, $2::int) n`, b.Edition, posts)
	s.exec(`
INSERT INTO revisions (post_id, no, author_id, body, sha256)
SELECT p.id, 1, CASE p.id % 20 WHEN 0 THEN (SELECT id FROM people WHERE email = 'editor@example.org') ELSE $1::bigint END, b.body, sha256(b.body)
FROM posts p, LATERAL (SELECT convert_to(format('{"message":"many-%s","kind":"fact","facts":["F%s"],"parts":[{"texts":{"en":"Wear the blue heart, number %s. %s {{helpline}}"}}],"when":{"date":"2027-07-30","clock":"09:00"}}',
  p.id, p.id % 30, p.id, repeat('Words of a post. ', 12)), 'UTF8') AS body) b`, b.Author)
	s.exec(`
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after)
SELECT p.id, c.id, 'en', t.at::date, t.at::time, 'Etc/UTC', t.at, t.at + interval '1 day'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS no FROM posts) p
CROSS JOIN LATERAL (SELECT '2027-07-01 06:00Z'::timestamptz + p.no * interval '21 minutes' AS at) t
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS no FROM channels) c ON c.no IN (SELECT (p.no * 7 + k * 31) % $1 FROM generate_series(0, 4) k)`, accounts)
	s.exec(`
WITH asked AS (
  INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
  SELECT id, current_revision, 'en', 2, $1 FROM posts WHERE id % 4 = 1
  RETURNING id, post_id, revision_id)
INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, a.id, a.post_id, a.revision_id, d.channel_id, 'en', d.due_at, d.not_after, r.body, r.sha256
FROM asked a JOIN deliveries d ON d.post_id = a.post_id JOIN revisions r ON r.id = a.revision_id`, b.Author)
	s.exec(`UPDATE deliveries SET state = 'missed', hold = NULL WHERE due_at < $1 AND id % 50 = 0`, today)
	s.exec(`INSERT INTO notices (key, level, say, subject_kind, subject_id, at) SELECT 'task:' || n, 'note', 'Task ' || n || '.', 'edition', '1', $1 FROM generate_series(1, 200) n`, today)
	_, err := s.owner.ExecContext(s.t.Context(), `VACUUM ANALYZE`) // what the application does not own it passes over
	s.must(err)
}

// BenchmarkHome asks for Home ten times a second, as three roles by turns, with 2,000 posts in the month, 200 accounts and 50 people.
func BenchmarkHome(b *testing.B) {
	s := newTeam(b)
	s.many(2000, 200)
	s.clock.Set(booktest.Due.AddDate(0, 0, -14))
	var visitors []visitor
	for _, role := range []string{"editor", "reviewer", "admin"} {
		visitors = append(visitors, s.as(role))
	}
	for _, path := range []string{"/", "/day", "/notices", "/search?q=heart+1999", "/search?q=words"} { // one post, and all of them
		b.Run(strings.NewReplacer("/", "home-", "?", "-", "=", "-").Replace(path), func(b *testing.B) {
			paced(b, path, 48, func(i int) got { return visitors[i%len(visitors)].get(path) })
		})
	}
}
