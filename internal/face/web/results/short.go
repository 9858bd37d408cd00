package results

import (
	"context"

	"daymark/internal/face/web/results/tabled"
	"daymark/internal/flow/book/link"
)

// putShort adds how often the edition's short links were followed. These are follows and not people, and apart from the clicks that networks
// tell: one follow may be in both.
func (d Desk) putShort(ctx context.Context, s source, p *editionPage) error {
	has, err := link.Has(ctx, d.db, s.edition.ID)
	if err != nil || !has {
		return err
	}
	clicks, err := link.OfEdition(ctx, d.db, s.edition.ID)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, m := range s.did.Messages {
		names[m.Key] = s.name(m)
	}
	p.Short = tabled.Followed(s.Words, clicks, s.accounts, names)
	return nil
}
