package channel

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

const sqlSetLabels = `
UPDATE channels
SET labels = $2
WHERE id = $1`

// SetLabels says which labels a channel carries, in place of those it had; by is who does it. Labels decide which people with limits see
// the account, from the next page on, and which posts a campaign file sends there, from the next planning on. Giving the same again
// changes nothing.
func SetLabels(ctx context.Context, tx *postgres.Tx, id int64, labels []string, by int64) error {
	labels = cleanLabels(labels)
	var problems []fault.Problem
	for _, wrong := range wrongLabels(labels) {
		problems = append(problems, fault.Problem{Field: "labels", Message: wrong})
	}
	if err := fault.BadFields(problems); err != nil {
		return err
	}
	was, err := Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if was.Archived() {
		return fault.New(fault.Conflict, "The account %s is out of use; its labels stay as they are.", was.Name)
	}
	if slices.Equal(was.Labels, labels) || len(was.Labels)+len(labels) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, sqlSetLabels, id, pq.StringArray(labels)); err != nil {
		return fmt.Errorf("set the labels of channel %d: %w", id, err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "channel.labels_changed", Kind: "channel", ID: id, Detail: map[string]any{"was": was.Labels, "labels": labels},
	})
}

// wrongLabels says what is wrong with labels that were cleaned.
func wrongLabels(labels []string) (wrong []string) {
	if len(labels) > maxLabels {
		wrong = append(wrong, fmt.Sprintf("there are %d; use at most %d", len(labels), maxLabels))
	}
	for _, l := range labels {
		_, _, unsafe := text.FirstUnsafe(l)
		if say := checkLine(l, maxLabel); say != "" {
			wrong = append(wrong, fmt.Sprintf("%q %s", l, say))
		} else if unsafe {
			wrong = append(wrong, fmt.Sprintf("%q has a letter that nobody sees; type it anew", l))
		} else if strings.Contains(l, ",") {
			wrong = append(wrong, fmt.Sprintf("%q has a comma in it; leave it out", l))
		}
	}
	return wrong
}
