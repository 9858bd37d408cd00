package passkey_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/org/signin/passkey"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var site = passkey.Site{ID: "daymark.example.org", Origin: "https://daymark.example.org", Name: "Daymark"}

// device is an authenticator of the test's own: it shares no code with the library that Daymark checks it with. What it answers can
// be bent.
type device struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte // whose it is, once it was made
	uses    uint32
	flags   byte   // WebAuthn, section 6.1: bit 0 somebody was there, bit 2 it was checked who
	party   string // the relying party that it believes to answer
	origin  string // the page that the browser says asked
	bend    func(client map[string]any)
	corrupt bool // the signature is of something else
}

const (
	present  = 0x01
	verified = 0x04
	attested = 0x40
)

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &device{t: t, key: key, id: id, flags: present | verified, party: site.ID, origin: site.Origin, bend: func(map[string]any) {}}
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// client is what the browser says of a ceremony.
func (d *device) client(kind string, options []byte) []byte {
	d.t.Helper()
	var asked struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	if err := json.Unmarshal(options, &asked); err != nil {
		d.t.Fatal(err)
	}
	if asked.User.ID != "" {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(asked.User.ID, "="))
		if err != nil {
			d.t.Fatal(err)
		}
		d.handle = raw
	}
	said := map[string]any{"type": kind, "challenge": asked.Challenge, "origin": d.origin, "crossOrigin": false}
	d.bend(said)
	raw, err := json.Marshal(said)
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

// data is the authenticator's own word.
func (d *device) data(flags byte) []byte {
	party := sha256.Sum256([]byte(d.party))
	out := append(party[:], flags)
	return binary.BigEndian.AppendUint32(out, d.uses)
}

// made answers to the options of a new passkey.
func (d *device) made(options []byte) []byte {
	d.t.Helper()
	client := d.client("webauthn.create", options)
	point, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	data := append(d.data(d.flags|attested), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(data, d.id...)
	// A key of ECDSA on P-256 in COSE (RFC 9053, section 7.1.1), written by hand in CBOR (RFC 8949).
	data = append(data, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
	data = append(append(data, point[1:33]...), 0x22, 0x58, 0x20)
	data = append(data, point[33:]...)
	object := append([]byte{0xa3, 0x63}, "fmt"...)
	object = append(append(object, 0x64), "none"...)
	object = append(append(object, 0x67), "attStmt"...)
	object = append(append(object, 0xa0, 0x68), "authData"...)
	object = append(object, 0x58, byte(len(data)))
	object = append(object, data...)
	return d.answer(map[string]any{"clientDataJSON": b64(client), "attestationObject": b64(object), "transports": []string{"internal"}})
}

// used answers to the options of a log-in.
func (d *device) used(options []byte) []byte {
	d.t.Helper()
	client, data := d.client("webauthn.get", options), d.data(d.flags)
	sum := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	if d.corrupt {
		signed[0]++
	}
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, signed[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(d.handle)})
}

func (d *device) answer(response map[string]any) []byte {
	d.t.Helper()
	raw, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

// room is a person with a database.
type room struct {
	t    *testing.T
	db   *postgres.DB
	keys seal.Keys
	ana  people.Person
}

func newRoom(t *testing.T) *room {
	t.Helper()
	key, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, db: postgrestest.New(t, migrations.FS), keys: seal.Keys{key}}
	r.ana = r.person("ana@example.org")
	return r
}

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) inTx(work func(ctx context.Context, tx *postgres.Tx) error) error {
	return r.db.InTx(r.t.Context(), func(tx *postgres.Tx) error { return work(r.t.Context(), tx) })
}

func (r *room) person(email string) (p people.Person) {
	r.t.Helper()
	r.must(r.inTx(func(ctx context.Context, tx *postgres.Tx) (err error) {
		p, err = people.Add(ctx, tx, people.NewPerson{
			Email: email, Name: "Ana", Role: people.RoleEditor, Password: "a long walk by the sea", Cost: people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		}, 0)
		return err
	}))
	return p
}

