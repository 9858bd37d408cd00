package x

import (
	"context"
	"slices"
	"strings"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/legacy"
	"daymark/internal/platform/x/session"
	"daymark/internal/platform/x/timeline"
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
		if s.Keys.API == session.Legacy {
			err = readLegacy(ctx, s, ids, out)
		} else {
			err = readPosts(ctx, s, ids, out)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// readPosts reads with version 2.
func readPosts(ctx context.Context, s *session.Session, ids []string, out map[string]platform.Shown) error {
	var got struct {
		timeline.Several
		Errors []problem `json:"errors"`
	}
	query := timeline.Fields()
	query.Set("ids", strings.Join(ids, ","))
	if err := s.Get(ctx, &session.Call{}, "/2/tweets", query, &got); err != nil {
		return err
	}
	posts := got.Posts()
	if len(posts)+len(got.Errors) == 0 {
		return &platform.Transient{Say: session.SayNotX}
	}
	for _, p := range posts {
		out[p.ID] = shownOf(p)
	}
	for _, p := range got.Errors {
		id := p.ID
		if id == "" {
			id = p.Value
		}
		if _, read := out[id]; p.gone() && !read && slices.Contains(ids, id) {
			out[id] = platform.Shown{Gone: true}
		}
	}
	return nil
}

// readLegacy reads with version 1.1, which leaves out what is gone.
func readLegacy(ctx context.Context, s *session.Session, ids []string, out map[string]platform.Shown) error {
	posts, err := legacy.Read(ctx, s, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		out[id] = platform.Shown{Gone: true}
	}
	for _, p := range posts {
		out[p.ID] = shownOf(p)
	}
	return nil
}

// shownOf puts a post into the contract's form.
func shownOf(p entity.Post) platform.Shown {
	shown := platform.Shown{Text: entity.Plain(p.Text), Alts: slices.Clone(p.Alts)}
	for len(shown.Alts) < p.Pictures {
		shown.Alts = append(shown.Alts, nil)
	}
	return shown
}
