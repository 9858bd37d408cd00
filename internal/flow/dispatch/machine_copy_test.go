package dispatch_test

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"

	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch"
	sending "daymark/internal/org/licence"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// cluster runs a statement about whole databases.
func (m *machine) cluster(query string) {
	m.t.Helper()
	if _, err := m.admin.ExecContext(m.t.Context(), query); err != nil {
		m.t.Fatalf("%v\n%s", err, query)
	}
}

// disconnect ends the sessions that keep the database from being copied; the pools make new ones.
func (m *machine) disconnect() {
	m.kill(0)
	m.kill(1)
	for _, db := range []*postgres.DB{m.db, m.owner} {
		db.SetMaxIdleConns(0)
		db.SetMaxIdleConns(2)
	}
	m.cluster("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + m.home + "'")
}

// copyDatabase makes a backup. There is one at a time.
func (m *machine) copyDatabase() {
	m.look()
	m.scheduled = map[int64]string{}
	var rows []struct {
		ID   int64  `db:"id"`
		Body []byte `db:"body"`
	}
	if err := m.owner.SelectContext(m.t.Context(), &rows, `
SELECT d.id, r.body
FROM deliveries d
JOIN releases r ON r.id = d.release_id
WHERE d.state IN ('scheduled', 'unknown')`); err != nil {
		m.t.Fatal(err)
	}
	for _, r := range rows {
		final, err := post.ReadFinal(r.Body)
		if err != nil {
			m.t.Fatal(err)
		}
		m.scheduled[r.ID] = final.Parts[0].Text
	}
	if m.backup != "" {
		m.cluster("DROP DATABASE " + m.backup + " WITH (FORCE)")
	}
	m.backup = m.home + "_backup"
	m.disconnect()
	m.cluster("CREATE DATABASE " + m.backup + " TEMPLATE " + m.home + " STRATEGY file_copy")
	m.savedPosts, m.savedPlaces = slices.Clone(m.posts), slices.Clone(m.places)
	m.saved, m.heard = m.world.clone(), map[int64]int{}
	for id, list := range m.world.events {
		m.heard[id] = len(list)
	}
}

// restore puts the backup in the place of the database, as people do after an accident, and starts Daymark: it finds that it
// does not hold the licence.
func (m *machine) restore() {
	if m.backup == "" {
		return
	}
	m.look()
	m.disconnect()
	m.cluster("DROP DATABASE " + m.home + " WITH (FORCE)")
	m.cluster("CREATE DATABASE " + m.home + " TEMPLATE " + m.backup + " STRATEGY file_copy")
	if err := postgres.EnsureRoles(m.t.Context(), m.owner); err != nil {
		m.t.Fatal(err)
	}
	m.world.change(func() { m.forget() })
	m.check(m.db, m.keeper)
}

// forget takes the world's ledger back to the time of the copy. Of what went out since, the restored database can find what was
// scheduled then with the same words and the same time; of the rest it cannot know.
func (m *machine) forget() {
	w := m.world
	for id, at := range m.saved.places {
		lost := w.places[id].down > at.down
		for _, e := range w.events[id][min(m.heard[id], len(w.events[id])):] {
			lost = lost || e.what == "call" && (e.text != m.scheduled[id] || !w.places[id].due.Equal(at.due))
		}
		if lost {
			w.forgotten[id] = true
			delete(w.events, id)
		}
	}
	for id := range w.places {
		if m.saved.places[id] == nil { // written since: the restored database gives its number to another
			delete(w.events, id)
			maps.DeleteFunc(w.copies, func(_ string, c copyOut) bool { return c.delivery == id })
		}
	}
	for text, id := range w.texts {
		if m.saved.posts[id] == nil {
			w.texts[text] = unwritten
		}
	}
	m.posts, m.places = slices.Clone(m.savedPosts), slices.Clone(m.savedPlaces)
	w.ledger = m.saved.clone()
	w.muted = "the database was restored and nobody has taken its licence"
}

// astray is called when people change a post. Between a restore and the taking of the licence the database does not know yet what
// went out since; what is changed then is not scheduled any more when the networks are asked, so that nobody asks about it.
func (m *machine) astray(id int64) {
	if m.world.muted == "" {
		return
	}
	for _, at := range m.world.places {
		if at.post == id && len(m.world.events[at.id]) > 0 {
			m.world.forgotten[at.id] = true
			delete(m.world.events, at.id)
		}
	}
}

// check is what a daemon does at its start: whoever does not hold the licence pauses everything.
func (m *machine) check(db *postgres.DB, keeper *sending.Keeper) {
	m.t.Helper()
	state, err := sending.Check(m.t.Context(), db, keeper)
	if err != nil {
		m.t.Fatal(err)
	}
	if state.Status == sending.Held {
		m.world.breach(copiesAreMute, "the copy of the database believes that it holds the licence")
		return
	}
	if err := db.InTx(m.t.Context(), func(tx *postgres.Tx) error {
		_, err := sending.Raise(m.t.Context(), tx, sending.NewPause{Scope: sending.Everything, Cause: sending.ByLicence, Reason: state.Why})
		return err
	}); err != nil {
		m.t.Fatal(err)
	}
}

// wake starts Daymark on the backup beside the database, on another server with a data folder of its own.
func (m *machine) wake() {
	if m.backup == "" || m.world.muted != "" {
		return
	}
	m.disconnect()
	keeper := sending.NewKeeper(m.t.TempDir(), "", rand.Reader)
	d := m.process(strings.Replace(m.dsn, "dbname="+m.home, "dbname="+m.backup, 1), keeper)
	m.world.change(func() { m.world.muted = "the database is a copy" })
	m.check(d.DB, keeper)
	if err := d.Turn(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	m.world.change(func() { m.world.muted = "" })
	if err := d.End(context.Background()); err != nil {
		m.t.Fatal(err)
	}
	_ = d.DB.Close()
}

// take lets an admin take the licence over: whatever was due by now may be out, and the networks are asked.
func (m *machine) take() {
	if m.world.muted == "" {
		return
	}
	m.tx(func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := dispatch.Doubt(ctx, tx, m.clock.Now(), uuid.New()); err != nil {
			return err
		}
		return sending.Take(ctx, tx, m.keeper, m.ada.ID)
	})
	m.world.change(func() { m.world.muted = "" })
}
