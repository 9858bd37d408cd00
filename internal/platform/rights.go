package platform

import "context"

// Rights is what credentials may do, in the network's own words.
type Rights struct {
	Granted []string // empty when the network does not say
	Missing []string // of what Daymark needs
}

// Scoped is met by connectors whose network tells what credentials may do.
type Scoped interface {
	Rights(ctx context.Context, account Account) (Rights, error)
}
