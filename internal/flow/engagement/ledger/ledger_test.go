package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement/ledger"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

const slack = 5 * time.Minute

func n(v int64) *int64 { return &v }

// bundle is a book with published deliveries on two networks, in two zones and languages.
type bundle struct {
	t          *testing.T
	db         *postgres.DB
	by         people.Person
	deliveries []int64
}

func setup(t *testing.T) *bundle {
	t.Helper()
	db := postgrestest.New(t, migrations.FS)
	book := booktest.New(t, db)
	by, err := people.ByID(t.Context(), db, book.Author)
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, db: db, by: by}
	north := book.Channel(booktest.Channel{})
	nepal := book.Channel(booktest.Channel{Zone: "Asia/Kathmandu"})
	west := book.Channel(booktest.Channel{Platform: "x", Handle: "@west", Zone: "Pacific/Honolulu"})
	for i, d := range []booktest.Delivery{{Channel: north}, {Channel: nepal, Language: "fr"}, {Channel: west}, {Channel: north}} {
		d.Post = book.Post(fmt.Sprintf("message-%d", i))
		id := book.Deliver(d)
		book.Publish(id, booktest.Due)
		b.deliveries = append(b.deliveries, id)
	}
	return b
}

// answer keeps one answer.
func (b *bundle) answer(at time.Time, a ledger.Answer) map[int64]ledger.Kept {
	b.t.Helper()
	var kept map[int64]ledger.Kept
	if err := b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error {
		var gains []rollup.Change
		var err error
		if kept, gains, err = ledger.Keep(b.t.Context(), tx, at, slack, []ledger.Answer{a}); err != nil {
			return err
		}
		return rollup.Add(b.t.Context(), tx, gains)
	}); err != nil {
		b.t.Fatal(err)
	}
	return kept
}

func (b *bundle) enter(at time.Time, delivery int64, f rollup.Figures) error {
	return b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error {
		return ledger.Enter(b.t.Context(), tx, b.by, delivery, f, at, "Read in the app.")
	})
}

func (b *bundle) letGo(at time.Time, delivery int64) error {
	return b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error {
		return ledger.LetGo(b.t.Context(), tx, b.by, delivery, at, "The network is right again.")
	})
}

