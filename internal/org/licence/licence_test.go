package licence_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// site is a database with its data folder.
type site struct {
	postgrestest.Databases
	name, dir string
	admin     int64
}

func setUp(t *testing.T) *site {
	t.Helper()
	s := &site{Databases: postgrestest.NewBoth(t, migrations.FS), dir: t.TempDir()}
	if err := s.App.GetContext(t.Context(), &s.name, `SELECT current_database()`); err != nil {
		t.Fatal(err)
	}
	err := s.App.InTx(t.Context(), func(tx *postgres.Tx) error {
		p, err := people.Add(t.Context(), tx, people.NewPerson{
			Email: "ana@example.org", Name: "Ana", Role: people.RoleAdmin, Password: "a long walk by the sea",
			Cost: people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		}, 0)
		s.admin = p.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) keeper() *licence.Keeper { return licence.NewKeeper(s.dir, "", rand.Reader) }

func take(t *testing.T, db *postgres.DB, k *licence.Keeper, by int64) error {
	t.Helper()
	return db.InTx(t.Context(), func(tx *postgres.Tx) error { return licence.Take(t.Context(), tx, k, by) })
}

func mustTake(t *testing.T, db *postgres.DB, k *licence.Keeper, by int64) {
	t.Helper()
	if err := take(t, db, k, by); err != nil {
		t.Fatal(err)
	}
	want(t, db, k, licence.Held, "")
}

func want(t *testing.T, db *postgres.DB, k *licence.Keeper, status licence.Status, why string) {
	t.Helper()
	got, err := licence.Check(t.Context(), db, k)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != status || !strings.Contains(got.Why, why) || (got.Why == "") != (why == "") {
		t.Errorf("got %v because %q, want %v because %q", got.Status, got.Why, status, why)
	}
	var guard bool
	if err := db.GetContext(t.Context(), &guard, `SELECT EXISTS (SELECT FROM licence WHERE token = $1)`, k.Token()); err != nil {
		t.Fatal(err)
	}
	if status == licence.Held && !guard {
		t.Error("the sender's guard refuses the token of a held licence")
	}
}

// attempts writes attempts as the sender would have, up to the given id: with the checks of the queue off, which are another room's.
func (s *site) attempts(t *testing.T, upTo int64) {
	t.Helper()
	s.owner(t, `ALTER TABLE attempts DISABLE TRIGGER USER`)
	s.owner(t, `ALTER TABLE attempts DROP CONSTRAINT IF EXISTS attempts_delivery_id_fkey`)
	s.owner(t, `INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at)
		SELECT n, 1, 1, 'key', '', sha256(''), now() FROM generate_series((SELECT COALESCE(max(id), 0) FROM attempts) + 1, $1) n`, upTo)
}

// restore puts the database back to how it was when the attempt with the given id was its last, as a dump of then would.
func (s *site) restore(t *testing.T, upTo int64) {
	t.Helper()
	s.owner(t, `DELETE FROM attempts WHERE id > $1`, upTo)
	s.owner(t, `SELECT setval('attempts_id_seq', $1, true)`, max(upTo, 1))
}

func (s *site) owner(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := s.Owner.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// clone copies the whole database within the server, as CREATE DATABASE ... TEMPLATE does, and opens the copy as the application.
func (s *site) clone(t *testing.T) *postgres.DB {
	t.Helper()
	other := postgrestest.NewBoth(t, nil)
	for _, db := range []*postgres.DB{s.App, s.Owner} { // a template must have no visitors
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	name := s.name + "_clone"
	const sqlLeave = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1`
	if _, err := other.Owner.ExecContext(t.Context(), sqlLeave, s.name); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Owner.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+s.name); err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), strings.ReplaceAll(s.AppDSN, s.name, name), postgres.Options{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = db.Close()
		if _, err := other.Owner.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return db
}

func (s *site) copyFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAFreshDatabaseTakesTheLicenceByItselfAndKeepsItOverARestart(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	k := s.keeper()
	want(t, s.App, k, licence.Fresh, "")
	if k.Token() != "" {
		t.Errorf("got token %q before the licence is taken", k.Token())
	}
	mustTake(t, s.App, k, 0)
	token := k.Token()
	s.attempts(t, 3)
	for id := int64(1); id <= 3; id++ {
		if err := k.Seen(id); err != nil {
			t.Fatal(err)
		}
	}
	again := s.keeper()
	want(t, s.App, again, licence.Held, "")
	if again.Token() != token {
		t.Error("the token changed over a restart")
	}
	mustTake(t, s.App, again, s.admin) // changes nothing
	if again.Token() != token {
		t.Error("taking what is held made a new token")
	}
	info, err := os.Stat(filepath.Join(s.dir, licence.File))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v and error %v, want mode 600", info.Mode(), err)
	}
}

func TestTheTokenOfTheFolderIsNotInTheDatabase(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	mustTake(t, s.App, licence.NewKeeper(s.dir, "", bytes.NewReader(bytes.Repeat([]byte{0xab}, 16))), 0)
	var row string
	if err := s.App.GetContext(t.Context(), &row, `SELECT l::text FROM licence l`); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(row, "abababab") {
		t.Errorf("a copy of the row gives the folder away: %s", row)
	}
}

func TestADumpRestoredInPlaceMayNotSend(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	k := s.keeper()
	mustTake(t, s.App, k, 0)
	s.attempts(t, 10)
	if err := k.Seen(10); err != nil {
		t.Fatal(err)
	}
	want(t, s.App, k, licence.Held, "")
	s.restore(t, 4)
	want(t, s.App, k, licence.Lost, "restored from a copy")          // under the running daemon
	want(t, s.App, s.keeper(), licence.Lost, "restored from a copy") // and after a restart
	if err := take(t, s.App, s.keeper(), 0); !fault.Is(err, fault.Forbidden) {
		t.Errorf("Daymark takes it back by itself: got %v, want forbidden", err)
	}

	token := k.Token()
	fresh := s.keeper()
	mustTake(t, s.App, fresh, s.admin)
	if fresh.Token() == token {
		t.Error("the old token still counts")
	}
	s.attempts(t, 5) // ids that the folder had seen before are new ones now
	if err := fresh.Seen(5); err != nil {
		t.Fatal(err)
	}
	want(t, s.App, s.keeper(), licence.Held, "")
	s.restore(t, 4)
	want(t, s.App, s.keeper(), licence.Lost, "restored from a copy")
}

func TestADumpFromBeforeTheLicenceMayNotSend(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	k := s.keeper()
	mustTake(t, s.App, k, 0)
	s.attempts(t, 2)
	if err := k.Seen(2); err != nil {
		t.Fatal(err)
	}
	s.restore(t, 0)
	s.owner(t, `DELETE FROM licence`)
	want(t, s.App, s.keeper(), licence.Lost, "restored from an early copy")
}

func TestAttemptsWithoutALicenceMayNotGoOn(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	s.attempts(t, 1)
	want(t, s.App, s.keeper(), licence.Lost, "has sent posts before")
}

func TestACloneMayNotSendWhateverFolderItHas(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	k := s.keeper()
	mustTake(t, s.App, k, 0)
	clone := s.clone(t)
	copied := licence.NewKeeper(s.copyFolder(t), "", rand.Reader)
	want(t, clone, copied, licence.Lost, "is a copy")
	want(t, clone, licence.NewKeeper(t.TempDir(), "", rand.Reader), licence.Lost, "is a copy")
	want(t, clone, s.keeper(), licence.Lost, "is a copy")

	mustTake(t, clone, copied, s.admin) // the clone goes its own way, and the original keeps its licence
	original, err := postgres.Open(t.Context(), s.AppDSN, postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = original.Close() })
	want(t, original, k, licence.Held, "")
	want(t, original, copied, licence.Lost, "another licence")
}

func TestWhatElseTellsACopy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, change, why string
	}{
		{"another server", `UPDATE licence SET system_identifier = '1'`, "another database server"},
		{"another database on the same server", `UPDATE licence SET database_oid = 1`, "on the same server"},
		{"the database was renamed", `UPDATE licence SET database_name = 'daymark_before'`, `was called "daymark_before"`},
		{"somebody else took the licence", `UPDATE licence SET token = 'theirs'`, "another licence"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := setUp(t)
			mustTake(t, s.App, s.keeper(), 0)
			if _, err := s.App.ExecContext(t.Context(), tt.change); err != nil {
				t.Fatal(err)
			}
			k := s.keeper()
			want(t, s.App, k, licence.Lost, tt.why)
			mustTake(t, s.App, k, s.admin)
		})
	}
}

func TestALostOrDamagedFolderMayNotSend(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	k := s.keeper()
	mustTake(t, s.App, k, 0)
	s.attempts(t, 1)
	path := filepath.Join(s.dir, licence.File)
	for _, content := range []string{"", "{", "no json", `{"token":7}`, `{"attempt":-1}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, s.App, s.keeper(), licence.Lost, "cannot be understood")
		if err := k.Seen(1); err == nil {
			t.Errorf("an attempt is noted in a file with %q", content)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want(t, s.App, s.keeper(), licence.Lost, "folder is new, was emptied")
	if err := k.Seen(1); err != nil { // an emptied folder under a running daemon does not come back to life by its next post
		t.Fatal(err)
	}
	want(t, s.App, k, licence.Lost, "folder is new, was emptied")
	mustTake(t, s.App, k, s.admin)
}

func TestAnInstanceValueStandsForTheFile(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	mustTake(t, s.App, licence.NewKeeper(s.dir, "charity-one", rand.Reader), 0)
	want(t, s.App, licence.NewKeeper("", "charity-one", nil), licence.Held, "") // a second replica without the folder
	want(t, s.App, licence.NewKeeper("", "charity-two", nil), licence.Lost, "another licence")
	want(t, s.App, licence.NewKeeper("", "", nil), licence.Lost, "folder is new")
	if raw, err := os.ReadFile(filepath.Join(s.dir, licence.File)); err != nil || bytes.Contains(raw, []byte("charity-one")) {
		t.Errorf("the file holds %q and error %v", raw, err)
	}

	k := licence.NewKeeper(s.dir, "charity-one", rand.Reader) // with the folder, a restored dump is noticed all the same
	s.attempts(t, 2)
	if err := k.Seen(2); err != nil {
		t.Fatal(err)
	}
	s.restore(t, 1)
	want(t, s.App, k, licence.Lost, "restored from a copy")
	if err := take(t, s.App, licence.NewKeeper("", "", rand.Reader), s.admin); !fault.Is(err, fault.Invalid) {
		t.Errorf("taking it with neither folder nor value: got %v, want invalid", err)
	}
}

func TestReplicasOfOneFolderShareTheLicence(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	keepers := make([]*licence.Keeper, 6)
	var all sync.WaitGroup
	for i := range keepers {
		keepers[i] = s.keeper()
		all.Go(func() { // all of them find it fresh at the same moment
			if err := s.App.InTx(t.Context(), func(tx *postgres.Tx) error { return licence.Take(t.Context(), tx, keepers[i], 0) }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	const last = 120
	s.attempts(t, last)
	for i, k := range keepers {
		want(t, s.App, k, licence.Held, "")
		if k.Token() != keepers[0].Token() {
			t.Error("two replicas have two tokens")
		}
		all.Go(func() {
			for id := int64(i + 1); id <= last; id += int64(len(keepers)) {
				if err := k.Seen(id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	s.restore(t, last-1)
	want(t, s.App, s.keeper(), licence.Lost, "restored from a copy") // nobody's note overwrote the highest
}

func TestAFolderThatCannotBeWrittenIsAClearError(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	k := licence.NewKeeper(filepath.Join(s.dir, "gone"), "", rand.Reader)
	err := take(t, s.App, k, 0)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Say(err), "cannot be written") {
		t.Errorf("got %v, want a sentence about the folder", err)
	}
	want(t, s.App, k, licence.Fresh, "")
}

func TestTakingIsWrittenDownAndEndsThePauseForIt(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	mustTake(t, s.App, s.keeper(), 0)
	var asked licence.Pause
	err := s.App.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
		if asked, err = licence.Raise(t.Context(), tx, licence.NewPause{Scope: licence.Everything, Cause: licence.ByPerson, Reason: "An earthquake", By: s.admin}); err != nil {
			return err
		}
		_, err = licence.Raise(t.Context(), tx, licence.NewPause{Scope: licence.Everything, Cause: licence.ByLicence, Reason: "This database is a copy"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mustTake(t, s.App, s.keeper(), s.admin) // it is held: the right folder is back
	left, err := licence.Active(t.Context(), s.App)
	if err != nil || len(left) != 1 || left[0] != asked {
		t.Errorf("got %v and error %v, want the person's pause alone", left, err)
	}
	rows, err := audit.List(t.Context(), s.App, audit.Filter{Action: "licence.taken"})
	if err != nil || len(rows) != 1 || rows[0].Detail["was"] != "fresh" {
		t.Errorf("got %v and error %v, want the first taking", rows, err)
	}
}
