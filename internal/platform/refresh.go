package platform

import (
	"context"
	"time"
)

// Lifetime says when the credentials of an account die. A zero instant means that they do not die of age, or that nobody
// knows when.
type Lifetime struct {
	Works     time.Time // until then they are accepted
	Renewable time.Time // until then they can be exchanged for new ones; after that somebody has to connect the account again
}

// Refresher is met by connectors whose credentials live for a time and are exchanged for new ones. An exchange may use the old
// ones up, so the caller holds a lock on the account over reading them, Refresh and saving what it returns. The connector
// keeps nothing.
type Refresher interface {
	// Lifetime reads the account's credentials. It does no I/O.
	Lifetime(account Account) Lifetime
	// Refresh returns new credentials. An [AuthExpired] means that somebody has to connect the account again.
	Refresh(ctx context.Context, account Account) (Secret, error)
}
