package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// write adds n entries.
func write(t testing.TB, q postgres.Querier, n int) {
	t.Helper()
	for i := range n {
		if err := audit.Write(t.Context(), q, audit.Entry{Action: "post.approved", Kind: "post", ID: int64(i + 1), Detail: map[string]any{"say": "قلب أزرق"}}); err != nil {
			t.Fatal(err)
		}
	}
}

// sealed seals and checks how many rows that took.
func sealed(t *testing.T, s *audit.Sealer, want int) {
	t.Helper()
	if n, err := s.Seal(t.Context()); err != nil || n != want {
		t.Fatalf("sealed %d rows with error %v, want %d", n, err, want)
	}
}

func verified(t *testing.T, q postgres.Querier, printed audit.Head) audit.Verdict {
	t.Helper()
	v, err := audit.Verify(t.Context(), q, printed)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhatIsWrittenIsSealedAndVerified(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	s := audit.NewSealer(db)
	if v := verified(t, db, audit.Head{}); v.Broken != "" || v.Head.String() != "" || v.Rows != 0 {
		t.Errorf("an empty log: %+v", v)
	}
	sealed(t, s, 0)
	write(t, db, 3)
	if v := verified(t, db, audit.Head{}); v.Unsealed != 3 || v.Late || v.Broken != "" {
		t.Errorf("before the first seal: %+v", v)
	}
	sealed(t, s, 3)
	first, err := audit.Newest(t.Context(), db)
	if err != nil || first.Seal != 1 || first.LastID != 3 {
		t.Fatalf("head %+v, %v", first, err)
	}
	write(t, db, 2)
	sealed(t, s, 2)
	sealed(t, s, 0)
	printed, err := audit.ParseHead(" " + first.String() + "\n")
	if err != nil || printed.Seal != 1 || printed.Hash != first.Hash {
		t.Fatalf("%q is read as %+v, %v", first, printed, err)
	}
	v := verified(t, db, printed)
	if v.Broken != "" || v.Rows != 5 || v.Seals != 2 || v.Unsealed != 0 || v.Head.Seal != 2 {
		t.Errorf("%+v", v)
	}
	if newest, err := audit.Newest(t.Context(), db); err != nil || newest != v.Head {
		t.Errorf("the newest head is %+v, %v; verify says %+v", newest, err, v.Head)
	}
	for _, s := range []string{"1", "1:", "0:" + first.Hash, first.Hash, "1:" + first.Hash[1:], "x:" + first.Hash} {
		if _, err := audit.ParseHead(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is taken for a head", s)
		}
	}
}

// TestNoRowSlipsInBehindASeal has a transaction take an id, stay open while a later one commits, and commit in the end.
func TestNoRowSlipsInBehindASeal(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	s := audit.NewSealer(db)
	write(t, db, 1)
	sealed(t, s, 1)

	slow, err := db.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, slow, 1) // row 2
	write(t, db, 1)   // row 3, there before row 2
	var seen []int64
	if err := db.SelectContext(t.Context(), &seen, `SELECT id FROM audit WHERE id > 1`); err != nil || len(seen) != 1 || seen[0] != 3 {
		t.Fatalf("seen %v, %v: the test does not make the gap it is about", seen, err)
	}
	sealed(t, s, 0)
	another := audit.NewSealer(db) // a leader that came anew knows nothing and seals nothing either
	sealed(t, another, 0)
	write(t, db, 1) // row 4 does not wait for the seal
	sealed(t, s, 0)
	if err := slow.Commit(); err != nil {
		t.Fatal(err)
	}
	sealed(t, s, 3)
	if v := verified(t, db, audit.Head{}); v.Broken != "" || v.Rows != 4 {
		t.Errorf("%+v", v)
	}

	gone, err := db.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, gone, 1) // row 5 is never there
	write(t, db, 1)   // row 6
	sealed(t, s, 0)
	if err := gone.Rollback(); err != nil {
		t.Fatal(err)
	}
	sealed(t, s, 1)
	if v := verified(t, db, audit.Head{}); v.Broken != "" || v.Rows != 5 || v.Head.LastID != 6 {
		t.Errorf("after a gap: %+v", v)
	}
}

// TestATransactionThatOnlyBeginsAfterTheMarkDelaysNothing: a seal waits for those who were writing when it looked, not for later ones.
func TestATransactionThatOnlyBeginsAfterTheMarkDelaysNothing(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	s := audit.NewSealer(db)
	first, err := db.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, first, 1)
	write(t, db, 1)
	sealed(t, s, 0) // marks row 2 and waits for the first
	later, err := db.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = later.Rollback() }()
	write(t, later, 1)
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	sealed(t, s, 2)
}

