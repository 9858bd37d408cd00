package x

import (
	"context"
	"slices"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/reading"
	"daymark/internal/platform/x/session"
)

// ReadCost is the price of a post of the account that owns the application; on version 1.1 nothing is known of prices.
func (c *Connector) ReadCost(account platform.Account) platform.Money {
	if s, err := session.Open(c.o, account); err == nil && s.Keys.API == session.Legacy {
		return 0
	}
	return Prices.OwnRead
}

// Expected returns how a part is shown: its content note is the first line of the text. X guesses the language by itself and has no
// visibility.
func (*Connector) Expected(content platform.Content, part int) platform.Shown {
	p := content.Parts[part]
	shown := platform.Shown{Text: entity.Plain(Compose(content.ContentNote, p.Text))}
	for i := range p.Pictures {
		shown.Alts = append(shown.Alts, &p.Pictures[i].Alt)
	}
	return shown
}

// Read reads posts, a hundred at a time, with their links put back to what they stand for.
func (c *Connector) Read(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Shown, error) {
	out := map[string]platform.Shown{}
	s, err := session.Open(c.o, account)
	if err != nil {
		return out, err
	}
	for chunk := range slices.Chunk(refs, batchSize) {
		var ids []string
		for _, ref := range chunk {
			if entity.IsID(ref.ID) && !slices.Contains(ids, ref.ID) {
				ids = append(ids, ref.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if err := reading.Read(ctx, s, ids, out); err != nil {
			return out, err
		}
	}
	return out, nil
}
