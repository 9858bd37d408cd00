package people_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// cheap makes hashing fast; the real cost is measured by BenchmarkDefaultCost.
var cheap = people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

const password = "a long walk by the sea"

func add(t *testing.T, db *postgres.DB, n people.NewPerson) people.Person {
	t.Helper()
	p, err := tryAdd(t, db, n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tryAdd(t *testing.T, db *postgres.DB, n people.NewPerson) (p people.Person, err error) {
	t.Helper()
	if n.Password == "" {
		n.Password = password
	}
	n.Cost = cheap
	err = db.InTx(t.Context(), func(tx *postgres.Tx) error {
		p, err = people.Add(t.Context(), tx, n, 0)
		return err
	})
	return p, err
}

func TestAPersonIsAddedInTheFormWeKeep(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	if n, err := people.Count(t.Context(), db); err != nil || n != 0 {
		t.Fatalf("at first: got %d people and error %v, want 0", n, err)
	}
	got := add(t, db, people.NewPerson{Email: " Ana@Exämple.org", Name: "Ana Pérez ", Role: people.RoleEditor, Languages: []string{"ES", "pt-br", "es"}})
	want := people.Person{ID: got.ID, Email: "ana@xn--exmple-cua.org", Name: "Ana Pérez", Role: people.RoleEditor, Languages: []string{"es", "pt-BR"}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(people.Person{}, "Stamp")); diff != "" {
		t.Errorf("person (-want +got):\n%s", diff)
	}
	if got.Stamp == "" || strings.Contains(got.Stamp, "argon2") {
		t.Errorf("got stamp %q", got.Stamp)
	}
	again, err := people.ByEmail(t.Context(), db, "ANA@xn--exmple-cua.org")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("by address (-by id +by address):\n%s", diff)
	}
	if n, err := people.Count(t.Context(), db); err != nil || n != 1 {
		t.Errorf("got %d people and error %v, want 1: Daymark itself does not count", n, err)
	}
	_, err = tryAdd(t, db, people.NewPerson{Email: "ANA@exämple.org", Name: "Another Ana", Role: people.RoleReviewer})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("the same address again: got %v, want a conflict", err)
	}
	rows, err := audit.List(t.Context(), db, audit.Filter{Kind: "person"})
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %d audit rows and error %v, want 1", len(rows), err)
	}
	if s := fmt.Sprint(rows); strings.Contains(s, password) || strings.Contains(s, "argon2") {
		t.Errorf("the log tells the password: %s", s)
	}
}

func TestAnInvalidPersonIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	for _, tt := range []struct {
		name   string
		person people.NewPerson
		fields []string
	}{
		{"everything is wrong", people.NewPerson{Email: "ana", Role: "boss", Languages: []string{"klingonish-x"}, Password: "short"}, []string{"email", "name", "role", "languages", "password"}},
		{"nobody is made Daymark itself", people.NewPerson{Email: "a@example.org", Name: "A", Role: people.RoleSystem}, []string{"role"}},
		{"an address with a name", people.NewPerson{Email: "Ana <a@example.org>", Name: "A", Role: people.RoleAdmin}, []string{"email"}},
		{"two addresses", people.NewPerson{Email: "a@example.org, b@example.org", Name: "A", Role: people.RoleAdmin}, []string{"email"}},
		{"an address with a new line", people.NewPerson{Email: "a@example.org\nBcc: b@example.org", Name: "A", Role: people.RoleAdmin}, []string{"email"}},
		{"a password of eleven characters", people.NewPerson{Email: "a@example.org", Name: "A", Role: people.RoleAdmin, Password: "ééééééééééé"}, []string{"password"}},
		{"an endless password", people.NewPerson{Email: "a@example.org", Name: "A", Role: people.RoleAdmin, Password: strings.Repeat("a", 257)}, []string{"password"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tryAdd(t, db, tt.person)
			var fields []string
			for _, problem := range fault.Problems(err) {
				fields = append(fields, problem.Field)
			}
			if diff := cmp.Diff(tt.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s\n%v", diff, err)
			}
			if tt.person.Password != "" && strings.Contains(fmt.Sprint(err), tt.person.Password) {
				t.Errorf("the error repeats the password: %v", err)
			}
		})
	}
}

