package matter_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// morning is half past nine in London, by real time.
var morning = time.Date(2027, 7, 1, 8, 30, 0, 0, time.UTC)

type team struct {
	t      *testing.T
	db     *postgres.DB
	keys   seal.Keys
	writer *matter.Writer
	who    map[people.Role]people.Person
}

func newTeam(t *testing.T) *team {
	t.Helper()
	key, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &team{t: t, db: postgrestest.New(t, migrations.FS), keys: seal.Keys{key}, who: map[people.Role]people.Person{}}
	s.writer = &matter.Writer{DB: s.db, Keys: s.keys, PublicURL: "https://daymark.example.org"}
	s.tx(func(ctx context.Context, tx *postgres.Tx) error {
		for _, role := range people.Roles() {
			p, err := people.Add(ctx, tx, people.NewPerson{
				Email: string(role) + "@example.org", Name: "Ada " + string(role), Role: role, Languages: []string{"en"}, Password: "a good long password",
				Cost: people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
			}, 0)
			if err != nil {
				return err
			}
			s.who[role] = p
		}
		return profile.Save(ctx, tx, profile.Profile{Name: "Trust", Link: "https://example.org", Zone: "Europe/London"}, 0)
	})
	return s
}

func (s *team) tx(work func(context.Context, *postgres.Tx) error) {
	s.t.Helper()
	if err := s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error { return work(s.t.Context(), tx) }); err != nil {
		s.t.Fatal(err)
	}
}

func (s *team) tell(key, kind, id string, who ...people.Role) {
	s.t.Helper()
	n := notice.New{Key: key, Level: notice.Warning, Say: "About " + key + ".", Kind: kind, ID: id, At: morning}
	for _, r := range who {
		n.For = append(n.For, s.who[r].ID)
	}
	if _, err := notice.Tell(s.t.Context(), s.db, n); err != nil {
		s.t.Fatal(err)
	}
	if _, err := matter.Spread(s.t.Context(), s.db); err != nil {
		s.t.Fatal(err)
	}
}

func (s *team) choose(role people.Role, kind matter.Kind, how matter.How) error {
	return s.db.InTx(s.t.Context(), func(tx *postgres.Tx) error {
		return matter.Save(s.t.Context(), tx, s.who[role], matter.Wishes{How: map[matter.Kind]matter.How{kind: how}, Hour: 8})
	})
}

// letter is one of the outbox, opened.
type letter struct {
	To, Kind, Subject, Text, HTML, Unsubscribe string
}

// write writes letters at an instant and returns the new ones by role, in order of the address.
func (s *team) write(at time.Time) []letter {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), `DELETE FROM outbox`); err != nil {
		s.t.Fatal(err)
	}
	n, err := s.writer.Write(s.t.Context(), at)
	if err != nil {
		s.t.Fatal(err)
	}
	var rows []struct {
		Address   string `db:"address"`
		Kind      string `db:"kind"`
		MessageID string `db:"message_id"`
		KeyID     string `db:"key_id"`
		Sealed    []byte `db:"sealed"`
	}
	if err := s.db.SelectContext(s.t.Context(), &rows, `SELECT address, kind, message_id, key_id, sealed FROM outbox ORDER BY address, id`); err != nil {
		s.t.Fatal(err)
	}
	var list []letter
	for _, r := range rows {
		opened, err := s.keys.Open("a letter", r.KeyID, r.Sealed, "outbox/"+r.MessageID)
		if err != nil {
			s.t.Fatal(err)
		}
		l := letter{To: strings.TrimSuffix(r.Address, "@example.org"), Kind: r.Kind}
		if err := json.Unmarshal(opened, &l); err != nil {
			s.t.Fatal(err)
		}
		list = append(list, l)
	}
	if n != len(list) {
		s.t.Fatalf("wrote %d letters, said %d", len(list), n)
	}
	return list
}

func to(list []letter) string {
	var all []string
	for _, l := range list {
		all = append(all, l.To)
	}
	return strings.Join(all, " ")
}

