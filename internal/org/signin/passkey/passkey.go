// Package passkey lets people log in with a key that their phone, computer or security key holds: WebAuthn, level 3
// (https://www.w3.org/TR/webauthn-3/).
//
// The authenticator always checks who holds it, by a finger, a face or a number, so that a passkey is two factors in one. Public
// keys are kept and nothing secret. What is begun and what the browser answers are JSON; the caller keeps the state between the
// two where the browser cannot change it. The package shows no page and begins no session.
package passkey

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/org/signin/tell"
	"daymark/internal/postgres"
)

const (
	maxKeys     = 20
	maxName     = 60
	handleBytes = 64 // WebAuthn, section 14.6.1: 64 random bytes
	ceremony    = 5 * time.Minute
)

// Site is where passkeys are used: they work under its host name only.
type Site struct {
	ID     string // the host name, without a port
	Origin string // scheme, name and port
	Name   string // what authenticators show
}

func (s Site) party() (*webauthn.WebAuthn, error) {
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: ceremony, TimeoutUVD: ceremony}
	w, err := webauthn.New(&webauthn.Config{
		RPID: s.ID, RPDisplayName: s.Name, RPOrigins: []string{s.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "Passkeys do not work under the address %s.", s.Origin)
	}
	return w, nil
}

// holder is a person as the library wants one.
type holder struct {
	person people.Person
	handle []byte
	keys   []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.handle }
func (h holder) WebAuthnName() string                       { return h.person.Email }
func (h holder) WebAuthnDisplayName() string                { return h.person.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

const sqlHandle = `
SELECT handle
FROM passkey_people
WHERE person_id = $1`

const sqlMakeHandle = `
INSERT INTO passkey_people (person_id, handle)
VALUES ($1, $2)
ON CONFLICT (person_id) DO NOTHING`

// handleOf returns what authenticators know a person by, made at the first passkey.
func handleOf(ctx context.Context, q postgres.Querier, random io.Reader, person int64) (handle []byte, err error) {
	raw := make([]byte, handleBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, fmt.Errorf("make a handle: %w", err)
	}
	if _, err := q.ExecContext(ctx, sqlMakeHandle, person, raw); err != nil {
		return nil, fmt.Errorf("keep the handle of person %d: %w", person, err)
	}
	if err := q.GetContext(ctx, &handle, sqlHandle, person); err != nil {
		return nil, fmt.Errorf("read the handle of person %d: %w", person, err)
	}
	return handle, nil
}

const sqlRecords = `
SELECT record
FROM passkeys
WHERE person_id = $1 AND site = $2
ORDER BY id`

func records(ctx context.Context, q postgres.Querier, person int64, site string) ([]webauthn.Credential, error) {
	var raw [][]byte
	if err := q.SelectContext(ctx, &raw, sqlRecords, person, site); err != nil {
		return nil, fmt.Errorf("list the passkeys of person %d: %w", person, err)
	}
	list := make([]webauthn.Credential, len(raw))
	for i, r := range raw {
		if err := json.Unmarshal(r, &list[i]); err != nil {
			return nil, fmt.Errorf("read a passkey of person %d: %w", person, err)
		}
	}
	return list, nil
}

// Begin begins to make a passkey: options for the browser, and the state that [Add] needs.
func Begin(ctx context.Context, q postgres.Querier, site Site, by people.Person) (options, state []byte, err error) {
	party, err := site.party()
	if err != nil {
		return nil, nil, err
	}
	h := holder{person: by}
	if h.handle, err = handleOf(ctx, q, rand.Reader, by.ID); err != nil {
		return nil, nil, err
	}
	if h.keys, err = records(ctx, q, by.ID, site.ID); err != nil {
		return nil, nil, err
	}
	if len(h.keys) >= maxKeys {
		return nil, nil, fault.New(fault.Conflict, "There are %d passkeys already. Remove one that is not used.", len(h.keys))
	}
	creation, session, err := party.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return nil, nil, fmt.Errorf("begin a passkey: %w", err)
	}
	return both(creation.Response, session)
}

func both(response any, session *webauthn.SessionData) (options, state []byte, err error) {
	if options, err = json.Marshal(response); err == nil {
		state, err = json.Marshal(session)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("write what the browser is asked: %w", err)
	}
	return options, state, nil
}

// began reads the state; without one the browser was not asked, or answers a second time.
func began(state []byte) (webauthn.SessionData, error) {
	var s webauthn.SessionData
	if len(state) == 0 {
		return s, fault.New(fault.Conflict, "This passkey was asked for too long ago, or was used for this already. Begin once more.")
	}
	if err := json.Unmarshal(state, &s); err != nil {
		return s, fmt.Errorf("read what the browser was asked: %w", err)
	}
	return s, nil
}

const sqlAdd = `
INSERT INTO passkeys (person_id, credential_id, site, name, record)
VALUES ($1, $2, $3, $4, $5)
RETURNING id`