func TestLogInTellsNothingButYesAndNo(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	ana := add(t, db, people.NewPerson{Email: "ana@example.org", Name: "Ana", Role: people.RoleEditor})
	gone := add(t, db, people.NewPerson{Email: "gone@example.org", Name: "Gone", Role: people.RoleEditor})
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return people.Disable(t.Context(), tx, gone.ID, ana.ID) }); err != nil {
		t.Fatal(err)
	}
	got, err := people.Check(t.Context(), db, "Ana@example.org ", password)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ana, got); diff != "" {
		t.Errorf("person (-want +got):\n%s", diff)
	}
	var sentences []string
	for _, tt := range []struct{ name, email, password string }{
		{"a wrong password", "ana@example.org", password + "!"},
		{"no password", "ana@example.org", ""},
		{"an endless password", "ana@example.org", strings.Repeat("a", 1<<20)},
		{"an unknown address", "bob@example.org", password},
		{"no address", "", ""},
		{"no address at all", "' OR 1=1 --", password},
		{"a disabled person", "gone@example.org", password},
		{"Daymark itself", "planner@daymark.invalid", ""},
	} {
		_, err := people.Check(t.Context(), db, tt.email, tt.password)
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: got %v, want forbidden", tt.name, err)
			continue
		}
		sentences = append(sentences, err.Error())
	}
	for _, s := range sentences {
		if s != sentences[0] {
			t.Errorf("two answers: %q and %q", sentences[0], s)
		}
	}
}

func TestAPasswordWorksHoweverItsLettersAreComposed(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	add(t, db, people.NewPerson{Email: "ana@example.org", Name: "Ana", Role: people.RoleEditor, Password: "caf\u00e9 au lait, encore"})
	if _, err := people.Check(t.Context(), db, "ana@example.org", "cafe\u0301 au lait, encore"); err != nil {
		t.Error(err)
	}
}

