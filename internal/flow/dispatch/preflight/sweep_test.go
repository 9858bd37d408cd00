package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/org/helpline"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
)

// networks take everything unless they are told otherwise; they keep what they were asked.
type networks struct {
	mu     sync.Mutex
	asked  []int64  // accounts
	opened []string // links
	silent map[int64]error
	issues []platform.Issue
	cost   int64
	dead   map[string]int // how often a link fails; -1 for ever
}

func (n *networks) LookAhead(_ context.Context, channel int64, _ bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, channel)
	return n.silent[channel]
}

func (n *networks) Limits(context.Context, int64) (preflight.Limits, error) {
	l := preflight.Limits{Check: func(platform.Content) []platform.Issue { return n.issues }}
	if n.cost > 0 {
		l.Cost = func(platform.Content) int64 { return n.cost }
	}
	return l, nil
}

func (n *networks) Answers(_ context.Context, _ int64, link string) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.opened = append(n.opened, link)
	if n.dead[link] != 0 {
		n.dead[link]--
		return "there is no such page (404).", true
	}
	return "", !strings.HasPrefix(link, "http:")
}

type bench struct {
	t  *testing.T
	db *postgres.DB
	*booktest.Book
	*networks
	owner   *postgres.DB
	channel int64
}

func setup(t *testing.T) *bench {
	t.Helper()
	dbs := postgrestest.NewBoth(t, migrations.FS)
	b := &bench{t: t, db: dbs.App, owner: dbs.Owner, networks: &networks{silent: map[int64]error{}, dead: map[string]int{}}}
	b.Book = booktest.New(t, b.db)
	b.channel = b.Channel(booktest.Channel{Name: "London"})
	return b
}

// scheduled makes an approved delivery due at [booktest.Due].
func (b *bench) scheduled(message string) int64 {
	b.t.Helper()
	id := b.Deliver(booktest.Delivery{Post: b.Post(message), Channel: b.channel})
	b.Schedule(id)
	return id
}

func (b *bench) sweep(before time.Duration) preflight.Did {
	b.t.Helper()
	did, err := preflight.Sweep(b.t.Context(), b.db, b.networks, booktest.Due.Add(-before))
	if err != nil {
		b.t.Fatal(err)
	}
	return did
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.ExecContext(b.t.Context(), query, args...); err != nil {
		b.t.Fatalf("%v\n%s", err, query)
	}
}