func (r *room) count(query string) (n int) {
	r.t.Helper()
	r.must(r.db.GetContext(r.t.Context(), &n, query))
	return n
}

// add makes a passkey with a device.
func (r *room) add(d *device, whose people.Person) error {
	r.t.Helper()
	options, state, err := passkey.Begin(r.t.Context(), r.db, site, whose)
	r.must(err)
	answer := d.made(options)
	return r.inTx(func(ctx context.Context, tx *postgres.Tx) error {
		return passkey.Add(ctx, tx, r.keys, site, whose, "Ana's  phone", state, answer)
	})
}

// logIn logs in with a device.
func (r *room) logIn(d *device) (people.Person, error) {
	r.t.Helper()
	options, state, err := passkey.BeginLogIn(site)
	r.must(err)
	d.uses++
	return passkey.LogIn(r.t.Context(), r.db, site, state, d.used(options))
}

func TestAPasskeyIsMadeAndLogsItsOwnerIn(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	d := newDevice(t)
	r.must(r.add(d, r.ana))
	list, err := passkey.List(t.Context(), r.db, r.ana.ID, site.ID)
	if err != nil || len(list) != 1 || list[0].Name != "Ana's phone" || list[0].Foreign || !list[0].Used.IsZero() {
		t.Fatalf("the list is %+v, %v", list, err)
	}
	for range 2 {
		if who, err := r.logIn(d); err != nil || who.ID != r.ana.ID {
			t.Fatalf("logged in as %+v, %v", who, err)
		}
	}
	if list, err = passkey.List(t.Context(), r.db, r.ana.ID, "other.example.org"); err != nil || !list[0].Foreign || list[0].Used.IsZero() {
		t.Errorf("under another name the list is %+v, %v", list, err)
	}
	if n := r.count(`SELECT count(*) FROM audit WHERE action = 'passkey.added'`); n != 1 {
		t.Errorf("%d lines in the log, want 1", n)
	}
	if n := r.count(`SELECT count(*) FROM outbox WHERE kind = 'sign-in changed' AND address = 'ana@example.org'`); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
	if err := r.add(d, r.ana); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same passkey again: %v", err)
	}
	remove := func(by people.Person) error {
		return r.inTx(func(ctx context.Context, tx *postgres.Tx) error {
			return passkey.Remove(ctx, tx, r.keys, list[0].ID, by)
		})
	}
	if err := remove(r.person("eve@example.org")); !fault.Is(err, fault.NotFound) || r.count(`SELECT count(*) FROM passkeys`) != 1 {
		t.Errorf("somebody else removes it: %v", err)
	}
	r.must(remove(r.ana))
	if n := r.count(`SELECT count(*) FROM outbox WHERE kind = 'sign-in changed'`); n != 2 {
		t.Errorf("%d letters, want 2", n)
	}
	if _, err := r.logIn(d); !fault.Is(err, fault.Forbidden) {
		t.Errorf("after it was removed: %v", err)
	}
}

// bent are the ways in which a device or a browser answers wrongly.
var bent = map[string]func(*device){
	"to another challenge":         func(d *device) { d.bend = func(c map[string]any) { c["challenge"] = b64(make([]byte, 32)) } },
	"to the other ceremony":        func(d *device) { d.bend = func(c map[string]any) { c["type"] = "payment.get" } },
	"to a page of another site":    func(d *device) { d.origin = "https://daymark.example.org.evil.test" },
	"to a page without encryption": func(d *device) { d.origin = "http://daymark.example.org" },
	"for another party":            func(d *device) { d.party = "evil.test" },
	"without looking who it is":    func(d *device) { d.flags = present },
	"with nobody there":            func(d *device) { d.flags = verified },
}

