package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/linked"

	"daymark/internal/flow/booktest"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
)

// public are the routes that need no log-in, so that a new one is put here on purpose.
var public = []string{
	"GET /login", "POST /login", "POST /logout", "POST /language", "GET /first-run", "POST /first-run",
	"GET /forgotten", "POST /forgotten", "GET /reset/{token}", "POST /reset/{token}", "GET /invitation/{token}", "POST /invitation/{token}",
	"GET /login/code", "POST /login/code", "POST /login/passkey/begin", "POST /login/passkey", "GET /login/provider", "GET /login/provider/back",
}

// patterns are the patterns of every address of Daymark: the routes of the team's pages, and what lies below a link.
func patterns() []string {
	var all []string
	for _, r := range (&server{}).routes() {
		all = append(all, r.pattern)
	}
	for _, way := range linked.Ways() {
		all = append(all, way.Pattern)
	}
	return all
}

// addressed puts something into every place of a route's pattern; the numbers are of nothing.
func addressed(t *testing.T, pattern string, id int64) (method, path string) {
	t.Helper()
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		return http.MethodGet, "/nowhere"
	}
	path = strings.NewReplacer(
		"{$}", "", "{id}", fmt.Sprint(id), "{year}", "2027", "{task}", "999999", "{sha256}", strings.Repeat("0", 64), "{delivery}", "999999", "{part}", "1",
		"{campaign}", "july-30", "{message}", "teaser", "{date}", "2027-07-30", "{kind}", "plain", "{network}", "mastodon", "{session}", "999999", "{passkey}", "999999", "{link}", "999999", "{feed}", "999999", "{day}", "own-nothing", "{chart}", "time.svg", "{token}", strings.Repeat("A", 26),
	).Replace(path)
	if strings.Contains(path, "{") {
		t.Errorf("%s: say in addressed what stands there", pattern)
	}
	return method, path
}

// take asks a route as somebody.
func (v visitor) take(method, path string) got {
	if method == http.MethodPost {
		return v.post(path, url.Values{"comment": {"x"}, "reason": {"a reason that is long enough"}})
	}
	return v.get(path)
}

func TestEachRouteIsForThoseWhoMayTakeItOnly(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	visitors := map[people.Role]visitor{}
	for _, role := range people.Roles() {
		visitors[role] = s.as(string(role))
	}
	stranger := s.visitor()
	permissions := map[people.Permission]bool{ask.Anyone: true, ask.Member: true}
	for _, p := range people.Permissions() {
		permissions[p] = true
	}
	for _, r := range (&server{}).routes() {
		method, path := addressed(t, r.pattern, 999999)
		if !permissions[r.needs] {
			t.Errorf("%s needs %q, which is no permission", r.pattern, r.needs)
		}
		if open := slices.Contains(public, r.pattern); open != (r.needs == ask.Anyone) {
			t.Errorf("%s needs %q, and the list of public routes says %v", r.pattern, r.needs, open)
		}
		if r.needs == ask.Anyone {
			continue
		}
		if a := stranger.take(method, path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/login") {
			t.Errorf("%s without log-in: %d to %q, want the log-in page", r.pattern, a.status, a.to)
		}
		for role, v := range visitors {
			may := r.needs == ask.Member || people.Person{Role: role}.May(r.needs)
			if a := v.take(method, path); (a.status == http.StatusForbidden) == may && !beyond(role, r, a) {
				t.Errorf("%s as %s: %d, may is %v", r.pattern, role, a.status, may)
			} else if a.status >= http.StatusInternalServerError {
				t.Errorf("%s as %s: %d\n%s", r.pattern, role, a.status, s.log)
			}
		}
	}
}

// beyond reports whether a chapter lead, who is always limited, was refused a form that reaches over all chapters.
func beyond(role people.Role, r route, a got) bool {
	return role == people.RoleChapter && a.status == http.StatusForbidden && slices.Contains(wide, r.pattern)
}

