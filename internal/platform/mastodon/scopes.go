package mastodon

import (
	"context"
	"net/http"
	"slices"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/connect"
	"daymark/internal/platform/mastodon/session"
)

var _ platform.Scoped = (*Connector)(nil)

// nothing is the id of no status and no upload on any server: the right to touch it shows in the refusal, 404 in place of 403.
const nothing = "0"

// Rights finds out what the account's token may do. Servers do not tell (Mastodon tells what the program may ask for, which is
// another thing), so it asks for things that are not there.
func (c *Connector) Rights(ctx context.Context, account platform.Account) (platform.Rights, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return platform.Rights{}, err
	}
	if _, err := verify(ctx, s); err != nil { // read:accounts
		return platform.Rights{}, err
	}
	var rights platform.Rights
	var none map[string]any
	for scope, try := range map[string]func(call *session.Call) error{
		"read:statuses": func(call *session.Call) error {
			return s.Get(ctx, call, "/api/v1/statuses/"+nothing+"/source", nil, &none)
		},
		"write:media": func(call *session.Call) error { return s.Get(ctx, call, "/api/v1/media/"+nothing, nil, &none) },
		"write:statuses": func(call *session.Call) error {
			return s.Do(ctx, session.Harmless, call, func(ctx context.Context) error { return s.API.DeleteStatus(ctx, nothing) })
		},
	} {
		call := &session.Call{}
		err := try(call)
		switch {
		case call.Status == 0 || call.Status >= http.StatusInternalServerError || platform.Outcome(err) == platform.KindRateLimited:
			return platform.Rights{}, err
		case platform.Outcome(err) == platform.KindAuthExpired:
			rights.Missing = append(rights.Missing, scope)
		}
	}
	slices.Sort(rights.Missing)
	for _, scope := range connect.Scopes() {
		if !slices.Contains(rights.Missing, scope) {
			rights.Granted = append(rights.Granted, scope)
		}
	}
	return rights, nil
}
