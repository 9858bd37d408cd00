package x

import (
	"daymark/internal/core/text/x"
	"daymark/internal/platform"
)

// PricesSeen is the day on which the prices were looked up.
const PricesSeen = "2026-08-22"

// Prices are what X charges an application that pays by use (https://docs.x.com/x-api/getting-started/pricing and the change
// log of 2026-04-16). Requests that X refuses are not charged. Applications with another contract pay by that.
var Prices = struct {
	Post, PostWithLink, Alt, Delete, OwnRead, Read, User platform.Money
}{
	Post:         15 * platform.Cent / 10,
	PostWithLink: 20 * platform.Cent,
	Alt:          platform.Cent / 2,
	Delete:       platform.Cent,
	OwnRead:      platform.Cent / 10, // a post of the account that owns the application, once a day
	Read:         platform.Cent / 2,
	User:         platform.Cent,
}

// Cost returns what publishing a content costs: each part by whether it has a link, and each alt text. X counts what its own
// counter takes for a link. An account on version 1.1 has a contract of its own, of which Daymark knows no price.
func (c *Connector) Cost(caps platform.Capabilities, content platform.Content) []platform.Charge {
	if caps.Version == legacyVersion {
		return nil
	}
	posts, withLink, alts := 0, 0, 0
	for _, p := range content.Parts {
		if hasLink(Compose(content.ContentNote, p.Text)) {
			withLink++
		} else {
			posts++
		}
		for _, pic := range p.Pictures {
			if pic.Alt != "" {
				alts++
			}
		}
	}
	var out []platform.Charge
	for _, charge := range []platform.Charge{
		{What: "post", Count: posts, Each: Prices.Post},
		{What: "post with a link", Count: withLink, Each: Prices.PostWithLink},
		{What: "alt text", Count: alts, Each: Prices.Alt},
	} {
		if charge.Count > 0 {
			out = append(out, charge)
		}
	}
	return out
}

// hasLink reports whether X makes a link of some part of a text.
func hasLink(s string) bool {
	for _, e := range x.Entities(s) {
		if e.Kind == x.URL {
			return true
		}
	}
	return false
}
