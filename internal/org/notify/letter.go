package notify

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// ByMail is the way of letters that name no other.
const ByMail = "mail"

// keepTrying is how long a letter is tried that says nothing about it. Three days are within the four to five that RFC 5321,
// section 4.5.4.1, asks of servers, and what Daymark tells is stale by then.
const keepTrying = 72 * time.Hour

// The bounds of a letter. A subject is one line; a body of a mebibyte is far more than any page of ours.
const (
	maxSubject = 250
	maxBody    = 1 << 20
)

// Mail is a letter to one person.
type Mail struct {
	To          string        // an address such as ana@example.org, without a name
	Person      int64         // whose address it is; 0 is nobody on file
	Kind        string        // what it is, such as "invitation", "reset", "code" or "digest"
	Subject     string        // one line
	Text        string        // the words as plain text
	HTML        string        // the same words as a page; empty where the text is enough
	Unsubscribe string        // an https address where the person can end letters of this kind; empty for letters they asked for
	For         time.Duration // how long it is worth sending; 0 is three days
	Way         string        // empty is ByMail
}

// words is what is sealed of a letter.
type words struct {
	Subject     string `json:"subject"`
	Text        string `json:"text"`
	HTML        string `json:"html,omitempty"`
	Unsubscribe string `json:"unsubscribe,omitempty"`
}

const sqlQueue = `
INSERT INTO outbox (message_id, way, person_id, address, kind, sealed, key_id, expires_at)
VALUES ($1, $2, nullif($3, 0), $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 second')
RETURNING id`

// Queue puts a letter into the outbox, in the transaction of what it tells of; key is the first of the keys that seal credentials.
// It refuses what could add a header or a second recipient.
func Queue(ctx context.Context, tx *postgres.Tx, key seal.Key, m Mail) (int64, error) {
	if m.Way == "" {
		m.Way = ByMail
	}
	if m.For == 0 {
		m.For = keepTrying
	}
	if err := m.check(); err != nil {
		return 0, err
	}
	messageID := NewID()
	body, err := json.Marshal(words{Subject: m.Subject, Text: m.Text, HTML: m.HTML, Unsubscribe: m.Unsubscribe})
	if err != nil {
		return 0, fmt.Errorf("write a letter: %w", err)
	}
	sealed, err := key.Seal(nil, body, place(messageID))
	if err != nil {
		return 0, err
	}
	var id int64
	if err := tx.GetContext(ctx, &id, sqlQueue, messageID, m.Way, m.Person, m.To, m.Kind, sealed, key.ID(), m.For.Seconds()); err != nil {
		return 0, fmt.Errorf("queue a letter: %w", err)
	}
	return id, nil
}

// NewID returns what no other letter is called: 26 letters and digits, more than 128 bits.
func NewID() string { return rand.Text() }

// place binds the sealed words to their letter.
func place(messageID string) string { return "outbox/" + messageID }

// check refuses a letter that is not one: what it says comes from our own templates, but addresses and names come from people.
func (m Mail) check() error {
	if err := CheckAddress(m.To); err != nil {
		return err
	}
	switch {
	case m.Kind == "" || strings.TrimSpace(m.Subject) == "" || strings.TrimSpace(m.Text) == "":
		return fault.New(fault.Internal, "a letter needs a kind, a subject and words")
	case !oneLine(m.Subject) || utf8.RuneCountInString(m.Subject) > maxSubject:
		return fault.New(fault.Invalid, "The subject of a letter is one line of at most %d characters.", maxSubject)
	case len(m.Text)+len(m.HTML) > maxBody:
		return fault.New(fault.Invalid, "A letter has at most %d bytes.", maxBody)
	case !oneLine(m.Unsubscribe) || strings.ContainsAny(m.Unsubscribe, " <>,"):
		return fault.New(fault.Internal, "the address to end letters at is not one")
	}
	return nil
}

// CheckAddress refuses what is not one bare address on one line: no name, no list, no control character.
func CheckAddress(address string) error {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" || !oneLine(address) || strings.ContainsAny(address, " \"<>,;:()") {
		return fault.New(fault.Invalid, "%q is not an address that mail can be sent to; write one such as ana@example.org.", address)
	}
	return nil
}

// OneLine makes one line of a text that goes into a subject: each run of control characters and line breaks becomes a space, and
// what is too long is cut.
func OneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, ""), func(r rune) bool { return breaks(r) || r == ' ' }), " ")
	if runes := []rune(text); len(runes) > maxSubject {
		return string(runes[:maxSubject-1]) + "…"
	}
	return text
}

func oneLine(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, breaks) }

// breaks reports whether a character ends a line or is a control character; U+2028 and U+2029 separate lines and paragraphs.
func breaks(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