// Add keeps the passkey that the browser made, and writes to the person that there is one more; keys seal the letter.
func Add(ctx context.Context, tx *postgres.Tx, keys seal.Keys, site Site, by people.Person, name string, state, answer []byte) error {
	name, err := tidy(name)
	if err != nil {
		return err
	}
	session, err := began(state)
	if err != nil {
		return err
	}
	party, err := site.party()
	if err != nil {
		return err
	}
	h := holder{person: by}
	if h.handle, err = handleOf(ctx, tx, rand.Reader, by.ID); err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The browser's answer cannot be read. No passkey was made; begin once more.")
	}
	made, err := party.CreateCredential(h, session, parsed)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The passkey does not fit what was asked for. None was made; begin once more.")
	}
	record, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("write a passkey: %w", err)
	}
	var id int64
	err = tx.GetContext(ctx, &id, sqlAdd, by.ID, made.ID, site.ID, name, string(record))
	if postgres.Constraint(err) == "passkeys_credential_id_key" {
		return fault.Wrap(fault.Conflict, err, "This passkey is known already.")
	}
	if err != nil {
		return fmt.Errorf("keep a passkey of person %d: %w", by.ID, err)
	}
	if err := audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "passkey.added", Kind: "person", ID: by.ID, Detail: map[string]any{"passkey": id, "name": name, "site": site.ID},
	}); err != nil {
		return err
	}
	return tell.Write(ctx, tx, keys, by, tell.PasskeyAdded, name)
}

// tidy returns a name as it is kept.
func tidy(name string) (string, error) {
	name = norm.NFC.String(strings.Join(strings.Fields(name), " "))
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", fault.BadField("name", "give the passkey a name, such as: Ana's phone")
	case n > maxName:
		return "", fault.BadField("name", "has %d characters; use at most %d", n, maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", fault.BadField("name", "must be one line of plain text")
	}
	return name, nil
}

// BeginLogIn begins a log-in with any passkey of the site: options for the browser, and the state that [LogIn] needs. Nothing is
// said about who has one.
func BeginLogIn(site Site) (options, state []byte, err error) {
	party, err := site.party()
	if err != nil {
		return nil, nil, err
	}
	assertion, session, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, nil, fmt.Errorf("begin a log-in: %w", err)
	}
	return both(assertion.Response, session)
}

const sqlByHandle = `
SELECT person_id
FROM passkey_people
WHERE handle = $1`

const sqlUsed = `
UPDATE passkeys
SET record = $3, used_at = clock_timestamp()
WHERE person_id = $1 AND credential_id = $2`

// refused is the one answer to every passkey that does not let anybody in.
func refused(err error) error {
	return fault.Wrap(fault.Forbidden, err, "This passkey does not let anybody in here. Log in with your password, or ask an admin.")
}

// LogIn returns whose passkey answered. A key whose count of uses went back was copied: it lets nobody in, and the log says so.
func LogIn(ctx context.Context, db *postgres.DB, site Site, state, answer []byte) (people.Person, error) {
	session, err := began(state)
	if err != nil {
		return people.Person{}, err
	}
	party, err := site.party()
	if err != nil {
		return people.Person{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return people.Person{}, fault.Wrap(fault.Invalid, err, "The browser's answer cannot be read. Begin once more.")
	}
	var found holder
	_, used, err := party.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		var err error
		found, err = byHandle(ctx, db, site, handle)
		return found, err
	}, session, parsed)
	if err != nil {
		return people.Person{}, refused(err)
	}
	if found.person.Disabled {
		return people.Person{}, refused(errors.New("the person is disabled"))
	}
	if used.Authenticator.CloneWarning {
		err := audit.Write(ctx, db, audit.Entry{Person: found.person.ID, Action: "passkey.copied", Kind: "person", ID: found.person.ID})
		return people.Person{}, refused(errors.Join(errors.New("the count of uses went back"), err))
	}
	record, err := json.Marshal(used)
	if err != nil {
		return people.Person{}, fmt.Errorf("write a passkey: %w", err)
	}
	res, err := db.ExecContext(ctx, sqlUsed, found.person.ID, used.ID, string(record))
	if err != nil {
		return people.Person{}, fmt.Errorf("note the use of a passkey: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return people.Person{}, refused(errors.Join(errors.New("it was removed meanwhile"), err))
	}
	return found.person, nil
}

func byHandle(ctx context.Context, q postgres.Querier, site Site, handle []byte) (holder, error) {
	var id int64
	err := q.GetContext(ctx, &id, sqlByHandle, handle)
	if errors.Is(err, sql.ErrNoRows) {
		return holder{}, fault.New(fault.NotFound, "Nobody has this passkey.")
	}
	if err != nil {
		return holder{}, fmt.Errorf("find whose passkey this is: %w", err)
	}
	h := holder{handle: handle}
	if h.person, err = people.ByID(ctx, q, id); err != nil {
		return holder{}, err
	}
	h.keys, err = records(ctx, q, id, site.ID)
	return h, err
}
