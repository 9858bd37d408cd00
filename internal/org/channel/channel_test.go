package channel_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

const token = "mastodon-access-token-0123456789"

func newKey(t *testing.T) seal.Key {
	t.Helper()
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		t.Fatal(err)
	}
	k, err := seal.ParseKey(base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sample(changes ...func(*channel.NewChannel)) channel.NewChannel {
	n := channel.NewChannel{
		Platform: "mastodon", Address: "https://Example.social/", Handle: "@blueheart", RemoteID: "1094", Name: "Blue Heart UK",
		Zone: "Europe/London", Languages: []string{"EN", "fr-ca", "en"}, Labels: []string{" north  chapter ", "north chapter"},
		Credentials: seal.Secret(token),
	}
	for _, change := range changes {
		change(&n)
	}
	return n
}

func tryAdd(t *testing.T, db *postgres.DB, n channel.NewChannel, k seal.Key) (c channel.Channel, err error) {
	t.Helper()
	err = db.InTx(t.Context(), func(tx *postgres.Tx) error {
		c, err = channel.Add(t.Context(), tx, n, k)
		return err
	})
	return c, err
}

func add(t *testing.T, db *postgres.DB, n channel.NewChannel, k seal.Key) channel.Channel {
	t.Helper()
	c, err := tryAdd(t, db, n, k)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAChannelIsAddedListedAndArchived(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	k := newKey(t)
	c := add(t, db, sample(), k)
	want := channel.Channel{
		ID: c.ID, Platform: "mastodon", Address: "https://example.social", Handle: "blueheart", RemoteID: "1094", Name: "Blue Heart UK",
		Zone: "Europe/London", Languages: []string{"en", "fr-CA"}, Labels: []string{"north chapter"}, Habits: channel.Usual(),
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("channel (-want +got):\n%s", diff)
	}
	second := add(t, db, sample(func(n *channel.NewChannel) { n.Handle, n.Name, n.Labels = "africa", "Africa", nil }), k)
	for range 2 { // the second time changes nothing
		if err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return channel.Archive(t.Context(), tx, second.ID, 0) }); err != nil {
			t.Fatal(err)
		}
	}
	list, err := channel.List(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].ID != c.ID || list[0].Archived() || !list[1].Archived() {
		t.Errorf("got %+v, want the archived one last", list)
	}
	rows, err := audit.List(t.Context(), db, audit.Filter{Kind: "channel"})
	if err != nil || len(rows) != 3 || rows[0].Action != "channel.archived" {
		t.Errorf("got %v and error %v, want two added and one archived", rows, err)
	}
	if strings.Contains(fmt.Sprint(rows), token) {
		t.Error("the log tells the token")
	}
	for name, err := range map[string]error{
		"get":     func() error { _, err := channel.Get(t.Context(), db, 99); return err }(),
		"open":    func() error { _, err := channel.Credentials(t.Context(), db, seal.Keys{k}, 99); return err }(),
		"archive": db.InTx(t.Context(), func(tx *postgres.Tx) error { return channel.Archive(t.Context(), tx, 99, 0) }),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s a channel that is not there: got %v, want not found", name, err)
		}
	}
	_, err = tryAdd(t, db, sample(func(n *channel.NewChannel) { n.Handle = "africa" }), k)
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("an account that was archived: got %v, want a conflict", err)
	}
}

func TestAnInvalidChannelIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	k := newKey(t)
	for _, tt := range []struct {
		name   string
		change func(*channel.NewChannel)
		fields []string
	}{
		{"everything is missing", func(n *channel.NewChannel) { *n = channel.NewChannel{} }, []string{"network", "address", "handle", "account id", "name", "zone", "languages", "credentials"}},
		{"the connection is not encrypted", func(n *channel.NewChannel) { n.Address = "http://example.social" }, []string{"address"}},
		{"the address has a path", func(n *channel.NewChannel) { n.Address = "https://example.social/@me" }, []string{"address"}},
		{"the address has a password", func(n *channel.NewChannel) { n.Address = "https://me:pw@example.social" }, []string{"address"}},
		{"a sandbox is elsewhere", func(n *channel.NewChannel) { n.Sandbox = true }, []string{"address"}},
		{"the zone does not exist", func(n *channel.NewChannel) { n.Zone = "Mars/Base" }, []string{"zone"}},
		{"a language is none", func(n *channel.NewChannel) { n.Languages = []string{"en", "english language"} }, []string{"languages"}},
		{"a label is too long", func(n *channel.NewChannel) { n.Labels = []string{strings.Repeat("a", 41)} }, []string{"labels"}},
		{"a label has a comma", func(n *channel.NewChannel) { n.Labels = []string{"a,b"} }, []string{"labels"}},
		{"the handle has two lines", func(n *channel.NewChannel) { n.Handle = "a\nb" }, []string{"handle"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tryAdd(t, db, sample(tt.change), k)
			var fields []string
			for _, problem := range fault.Problems(err) {
				fields = append(fields, problem.Field)
			}
			if diff := cmp.Diff(tt.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

func TestCredentialsOpenOnlyWithTheirKeyAndInTheirRow(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	right, wrong := newKey(t), newKey(t)
	c := add(t, db, sample(), right)
	other := add(t, db, sample(func(n *channel.NewChannel) { n.Handle, n.Credentials = "other", seal.Secret("another token") }), right)

	got, err := channel.Credentials(t.Context(), db, seal.Keys{wrong, right}, c.ID)
	if err != nil || string([]byte(got)) != token {
		t.Fatalf("the right key behind another one: got %d bytes and error %v", len(got), err)
	}
	_, err = channel.Credentials(t.Context(), db, seal.Keys{wrong}, c.ID)
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), right.ID()) || !strings.Contains(fault.Say(err), wrong.ID()) {
		t.Errorf("the wrong key: got %v, want a sentence that names %s and %s", err, right.ID(), wrong.ID())
	}
	if _, err = channel.Credentials(t.Context(), db, nil, c.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("no key: got %v, want a conflict", err)
	}
	for _, attack := range []struct{ name, sql string }{
		{"a bit is changed", `UPDATE channels SET sealed = set_byte(sealed, 15, get_byte(sealed, 15) # 1) WHERE id = $1`},
		{"the end is cut off", `UPDATE channels SET sealed = substring(sealed FOR length(sealed) - 1) WHERE id = $1`},
		{"nothing is left", `UPDATE channels SET sealed = '' WHERE id = $1`},
		{"another key is named", fmt.Sprintf(`UPDATE channels SET key_id = '%s' WHERE id = $1`, wrong.ID())},
		{"it is another row's", fmt.Sprintf(`UPDATE channels SET sealed = (SELECT sealed FROM channels WHERE id = %d), key_id = '%s' WHERE id = $1`, other.ID, right.ID())},
	} {
		if _, err := db.ExecContext(t.Context(), attack.sql, c.ID); err != nil {
			t.Fatal(err)
		}
		got, err := channel.Credentials(t.Context(), db, seal.Keys{right, wrong}, c.ID)
		if !fault.Is(err, fault.Conflict) || got != nil {
			t.Errorf("%s: got %d bytes and error %v, want a conflict", attack.name, len(got), err)
		}
	}
}

func TestADumpTellsNoCredentials(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	k := newKey(t)
	first := add(t, db, sample(), k)
	second := add(t, db, sample(func(n *channel.NewChannel) { n.Handle = "other" }), k)
	var rows []string
	if err := db.SelectContext(t.Context(), &rows, `SELECT c::text FROM channels c UNION ALL SELECT a::text FROM audit a`); err != nil {
		t.Fatal(err)
	}
	dump := strings.Join(rows, "\n")
	for _, form := range []string{token, hex.EncodeToString([]byte(token)), base64.StdEncoding.EncodeToString([]byte(token))} {
		if strings.Contains(dump, form) {
			t.Errorf("the dump holds %q", form)
		}
	}
	var sealed [][]byte
	if err := db.SelectContext(t.Context(), &sealed, `SELECT sealed FROM channels WHERE id IN ($1, $2)`, first.ID, second.ID); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(sealed[0][:12], sealed[1][:12]) {
		t.Error("two sealings share a nonce")
	}
}

func TestARehearsalsDatabaseTakesSandboxChannelsOnly(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	k := newKey(t)
	all := func(want bool) {
		t.Helper()
		if got, err := channel.AllSandbox(t.Context(), db); err != nil || got != want {
			t.Errorf("all sandbox: got %t and error %v, want %t", got, err, want)
		}
	}
	all(true)
	box := add(t, db, sample(func(n *channel.NewChannel) { n.Sandbox, n.Address = true, "http://localhost:8090" }), k)
	if !box.Sandbox {
		t.Error("the sandbox channel is none")
	}
	all(true)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO fast_clock (real_start, starts_at, rate, until) VALUES ($1, $1, 3600, $1)`, time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err := tryAdd(t, db, sample(), k)
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "fast clock") {
		t.Errorf("a real channel beside a fast clock: got %v, want a conflict", err)
	}

	real := postgrestest.New(t, migrations.FS)
	c := add(t, real, sample(), k)
	if err := real.InTx(t.Context(), func(tx *postgres.Tx) error { return channel.Archive(t.Context(), tx, c.ID, 0) }); err != nil {
		t.Fatal(err)
	}
	if got, err := channel.AllSandbox(t.Context(), real); err != nil || got {
		t.Errorf("with an archived real channel: got %t and error %v, want false", got, err)
	}
}
