package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
	"daymark/internal/org/outside"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// breakout tries to leave whatever it stands in: a text, an attribute in either quote, a title, a field, a comment, a script; and to be
// read as a template. It stands behind what people wrote.
const breakout = ` marked"'--></title></textarea></script><script>alert(1)</script><img src=x onerror=alert(1)><a href=javascript:alert(1)>x</a> onfocus=alert(1) {{7}}`

// script is an address that runs. It stands in place of those that people wrote.
const script = "javascript:alert(document.domain)//"

// machines are the text columns that no person fills and that pages do not only show: whoever can write into them is in the database
// already.
var machines = map[string]bool{
	"sessions.token": true, "people.password_hash": true, "deliveries.language": true, "deliveries.zone": true, "submissions.language": true,
	"releases.language": true, "queue.language": true, "copies.language": true, "channels.zone": true, "channels.platform": true,
	"profile.zone": true, "people.locale": true, "waivers.language": true, "blobs.mime": true, "licence.token": true, "totp.key_id": true, "consent_versions.key_id": true, "fast_clock.zone": true,
	"audit.subject_kind": true, "notices.subject_kind": true, "legal.now": true, "legal.was": true,
}

// column is a text column of the schema.
type column struct {
	Table string `db:"table_name"`
	Name  string `db:"column_name"`
	Type  string `db:"data_type"`
}

const sqlColumns = `
SELECT c.table_name, c.column_name, c.data_type
FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public'
  AND t.table_type = 'BASE TABLE'
  AND (c.data_type IN ('text', 'jsonb') OR c.column_name = 'body')
  AND c.is_generated = 'NEVER'
ORDER BY 1, 2`

// poison changes every text of the database as evil says, past every trigger: each column of text, and the texts in each column of JSON.
// What a constraint keeps as it is (a state, a key, a hash) stays. It returns the columns that took it.
func (s *site) poison(evil func(text string, alone bool) string) map[string]bool {
	s.t.Helper()
	ctx := s.t.Context()
	var columns []column
	s.must(s.owner.SelectContext(ctx, &columns, sqlColumns))
	took := map[string]bool{}
	s.must(s.owner.InTx(ctx, func(tx *postgres.Tx) error {
		for _, c := range columns {
			name := c.Table + "." + c.Name
			if machines[name] {
				continue
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf(`ALTER TABLE %q DISABLE TRIGGER USER`, c.Table)); err != nil {
				return err
			}
			var rows []struct {
				At   string `db:"at"`
				Text string `db:"text"`
			}
			read := fmt.Sprintf("%q", c.Name)
			if c.Type == "bytea" {
				read = fmt.Sprintf("convert_from(%q, 'UTF8')", c.Name)
			}
			if err := tx.SelectContext(ctx, &rows, fmt.Sprintf(`SELECT ctid::text AS at, (%s)::text AS text FROM %q WHERE (%s)::text <> ''`, read, c.Table, read)); err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
			for _, row := range rows {
				value := evil(row.Text, true)
				if c.Type != "text" {
					value = inside(row.Text, evil)
				}
				if value == row.Text {
					continue
				}
				if ok, err := replace(s, tx, c, row.At, value); err != nil {
					return err
				} else if ok {
					took[name] = true
				}
			}
		}
		return nil
	}))
	return took
}

// replace writes a value into one row, unless a constraint keeps it out.
func replace(s *site, tx *postgres.Tx, c column, at, value string) (bool, error) {
	ctx := s.t.Context()
	set := fmt.Sprintf(`%q = $1::%s`, c.Name, c.Type)
	if c.Type == "bytea" {
		set = fmt.Sprintf(`%q = convert_to($1, 'UTF8')`, c.Name)
		var hashed bool
		if err := tx.GetContext(ctx, &hashed, `SELECT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 AND column_name = 'sha256')`, c.Table); err != nil {
			return false, err
		}
		if hashed {
			set += `, sha256 = sha256(convert_to($1, 'UTF8'))`
		}
	}
	if _, err := tx.ExecContext(ctx, `SAVEPOINT one`); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %q SET %s WHERE ctid = $2::tid`, c.Table, set), value, at); err != nil {
		_, err = tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT one`)
		return false, err
	}
	_, err := tx.ExecContext(ctx, `RELEASE SAVEPOINT one`)
	return true, err
}