func TestSealsAndWritersAtOnceLoseNoRow(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	s := audit.NewSealer(db)
	const writers, each = 6, 60
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
					for range 1 + (w+i)%3 {
						if err := audit.Write(t.Context(), tx, audit.Entry{Action: "a.done", Kind: "a", ID: int64(w + 1)}); err != nil {
							return err
						}
					}
					if i%7 == 0 {
						return errBack
					}
					return nil
				})
				if err != nil && err != errBack { //nolint:errorlint // InTx returns it as it is
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	for writing := true; writing; {
		select {
		case <-done:
			writing = false
		default:
		}
		if _, err := s.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var rows int64
	if err := db.GetContext(t.Context(), &rows, `SELECT count(*) FROM audit`); err != nil {
		t.Fatal(err)
	}
	if v := verified(t, db, audit.Head{}); v.Broken != "" || v.Rows != rows || v.Unsealed != 0 || v.Seals < 2 {
		t.Errorf("of %d rows: %+v", rows, v)
	}
}

var errBack = fault.New(fault.Internal, "rolled back on purpose")

// TestAnOwnerWhoRewritesHistoryIsFound switches the triggers off, as only the owner of the tables can, and changes things.
func TestAnOwnerWhoRewritesHistoryIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		attack string
		row    int64
		says   string
	}{
		{"an action is changed", `UPDATE audit SET action = 'post.rejected' WHERE id = 4`, 4, "Row 4 was changed"},
		{"a person is put in", `UPDATE audit SET person_id = (SELECT id FROM people WHERE role = 'system') WHERE id = 2`, 2, "Row 2 was changed"},
		{"a time is changed by a microsecond", `UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 5`, 5, "Row 5 was changed"},
		{"an address is changed", `UPDATE audit SET address = '192.0.2.1' WHERE id = 1`, 1, "Row 1 was changed"},
		{"a session is renamed", `UPDATE audit SET via = 'browser' WHERE id = 6`, 6, "Row 6 was changed"},
		{"one word of a detail is changed", `UPDATE audit SET detail = '{"say": "ok"}' WHERE id = 3`, 3, "Row 3 was changed"},
		{"two rows are changed", `UPDATE audit SET subject_id = 99 WHERE id IN (3, 5)`, 3, "Row 3 was changed"},
		{"two rows change places", `UPDATE audit SET subject_id = 3 - subject_id WHERE id IN (3, 4)`, 3, "Row 3 was changed"},
		{"a row is removed", `DELETE FROM audit WHERE id = 3`, 3, "Row 3 was removed"},
		{"the last row of a seal is removed", `DELETE FROM audit WHERE id = 4`, 4, "Row 4 was removed"},
		{"a row is slipped in", `INSERT INTO audit (id, action, subject_kind) OVERRIDING SYSTEM VALUE VALUES (-1, 'x.done', 'x'), (0, 'x.done', 'x')`, -1, "Row -1 was added"},
		{"a row is slipped into a gap", `DELETE FROM audit WHERE id = 6; INSERT INTO audit (id, action, subject_kind) OVERRIDING SYSTEM VALUE VALUES (6, 'x.done', 'x')`, 6, "Row 6 was changed"},
		{"a seal is removed", `DELETE FROM audit_seals WHERE id = 2`, 0, "Seal 3 does not follow seal 1"},
		{"a seal is dated back", `UPDATE audit_seals SET at = at - interval '1 day' WHERE id = 2`, 0, "Seal 2 itself was changed"},
		{"the links of a seal are changed", `UPDATE audit_seals SET links = set_byte(links, 50, (get_byte(links, 50) + 1) % 256) WHERE id = 1`, 2, "Row 2 was changed"},
		{"the end is cut off", `DELETE FROM audit_seals WHERE id = 3; DELETE FROM audit WHERE id > 4`, 0, "Seal 3 was printed and is not there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := postgrestest.NewBoth(t, migrations.FS)
			s := audit.NewSealer(d.App)
			for range 3 {
				write(t, d.App, 2)
				sealed(t, s, 2)
			}
			printed, err := audit.Newest(t.Context(), d.App)
			if err != nil {
				t.Fatal(err)
			}
			if v := verified(t, d.App, printed); v.Broken != "" {
				t.Fatalf("broken before anything was done: %s", v.Broken)
			}
			for _, statement := range append([]string{`ALTER TABLE audit DISABLE TRIGGER USER`, `ALTER TABLE audit_seals DISABLE TRIGGER USER`}, strings.Split(tt.attack, "; ")...) {
				if _, err := d.Owner.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			if v := verified(t, d.App, printed); v.Row != tt.row || !strings.Contains(v.Broken, tt.says) {
				t.Errorf("row %d, %q; want row %d, %q", v.Row, v.Broken, tt.row, tt.says)
			}
		})
	}
}