// sums reads the sums as lines, those without any figure left out.
func (b *bundle) sums() []string {
	b.t.Helper()
	var list []string
	if err := b.db.SelectContext(b.t.Context(), &list, `
SELECT concat_ws(' ', edition_id, channel_id, day, platform, language, '|', coalesce(favourites::text, '-'), coalesce(boosts::text, '-'), coalesce(replies::text, '-'),
  coalesce(quotes::text, '-'), coalesce(impressions::text, '-'), coalesce(clicks::text, '-'))
FROM reach_days
WHERE num_nonnulls(favourites, boosts, replies, quotes, impressions, clicks) > 0`); err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// fromRaw works the sums out again from the snapshots by SQL of its own, for all slices. The zones are asked of the server.
func (b *bundle) fromRaw() []string {
	b.t.Helper()
	var list []string
	if err := b.db.SelectContext(b.t.Context(), &list, `
WITH steps AS (
  SELECT d.id, d.channel_id, d.language, c.platform, p.edition_id, (s.taken_at AT TIME ZONE d.zone)::date AS day, f.name, f.value,
    lag(f.value) OVER (PARTITION BY d.id, f.name ORDER BY s.taken_at) AS was
  FROM snapshots s
  JOIN deliveries d ON d.id = s.delivery_id
  JOIN channels c ON c.id = d.channel_id
  JOIN posts p ON p.id = d.post_id,
  LATERAL (VALUES ('1', s.favourites), ('2', s.boosts), ('3', s.replies), ('4', s.quotes), ('5', s.impressions), ('6', s.clicks)) f (name, value)
), gains AS (
  SELECT *, CASE WHEN value IS NULL AND was IS NULL THEN NULL ELSE coalesce(value, 0) - coalesce(was, 0) END AS gain
  FROM steps
), slices AS (
  SELECT edition_id AS a, 0 AS b, day, platform, language, name, gain FROM gains
  UNION ALL SELECT -1, channel_id, day, platform, '', name, gain FROM gains
  UNION ALL SELECT -1, 0, day, platform, '', name, gain FROM gains
), cells AS (
  SELECT a, b, day, platform, language, name, sum(gain) AS gain FROM slices GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT concat_ws(' ', a, b, day, platform, language, '|', string_agg(coalesce(gain::text, '-'), ' ' ORDER BY name))
FROM cells
GROUP BY a, b, day, platform, language
HAVING count(gain) > 0`); err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// fromDays compares the sum over all days of everything with the newest counts.
func (b *bundle) fromDays() string {
	b.t.Helper()
	var diff string
	if err := b.db.GetContext(b.t.Context(), &diff, `
SELECT coalesce(string_agg(format('%s: %s and %s', t.name, t.latest, t.days), ', '), '')
FROM (
  SELECT f.name, coalesce(sum(f.latest), 0) AS latest, max(f.days) AS days
  FROM latest_counts l,
  LATERAL (VALUES
    ('favourites', l.favourites, (SELECT coalesce(sum(favourites), 0) FROM reach_days WHERE edition_id = -1 AND channel_id = 0)),
    ('boosts', l.boosts, (SELECT coalesce(sum(boosts), 0) FROM reach_days WHERE edition_id = -1 AND channel_id = 0)),
    ('replies', l.replies, (SELECT coalesce(sum(replies), 0) FROM reach_days WHERE edition_id = -1 AND channel_id = 0)),
    ('quotes', l.quotes, (SELECT coalesce(sum(quotes), 0) FROM reach_days WHERE edition_id = -1 AND channel_id = 0)),
    ('impressions', l.impressions, (SELECT coalesce(sum(impressions), 0) FROM reach_days WHERE edition_id = -1 AND channel_id = 0)),
    ('clicks', l.clicks, (SELECT coalesce(sum(clicks), 0) FROM reach_days WHERE edition_id = -1 AND channel_id = 0))) f (name, latest, days)
  GROUP BY f.name
) t
WHERE t.latest <> t.days`); err != nil {
		b.t.Fatal(err)
	}
	return diff
}

// After any answers (that rise, fall, jump, are nothing, cannot be, are of posts that are gone or back again, come late, out of order or
// by a clock that is ahead) and anything people enter, the sums are what the snapshots come to, cell by cell, and the newest counts what
// all days come to.
func TestSumsAreAlwaysWhatTheSnapshotsComeTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	figure := rapid.OneOf(rapid.Just[*int64](nil), rapid.Ptr(rapid.Int64Range(0, 60), false), rapid.Ptr(rapid.Int64Range(0, 1<<31-1), false))
	figures := rapid.Custom(func(t *rapid.T) rollup.Figures {
		var f rollup.Figures
		for i := range f {
			f[i] = figure.Draw(t, rollup.Names[i])
		}
		return f
	})
	base := booktest.Due
	rapid.Check(t, func(rt *rapid.T) {
		base = base.Add(200 * 24 * time.Hour) // each sequence goes on from the one before
		now := base
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 40*60).Draw(rt, "minutes")) * time.Minute)
			delivery := rapid.SampledFrom(b.deliveries).Draw(rt, "delivery")
			at := now
			switch rapid.IntRange(0, 9).Draw(rt, "when") {
			case 0:
				at = now.Add(-time.Duration(rapid.IntRange(1, 60*24*3).Draw(rt, "late")) * time.Minute)
			case 1:
				at = now.Add(time.Duration(rapid.IntRange(1, 60*24*3).Draw(rt, "ahead")) * time.Minute)
			}
			switch what := rapid.IntRange(0, 9).Draw(rt, "what"); what {
			case 0, 1:
				if err := b.enter(at, delivery, figures.Draw(rt, "entered")); err != nil && fault.KindOf(err) == fault.Internal {
					rt.Fatal(err)
				}
			case 2:
				if err := b.letGo(at, delivery); err != nil && fault.KindOf(err) == fault.Internal {
					rt.Fatal(err)
				}
			default:
				a := ledger.Answer{Delivery: delivery, Figures: figures.Draw(rt, "told"), Gone: what == 3}
				if what == 4 {
					a.Figures[0], a.Impossible[0] = nil, n(-5)
				}
				b.answer(at, a)
			}
		}
		sums := b.sums()
		if diff := cmp.Diff(b.fromRaw(), sums); diff != "" {
			rt.Fatalf("the sums are not what the snapshots come to (-snapshots +sums):\n%s", diff)
		}
		if diff := b.fromDays(); diff != "" {
			rt.Fatalf("the newest counts are not what all days come to: %s", diff)
		}
	})
	did, err := rollup.Rebuild(t.Context(), b.db, func(int, int) {})
	if err != nil || did.Mended != 0 || did.Deliveries == 0 || did.Snapshots == 0 {
		t.Errorf("a rebuild of what is right: %+v, %v", did, err)
	}
}

