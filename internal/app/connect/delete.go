package connect

import (
	"context"

	"daymark/internal/platform"
)

// Delete takes one post of a channel down. One that is gone already is a success.
func (n *Networks) Delete(ctx context.Context, id int64, ref platform.Ref) error {
	connector, account, err := n.Reach(ctx, id)
	if err != nil {
		return unreached(err)
	}
	deleter, ok := connector.(platform.Deleter)
	if !ok {
		return &platform.Permanent{Code: "cannot_delete", Say: "This network does not let Daymark remove posts."}
	}
	return n.refused(ctx, connector, account, deleter.Delete(ctx, account, ref))
}
