package library

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"daymark/internal/flow/campaign"
)

// Own reports whether a campaign says anything else than the one of its name that comes with Daymark. Nobody here wrote that one, so
// whoever loads it may approve what is planned from it.
func Own(loaded campaign.Loaded) (bool, error) {
	known, err := campaign.Shipped()
	if err != nil || !slices.Contains(known, loaded.Campaign.ID) {
		return true, err
	}
	shipped, err := campaign.LoadShipped(loaded.Campaign.ID)
	if err != nil {
		return true, err
	}
	body, rule, err := Kept(loaded)
	if err != nil {
		return true, err
	}
	theirs, theirRule, err := Kept(shipped)
	return !bytes.Equal(theirs, body) || !bytes.Equal(theirRule, rule), err
}

// Kept returns a campaign and its observance as the database keeps them.
func Kept(loaded campaign.Loaded) (body, rule []byte, err error) {
	if rule, err = json.Marshal(loaded.Observance); err != nil {
		return nil, nil, fmt.Errorf("observance of %s: %w", loaded.Campaign.ID, err)
	}
	body, err = campaign.Canonical(loaded.Campaign)
	return body, rule, err
}
