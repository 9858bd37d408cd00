// Package desk begins, renews and ends sessions on the sandbox Bluesky server, and reads the tokens that requests carry.
//
// Its tokens are signed and run out, and a refresh token is good once, as on the network. It keeps no passwords: each account's app
// password follows from its handle.
package desk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"daymark/internal/sandbox/bluesky/ledger"
	"daymark/internal/sandbox/bluesky/lexicon"
)

// The scopes of tokens (packages/pds/src/auth-scope.ts).
const (
	ScopeAccess  = "com.atproto.access"  // of a session begun with the account's own password
	ScopeApp     = "com.atproto.appPass" // of a session begun with an app password
	ScopeRefresh = "com.atproto.refresh"
)

// Desk begins, renews and ends sessions.
type Desk struct {
	Ledger  *ledger.Ledger
	Now     func() time.Time
	Random  io.Reader
	Access  time.Duration // how long an access token is good
	Renew   time.Duration // how long a refresh token is good
	Grace   time.Duration // how long one that was used is good
	mu      sync.Mutex    // one session at a time
	gone    map[string]bool
	mugGone sync.RWMutex
}

// claims is what a token says.
type claims struct {
	Scope   string `json:"scope"`
	Subject string `json:"sub"`
	ID      string `json:"jti"`
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
}

// secret returns what tokens are signed with, made at the first call.
func (d *Desk) secret() ([]byte, error) {
	if s := d.Ledger.Secret(); len(s) > 0 {
		return s, nil
	}
	s := make([]byte, 32)
	if _, err := io.ReadFull(d.Random, s); err != nil {
		return nil, fmt.Errorf("make a secret: %w", err)
	}
	return s, d.Ledger.Save(ledger.Change{Secret: s})
}

// sign returns a JSON Web Token (RFC 7519) by HMAC with SHA-256.
func (d *Desk) sign(kind string, c claims) (string, error) {
	secret, err := d.secret()
	if err != nil {
		return "", err
	}
	head, _ := json.Marshal(map[string]string{"typ": kind, "alg": "HS256"})
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	signed := b64.EncodeToString(head) + "." + b64.EncodeToString(payload)
	return signed + "." + b64.EncodeToString(mac(secret, signed)), nil
}

func mac(secret []byte, text string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(text)) // a hash never fails to be written to
	return h.Sum(nil)
}

// read returns what a token says, when this server signed it and it is not out of date.
func (d *Desk) read(token string) (claims, error) {
	bad := lexicon.No(http.StatusBadRequest, "InvalidToken", "Token could not be verified")
	signed, signature, ok := cutLast(token)
	given, err := base64.RawURLEncoding.DecodeString(signature)
	if !ok || err != nil || !hmac.Equal(given, mac(d.Ledger.Secret(), signed)) || len(d.Ledger.Secret()) == 0 {
		return claims{}, bad
	}
	_, payload, _ := strings.Cut(signed, ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	var c claims
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return claims{}, bad
	}
	if d.Now().Unix() >= c.Expires {
		return claims{}, lexicon.No(http.StatusBadRequest, "ExpiredToken", "Token has expired")
	}
	return c, nil
}

func cutLast(token string) (before, after string, ok bool) {
	i := strings.LastIndexByte(token, '.')
	if i < 0 {
		return "", "", false
	}
	return token[:i], token[i+1:], true
}

// Who returns whose token a request carries and which scope it has; nobody's when it carries none.
func (d *Desk) Who(r *http.Request) (did, scope string, err error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", "", nil
	}
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		return "", "", lexicon.No(http.StatusUnauthorized, "AuthMissing", "Unexpected authorization type")
	}
	c, err := d.read(token)
	if err != nil {
		return "", "", err
	}
	if s, known := d.Ledger.Session(c.ID); !known || s.Revoked {
		return "", "", lexicon.No(http.StatusBadRequest, "InvalidToken", "Token has been revoked")
	}
	if d.Suspended(c.Subject) {
		return "", "", lexicon.No(http.StatusUnauthorized, "AccountTakedown", "Account has been taken down")
	}
	return c.Subject, c.Scope, nil
}

// Suspend takes an account down, or gives it back.
func (d *Desk) Suspend(did string, down bool) {
	d.mugGone.Lock()
	defer d.mugGone.Unlock()
	if d.gone == nil {
		d.gone = map[string]bool{}
	}
	d.gone[did] = down
}

// Suspended reports whether an account is taken down.
func (d *Desk) Suspended(did string) bool {
	d.mugGone.RLock()
	defer d.mugGone.RUnlock()
	return d.gone[did]
}

// AppPassword returns the app password of an account, which depends on its handle alone: it protects nothing.
func AppPassword(a ledger.Account) string {
	sum := sha256.Sum256([]byte("app password " + a.Handle))
	s := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:16]
}

// Pair is the two tokens of a session.
type Pair struct{ Access, Refresh string }

// Begin begins a session.
func (d *Desk) Begin(did, scope string) (Pair, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, err := d.newID()
	if err != nil {
		return Pair{}, err
	}
	return d.issue(ledger.Session{ID: id, DID: did, Scope: scope, Until: d.Now().Add(d.Renew)})
}

func (d *Desk) newID() (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(d.Random, b); err != nil {
		return "", fmt.Errorf("begin a session: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// issue keeps sessions and returns the tokens of the first.
func (d *Desk) issue(s ledger.Session, also ...ledger.Session) (Pair, error) {
	if _, err := d.secret(); err != nil {
		return Pair{}, err
	}
	if err := d.Ledger.Save(ledger.Change{Sessions: append(also, s)}); err != nil {
		return Pair{}, err
	}
	now := d.Now()
	access, err := d.sign("at+jwt", claims{Scope: s.Scope, Subject: s.DID, ID: s.ID, Issued: now.Unix(), Expires: now.Add(d.Access).Unix()})
	if err != nil {
		return Pair{}, err
	}
	refresh, err := d.sign("refresh+jwt", claims{Scope: ScopeRefresh, Subject: s.DID, ID: s.ID, Issued: now.Unix(), Expires: s.Until.Unix()})
	return Pair{access, refresh}, err
}

// Renewed exchanges the session of a refresh token for its next one. A token that was used already gives the same next session for a
// while, so that an answer that was lost does no harm.
func (d *Desk) Renewed(r *http.Request) (Pair, string, error) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		return Pair{}, "", lexicon.No(http.StatusUnauthorized, "AuthMissing", "Authentication Required")
	}
	c, err := d.read(token)
	if err != nil {
		return Pair{}, "", err
	}
	if c.Scope != ScopeRefresh {
		return Pair{}, "", lexicon.No(http.StatusBadRequest, "InvalidToken", "Bad token scope")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, known := d.Ledger.Session(c.ID)
	now := d.Now()
	if !known || s.Revoked || !now.Before(s.Until) {
		return Pair{}, "", lexicon.No(http.StatusBadRequest, "ExpiredToken", "Token has been revoked")
	}
	if d.Suspended(s.DID) {
		return Pair{}, "", lexicon.No(http.StatusUnauthorized, "AccountTakedown", "Account has been taken down")
	}
	if s.Next == "" {
		if s.Next, err = d.newID(); err != nil {
			return Pair{}, "", err
		}
		s.Until = now.Add(d.Grace)
	}
	p, err := d.issue(ledger.Session{ID: s.Next, DID: s.DID, Scope: s.Scope, Until: now.Add(d.Renew)}, s)
	return p, s.DID, err
}
