// Package method is what each method of the sandbox Bluesky server does, once the server above it has let a request in.
//
// One server plays all the parts that are apart on the network: the account's own server (PDS), the index of posts (AppView) and the
// directory of accounts. The names of errors and the limits are those of https://github.com/bluesky-social/atproto.
package method

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"daymark/internal/sandbox/audience"
	"daymark/internal/sandbox/bluesky/desk"
	"daymark/internal/sandbox/bluesky/ledger"
	"daymark/internal/sandbox/bluesky/lexicon"
	"daymark/internal/sandbox/mischief"
)

// Call is one request that was let in.
type Call struct {
	W     http.ResponseWriter
	R     *http.Request
	Now   time.Time
	Base  string         // address of the server
	Owner ledger.Account // whose token it carries; empty without one
	Fault mischief.Fault // one that the method itself carries out
}

// Methods holds what the methods share.
type Methods struct {
	Ledger   *ledger.Ledger
	Accounts []ledger.Account
	Desk     *desk.Desk
	MaxBlob  int
	Lag      time.Duration // how long the index does not know a record
	Seed     uint64        // of the audience
	Quiet    bool          // no audience reacts

	mu      sync.Mutex
	last    time.Time      // of the latest record key given
	refused map[string]int // record keys that meet a broken server so many times more
}

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"InternalServerError","message":"the sandbox could not write its answer"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// Refuse answers with a refusal.
func Refuse(w http.ResponseWriter, no *lexicon.Refusal) {
	WriteJSON(w, no.Status, map[string]string{"error": no.Name, "message": no.Message})
}

// Broken is the answer of a server that has failed.
func Broken() *lexicon.Refusal {
	return lexicon.No(http.StatusInternalServerError, "InternalServerError", "Internal Server Error")
}

// invalid is the refusal of an input.
func invalid(format string, a ...any) error {
	return lexicon.No(http.StatusBadRequest, "InvalidRequest", format, a...)
}