func TestALogThatWasWrittenAnewDiffersFromThePrintedHead(t *testing.T) {
	t.Parallel()
	d := postgrestest.NewBoth(t, migrations.FS)
	write(t, d.App, 2)
	sealed(t, audit.NewSealer(d.App), 2)
	printed, err := audit.Newest(t.Context(), d.App)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`ALTER TABLE audit DISABLE TRIGGER USER`, `ALTER TABLE audit_seals DISABLE TRIGGER USER`,
		`DELETE FROM audit_seals`, `UPDATE audit SET action = 'post.rejected' WHERE id = 1`,
	} {
		if _, err := d.Owner.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	sealed(t, audit.NewSealer(d.Owner), 2)
	if v := verified(t, d.App, audit.Head{}); v.Broken != "" {
		t.Errorf("without the printed head nobody can tell, but got %q", v.Broken)
	}
	if v := verified(t, d.App, printed); !strings.Contains(v.Broken, "Seal 1 is not the one that was printed") {
		t.Errorf("got %q", v.Broken)
	}
}

func TestTheApplicationRewritesNoSealAndForgesNone(t *testing.T) {
	t.Parallel()
	d := postgrestest.NewBoth(t, migrations.FS)
	write(t, d.App, 2)
	sealed(t, audit.NewSealer(d.App), 2)
	const forged = `INSERT INTO audit_seals (id, at, last_id, row_count, prev, links, head)
SELECT %s, now(), %s, 1, %s, decode(repeat('00', 40), 'hex'), sha256('x') FROM audit_seals WHERE id = 1`
	for _, tt := range []struct {
		name   string
		db     *postgres.DB
		attack string
		code   string
	}{
		{"the application changes a seal", d.App, `UPDATE audit_seals SET row_count = 1`, "42501"},
		{"the application removes a seal", d.App, `DELETE FROM audit_seals`, "42501"},
		{"the application empties the seals", d.App, `TRUNCATE audit_seals`, "42501"},
		{"the owner changes a seal", d.Owner, `UPDATE audit_seals SET row_count = 1`, "23001"},
		{"the owner removes a seal", d.Owner, `DELETE FROM audit_seals`, "23001"},
		{"the owner empties the seals", d.Owner, `TRUNCATE audit_seals`, "23001"},
		{"a second chain begins", d.App, fmt.Sprintf(forged, "2", "3", "decode(repeat('00', 32), 'hex')"), "23000"},
		{"a number is left out", d.App, fmt.Sprintf(forged, "3", "3", "head"), "23000"},
		{"a seal goes back", d.App, fmt.Sprintf(forged, "2", "2", "head"), "23000"},
		{"the application dates a row back", d.App, `INSERT INTO audit (at, action, subject_kind) VALUES ('2020-01-01', 'x.done', 'x')`, "42501"},
		{"the application chooses an id", d.App, `INSERT INTO audit (id, action, subject_kind) OVERRIDING SYSTEM VALUE VALUES (0, 'x.done', 'x')`, "42501"},
	} {
		if _, err := tt.db.ExecContext(t.Context(), tt.attack); !isState(err, tt.code) {
			t.Errorf("%s: got error %v, want SQLSTATE %s", tt.name, err, tt.code)
		}
	}
	write(t, d.App, 1)
	sealed(t, audit.NewSealer(d.App), 1)
}

func TestManyRowsTakeSeveralSeals(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO audit (action, subject_kind) SELECT 'delivery.published', 'delivery' FROM generate_series(1, 25000)`); err != nil {
		t.Fatal(err)
	}
	sealed(t, audit.NewSealer(db), 25000)
	if v := verified(t, db, audit.Head{}); v.Broken != "" || v.Rows != 25000 || v.Seals != 3 {
		t.Errorf("%+v", v)
	}
}

func TestWhereItCameFromIsWrittenDown(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	for _, ctx := range []context.Context{
		t.Context(),
		audit.Within(t.Context(), audit.From{Via: audit.ByCommand}),
		audit.Within(t.Context(), audit.From{Via: audit.ByBrowser, Address: "2001:db8::7"}),
	} {
		if err := audit.Write(ctx, db, audit.Entry{Action: "a.done", Kind: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := audit.List(t.Context(), db, audit.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []audit.From{{Via: audit.ByBrowser, Address: "2001:db8::7"}, {Via: audit.ByCommand}, {Via: audit.BySystem}} {
		if rows[i].From != want {
			t.Errorf("row %d comes from %+v, want %+v", rows[i].ID, rows[i].From, want)
		}
	}
}

// BenchmarkTenThousandRows is a burst as the dispatcher writes it, and sealing it.
func BenchmarkTenThousandRows(b *testing.B) {
	db := postgrestest.New(b, migrations.FS)
	s := audit.NewSealer(db)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.ExecContext(b.Context(), `INSERT INTO audit (action, subject_kind, subject_id, detail)
SELECT 'delivery.published', 'delivery', n, '{"late": 12}' FROM generate_series(1, 10000) n`); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			if _, err := s.Seal(b.Context()); err != nil {
				b.Fatal(err)
			}
			if _, err := db.ExecContext(b.Context(), `INSERT INTO audit (action, subject_kind, subject_id) SELECT 'delivery.published', 'delivery', n FROM generate_series(1, 10000) n`); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if n, err := s.Seal(b.Context()); err != nil || n != 10000 {
				b.Fatalf("%d rows, %v", n, err)
			}
		}
	})
}
