// Package api holds the endpoints of the sandbox Mastodon server that are about statuses and pictures.
//
// Each endpoint takes a [Call], whose token and parameters have been checked, and returns what is to be answered or a refusal.
// Rate limits, tokens and faults of the connection are the server's business, above; state is the ledger's, below.
package api

import (
	"net/http"
	"sync"

	"daymark/internal/sandbox/mastodon/entity"
	"daymark/internal/sandbox/mastodon/ledger"
	"daymark/internal/sandbox/mastodon/request"
	"daymark/internal/sandbox/mischief"
)

// Call is one request to an endpoint.
type Call struct {
	entity.View
	W     http.ResponseWriter
	R     *http.Request
	P     request.Params
	Token ledger.Token
	Owner ledger.Account // of the token; empty for an application's own
	Fault mischief.Fault // one that the endpoint carries out itself, or none
	Code  int            // the status of the answer; 200 when zero
}

// KeyRule says what the server makes of an Idempotency-Key; the zero value is Mastodon's rule.
type KeyRule string

// What servers make of a key.
const (
	KeysReplay KeyRule = ""        // for an hour the same key gets the original status, whatever the body (Mastodon)
	KeysIgnore KeyRule = "ignored" // the header means nothing (GoToSocial)
	KeysCache  KeyRule = "cached"  // for six hours the same key gets the same answer, a refusal too (Pleroma, Akkoma)
	KeysBurn   KeyRule = "burnt"   // a key is stored first and then always refused (Pixelfed)
)

// Endpoints carry out calls.
type Endpoints struct {
	Ledger     *ledger.Ledger
	Maker      *entity.Maker
	Rules      entity.Rules
	Keys       KeyRule
	MediaPolls int // how often an upload answers "not ready" before it is; 0 is at once, below 0 never

	posting sync.Mutex // one change at a time, so that what is looked up still holds when it is stored
}

// BrokenText is what Mastodon says when it fails.
const BrokenText = "An unexpected error has occurred"

// React adds reactions to a status by hand.
func (e *Endpoints) React(id string, more ledger.Reactions) error {
	e.posting.Lock()
	defer e.posting.Unlock()
	st, ok := e.Ledger.Status(id)
	if !ok {
		return NotFound()
	}
	if more.Favourites < 0 || more.Reblogs < 0 || more.Replies < 0 {
		return request.Wrong("reactions can only be added")
	}
	st.Extra.Favourites += more.Favourites
	st.Extra.Reblogs += more.Reblogs
	st.Extra.Replies += more.Replies
	return e.Ledger.Save(ledger.Change{Statuses: []ledger.Status{st}})
}
