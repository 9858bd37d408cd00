package people

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Cost is how much work a password's hash is.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is what the OWASP Password Storage Cheat Sheet asks of Argon2id at least: 19 MiB, two passes, one lane
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html). Its next choices trade memory for
// time at equal strength; this one leaves a small host its memory and takes tens of milliseconds.
var DefaultCost = Cost{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1}

const (
	saltLength = 16
	keyLength  = 32
)

// working bounds how many hashes are computed at once: a crowd at the log-in page waits instead of filling the memory.
var working = make(chan struct{}, 4)

func work(ctx context.Context) (done func(), err error) {
	select {
	case working <- struct{}{}:
		return func() { <-working }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hashPassword returns the hash in the form of the Argon2 reference implementation.
func hashPassword(ctx context.Context, password string, c Cost) (string, error) {
	if c == (Cost{}) {
		c = DefaultCost
	}
	done, err := work(ctx)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	defer done()
	hash, err := argon2id.CreateHash(norm.NFC.String(password), &argon2id.Params{
		Memory: c.MemoryKiB, Iterations: c.Passes, Parallelism: c.Lanes, SaltLength: saltLength, KeyLength: keyLength,
	})
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// nobody is a hash of [DefaultCost] that no password has: it is compared where there is no person, so that an unknown
// address takes as long as a wrong password.
var nobody = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, DefaultCost.MemoryKiB, DefaultCost.Passes, DefaultCost.Lanes,
	base64.RawStdEncoding.EncodeToString(make([]byte, saltLength)), base64.RawStdEncoding.EncodeToString(make([]byte, keyLength)))

const sqlLogIn = `
SELECT id, email, name, role, languages, labels, campaigns, COALESCE(interface, '') AS interface, NOT is_active(id) AS disabled,
       left(encode(sha256(convert_to(COALESCE(password_hash, ''), 'UTF8')), 'hex'), 16) AS stamp,
       COALESCE(password_hash, '') AS password_hash
FROM people
WHERE email = $1`

// Check returns the person whose address and password these are. Whatever is wrong (no such address, another password, a
// disabled person, Daymark itself), the answer is the same sentence after the same work.
func Check(ctx context.Context, q postgres.Querier, email, password string) (Person, error) {
	var row struct {
		personRow
		Hash string `db:"password_hash"`
	}
	address, _ := CleanEmail(email) // an impossible address is looked up as the empty one, which nobody has
	err := q.GetContext(ctx, &row, sqlLogIn, address)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Person{}, fmt.Errorf("check a password: %w", err)
	}
	known := err == nil && row.Hash != "" && !row.Disabled
	hash := nobody
	if known {
		hash = row.Hash
	}
	if len(password) > 4*maxPassword {
		password = "" // too long to be anybody's; the work stays the same
	}
	done, err := work(ctx)
	if err != nil {
		return Person{}, fmt.Errorf("check a password: %w", err)
	}
	defer done()
	match, err := argon2id.ComparePasswordAndHash(norm.NFC.String(password), hash)
	if err != nil {
		return Person{}, fmt.Errorf("check the password of person %d: %w", row.ID, err)
	}
	if !known || !match {
		return Person{}, fault.New(fault.Forbidden, "The address or the password is not right")
	}
	return row.person(), nil
}

const sqlSetPassword = `
UPDATE people
SET password_hash = $2
WHERE id = $1 AND role <> 'system'`

// SetPassword gives a person a new password; by is who does it. Sessions begun with the old one end.
func SetPassword(ctx context.Context, tx *postgres.Tx, id int64, password string, cost Cost, by int64) error {
	if wrong := checkPassword(password); wrong != "" {
		return fault.BadField("password", "%s", wrong)
	}
	hash, err := hashPassword(ctx, password, cost)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, sqlSetPassword, id, hash)
	if err != nil {
		return fmt.Errorf("set the password of person %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Wrap(fault.NotFound, err, "There is no person with the number %d", id)
	}
	if err := EndSessions(ctx, tx, id); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by, Action: "person.password_set", Kind: "person", ID: id})
}

// letters are 32 characters that are hard to mistake for each other: without l, o, 0, 1.
const letters = "abcdefghijkmnpqrstuvwxyz23456789"

// NewPassword returns a password that is easy to read out and to type: four groups of four characters, 80 bits. Where the
// given reader fails, the operating system's randomness is used, which never does.
func NewPassword(random io.Reader) string {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(random, raw); err != nil {
		_, _ = rand.Read(raw)
	}
	var b strings.Builder
	for i, c := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[c%32])
	}
	return b.String()
}
