package library

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	core "daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/postgres"
)

// Untouched returns Conflict where a file would write over what somebody made or changed in the browser, and names the messages that
// differ. A file that says the same is no conflict, and none is looked for where somebody said to write over it.
func Untouched(ctx context.Context, tx *postgres.Tx, loaded campaign.Loaded, over bool) error {
	if over {
		return nil
	}
	kept, err := book.LockCampaign(ctx, tx, loaded.Campaign.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || !kept.ByHand {
		return err
	}
	body, _, err := Kept(loaded)
	if err != nil || bytes.Equal(body, kept.Body) {
		return err
	}
	var ours core.Campaign
	if err := json.Unmarshal(kept.Body, &ours); err != nil {
		return fmt.Errorf("read campaign %s: %w", kept.ID, err)
	}
	differ, err := Differ(ours, loaded.Campaign)
	if err != nil {
		return err
	}
	if len(differ) == 0 {
		return fault.New(fault.Conflict, "The campaign %s was changed in the browser, and the file says something else: its title, its tasks or other things of the campaign as a whole. Nothing was loaded. Save what the browser has with daymark export %s and take over from it what you need; or load with --over to write over it", kept.ID, kept.ID)
	}
	return fault.New(fault.Conflict, "The campaign %s was changed in the browser, and the file says something else in: %s. Nothing was loaded. Save what the browser has with daymark export %s and take over from it what you need; or load with --over to write over it", kept.ID, strings.Join(differ, ", "), kept.ID)
}

// Differ returns the ids of the messages that two versions of a campaign do not have alike, in the order of the first, then those that
// only the second has.
func Differ(a, b core.Campaign) ([]string, error) {
	var ids []string
	for _, m := range a.Posts {
		other, both := b.Message(m.ID)
		ours, err := json.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("write message %s: %w", m.ID, err)
		}
		theirs, err := json.Marshal(other)
		if err != nil {
			return nil, fmt.Errorf("write message %s: %w", m.ID, err)
		}
		if !both || !bytes.Equal(ours, theirs) {
			ids = append(ids, m.ID)
		}
	}
	for _, m := range b.Posts {
		if _, both := a.Message(m.ID); !both {
			ids = append(ids, m.ID)
		}
	}
	return ids, nil
}