// outside is one thing of each kind that belongs to York's account and to the campaign of July 30.
func (s *site) outside() map[scope.Kind]int64 {
	s.t.Helper()
	b := booktest.New(s.t, s.db)
	york := b.Channel(booktest.Channel{Handle: "@york@127.0.0.1"})
	s.exec(`UPDATE channels SET labels = '{york}' WHERE id = $1`, york)
	post := b.Post("theirs")
	place := b.Deliver(booktest.Delivery{Post: post, Channel: york})
	all := map[scope.Kind]int64{scope.Post: post, scope.Delivery: place, scope.Channel: york, scope.Edition: b.Edition, scope.Submission: b.Submit(place)}
	for kind, insert := range map[scope.Kind]string{
		scope.Offer: `INSERT INTO offers (post_id, body, sha256, at) SELECT p.id, r.body, r.sha256, clock_timestamp()
  FROM posts p JOIN revisions r ON r.id = p.current_revision WHERE p.id = $1 RETURNING id`,
		scope.TakeDown: `INSERT INTO takedowns (scope, post_id, reason, person_id, at) SELECT 'post', $1, 'It names a person.', id, clock_timestamp()
  FROM people WHERE role = 'system' RETURNING id`,
	} {
		var id int64
		s.must(s.db.GetContext(s.t.Context(), &id, insert, post))
		all[kind] = id
	}
	return all
}

func TestWhatLiesOutsideOfSomebodysLimitsIsNotThereOnAnyRoute(t *testing.T) {
	t.Parallel()
	for _, limit := range []struct {
		name, set string
		open      []scope.Kind // what such people see all the same, without changing it
	}{
		{"another chapter's accounts", `UPDATE people SET labels = '{leeds}' WHERE role <> 'system'`, []scope.Kind{scope.Edition}},
		{"another campaign", `UPDATE people SET labels = CASE role WHEN 'chapter' THEN '{york}'::text[] ELSE '{}' END, campaigns = '{elsewhere}' WHERE role <> 'system'`, []scope.Kind{scope.Channel}},
	} {
		t.Run(limit.name, func(t *testing.T) {
			t.Parallel()
			s := newTeam(t)
			ids := s.outside()
			admin := s.as("admin")
			for kind, path := range map[scope.Kind]string{
				scope.Post: "/posts/%d", scope.Submission: "/review/%d", scope.Channel: "/channels/%d", scope.Edition: "/editions/%d", scope.Offer: "/offers/%d", scope.TakeDown: "/takedowns/%d",
			} {
				if a := admin.get(fmt.Sprintf(path, ids[kind])); a.status != http.StatusOK {
					t.Fatalf("who sees everything gets %d for "+path, a.status, ids[kind])
				}
			}
			visitors := map[people.Role]visitor{}
			for _, role := range people.Roles() {
				visitors[role] = s.as(string(role))
			}
			s.exec(limit.set)
			before := s.state()
			for _, r := range (&server{}).routes() {
				kind := kindOf(r.pattern)
				if kind == "" && !slices.Contains(wide, r.pattern) {
					continue
				}
				method, path := addressed(t, r.pattern, ids[kind])
				for role, v := range visitors {
					want := http.StatusNotFound
					switch {
					case !(people.Person{Role: role}).May(r.needs), kind == "":
						want = http.StatusForbidden
					case slices.Contains(limit.open, kind) && method == http.MethodGet:
						continue
					case slices.Contains(limit.open, kind) && kind == scope.Edition:
						want = http.StatusForbidden
					case slices.Contains(limit.open, kind):
						continue
					}
					if a := v.take(method, path); a.status != want {
						t.Errorf("%s as %s: %d, want %d", r.pattern, role, a.status, want)
					}
				}
			}
			if after := s.state(); after != before {
				t.Errorf("something changed:\n%s\n%s", before, after)
			}
		})
	}
}

// state is what the forms of the table could have changed.
func (s *site) state() (got string) {
	s.t.Helper()
	s.must(s.db.GetContext(s.t.Context(), &got, `
SELECT concat_ws(' | ', (SELECT string_agg(d::text, ',' ORDER BY id) FROM deliveries d), (SELECT string_agg(p::text, ',' ORDER BY id) FROM posts p),
  (SELECT string_agg(o.state, ',' ORDER BY id) FROM offers o), (SELECT count(*) FROM verdicts), (SELECT count(*) FROM takedowns), (SELECT max(id) FROM audit))`))
	return got
}
