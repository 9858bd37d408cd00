package channel

import (
	"context"
	"fmt"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"

	"golang.org/x/text/language"
)

const sqlSetCountry = `
UPDATE channels
SET country = $2
WHERE id = $1 AND country <> $2`

// SetCountry says in which country a channel's readers are, which decides whose helplines its posts may show; empty takes the
// answer back. by is who does it. Giving the same again changes nothing. What waits keeps the words that were approved: whoever
// calls this makes its releases anew.
func SetCountry(ctx context.Context, tx *postgres.Tx, id int64, country string, by int64) error {
	country = strings.TrimSpace(country)
	if wrong := checkCountry(country); wrong != "" {
		return fault.BadField("country", "%s", wrong)
	}
	was, err := Get(ctx, tx, id)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, sqlSetCountry, id, country)
	if err != nil {
		return fmt.Errorf("set the country of channel %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "channel.country_changed", Kind: "channel", ID: id, Detail: map[string]any{"was": was.Country, "country": country},
	})
}

// checkCountry says what is wrong with a country, or nothing.
func checkCountry(country string) string {
	if country == "" {
		return ""
	}
	region, err := language.ParseRegion(country)
	switch {
	case err != nil || !region.Canonicalize().IsCountry() || len(region.Canonicalize().String()) != 2:
		return fmt.Sprintf("%q is no country; write its two capital letters, such as GB", country)
	case region.Canonicalize().String() != country:
		return fmt.Sprintf("%q is not how it is written; did you mean %s?", country, region.Canonicalize())
	}
	return ""
}