// readJSON returns a body as an object with numbers as they were written.
func readJSON(r *http.Request, names ...string) (map[string]any, error) {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return nil, invalid("Request encoding (Content-Type) required: application/json")
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, invalid("the body broke off")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var body map[string]any
	if err := decoder.Decode(&body); err != nil || body == nil {
		return nil, invalid("the body is not a JSON object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid("there is more behind the JSON object")
	}
	if err := lexicon.Fields(body, names...); err != nil {
		return nil, invalid("%v", err)
	}
	return body, nil
}

// Find returns the account with a handle or DID.
func (m *Methods) Find(who string) (ledger.Account, bool) {
	i := slices.IndexFunc(m.Accounts, func(a ledger.Account) bool { return strings.EqualFold(a.Handle, who) || a.DID() == who })
	if i < 0 {
		return ledger.Account{}, false
	}
	return m.Accounts[i], true
}

// Counts returns the reactions to a post: those made here and those of the audience.
func (m *Methods) Counts(post ledger.Record, now time.Time) audience.Counts {
	about := func(collection string) int { return m.Ledger.About(post.URI(), collection) }
	c := audience.Counts{Favourites: about(lexicon.Like), Reblogs: about(lexicon.Repost), Replies: about(lexicon.Post)}
	owner, _ := m.Find(post.DID)
	if m.Quiet {
		return c
	}
	return c.Plus(audience.Crowd{Seed: m.Seed, Followers: owner.Followers, Share: 1}.At(post.URI(), post.At, now))
}

// Document returns the DID document of an account.
func (c *Call) Document(a ledger.Account) map[string]any {
	return map[string]any{
		"@context":    []string{"https://www.w3.org/ns/did/v1"},
		"id":          a.DID(),
		"alsoKnownAs": []string{"at://" + a.Handle},
		"service": []any{map[string]string{
			"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": c.Base,
		}},
	}
}

// Describe answers com.atproto.server.describeServer.
func (m *Methods) Describe(c *Call) (any, error) {
	return map[string]any{"did": "did:web:" + strings.ReplaceAll(c.R.Host, ":", "%3A"), "availableUserDomains": []string{".test"}, "inviteCodeRequired": true}, nil
}

// Health answers _health.
func (m *Methods) Health(*Call) (any, error) { return map[string]string{"version": "sandbox"}, nil }

// Resolve answers com.atproto.identity.resolveHandle.
func (m *Methods) Resolve(c *Call) (any, error) {
	handle := c.R.URL.Query().Get("handle")
	if !lexicon.ValidHandle(handle) {
		return nil, invalid("Error: handle must be a valid handle")
	}
	a, ok := m.Find(handle)
	if !ok {
		return nil, invalid("Unable to resolve handle")
	}
	return map[string]string{"did": a.DID()}, nil
}

// Directory answers a question for a DID document.
func (m *Methods) Directory(c *Call) (any, error) {
	did := c.R.PathValue("did")
	a, ok := m.Find(did)
	if !ok || !strings.HasPrefix(did, "did:") {
		return nil, lexicon.No(http.StatusNotFound, "NotFound", "DID not registered: %s", did)
	}
	return c.Document(a), nil
}

// Profile answers app.bsky.actor.getProfile.
func (m *Methods) Profile(c *Call) (any, error) {
	a, ok := m.Find(c.R.URL.Query().Get("actor"))
	if !ok {
		return nil, invalid("Profile not found")
	}
	return map[string]any{
		"did": a.DID(), "handle": a.Handle, "displayName": a.DisplayName, "description": a.Note,
		"followersCount": a.Followers, "postsCount": len(m.Ledger.Records(a.DID(), lexicon.Post)),
	}, nil
}

// Posts answers app.bsky.feed.getPosts. What is not known is left out.
func (m *Methods) Posts(c *Call) (any, error) {
	uris := c.R.URL.Query()["uris"]
	if len(uris) == 0 {
		return nil, invalid("Error: Params must have the property \"uris\"")
	}
	if len(uris) > 25 {
		return nil, invalid("Error: uris must not have more than 25 elements")
	}
	posts := []any{}
	for _, uri := range uris {
		if !strings.HasPrefix(uri, "at://") {
			return nil, invalid("Error: uris must be a valid at-uri")
		}
		if r, ok := m.Ledger.Record(uri); ok && r.Collection == lexicon.Post && !c.Now.Before(r.At.Add(m.Lag)) {
			posts = append(posts, m.View(r, c))
		}
	}
	return map[string]any{"posts": posts}, nil
}

// View returns a post as the index shows it.
func (m *Methods) View(r ledger.Record, c *Call) map[string]any {
	a, _ := m.Find(r.DID)
	counts := m.Counts(r, c.Now)
	return map[string]any{
		"uri": r.URI(), "cid": r.CID, "record": r.Value, "indexedAt": Instant(r.At.Add(m.Lag)),
		"author":    map[string]any{"did": r.DID, "handle": a.Handle, "displayName": a.DisplayName},
		"likeCount": counts.Favourites, "repostCount": counts.Reblogs, "replyCount": counts.Replies, "quoteCount": 0, "bookmarkCount": 0,
		"labels": []any{},
	}
}

// Instant writes an instant as records have it.
func Instant(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// Blob answers com.atproto.sync.getBlob.
func (m *Methods) Blob(c *Call) (any, error) {
	q := c.R.URL.Query()
	b, ok := m.Ledger.Blob(q.Get("did"), q.Get("cid"))
	if !ok {
		return nil, lexicon.No(http.StatusBadRequest, "BlobNotFound", "Blob not found")
	}
	content, err := m.Ledger.Bytes(b.CID)
	if err != nil {
		return nil, fmt.Errorf("read the blob: %w", err)
	}
	c.W.Header().Set("Content-Type", b.MIME)
	c.W.Header().Set("X-Content-Type-Options", "nosniff")
	c.W.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = c.W.Write(content) // a client that has gone needs no answer
	return nil, nil
}
