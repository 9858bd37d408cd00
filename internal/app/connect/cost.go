package connect

import (
	"context"

	"daymark/internal/platform"
)

// Cost is what the network of a channel charges for publishing a part, in millionths of a US dollar.
func (n *Networks) Cost(ctx context.Context, id int64, content platform.Content, part int) (int64, error) {
	connector, _, err := n.account(ctx, id)
	if err != nil {
		return 0, err
	}
	priced, ok := connector.(platform.Priced)
	if !ok {
		return 0, nil
	}
	caps, err := n.capabilities(ctx, id)
	if err != nil {
		return 0, err
	}
	one := content
	one.Parts = content.Parts[part : part+1]
	if part > 0 {
		one.ContentNote = "" // it stands ahead of the first part
	}
	return int64(platform.Total(priced.Cost(caps, one))), nil
}