// inside changes the texts within JSON. Ids, states and dates are no texts: they have no space.
func inside(body string, evil func(text string, alone bool) string) string {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	changed := false
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k := range v {
				v[k] = walk(v[k])
			}
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case string:
			if next := evil(v, false); next != v {
				changed = true
				return next
			}
		}
		return v
	}
	v = walk(v)
	if !changed {
		return body
	}
	out, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return string(out)
}

// fileName is the name of a file as campaigns and people give it.
var fileName = regexp.MustCompile(`(?i)^[\pL\pN _./-]+\.(png|jpe?g|gif|webp|avif|mp4|ya?ml|csv|ics|txt)$`)

// evils are the two ways in which texts are made hostile.
var evils = map[string]func(text string, alone bool) string{
	"texts break out": func(text string, alone bool) string {
		if at := strings.LastIndex(text, "."); fileName.MatchString(text) {
			return text[:at] + breakout + text[at:]
		}
		if strings.Contains(text, "://") || !alone && !strings.ContainsFunc(text, func(r rune) bool { return r == ' ' || r > 127 }) {
			return text
		}
		return text + breakout
	},
	"addresses run": func(text string, _ bool) string {
		if strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") {
			return script + text
		}
		return text
	},
}

// values are what stands in place of the wildcards of the routes: statements that return them, by the beginning of a pattern. Of a pattern with
// several wildcards they are parted by a slash.
var values = []struct{ prefix, query string }{
	{"/posts/{id}", `(SELECT id::text FROM posts ORDER BY id DESC LIMIT 3) UNION (SELECT post_id::text FROM copies LIMIT 1) UNION (SELECT id::text FROM posts ORDER BY id LIMIT 1)`},
	{"/editions/{id}", `SELECT id::text FROM editions LIMIT 1`},
	{"/reach/{id}/charts/{chart}", `SELECT e.id || '/' || c FROM editions e, unnest(ARRAY['time.svg', 'heat.svg', 'message.svg', 'channel.svg']) c`},
	{"/reach/{id}", `SELECT id::text FROM editions`},
	{"/campaigns/{campaign}/messages/{message}", `SELECT c.id || '/' || (p->>'id') FROM campaigns c CROSS JOIN LATERAL jsonb_array_elements(convert_from(c.body, 'UTF8')::jsonb->'posts') p LIMIT 3`},
	{"/campaigns/{campaign}", `SELECT id FROM campaigns LIMIT 2`},
	{"/offers/{id}", `SELECT id::text FROM offers LIMIT 3`},
	{"/review/{id}", `SELECT id::text FROM submissions ORDER BY (SELECT count(*) FROM verdicts v WHERE v.submission_id = submissions.id) DESC, id DESC LIMIT 5`},
	{"/takedowns/{id}", `SELECT id::text FROM takedowns`},
	{"/deliveries/{id}", `SELECT id::text FROM deliveries ORDER BY hold <> 'decision', id LIMIT 4`},
	{"/channels/{id}", `SELECT id::text FROM channels LIMIT 2`},
	{"/facts/{id}", `SELECT id FROM facts ORDER BY id LIMIT 4`},
	{"/helplines/{id}", `SELECT id FROM helplines ORDER BY id = 'gb-msh' DESC LIMIT 3`},
	{"/notices/{id}", `SELECT id::text FROM notices LIMIT 2`},
	{"/pause/{id}", `SELECT id::text FROM pauses`},
	{"/people/{id}", `SELECT id::text FROM people WHERE role <> 'system' LIMIT 3`},
	{"/invitations/{id}", `SELECT id::text FROM invitations`},
	{"/pictures/{sha256}", `SELECT encode(sha256, 'hex') FROM blobs LIMIT 2`},
	{"/consents/{id}", `SELECT id::text FROM consents LIMIT 2`},
	{"/media/{sha256}", `SELECT encode(sha256, 'hex') FROM blobs LIMIT 1`},
	{"/connect/{network}", `SELECT unnest(ARRAY['mastodon', 'bluesky', 'x'])`},
	{"/year/{year}", `SELECT '2027'`},
	{"/day/{date}", `SELECT '2027-07-30'`},
	{"/", `SELECT '1'`}, // what a stranger finds under an address with a token: nothing
}

var wildcard = regexp.MustCompile(`\{[a-z0-9]+(\.\.\.)?\}`)

