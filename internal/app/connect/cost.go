package connect

import (
	"context"

	"daymark/internal/app/connect/recent"
	"daymark/internal/platform"
)

// Cost is what the network of a channel charges for publishing a part, in millionths of a US dollar.
func (n *Networks) Cost(ctx context.Context, id int64, content platform.Content, part int) (int64, error) {
	connector, _, err := n.prepared(ctx, id, recent.Lately)
	if err != nil {
		return 0, err
	}
	priced, ok := connector.(platform.Priced)
	if !ok {
		return 0, nil
	}
	caps, err := n.Known(ctx, id)
	if err != nil {
		return 0, err
	}
	one := content
	one.Parts = content.Parts[part : part+1]
	return int64(platform.Total(priced.Cost(caps, one))), nil
}

// Same reports whether two contents would be the same text to the network of a channel, where it forbids that of several accounts.
func (n *Networks) Same(ctx context.Context, id int64, a, b platform.Content) (bool, error) {
	connector, _, err := n.Serving(ctx, id)
	if err != nil {
		return false, err
	}
	distinct, ok := connector.(platform.Distinct)
	return ok && distinct.Same(a, b), nil
}
