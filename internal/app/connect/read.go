package connect

import (
	"context"

	"daymark/internal/flow/dispatch/readback"
	"daymark/internal/platform"
)

// Reads says how posts of a channel are read back.
func (n *Networks) Reads(ctx context.Context, id int64) (readback.How, error) {
	connector, account, err := n.account(ctx, id)
	if err != nil {
		return readback.How{}, unreached(err)
	}
	reader, ok := connector.(platform.Reader)
	if !ok {
		return readback.How{}, nil
	}
	return readback.How{Cost: int64(reader.ReadCost(account)), Expected: reader.Expected}, nil
}

// Read reads posts of a channel as its network shows them.
func (n *Networks) Read(ctx context.Context, id int64, refs []platform.Ref) (map[string]platform.Shown, error) {
	connector, account, err := n.Reach(ctx, id)
	if err != nil {
		return nil, unreached(err)
	}
	reader, ok := connector.(platform.Reader)
	if !ok {
		return nil, &platform.Permanent{Code: "cannot_read", Say: "Posts on this network cannot be read back."}
	}
	shown, err := reader.Read(ctx, account, refs)
	return shown, n.refused(ctx, connector, account, err)
}