// pages returns the addresses of every page of the route list, by pattern.
func (s *site) pages() map[string][]string {
	s.t.Helper()
	all := map[string][]string{}
	for _, pattern := range patterns() {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = http.MethodGet, "/nowhere"
		}
		if method != http.MethodGet {
			continue
		}
		path = strings.TrimSuffix(path, "{$}")
		if below, ok := strings.CutPrefix(path, link.Path+"{token}"); ok {
			var sums []string
			s.must(s.db.SelectContext(s.t.Context(), &sums, `SELECT encode(sha256, 'hex') FROM blobs ORDER BY 1 LIMIT 3`))
			for _, at := range s.links {
				for _, sum := range sums {
					all[pattern] = append(all[pattern], at+strings.ReplaceAll(below, "{sha256}", sum))
				}
				all[pattern] = slices.Compact(all[pattern])
			}
			continue
		}
		if !wildcard.MatchString(path) {
			all[pattern] = []string{path}
			continue
		}
		for _, v := range values {
			if !strings.HasPrefix(path, v.prefix) {
				continue
			}
			var ids []string
			s.must(s.db.SelectContext(s.t.Context(), &ids, v.query))
			for _, id := range ids {
				parts := strings.Split(id, "/")
				all[pattern] = append(all[pattern], wildcard.ReplaceAllStringFunc(path, func(string) string {
					part := parts[0]
					parts = append(parts[1:], part)
					return url.PathEscape(part)
				}))
			}
			break
		}
	}
	return all
}

// running returns what in a page a browser would run, or be led astray by, besides our own script.
func running(page string) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			src := attribute(n, "src")
			if !strings.HasPrefix(src, "/static/") || n.FirstChild != nil {
				found = append(found, "a script of "+src)
			}
		case "iframe", "object", "embed", "base", "applet", "frame", "style":
			found = append(found, "an element "+n.Data)
		case "meta":
			if attribute(n, "http-equiv") != "" {
				found = append(found, "a meta that acts")
			}
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimLeft(strings.Map(func(r rune) rune {
				if r <= ' ' {
					return -1
				}
				return r
			}, a.Val), ""))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", strings.Trim(a.Key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:") != "":
				found = append(found, fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val))
			case slices.Contains([]string{"href", "src", "action", "formaction", "poster", "xlink:href", "srcset", "data", "content", "hx-get", "hx-post"}, a.Key) &&
				(strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") && value != "data:," && !(n.Data == "img" && strings.HasPrefix(value, "data:image/png;base64,")) || strings.HasPrefix(value, "vbscript:")):
				found = append(found, fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val))
			}
		}
	}
	return found
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// beforeReviewers is a site with an edition whose posts are before reviewers, who said everything that one can say.
func beforeReviewers(t *testing.T) *site {
	t.Helper()
	s := newTeam(t)
	edition := s.plan()
	s.stock()
	post := s.first(edition)
	s.rewrite(post, "In 2026 we end child prostitution together. {{theme}} {{fact:F01}} {{helpline}} {{org}} {{link}}")
	s.as("editor").post(fmt.Sprintf("/editions/%d/theme", edition), url.Values{"theme": {"Every voice counts"}})
	s.submitAll(edition)
	cards := s.submittedCards()
	for i, c := range cards[:min(4, len(cards))] {
		at := fmt.Sprintf("/review/%d", c.Submission)
		s.answered(c)
		switch i {
		case 0:
			form := url.Values{"comment": {"Please say it more gently."}}
			for _, p := range c.Groups[0].Final.Parts[0].Pictures {
				form.Set("remark-1-"+p.SHA256, "The heart is cut off.")
			}
			s.as("reviewer").post(at+"/changes", form)
		case 1:
			s.as("manager").post(at+"/hold", url.Values{"why": {"The family asked us to wait."}})
		case 2:
			_, err := review.Say(t.Context(), s.db, c.Submission, s.person("safeguarding"), review.Approve, "Well said indeed.", s.clock.Now())
			s.must(err)
		}
	}
	s.as("editor").post(fmt.Sprintf("/posts/%d/edit/keep", post.ID), url.Values{
		"base": {"2"}, "parts": {"1"}, "text-1-en": {"Half a thought, not saved yet."}, "note-en": {"A note, not saved."}, "zone": {"Europe/London"}, "mode": {"fixed"},
	})
	s.as("editor").post("/compose", url.Values{
		"name": {"A missing child"}, "text-en": {"A child is missing. Call the police."},
		"channel": {"1"}, "window": {"360"}, "do": {"send"},
	})
	s.as("admin").post("/pause", url.Values{"scope": {"channel:2"}, "reason": {"A partner asked us to wait."}})
	s.as("reviewer").post("/helplines/gb-msh/hold", url.Values{"hold-reason": {"The number seems to be wrong."}})
	s.owned(`ALTER TABLE answers DISABLE TRIGGER USER`, `UPDATE answers SET comment = 'Looked at it in full size.'`, `ALTER TABLE answers ENABLE TRIGGER USER`)
	s.as("editor").post("/sign-in/codes/begin", nil)
	for _, c := range s.submittedCards()[:2] { // of what is before reviewers by now
		s.linked(c.Submission)
	}
	s.consented(post.ID)
	s.exec(`UPDATE people SET labels = '{"London <b>chapter</b>"}' WHERE role = 'chapter'`)
	s.exec(`UPDATE channels SET labels = '{"London <b>chapter</b>"}', problem = 'The server answers nothing.'`)
	return s
}