// risks returns what is at risk of a delivery: its matters and subjects.
func (b *bench) risks(delivery int64) (list []string) {
	b.t.Helper()
	all, err := risk.List(b.t.Context(), b.db, risk.Of{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range all[delivery] {
		if r.Say == "" || r.Mend == "" {
			b.t.Errorf("%+v says nothing", r)
		}
		list = append(list, strings.TrimSpace(r.Matter+" "+r.Subject))
	}
	return list
}

func (b *bench) told() (list []string) {
	b.t.Helper()
	open, err := notice.Open(b.t.Context(), b.db, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, n := range open {
		list = append(list, fmt.Sprintf("%s %s: %s", n.Level, n.Kind, n.Say))
	}
	return list
}

func (b *bench) same(what string, want, got any) {
	b.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func none() []string { return nil }

func TestADayAnAndHourAheadTheNetworksAreAskedOncePerAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.scheduled("first")
	b.scheduled("second")
	b.same("two days ahead", preflight.Did{}, b.sweep(48*time.Hour))
	b.same("a day ahead", preflight.Did{Looked: 2}, b.sweep(24*time.Hour))
	b.same("accounts asked", []int64{b.channel}, b.asked)
	b.same("a minute later", preflight.Did{}, b.sweep(24*time.Hour-time.Minute))
	b.same("an hour ahead", preflight.Did{Looked: 2}, b.sweep(time.Hour))
	b.same("half an hour ahead", preflight.Did{}, b.sweep(30*time.Minute))
	b.same("accounts asked", []int64{b.channel, b.channel}, b.asked)
	b.same("at no risk", none(), b.risks(first))
	b.same("nobody is told anything", none(), b.told())
}

func TestWhatIsNotApprovedIsAtRiskUntilItIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.Deliver(booktest.Delivery{Post: b.Post("lamp"), Channel: b.channel})
	later := b.Deliver(booktest.Delivery{Post: b.Post("later"), Channel: b.channel, Due: booktest.Due.AddDate(0, 0, 3)})
	b.same("a day ahead", preflight.Did{Told: 1}, b.sweep(24*time.Hour))
	b.same("risk", []string{"approval"}, b.risks(d))
	b.same("not of later ones", none(), b.risks(later))
	b.same("told", []string{"warning edition: Not approved yet and due from 30 July 09:00 UTC on: lamp. Send it for review now, and let a reviewer know."}, b.told())
	b.same("again", preflight.Did{}, b.sweep(23*time.Hour))
	b.same("an hour ahead it is graver", preflight.Did{Told: 1}, b.sweep(time.Hour))
	submission := b.Submit(d)
	b.sweep(50 * time.Minute)
	all, err := risk.List(t.Context(), b.db, risk.Of{})
	if err != nil || len(all[d]) != 1 || all[d][0].Say != "It waits for its reviewers." {
		t.Errorf("%+v, %v", all[d], err)
	}
	b.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict, comment) VALUES ($1, $2, '', 'changes', 'Not so.')`, submission, b.Reviewers[0])
	b.sweep(40 * time.Minute)
	if all, err = risk.List(t.Context(), b.db, risk.Of{}); err != nil || all[d][0].Say != "A reviewer asked for changes." {
		t.Errorf("%+v, %v", all[d], err)
	}
	b.Schedule(d)
	b.sweep(30 * time.Minute)
	b.same("approved", none(), b.risks(d))
}

func TestAnAccountThatCannotBeUsedAndOneWhoseServerIsSilent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.scheduled("lamp")
	b.silent[b.channel] = &platform.Transient{Say: "The server is away."}
	b.exec(`UPDATE channels SET problem = 'The access was taken back.' WHERE id = $1`, b.channel)
	b.same("a day ahead", preflight.Did{Looked: 1, Told: 2}, b.sweep(20*time.Hour))
	b.same("risk", []string{"account", "server"}, b.risks(d))
	b.exec(`UPDATE channels SET problem = '' WHERE id = $1`, b.channel)
	delete(b.silent, b.channel)
	b.sweep(19 * time.Hour)
	b.same("connected again", []string{"server"}, b.risks(d))
	b.sweep(time.Hour)
	b.same("asked again", none(), b.risks(d))
	b.same("told", []string{
		"error channel: The account London cannot be used: The access was taken back. That concerns lamp, due from 30 July 09:00 UTC on. Open the account, connect it again, and test it.",
		"warning channel: The account's server did not answer: The server is away. That concerns lamp, due from 30 July 09:00 UTC on. If it stays so, ask who runs the server. Daymark tries for a few minutes after the post's time; then a person decides.",
	}, b.told())
}

func TestWhatTheServerDoesNotTakeAnyMoreIsAtRisk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.scheduled("lamp")
	b.issues = []platform.Issue{
		{Part: 0, Field: "text", Code: "too_long", Message: "The text has 501 characters, and this server takes 500. Shorten it by 1."},
		{Part: 0, Field: "alt", Code: "missing", Message: "Picture 1 has no alt text."},
		{Part: -1, Field: "pictures", Code: "type", Message: "Picture 1 is of another kind."},
		{Part: 0, Field: "visibility", Code: "shown_to_all", Message: "Shown to all.", Warning: true},
	}
	b.same("a day ahead", preflight.Did{Looked: 1, Told: 3}, b.sweep(20*time.Hour))
	b.same("risk", []string{"alt 1:alt:missing", "limits 1:text:too_long", "picture 0:pictures:type"}, b.risks(d))
	b.Revise(b.postOf(d), "Shorter")
	b.sweep(19 * time.Hour)
	b.same("changed: what was found of the old words is gone", []string{"approval"}, b.risks(d))
}

func (b *bench) postOf(delivery int64) (id int64) {
	b.t.Helper()
	if err := b.db.GetContext(b.t.Context(), &id, `SELECT post_id FROM deliveries WHERE id = $1`, delivery); err != nil {
		b.t.Fatal(err)
	}
	return id
}

func TestALinkThatFailsTwiceIsARiskAndIsOpenedOnceAnHour(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, e := b.scheduled("https://example.org/gone and http://example.org/plain"), b.scheduled("https://example.org/gone, https://example.org/hiccup")
	b.dead = map[string]int{"https://example.org/gone": -1, "https://example.org/hiccup": 1}
	b.same("a day ahead", preflight.Did{Looked: 2, Told: 1}, b.sweep(20*time.Hour))
	b.same("risk", []string{"link https://example.org/gone"}, b.risks(d))
	b.same("risk of the other", []string{"link https://example.org/gone"}, b.risks(e))
	slices.Sort(b.opened)
	b.same("opened", []string{"http://example.org/plain", "https://example.org/gone", "https://example.org/gone", "https://example.org/hiccup", "https://example.org/hiccup"}, b.opened)
	b.sweep(time.Hour)
	if n := len(b.opened); n != 6 { // what is never opened is asked about each time
		t.Errorf("within the hour: %v", b.opened)
	}
	b.exec(`UPDATE link_looks SET looked_at = looked_at - interval '61 minutes'`)
	b.dead = map[string]int{}
	if n, err := preflight.Ask(t.Context(), b.db, b.networks, risk.Of{Edition: b.Edition}, b.editor(), booktest.Due.Add(-time.Hour)); err != nil || n != 0 {
		t.Errorf("mended: %d at risk, %v", n, err)
	}
	b.same("mended", none(), b.risks(d))
}

// release changes the release of a delivery, which nobody but the owner of the tables can.
func (b *bench) release(delivery int64, change func(*post.Final)) {
	b.t.Helper()
	var body []byte
	if err := b.db.GetContext(b.t.Context(), &body, `SELECT body FROM releases WHERE delivery_id = $1`, delivery); err != nil {
		b.t.Fatal(err)
	}
	final, err := post.ReadFinal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	change(&final)
	if body, _, err = post.Canonical(final); err != nil {
		b.t.Fatal(err)
	}
	for _, step := range []string{`ALTER TABLE releases DISABLE TRIGGER frozen`, `ALTER TABLE releases ENABLE TRIGGER frozen`} {
		if _, err := b.owner.ExecContext(b.t.Context(), step); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.owner.ExecContext(b.t.Context(), `UPDATE releases SET body = $2, sha256 = sha256($2) WHERE delivery_id = $1 AND body <> $2`, delivery, body); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) editor() people.Person { return people.Person{ID: b.Author, Role: people.RoleEditor} }

func TestAPictureThatIsNotThereIsSaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.scheduled("lamp")
	b.release(d, func(f *post.Final) {
		f.Parts[0].Pictures = []post.FinalPicture{{SHA256: strings.Repeat("ab", 32), Alt: "A heart."}}
	})
	b.sweep(20 * time.Hour)
	b.same("risk", []string{"picture " + strings.Repeat("ab", 32)}, b.risks(d))
}

func TestSomebodyWhoMayAsksNowHoweverFarAhead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.scheduled("lamp")
	if n, err := preflight.Ask(t.Context(), b.db, b.networks, risk.Of{Post: b.postOf(d)}, b.editor(), booktest.Due.AddDate(0, 0, -9)); err != nil || n != 0 {
		t.Errorf("on demand, nine days ahead: %d, %v", n, err)
	}
	b.same("asked on demand", []int64{b.channel}, b.asked)
	for by, kind := range map[people.Role]fault.Kind{people.RoleReviewer: fault.Forbidden, people.RoleManager: fault.Forbidden} {
		if _, err := preflight.Ask(t.Context(), b.db, b.networks, risk.Of{Post: b.postOf(d)}, people.Person{ID: b.Author, Role: by}, booktest.Due); !fault.Is(err, kind) {
			t.Errorf("%s: %v", by, err)
		}
	}
	if _, err := preflight.Ask(t.Context(), b.db, b.networks, risk.Of{Post: 12345}, b.editor(), booktest.Due); !fault.Is(err, fault.NotFound) {
		t.Errorf("no post: %v", err)
	}
}

func TestABudgetIsSpentInTheOrderOfTheirTimes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.scheduled("first"), b.scheduled("second")
	b.exec(`UPDATE channels SET budget = 30000 WHERE id = $1`, b.channel)
	b.cost = 20000
	b.same("a day ahead", preflight.Did{Looked: 2, Told: 1}, b.sweep(20*time.Hour))
	b.same("the first", none(), b.risks(first))
	b.same("the second", []string{"budget"}, b.risks(second))
	b.exec(`UPDATE channels SET budget = 40000 WHERE id = $1`, b.channel)
	b.sweep(19 * time.Hour)
	b.same("with more", none(), b.risks(second))
}

func TestAHelplineWhoseCheckEndsBeforeIsARisk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	admin := people.Person{ID: b.Author, Role: people.RoleAdmin}
	look := func(at time.Time) {
		t.Helper()
		err := b.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			_, err := helpline.AddCheck(t.Context(), tx, "gb-hope", helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "Somebody answered."}, admin, at)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := b.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		h := campaign.Helpline{ID: "gb-hope", Country: "GB", Name: "Hope", Phone: "020 7946 0123", For: "everyone", Purpose: campaign.Support, CheckDays: 30}
		_, err := helpline.Add(t.Context(), tx, h, admin, booktest.Due.AddDate(0, -1, -5))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	look(booktest.Due.AddDate(0, 0, -30).Add(-time.Hour))
	d := b.Deliver(booktest.Delivery{Post: b.Post("lamp"), Channel: b.channel})
	b.Schedule(d)
	b.exec(`INSERT INTO release_helplines (release_id, helpline_id, version) SELECT max(id), 'gb-hope', 1 FROM releases WHERE delivery_id = $1`, d)
	b.sweep(20 * time.Hour)
	b.same("it ends an hour before", []string{"helpline gb-hope"}, b.risks(d))
	look(booktest.Due.Add(-19 * time.Hour))
	b.sweep(18 * time.Hour)
	b.same("checked again", none(), b.risks(d))
}

func TestAFactThatIsToBeCheckedBeforeIsARisk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.Deliver(booktest.Delivery{Post: b.Post("lamp"), Channel: b.channel})
	b.Schedule(d)
	b.exec(`INSERT INTO facts (id, body, sha256, origin, updated_by, updated_at)
SELECT 'F1', convert_to(t, 'UTF8'), sha256(convert_to(t, 'UTF8')), 'person', $1, $2
FROM (SELECT '{"id": "F1", "status": "current", "review_by": "2027-07-29"}' AS t) x`, b.Author, booktest.Due)
	b.sweep(20 * time.Hour)
	b.same("a release without facts", none(), b.risks(d))
	b.release(d, func(f *post.Final) { f.Facts = []string{"F0", "F1"} })
	b.same("told", preflight.Did{Told: 1}, b.sweep(19*time.Hour))
	b.same("risk", []string{"fact F1"}, b.risks(d))
	b.exec(`UPDATE facts SET body = convert_to(t, 'UTF8'), sha256 = sha256(convert_to(t, 'UTF8')) FROM (SELECT '{"id": "F1", "status": "current", "review_by": "2027-07-30"}' AS t) x`)
	b.sweep(18 * time.Hour)
	b.same("on its last day it holds", none(), b.risks(d))
}

func TestASweepThatFailsHalfwayLosesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.scheduled("lamp")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := preflight.Sweep(ctx, b.db, b.networks, booktest.Due.Add(-time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled sweep: %v", err)
	}
	b.same("the next one", preflight.Did{Looked: 1}, b.sweep(time.Hour))
}