func TestAWrongAnswerMakesNoPasskey(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for name, bend := range bent {
		d := newDevice(t)
		bend(d)
		if err := r.add(d, r.ana); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	options, state, err := passkey.Begin(t.Context(), r.db, site, r.ana)
	r.must(err)
	answer := newDevice(t).made(options)
	try := func(name string, kind fault.Kind, by people.Person, called string, state, answer []byte) {
		t.Helper()
		err := r.inTx(func(ctx context.Context, tx *postgres.Tx) error {
			return passkey.Add(ctx, tx, r.keys, site, by, called, state, answer)
		})
		if !fault.Is(err, kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	try("to nothing that was asked", fault.Conflict, r.ana, "Phone", nil, answer)
	try("for somebody else's question", fault.Invalid, r.person("eve@example.org"), "Phone", state, answer)
	try("that is no JSON", fault.Invalid, r.ana, "Phone", state, []byte(`{"id":`))
	for name, called := range map[string]string{"without a name": " ", "with a name that is too long": strings.Repeat("x", 61), "with a name that turns": "a\x00b"} {
		try(name, fault.Invalid, r.ana, called, state, answer)
	}
	if n := r.count(`SELECT count(*) FROM passkeys`) + r.count(`SELECT count(*) FROM outbox`) + r.count(`SELECT count(*) FROM audit WHERE action LIKE 'passkey%'`); n != 0 {
		t.Errorf("%d rows were written all the same", n)
	}
}

func TestAWrongAnswerLetsNobodyIn(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	d := newDevice(t)
	r.must(r.add(d, r.ana))
	good := *d
	bends := map[string]func(*device){
		"with a signature of something else": func(d *device) { d.corrupt = true },
		"with another key":                   func(d *device) { d.key = newDevice(t).key },
		"with a passkey that nobody knows":   func(d *device) { d.id = make([]byte, 32) },
		"for a person that nobody knows":     func(d *device) { d.handle = make([]byte, 64) },
		"for nobody":                         func(d *device) { d.handle = nil },
	}
	for name, bend := range bent {
		bends[name] = bend
	}
	for name, bend := range bends {
		one := good
		bend(&one)
		if who, err := r.logIn(&one); !(fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Invalid)) || who.ID != 0 {
			t.Errorf("%s: %v, %v", name, who.ID, err)
		}
	}
	if _, err := passkey.LogIn(t.Context(), r.db, site, nil, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("without a question: %v", err)
	}
	eve := r.person("eve@example.org")
	other := newDevice(t)
	r.must(r.add(other, eve))
	mixed := good
	mixed.handle = other.handle
	if who, err := r.logIn(&mixed); !fault.Is(err, fault.Forbidden) || who.ID != 0 {
		t.Errorf("Ana's passkey as Eve: %v, %v", who.ID, err)
	}
	if who, err := r.logIn(d); err != nil || who.ID != r.ana.ID {
		t.Errorf("after all that the right one: %v", err)
	}
	r.must(r.inTx(func(ctx context.Context, tx *postgres.Tx) error { return people.Disable(ctx, tx, r.ana.ID, 0) }))
	if _, err := r.logIn(d); !fault.Is(err, fault.Forbidden) {
		t.Errorf("after the access ended: %v", err)
	}
}

func TestAPasskeyThatWasCopiedLetsNobodyInAndIsWrittenDown(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	d := newDevice(t)
	r.must(r.add(d, r.ana))
	d.uses = 8
	_, err := r.logIn(d)
	r.must(err)
	d.uses = 3 // the copy has counted less
	if _, err := r.logIn(d); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the copy: %v", err)
	}
	rows, err := audit.List(t.Context(), r.db, audit.Filter{Action: "passkey.copied"})
	if err != nil || len(rows) != 1 || rows[0].Person != r.ana.ID {
		t.Errorf("the log has %+v, %v", rows, err)
	}
}

func TestAPersonHasSoManyPasskeysAndNoMore(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for range 20 {
		r.must(r.add(newDevice(t), r.ana))
	}
	if _, _, err := passkey.Begin(t.Context(), r.db, site, r.ana); !fault.Is(err, fault.Conflict) {
		t.Errorf("one more: %v", err)
	}
}
