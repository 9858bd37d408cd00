package bluesky

import (
	"context"
	"net/url"
	"slices"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/record"
	"daymark/internal/platform/bluesky/rules"
	"daymark/internal/platform/bluesky/xrpc"
)

// read is a post as the network's index shows it, with the record that apps make it of.
type read struct {
	URI    string `json:"uri"`
	Record *struct {
		Text   *string        `json:"text"`
		Langs  []string       `json:"langs"`
		Embed  *record.Embed  `json:"embed"`
		Labels *record.Labels `json:"labels"`
	} `json:"record"`
}

// ReadCost is nothing.
func (*Connector) ReadCost(platform.Account) platform.Money { return 0 }

// Expected returns how a part is shown: its content note is the first line of the text, and every post is public.
func (*Connector) Expected(content platform.Content, part int) platform.Shown {
	p := content.Parts[part]
	shown := platform.Shown{Text: rules.Compose(content.ContentNote, p.Text), Language: &content.Language}
	for i := range p.Pictures {
		shown.Alts = append(shown.Alts, &p.Pictures[i].Alt)
	}
	if len(p.Pictures) > 0 {
		shown.Sensitive = &content.Sensitive
	}
	return shown
}

// Read reads posts from the network's index. What the index leaves out is gone when the account's server does not have it either;
// otherwise it is not known there yet, and left out here.
func (c *Connector) Read(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Shown, error) {
	out := map[string]platform.Shown{}
	s, err := c.session(account)
	if err != nil {
		return out, err
	}
	for chunk := range slices.Chunk(refs, batchSize) {
		names, query := map[string]string{}, url.Values{}
		for _, ref := range chunk {
			uri := record.URI(account.RemoteID, ref.ID)
			names[uri] = ref.ID
			query.Add("uris", uri)
		}
		var answer struct {
			Posts *[]read `json:"posts"`
		}
		if err := s.Do(ctx, &xrpc.Call{Name: "app.bsky.feed.getPosts", Query: query, Out: &answer}); err != nil {
			return out, err
		}
		if answer.Posts == nil {
			return out, &platform.Transient{Say: xrpc.SayNotBluesky}
		}
		for _, p := range *answer.Posts {
			if id, asked := names[p.URI]; asked && p.Record != nil && p.Record.Text != nil {
				out[id] = shownOf(p)
			}
		}
		for _, ref := range chunk {
			if _, told := out[ref.ID]; told {
				continue
			}
			gone, err := c.gone(ctx, s, account, ref)
			if err != nil {
				return out, err
			}
			if gone {
				out[ref.ID] = platform.Shown{Gone: true}
			}
		}
	}
	return out, nil
}

// shownOf puts a post into the contract's form.
func shownOf(p read) platform.Shown {
	language := ""
	if len(p.Record.Langs) > 0 {
		language = p.Record.Langs[0]
	}
	shown := platform.Shown{Text: *p.Record.Text, Language: &language}
	if e := p.Record.Embed; e != nil && e.Type == record.TypeImages {
		for i := range e.Images {
			shown.Alts = append(shown.Alts, &e.Images[i].Alt)
		}
		covered := p.Record.Labels != nil && slices.Contains(p.Record.Labels.Values, record.GraphicMedia().Values[0])
		shown.Sensitive = &covered
	}
	return shown
}