func TestARebuildMendsWhatIsWrongAndRunsBesideDaemons(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, id := range b.deliveries {
		b.answer(booktest.Due.Add(time.Hour), ledger.Answer{Delivery: id, Figures: rollup.Figures{n(int64(i)), n(10), nil, nil, nil, nil}})
		b.answer(booktest.Due.Add(30*time.Hour), ledger.Answer{Delivery: id, Figures: rollup.Figures{n(int64(2 * i)), nil, n(3), nil, nil, nil}})
	}
	right := b.sums()
	for _, wrong := range []string{
		`UPDATE reach_days SET favourites = 77, quotes = 5, boosts = NULL WHERE channel_id = 0`,
		`DELETE FROM reach_days WHERE edition_id = -1`,
		`INSERT INTO reach_days VALUES (999, 0, '2020-01-01', 'nowhere', 'en', 1, 0, NULL, NULL, NULL, NULL), (998, 0, '2020-01-01', 'nowhere', 'en', NULL, NULL, NULL, NULL, NULL, NULL)`,
	} {
		if _, err := b.db.ExecContext(t.Context(), wrong); err != nil {
			t.Fatal(err)
		}
	}
	late := b.deliveries[0]
	did, err := rollup.Rebuild(t.Context(), b.db, func(done, all int) {
		if done == all { // a daemon keeps an answer between the reading and the mending
			b.answer(booktest.Due.Add(31*time.Hour), ledger.Answer{Delivery: late, Figures: rollup.Figures{n(9), nil, n(4), nil, nil, nil}})
		}
	})
	if err != nil || did.Mended == 0 {
		t.Fatalf("%+v, %v", did, err)
	}
	if diff := cmp.Diff(b.fromRaw(), b.sums()); diff != "" {
		t.Errorf("after the rebuild (-snapshots +sums):\n%s", diff)
	}
	if slices.Equal(right, b.sums()) {
		t.Error("the answer that came meanwhile is lost")
	}
	if did, err := rollup.Rebuild(t.Context(), b.db, func(int, int) {}); err != nil || did.Mended != 0 {
		t.Errorf("once more: %+v, %v; want nothing to mend", did, err)
	}
}

// latest reads the newest counts of a delivery as a line.
func (b *bundle) latest(delivery int64) string {
	b.t.Helper()
	var line string
	if err := b.db.GetContext(b.t.Context(), &line, `
SELECT concat_ws(' ', coalesce(favourites::text, '-'), coalesce(boosts::text, '-'), coalesce(impressions::text, '-'), 'held', held, coalesce(told::text, ''))
FROM latest_counts
WHERE delivery_id = $1`, delivery); err != nil {
		b.t.Fatal(err)
	}
	return line
}

func TestWhatAPersonEntersHoldsUntilItIsLetGo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, at := b.deliveries[0], booktest.Due
	step := func(want string) {
		t.Helper()
		if got := strings.TrimSpace(b.latest(id)); got != want {
			t.Errorf("newest counts %q, want %q", got, want)
		}
		at = at.Add(time.Hour)
	}
	b.answer(at, ledger.Answer{Delivery: id, Figures: rollup.Figures{n(50000), n(2)}})
	step("50000 2 - held 0")
	if err := b.enter(at, id, rollup.Figures{n(300), nil, nil, nil, n(900)}); err != nil {
		t.Fatal(err)
	}
	step("300 2 900 held 17 [50000, 2, null, null, null, null]")
	b.answer(at, ledger.Answer{Delivery: id, Figures: rollup.Figures{n(50003), n(4)}})
	step("300 4 900 held 17 [50003, 4, null, null, null, null]")
	b.answer(at, ledger.Answer{Delivery: id, Gone: true})
	step("300 4 900 held 17 [50003, 4, null, null, null, null]")
	if err := b.enter(at, id, rollup.Figures{n(310)}); err != nil {
		t.Fatal(err)
	}
	step("310 4 900 held 17 [50003, 4, null, null, null, null]")
	if err := b.letGo(at, id); err != nil {
		t.Fatal(err)
	}
	step("50003 4 - held 0")
	list, err := ledger.Entries(t.Context(), b.db, id)
	if err != nil || len(list) != 3 || list[0].Who != "Wren Writer" || list[0].Note != "Read in the app." || *list[0].Figures[0] != 300 || list[0].LetGo || !list[2].LetGo {
		t.Errorf("entries: %+v, %v", list, err)
	}
	var said int
	if err := b.db.GetContext(t.Context(), &said, `SELECT count(*) FROM audit WHERE subject_kind = 'delivery' AND subject_id = $1 AND action LIKE 'counts.%'`, id); err != nil || said != 3 {
		t.Errorf("%d lines in the log (%v), want 3", said, err)
	}
}

func TestWhatCannotBeEnteredIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.deliveries[0]
	b.answer(booktest.Due.Add(time.Hour), ledger.Answer{Delivery: id, Figures: rollup.Figures{n(5)}})
	later := booktest.Due.Add(2 * time.Hour)
	manager, moderator := people.Person{ID: b.by.ID, Role: people.RoleManager}, people.Person{ID: b.by.ID, Role: people.RoleModerator}
	for name, tt := range map[string]struct {
		by       people.Person
		delivery int64
		figures  rollup.Figures
		at       time.Time
		note     string
		kind     fault.Kind
		say      string
	}{
		"nothing":                {manager, id, rollup.Figures{}, later, "a", fault.Invalid, "at least one figure"},
		"below zero":             {manager, id, rollup.Figures{n(-1)}, later, "a", fault.Invalid, "whole number from 0"},
		"above what is kept":     {manager, id, rollup.Figures{n(1 << 31)}, later, "a", fault.Invalid, "2,147,483,647"},
		"no reason":              {manager, id, rollup.Figures{n(1)}, later, " ", fault.Invalid, "where the figures come from"},
		"older than what is":     {manager, id, rollup.Figures{n(1)}, booktest.Due, "a", fault.Conflict, "2027-07-30 10:00 UTC"},
		"not out":                {manager, id + 1000, rollup.Figures{n(1)}, later, "a", fault.Conflict, "went out"},
		"by who may not":         {moderator, id, rollup.Figures{n(1)}, later, "a", fault.Forbidden, "role"},
		"figures are older held": {manager, id, rollup.Figures{n(1)}, booktest.Due.Add(time.Hour), "a", fault.Conflict, "order of their time"},
	} {
		err := b.db.InTx(t.Context(), func(tx *postgres.Tx) error {
			return ledger.Enter(t.Context(), tx, tt.by, tt.delivery, tt.figures, tt.at, tt.note)
		})
		if !fault.Is(err, tt.kind) || !strings.Contains(fault.Say(err), tt.say) {
			t.Errorf("%s: %v, want %s with %q", name, err, tt.kind, tt.say)
		}
	}
	if err := b.letGo(later, id); !fault.Is(err, fault.Conflict) {
		t.Errorf("let go of what nobody entered: %v", err)
	}
}

func TestOddAnswersAreKeptAsSeenAndFlagged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, at := b.deliveries[0], booktest.Due
	for _, a := range []ledger.Answer{
		{Figures: rollup.Figures{n(5000), n(100), nil, nil, n(10)}}, // the first answer cannot jump
		{Figures: rollup.Figures{n(5001), n(99), nil, nil, n(11)}},
		{Figures: rollup.Figures{n(5002), n(2100), nil, nil, nil}},
		{Figures: rollup.Figures{nil, n(2101)}, Impossible: rollup.Figures{n(-4)}},
		{Gone: true},
		{Gone: true},
		{Figures: rollup.Figures{n(5003), n(2102)}},
	} {
		at, a.Delivery = at.Add(time.Hour), id
		b.answer(at, a)
	}
	if kept := b.answer(at.Add(-time.Minute), ledger.Answer{Delivery: id, Figures: rollup.Figures{n(1)}}); len(kept) != 0 {
		t.Errorf("an answer that was overtaken was kept: %+v", kept)
	}
	b.answer(at.Add(-30*time.Minute), ledger.Answer{Delivery: id, Figures: rollup.Figures{n(5004), n(2102)}})
	if got, want := b.latest(id), "5004 2102 - held 0"; strings.TrimSpace(got) != want {
		t.Errorf("newest counts %q, want %q", got, want)
	}
	var odd []string
	if err := b.db.SelectContext(t.Context(), &odd, `
SELECT concat_ws(' ', kind, figure, was, told) FROM count_oddities WHERE delivery_id = $1 ORDER BY taken_at, kind, figure`, id); err != nil {
		t.Fatal(err)
	}
	want := []string{"fell boosts 100 99", "jumped boosts 99 2100", "silent impressions 11", "impossible favourites 5002 -4", "gone ", "back ", "clock "}
	if diff := cmp.Diff(want, odd); diff != "" {
		t.Errorf("what looked odd (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(b.fromRaw(), b.sums()); diff != "" {
		t.Errorf("sums (-snapshots +sums):\n%s", diff)
	}
}

func TestADayIsThatOfTheClocksAtTheChannelsPlace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := time.Date(2027, 7, 30, 20, 0, 0, 0, time.UTC) // 31 July in Kathmandu, 30 July in Honolulu
	for _, id := range b.deliveries[:3] {
		b.answer(at, ledger.Answer{Delivery: id, Figures: rollup.Figures{n(1)}})
	}
	cells, err := rollup.Recompute(t.Context(), b.db)
	if err != nil {
		t.Fatal(err)
	}
	days := map[string]int64{}
	for c, f := range cells {
		if c.Edition == rollup.Everything && c.Channel == 0 {
			days[c.Platform+" "+c.Day.String()] = *f[0]
		}
	}
	want := map[string]int64{"mastodon 2027-07-30": 1, "mastodon 2027-07-31": 1, "x 2027-07-30": 1}
	if diff := cmp.Diff(want, days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}
