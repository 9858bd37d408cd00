package method

import (
	"crypto/subtle"
	"net/http"

	"daymark/internal/sandbox/bluesky/desk"
	"daymark/internal/sandbox/bluesky/ledger"
	"daymark/internal/sandbox/bluesky/lexicon"
)

// CreateSession answers com.atproto.server.createSession.
func (m *Methods) CreateSession(c *Call) (any, error) {
	body, err := readJSON(c.R, "!identifier", "!password", "authFactorToken", "allowTakendown")
	if err != nil {
		return nil, err
	}
	identifier, _ := body["identifier"].(string)
	password, _ := body["password"].(string)
	a, ok := m.Find(identifier)
	if !ok || subtle.ConstantTimeCompare([]byte(password), []byte(desk.AppPassword(a))) != 1 {
		return nil, lexicon.No(http.StatusUnauthorized, "AuthenticationRequired", "Invalid identifier or password")
	}
	if m.Desk.Suspended(a.DID()) {
		return nil, lexicon.No(http.StatusUnauthorized, "AccountTakedown", "Account has been taken down")
	}
	p, err := m.Desk.Begin(a.DID(), desk.ScopeApp)
	if err != nil {
		return nil, err
	}
	return m.session(c, a, p), nil
}

// session is the answer to a session begun or renewed.
func (m *Methods) session(c *Call, a ledger.Account, p desk.Pair) map[string]any {
	return map[string]any{"accessJwt": p.Access, "refreshJwt": p.Refresh, "handle": a.Handle, "did": a.DID(), "didDoc": c.Document(a), "active": true}
}

// RefreshSession answers com.atproto.server.refreshSession.
func (m *Methods) RefreshSession(c *Call) (any, error) {
	p, did, err := m.Desk.Renewed(c.R)
	if err != nil {
		return nil, err
	}
	a, _ := m.Find(did)
	return m.session(c, a, p), nil
}

// GetSession answers com.atproto.server.getSession.
func (m *Methods) GetSession(c *Call) (any, error) {
	return map[string]any{"handle": c.Owner.Handle, "did": c.Owner.DID(), "didDoc": c.Document(c.Owner), "active": true}, nil
}

// CreateAppPassword answers com.atproto.server.createAppPassword: the sandbox has the one that it made itself.
func (m *Methods) CreateAppPassword(*Call) (any, error) {
	return nil, invalid("the sandbox makes no app passwords; each account has one, shown on its page")
}