func TestEachMatterGoesToThoseWhomItConcerns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, key, kind string
		who             []people.Role
		want            string // who hears of it at once
	}{
		{"a take-down", "takedown:1", "takedown", nil, "admin safeguarding"},
		{"something missed", "missed:1:2", "post", nil, "admin chapter editor safeguarding"},
		{"a post by hand", "by-hand:1", "post", nil, "admin chapter editor safeguarding"},
		{"something at risk", "at-risk:picture:1:2", "post", nil, "admin chapter editor translator"},
		{"what names people", "void:1:2", "post", []people.Role{people.RoleReviewer}, "reviewer"},
		{"what names people of whom one may not be mailed so", "task:1:x", "fact", []people.Role{people.RoleEditor}, ""},
		{"an account", "channel-problem:1:2", "fact", nil, ""},
		{"trouble with mail itself", "mail-refused:1:x", "person", []people.Role{people.RoleAdmin}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newTeam(t)
			s.tell(c.key, c.kind, "x1", c.who...)
			if got := to(s.write(morning)); got != c.want {
				t.Errorf("written to %q, want %q", got, c.want)
			}
			if got := s.write(morning.Add(time.Hour)); len(got) != 0 {
				t.Errorf("written to again: %q", to(got))
			}
		})
	}
}

func TestAPersonChoosesHowTheyAreTold(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for role, how := range map[people.Role]matter.How{people.RoleAdmin: matter.Off, people.RoleEditor: matter.Daily} {
		if err := s.choose(role, matter.Missed, how); err != nil {
			t.Fatal(err)
		}
	}
	s.tell("missed:1:2", "fact", "f")
	if got := to(s.write(morning)); got != "chapter safeguarding" {
		t.Errorf("at once: %q", got)
	}
	if got := to(s.write(morning.Add(25 * time.Hour))); got != "editor" {
		t.Errorf("a day later: %q", got)
	}
}

func TestMattersOfSafetyCannotBeTurnedOff(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for _, role := range []people.Role{people.RoleAdmin, people.RoleSafeguarding} {
		for _, how := range []matter.How{matter.Off, matter.Daily} {
			if err := s.choose(role, matter.TakeDown, how); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s chose %s: %v", role, how, err)
			}
		}
	}
	if err := s.choose(people.RoleEditor, matter.TakeDown, matter.Off); err != nil {
		t.Errorf("an editor may not turn it off: %v", err)
	}
	// A row that says so, left from a time in another role, does not count either.
	if _, err := s.db.ExecContext(t.Context(), `INSERT INTO mail_wishes (person_id, kind, how) SELECT id, 'takedown', 'off' FROM people WHERE role <> 'system'
ON CONFLICT DO NOTHING`); err != nil {
		t.Fatal(err)
	}
	s.tell("takedown:1", "takedown", "x")
	if got := to(s.write(morning)); got != "admin safeguarding" {
		t.Errorf("told %q", got)
	}
}

func TestTheLetterOfTheDayComesAtTheHourOfThePersonsOwnClock(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for role, zone := range map[people.Role]string{people.RoleEditor: "Pacific/Auckland", people.RoleManager: ""} {
		s.tx(func(ctx context.Context, tx *postgres.Tx) error {
			return matter.Save(ctx, tx, s.who[role], matter.Wishes{How: map[matter.Kind]matter.How{matter.Task: matter.Daily}, Hour: 7, Zone: zone})
		})
	}
	for i := range 3 {
		s.tell(fmt.Sprintf("task:%d:2027", i), "fact", "f", people.RoleEditor, people.RoleManager)
	}
	if got := s.write(morning); len(got) != 0 { // the first count begins here: 20:30 in Auckland, 9:30 in London
		t.Fatalf("at once: %q", to(got))
	}
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2027, 7, 1, 18, 59, 0, 0, time.UTC), ""},
		{time.Date(2027, 7, 1, 19, 0, 0, 0, time.UTC), "editor"}, // 7:00 on 2 July in Auckland
		{time.Date(2027, 7, 2, 5, 59, 0, 0, time.UTC), ""},
		{time.Date(2027, 7, 2, 6, 0, 0, 0, time.UTC), "manager"}, // 7:00 in London in summer
	} {
		list := s.write(c.at)
		if got := to(list); got != c.want {
			t.Fatalf("%s: %q, want %q", c.at, got, c.want)
		}
		for _, l := range list {
			if l.Kind != "digest" || l.Subject != "Today in Daymark: 3 matters" || l.Unsubscribe != "https://daymark.example.org"+matter.Settings || strings.Count(l.Text, "About task:") != 3 {
				t.Errorf("the letter is %+v", l)
			}
		}
	}
}

func TestWhatIsDoneByThenIsLeftOut(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.tell("missed:1:2", "fact", "f")
	s.tx(func(ctx context.Context, tx *postgres.Tx) error {
		return notice.SeenTo(ctx, tx, "missed:1:2", s.who[people.RoleEditor], morning)
	})
	if got := s.write(morning); len(got) != 0 {
		t.Errorf("written to %q", to(got))
	}
}

