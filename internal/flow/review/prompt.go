package review

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/locale"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/org/notice"
	"daymark/internal/postgres"
)

// promptKey names the matter that a submission waits for an approval now.
func promptKey(submission int64) string { return fmt.Sprintf("prompt:%d", submission) }

// tellPrompt tells the team at once that words which go out as soon as they are approved wait for an approval.
func tellPrompt(ctx context.Context, tx *postgres.Tx, p book.Post, submission int64, filled []fill.Filled, now time.Time) error {
	var until time.Time
	for _, f := range filled {
		if f.Final.Prompt && f.Final.NotAfter.After(until) {
			until = f.Final.NotAfter
		}
	}
	if until.IsZero() {
		return nil
	}
	_, err := notice.Tell(ctx, tx, notice.New{
		Key: promptKey(submission), Level: notice.Warning, Kind: "submission", ID: fmt.Sprint(submission), At: now,
		Say: fmt.Sprintf("“%s” in %s goes out as soon as somebody approves it, and makes sense until %s UTC. Look at it now.",
			strings.ReplaceAll(p.Message, "-", " "), locale.Name(filled[0].Final.Language), until.UTC().Format("15:04 on 2 January 2006")),
	})
	return err
}
