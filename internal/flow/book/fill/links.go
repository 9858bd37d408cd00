package fill

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/core/text/utm"
	"daymark/internal/flow/book/link"
	"daymark/internal/postgres"
)

// Links says what becomes of links in the words of an edition's posts.
type Links struct {
	campaign.Links
	Address string // where people reach this Daymark; empty while no daemon has said so
}

const sqlLinks = `
SELECT coalesce((convert_from(c.body, 'UTF8')::jsonb->'links')::text, 'null')
FROM editions e
JOIN campaigns c ON c.id = e.campaign_id
WHERE e.id = $1`

// readLinks reads what an edition's campaign says of links.
func readLinks(ctx context.Context, q postgres.Querier, edition int64) (Links, error) {
	var found []string
	if err := q.SelectContext(ctx, &found, sqlLinks, edition); err != nil {
		return Links{}, fmt.Errorf("read how links of edition %d are counted: %w", edition, err)
	}
	var l Links
	for _, said := range found {
		if err := json.Unmarshal([]byte(said), &l.Links); err != nil {
			return Links{}, fmt.Errorf("read how links of edition %d are counted: %w", edition, err)
		}
	}
	if !l.Short {
		return l, nil
	}
	var err error
	l.Address, err = link.Address(ctx, q)
	return l, err
}

// helping are the tokens whose values lead people to help: nobody counts who follows them.
var helping = []string{helplineToken, "support", "resources_" + campaign.AtRisk}

// counted writes the links of a delivery's words as its campaign says. What leads to help stays as it is: whatever the tokens for it put
// there, every host of a helpline that Daymark knows, and all of a post for people at risk.
func (v Values) counted(f *Filled, s post.Source, parts []post.FinalPart, read Words) []post.FinalPart {
	if v.Edition.ID == 0 || v.Links.Links == (campaign.Links{}) || s.Audience == campaign.AtRisk {
		return parts
	}
	if v.Links.Short && !strings.HasPrefix(v.Links.Address, "https://") && !v.Channels[f.Final.Channel].Sandbox {
		f.miss("its campaign asks for short links, and this Daymark has no public address with https yet. Start it with --public-url, or take short links out of the campaign.")
		return parts
	}
	parts = slices.Clone(parts)
	for i := range parts {
		parts[i].Text = utm.Rewrite(parts[i].Text, func(l text.Span) string {
			for _, put := range read.Parts[i].Inserted {
				if l.Start < put.End && put.Start < l.End && slices.Contains(helping, put.Token) {
					return l.Text
				}
			}
			if v.leadsToHelp(l.Text) {
				return l.Text
			}
			return v.written(f, l.Text)
		})
	}
	return parts
}

// written returns what stands in a link's place.
func (v Values) written(f *Filled, address string) string {
	if v.Links.UTM {
		address = utm.Params{
			Source: f.Final.Platform, Campaign: v.Edition.Campaign + "-" + strconv.Itoa(v.Edition.Year),
			Content: f.Message + "." + f.Final.Language + ".c" + strconv.FormatInt(f.Final.Channel, 10),
		}.Link(address)
	}
	if !v.Links.Short || v.Links.Address == "" {
		return address
	}
	l := post.FinalLink{Code: link.Code(f.Final.Post, f.Final.Channel, f.Final.Language, address), Target: address}
	if !slices.Contains(f.Final.Links, l) {
		f.Final.Links = append(f.Final.Links, l)
	}
	return v.Links.Address + link.Path + l.Code
}

// leadsToHelp reports whether an address lies where a helpline has its pages, or is the charity's own page for people at risk. What
// cannot be read is left alone as well.
func (v Values) leadsToHelp(address string) bool {
	to, err := url.Parse(address)
	if err != nil || to.Hostname() == "" || within(to, v.Profile.Resources[campaign.AtRisk]) {
		return true
	}
	for _, line := range v.Lines {
		if within(to, line.Web) || within(to, line.Chat) {
			return true
		}
		for _, said := range line.Short {
			for _, l := range text.Links(said) {
				if within(to, l.Text) {
					return true
				}
			}
		}
	}
	return false
}

// within reports whether an address lies at or below a page: on its host or a part of it, and in its path.
func within(to *url.URL, page string) bool {
	at, err := url.Parse(page)
	if err != nil || at.Hostname() == "" {
		return false
	}
	host, theirs := bare(to), bare(at)
	if host != theirs && !strings.HasSuffix(host, "."+theirs) {
		return false
	}
	return strings.HasPrefix(strings.ToLower(to.Path)+"/", strings.TrimSuffix(strings.ToLower(at.Path), "/")+"/")
}

// bare returns the host of an address in small letters, without www.
func bare(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") }
