package platform

import (
	"maps"
	"slices"

	"daymark/internal/core/fault"
)

// Registry knows the connector of each network. It does not change after New and may be shared.
type Registry struct {
	connectors map[Network]Connector
}

// New returns a registry of the connectors given.
func New(connectors map[Network]Connector) *Registry {
	return &Registry{connectors: maps.Clone(connectors)}
}

// Get returns the connector of a network.
func (r *Registry) Get(network Network) (Connector, error) {
	c, ok := r.connectors[network]
	if !ok {
		return nil, fault.New(fault.NotFound, "Daymark has no connector for the network %q; it knows %q.", network, r.Networks())
	}
	return c, nil
}

// Networks returns the networks that have a connector, sorted.
func (r *Registry) Networks() []Network { return slices.Sorted(maps.Keys(r.connectors)) }