// linked lets a safeguarding lead name somebody from outside and make a link of a draft for them. Whoever has it reads what it leads to.
func (s *site) linked(submission int64) {
	s.t.Helper()
	var who outside.Reviewer
	s.inTx(func(ctx ctx, tx *postgres.Tx) (err error) {
		who, err = outside.Name(ctx, tx, outside.New{Email: fmt.Sprintf("pat%d@partner.example", submission), Name: "Pat of the Partners", Languages: []string{"en", "fr", "es", "ar"}}, s.person("safeguarding"))
		return err
	})
	address, err := link.Make(s.t.Context(), s.db, link.Making{Submission: submission, Reviewer: who.ID, Base: "http://x", Key: newKey(s.t)}, s.person("safeguarding"), s.clock.Now())
	s.must(err)
	s.links = append(s.links, strings.TrimPrefix(address, "http://x"))
}

// wentOut is a site whose posts are out, lost, missed, taken down, left out and to be sent by hand.
func wentOut(t *testing.T) *site {
	t.Helper()
	s := newTeam(t)
	b, lost, missed, overdue := s.waiting()
	s.task(b, "by-hand", `{"release": "x"}`)
	out := b.Deliver(booktest.Delivery{Post: b.Post("out"), Channel: b.Channel(booktest.Channel{Name: "Out there"})})
	b.Publish(out, booktest.Due)
	entries, err := book.Entries(t.Context(), s.db, book.EntryFilter{Edition: b.Edition})
	s.must(err)
	ed := s.as("editor")
	for _, e := range entries {
		switch e.Delivery {
		case overdue:
			ed.post(fmt.Sprintf("/deliveries/%d/leave-out", overdue), url.Values{fmt.Sprintf("reason-%d", overdue): {"It makes no sense any more."}})
		case out:
			ed.post(fmt.Sprintf("/posts/%d/correct", e.Post), url.Values{
				"kind": {"post"}, "reason": {"A number was wrong in it."}, "text-en": {"The right number."}, "channel": {fmt.Sprint(e.Channel)}, "window": {"360"}, "do": {"send"},
			})
			ed.post(fmt.Sprintf("/posts/%d/takedown", e.Post), url.Values{"takedown-reason": {"A survivor can be recognised in it."}})
		}
	}
	_, _ = lost, missed
	s.as("admin").post("/pause", url.Values{"scope": {"everything"}, "reason": {"A partner asked us to wait."}})
	s.owned(`UPDATE deliveries SET problem = 'The server said something odd.'`,
		`INSERT INTO waivers (post_id, language, rule, finding, quote, reason, person_id)
SELECT s.post_id, s.language, f.rule, sha256('x'), 'of people', 'It quotes a law of that name.', s.submitted_by FROM submission_findings f JOIN submissions s ON s.id = f.submission_id LIMIT 1`,
		`ALTER TABLE submission_findings DISABLE TRIGGER USER`, `UPDATE submission_findings SET waiver_id = (SELECT max(id) FROM waivers)
WHERE (submission_id, no) IN (SELECT f.submission_id, f.no FROM submission_findings f LIMIT 1)`)
	return s
}

// owned runs statements as the owner of the schema.
func (s *site) owned(statements ...string) {
	s.t.Helper()
	for _, statement := range statements {
		_, err := s.owner.ExecContext(s.t.Context(), statement)
		s.must(err)
	}
}