func TestANewPasswordEndsTheOldOneAndChangesTheStamp(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	ana := add(t, db, people.NewPerson{Email: "ana@example.org", Name: "Ana", Role: people.RoleAdmin})
	set := func(id int64, p string) error {
		return db.InTx(t.Context(), func(tx *postgres.Tx) error { return people.SetPassword(t.Context(), tx, id, p, cheap, ana.ID) })
	}
	if err := set(ana.ID, "short"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short password: got %v, want invalid", err)
	}
	planner, err := people.System(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{planner.ID, 999} {
		if err := set(id, "another long walk"); !fault.Is(err, fault.NotFound) {
			t.Errorf("person %d: got %v, want not found", id, err)
		}
	}
	if err := set(ana.ID, "another long walk"); err != nil {
		t.Fatal(err)
	}
	if _, err := people.Check(t.Context(), db, ana.Email, password); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the old password: got %v, want forbidden", err)
	}
	got, err := people.Check(t.Context(), db, ana.Email, "another long walk")
	if err != nil {
		t.Fatal(err)
	}
	if got.Stamp == ana.Stamp {
		t.Error("the stamp stayed the same")
	}
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	ana := add(t, db, people.NewPerson{Email: "ana@example.org", Name: "Ana", Role: people.RoleAdmin})
	bob := add(t, db, people.NewPerson{Email: "bob@example.org", Name: "Bob", Role: people.RoleAdmin})
	disable := func(id int64) error {
		return db.InTx(t.Context(), func(tx *postgres.Tx) error { return people.Disable(t.Context(), tx, id, ana.ID) })
	}
	// Both at once: one of them stays, whichever comes second.
	results := make(chan error, 2)
	for _, id := range []int64{ana.ID, bob.ID} {
		go func() { results <- disable(id) }()
	}
	first, second := <-results, <-results
	if (first == nil) == (second == nil) || !fault.Is(errors.Join(first, second), fault.Conflict) {
		t.Errorf("got %v and %v, want one conflict", first, second)
	}
	list, err := people.List(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Disabled || !list[1].Disabled {
		t.Errorf("got %+v, want the one in service first and the disabled one last", list)
	}
	if list[1].May(people.PostRead) {
		t.Error("a disabled person may still read")
	}
	planner, err := people.System(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if err := disable(planner.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("Daymark itself: got %v, want a conflict", err)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	const want = `
                 editor       reviewer     safeguarding translator   chapter      moderator    manager      admin        system
post:read        yes          yes          yes          yes          yes          yes          yes          yes          yes
post:edit        yes          -            -            yes          yes          -            -            yes          yes
post:write       yes          -            -            -            yes          -            -            yes          yes
post:submit      yes          -            -            yes          yes          -            -            yes          yes
post:approve     -            yes          yes          -            -            -            -            yes          -
post:decide      yes          -            yes          -            yes          -            -            yes          -
campaign:load    yes          -            -            -            -            -            -            yes          yes
plan:make        yes          -            -            -            -            -            -            yes          yes
channel:manage   -            -            -            -            -            -            -            yes          -
people:manage    -            -            -            -            -            -            -            yes          -
reach:read       yes          yes          yes          -            yes          yes          yes          yes          yes
profile:manage   -            -            -            -            -            -            -            yes          -
audit:read       -            -            yes          -            -            -            yes          yes          -
licence:take     -            -            -            -            -            -            -            yes          -
pause:manage     yes          -            yes          -            yes          yes          yes          yes          -
fact:edit        yes          -            -            -            -            -            -            yes          -
helpline:edit    yes          -            yes          -            -            -            -            yes          -
helpline:check   yes          yes          yes          -            yes          yes          -            yes          -
finding:waive    yes          -            -            -            -            -            -            yes          -
rule:answer      yes          yes          yes          yes          yes          -            -            yes          -
post:takedown    yes          -            yes          -            yes          -            -            yes          -
post:hold        yes          yes          yes          yes          yes          yes          yes          yes          -
policy:manage    -            -            -            -            -            -            -            yes          -
outside:name     -            -            yes          -            -            -            -            yes          -
reach:enter      yes          -            -            -            yes          -            yes          yes          -
reach:share      -            -            -            -            -            -            yes          yes          -
consent:keep     -            -            yes          -            -            -            -            -            -
`
	roles := append(people.Roles(), people.RoleSystem)
	line := func(first string, rest []string) string {
		s := fmt.Sprintf("%-17s", first)
		for _, cell := range rest {
			s += fmt.Sprintf("%-13s", cell)
		}
		return strings.TrimRight(s, " ") + "\n"
	}
	var heads []string
	for _, r := range roles {
		heads = append(heads, string(r))
	}
	got := "\n" + line("", heads)
	for _, what := range people.Permissions() {
		var cells []string
		for _, r := range roles {
			cell := "-"
			if (people.Person{Role: r}).May(what) {
				cell = "yes"
			}
			cells = append(cells, cell)
		}
		got += line(string(what), cells)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("permissions (-want +got):\n%s", diff)
	}
	if (people.Person{}).May(people.PostRead) {
		t.Error("nobody may read")
	}
}

func TestNewPasswordsAreReadableAndDiffer(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$`)
	seen := map[string]bool{}
	for range 200 {
		p := people.NewPassword(rand.Reader)
		if !form.MatchString(p) || seen[p] {
			t.Fatalf("got %q", p)
		}
		seen[p] = true
	}
	fixed := people.NewPassword(bytes.NewReader(bytes.Repeat([]byte{0, 1, 31, 255}, 4)))
	if fixed != "ab99-ab99-ab99-ab99" {
		t.Errorf("got %q from fixed bytes", fixed)
	}
	if p := people.NewPassword(bytes.NewReader(nil)); !form.MatchString(p) || p == "aaaa-aaaa-aaaa-aaaa" {
		t.Errorf("got %q from a reader that fails", p)
	}
}

func BenchmarkDefaultCost(b *testing.B) {
	db := postgrestest.New(b, migrations.FS)
	for b.Loop() {
		if _, err := people.Check(b.Context(), db, "nobody@example.org", password); !fault.Is(err, fault.Forbidden) {
			b.Fatal(err)
		}
	}
}