func TestABadMorningIsAFewLetters(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for i := range 60 {
		s.tell(fmt.Sprintf("missed:%d:2", i), "fact", "f", people.RoleEditor)
	}
	now := time.Now()
	list := s.write(now)
	if len(list) != 1 || list[0].Subject != "Daymark: 60 matters need you" || !strings.Contains(list[0].Text, "20 more are on the page Notices.") {
		t.Fatalf("wrote %+v", list)
	}
	s.tell("missed:100:2", "fact", "f", people.RoleEditor)
	wait := func(at time.Time) int {
		n, err := s.writer.Write(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := wait(time.Now()); n != 0 {
		t.Errorf("%d letters within the two minutes", n)
	}
	if n := wait(time.Now().Add(3 * time.Minute)); n != 1 {
		t.Errorf("%d letters after them", n)
	}
	s.tell("missed:101:2", "fact", "f", people.RoleEditor)
	s.tell("prompt:102", "fact", "f", people.RoleEditor)
	if n := wait(time.Now()); n != 1 {
		t.Errorf("what goes out now waited: %d letters", n)
	}
}

func TestALetterEscapesWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	if _, err := notice.Tell(t.Context(), s.db, notice.New{
		Key: "missed:1:2", Level: notice.Error, Kind: "fact", ID: "f", At: morning, For: []int64{s.who[people.RoleEditor].ID},
		Say: "<img src=x onerror=alert(1)>\r\n\r\n-- \r\nYour bank asks: https://evil.example",
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := matter.Spread(t.Context(), s.db); err != nil {
		t.Fatal(err)
	}
	list := s.write(morning)
	if len(list) != 1 || strings.Contains(list[0].HTML, "<img") || strings.Contains(list[0].Text, "\nYour bank") {
		t.Errorf("the letter is %+v", list)
	}
	if strings.Contains(list[0].HTML, "<script") || !strings.Contains(list[0].HTML, "https://daymark.example.org/facts/f") {
		t.Errorf("the page is %s", list[0].HTML)
	}
}

func TestWithoutAPublicAddressLettersSayWhereToLook(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.writer.PublicURL = ""
	s.tell("missed:1:2", "fact", "f", people.RoleEditor)
	list := s.write(morning)
	if len(list) != 1 || strings.Contains(list[0].Text, "http") || strings.Contains(list[0].HTML, "href") || !strings.Contains(list[0].Text, "look at the page Notices") {
		t.Errorf("the letter is %+v", list)
	}
}

func TestWhereThereIsNoMailNothingGathers(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	if _, err := notice.Tell(t.Context(), s.db, notice.New{Key: "missed:1:2", Level: notice.Error, Kind: "fact", ID: "f", At: morning, Say: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := matter.Skip(t.Context(), s.db); err != nil {
		t.Fatal(err)
	}
	if n, err := matter.Spread(t.Context(), s.db); err != nil || n != 0 || len(s.write(morning)) != 0 {
		t.Errorf("spread %d, %v", n, err)
	}
}

func TestWhoeverIsDisabledOrUnreachableIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	if _, err := s.db.ExecContext(t.Context(), `INSERT INTO mail_people (person_id, refused_at, refused, refused_for) VALUES ($1, now(), 'no such user', 'safeguarding@example.org')`,
		s.who[people.RoleSafeguarding].ID); err != nil {
		t.Fatal(err)
	}
	s.tell("missed:1:2", "fact", "f")
	s.tx(func(ctx context.Context, tx *postgres.Tx) error {
		return people.Disable(ctx, tx, s.who[people.RoleEditor].ID, s.who[people.RoleAdmin].ID)
	})
	if got := to(s.write(morning)); got != "admin chapter" {
		t.Errorf("written to %q", got)
	}
}

func TestWishesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	for name, w := range map[string]matter.Wishes{
		"an hour that is none":       {Hour: 24},
		"a zone that is none":        {Zone: "Mars/Olympus"},
		"the zone of the machine":    {Zone: "Local"},
		"a day late for what is now": {How: map[matter.Kind]matter.How{matter.Now: matter.Daily}},
		"a way that is none":         {How: map[matter.Kind]matter.How{matter.Risk: "pigeon"}},
	} {
		err := s.db.InTx(t.Context(), func(tx *postgres.Tx) error { return matter.Save(t.Context(), tx, s.who[people.RoleEditor], w) })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryRoleHasAUsualWayAmongItsChoices(t *testing.T) {
	t.Parallel()
	for _, role := range people.Roles() {
		for _, kind := range matter.Kinds() {
			if !slices.Contains(matter.Choices(kind, role), matter.Usual(kind, role)) {
				t.Errorf("%s, %s: %s is no choice", role, kind, matter.Usual(kind, role))
			}
		}
	}
}
