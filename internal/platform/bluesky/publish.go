package bluesky

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/record"
	"daymark/internal/platform/bluesky/xrpc"
)

// kept is a record as a server has it.
type kept struct {
	URI   string          `json:"uri"`
	CID   string          `json:"cid"`
	Value json.RawMessage `json:"value"`
}

// create is the body of com.atproto.repo.createRecord.
type create struct {
	Repo       string      `json:"repo"`
	Collection string      `json:"collection"`
	Key        string      `json:"rkey"`
	Record     record.Post `json:"record"`
}

// Publish posts one part. It sends com.atproto.repo.createRecord once and nothing else that changes anything. An existing record is
// never changed by it: a key that is in use is refused, with a 500.
func (c *Connector) Publish(ctx context.Context, account platform.Account, a platform.Attempt) (platform.Receipt, error) {
	s, err := c.session(account)
	if err != nil {
		return platform.Receipt{}, err
	}
	f, err := frozenOf(a)
	if err != nil {
		return platform.Receipt{}, err
	}
	if a.ReplyTo != nil {
		if f.Post.Reply, err = replyTo(ctx, s, account, *a.ReplyTo); err != nil {
			return platform.Receipt{}, err
		}
	}
	var made record.Strong
	call := &xrpc.Call{
		Name: "com.atproto.repo.createRecord", Post: true, Effect: xrpc.Irreversible, Out: &made,
		Body: create{account.RemoteID, record.Collection, f.Key, f.Post},
	}
	if err := s.Do(ctx, call); err != nil {
		return platform.Receipt{}, err
	}
	if made.URI != record.URI(account.RemoteID, f.Key) || made.CID == "" {
		return platform.Receipt{}, &platform.Unknown{Say: xrpc.SayUnknown, Err: fmt.Errorf("the answer names the record %q", made.URI)}
	}
	at := call.Date
	if at.IsZero() {
		at = c.o.Now()
	}
	return c.receipt(account, f.Key, at), nil
}

// receipt describes a post that is out.
func (c *Connector) receipt(account platform.Account, key string, at time.Time) platform.Receipt {
	return platform.Receipt{
		Ref: platform.Ref{ID: key, URI: record.URI(account.RemoteID, key)},
		URL: c.web(account) + "/profile/" + account.RemoteID + "/post/" + key,
		At:  at.UTC(),
	}
}

// frozenOf returns what Prepare froze for the attempt.
func frozenOf(a platform.Attempt) (frozen, error) {
	if a.Part < 0 || a.Part >= len(a.Content.Parts) {
		return frozen{}, &platform.Permanent{Code: "no_such_part", Say: fmt.Sprintf("The post has no part %d.", a.Part+1)}
	}
	again := func(err error) error {
		return &platform.Transient{Say: "This post is not prepared yet. Daymark prepares it.", Err: err, PrepareAgain: true}
	}
	h, err := readHandles(a.Handles)
	if err != nil {
		return frozen{}, again(err)
	}
	f, ok := h.Parts[a.Part]
	if !ok || f.Of != digest(a.Content, a.Part) || !record.ValidTID(f.Key) {
		return frozen{}, again(nil)
	}
	if err := f.Post.Check(); err != nil {
		return frozen{}, again(err)
	}
	return f, nil
}

// replyTo names the post that is answered and the one that its thread began with, as the server has them: an answer carries the
// content identifiers of both.
func replyTo(ctx context.Context, s *xrpc.Client, account platform.Account, before platform.Ref) (*record.Reply, error) {
	var parent kept
	call := getRecord(account, before.ID, &parent)
	if err := s.Do(ctx, call); err != nil {
		if call.Gone() {
			return nil, &platform.Permanent{Code: "reply_gone", Say: "The post that this one answers is not there any more. Publish it on its own or take the thread down.", Err: err}
		}
		return nil, err
	}
	var value struct {
		Reply *record.Reply `json:"reply"`
	}
	if err := json.Unmarshal(parent.Value, &value); err != nil || parent.URI == "" || parent.CID == "" {
		return nil, &platform.Transient{Say: xrpc.SayNotBluesky, Err: err}
	}
	reply := &record.Reply{Parent: record.Strong{URI: parent.URI, CID: parent.CID}}
	if reply.Root = reply.Parent; value.Reply != nil {
		reply.Root = value.Reply.Root
	}
	return reply, nil
}

// getRecord asks the account's own server for a post. Unlike the network's index, it knows at once.
func getRecord(account platform.Account, key string, out *kept) *xrpc.Call {
	return &xrpc.Call{Name: "com.atproto.repo.getRecord", Bare: true, Out: out, Query: url.Values{
		"repo": {account.RemoteID}, "collection": {record.Collection}, "rkey": {key},
	}}
}

// Find asks for the very record of the attempt. That nothing has its key means that the attempt is not out, or not yet; to send it
// again with the same key is safe in both cases.
func (c *Connector) Find(ctx context.Context, account platform.Account, a platform.Attempt) (platform.Finding, error) {
	s, err := c.session(account)
	if err != nil {
		return platform.Finding{}, err
	}
	f, err := frozenOf(a)
	if err != nil {
		return platform.Finding{State: platform.CannotTell, Why: "Daymark does not know the key that this post was to have."}, nil
	}
	var there kept
	call := getRecord(account, f.Key, &there)
	if err := s.Do(ctx, call); err != nil {
		if call.Gone() {
			return platform.Finding{State: platform.NotFound, Why: "The server has nothing under the key of this post."}, nil
		}
		return platform.Finding{}, err
	}
	var value struct {
		Reply     *record.Reply `json:"reply"`
		CreatedAt time.Time     `json:"createdAt"`
	}
	if err := json.Unmarshal(there.Value, &value); err != nil || there.URI != record.URI(account.RemoteID, f.Key) {
		return platform.Finding{}, &platform.Transient{Say: xrpc.SayNotBluesky, Err: err}
	}
	f.Post.Reply = value.Reply // frozen without: which post it answers is known when it is sent
	same, err := f.Post.Same(there.Value)
	if err != nil {
		return platform.Finding{}, &platform.Transient{Say: xrpc.SayNotBluesky, Err: err}
	}
	answers := value.Reply != nil
	if !same || answers != (a.ReplyTo != nil) || answers && value.Reply.Parent.URI != record.URI(account.RemoteID, a.ReplyTo.ID) {
		return platform.Finding{State: platform.CannotTell, Why: "There is a post under the key of this one, but it says something else. Somebody may have changed it."}, nil
	}
	return platform.Finding{State: platform.Found, Receipt: c.receipt(account, f.Key, value.CreatedAt)}, nil
}