// theirs are the texts of people that each scene must have had hostile words in.
var theirs = map[string][]string{
	"before reviewers": {
		"revisions.body", "releases.body", "verdicts.comment", "remarks.say", "answers.comment", "submission_questions.body",
		"people.name", "channels.name", "channels.handle", "channels.problem", "campaigns.title", "campaigns.body", "editions.theme", "facts.body", "helplines.body",
		"helpline_checks.saw", "profile.name", "profile.support_note", "pauses.reason", "tasks.what", "sessions.agent", "audit.detail", "posts.message",
	},
	"after the day": {"takedowns.reason", "corrections.reason", "deliveries.problem", "copies.remote_id", "pauses.reason", "posts.message", "waivers.reason", "submission_findings.body", "notices.say"},
}

// TestNoTextOfAnybodyRunsOnAnyPage puts hostile words into every text that the database holds, and looks at every page of the route
// list as each role that may see it, and as somebody who has not logged in.
func TestNoTextOfAnybodyRunsOnAnyPage(t *testing.T) {
	t.Parallel()
	for scene, set := range map[string]func(*testing.T) *site{"before reviewers": beforeReviewers, "after the day": wentOut} {
		for name, evil := range evils {
			t.Run(scene+", "+name, func(t *testing.T) {
				t.Parallel()
				s := set(t)
				visitors := map[string]visitor{"nobody": s.visitor()}
				for _, role := range people.Roles() {
					visitors[string(role)] = s.as(string(role))
				}
				took := s.poison(evil)
				for _, column := range theirs[scene] {
					if name == "texts break out" && !took[column] {
						t.Errorf("%s has nothing hostile in it, so that nothing of it is tested", column)
					}
				}
				marked := 0
				shown := map[string]bool{}
				for pattern, addresses := range s.pages() {
					for _, at := range addresses {
						for who, v := range visitors {
							a := v.get(at)
							if a.status >= http.StatusInternalServerError {
								t.Errorf("%s as %s: %d\n%s", at, who, a.status, s.log)
								s.log.Reset()
							}
							shown[pattern] = shown[pattern] || a.status == http.StatusOK
							if strings.Contains(a.body, "marked&#34;") || strings.Contains(a.body, "marked\\\"") || strings.Contains(a.body, script) || strings.Contains(a.body, "unsafe:") {
								marked++
							}
							if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
								continue
							}
							for _, what := range running(a.body) {
								t.Errorf("%s as %s has %s", at, who, what)
							}
							if strings.Contains(a.body, "ZgotmplZ") && !strings.Contains(a.body, "unsafe") {
								t.Logf("%s as %s: an address was taken out by the template", at, who)
							}
						}
					}
				}
				t.Logf("%d pages show what was changed in %v; no page of %v", marked, slices.Sorted(maps.Keys(took)), unseen(shown, s.pages()))
				if len(s.links) > 0 && !shown["GET /by-link/{token}"] {
					t.Error("the page of a link was not shown")
				}
				if marked < 10 && name == "texts break out" {
					t.Errorf("only %d pages show anything of it", marked)
				}
			})
		}
	}
}

// unseen names the patterns of which no page was shown.
func unseen(shown map[string]bool, pages map[string][]string) []string {
	var list []string
	for pattern := range pages {
		if !shown[pattern] {
			list = append(list, pattern)
		}
	}
	slices.Sort(list)
	return list
}

func TestTheLookAtAPageFindsWhatRuns(t *testing.T) {
	t.Parallel()
	for _, page := range []string{
		"<script>alert(1)</script>", `<script src="//evil.test/x.js"></script>`, `<p onfocus="alert(1)">`, "<img src=x onerror=alert(1)>", `<a href=" java&#10;script:alert(1)">`,
		`<form action="javascript:alert(1)">`, `<button formaction="JavaScript:alert(1)">`, `<iframe src="/">`, `<base href="//evil.test">`, `<a href="data:text/html,x">`,
		`<meta http-equiv="refresh" content="0">`, `<p style="x">`, `<input value="a" x"y>`,
	} {
		if len(running(page)) == 0 {
			t.Errorf("nothing is found in %s", page)
		}
	}
	if found := running(`<!doctype html><link rel="icon" href="data:,"><script src="/static/app.js" defer></script><a href="/posts/1">&lt;script&gt;</a>`); len(found) > 0 {
		t.Errorf("found in a page of ours: %v", found)
	}
}
