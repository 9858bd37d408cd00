package preflight

import (
	"context"

	"daymark/internal/platform"
)

// Networks is asked before posts go out.
type Networks interface {
	// LookAhead asks an account's server how the account is and what it takes now, and keeps the answer. What was asked lately is not asked again
	// unless somebody waits for it. The error is a server that gave no answer about the account.
	LookAhead(ctx context.Context, channel int64, now bool) error
	// Limits returns what holds a content against what the channel's server takes, as it said last.
	Limits(ctx context.Context, channel int64) (Limits, error)
	// Answers opens a link as a reader would and returns what is wrong with it, nothing when it answers. It is false for a link that is
	// not opened: one of a sandbox to the world, or one without encryption.
	Answers(ctx context.Context, channel int64, link string) (problem string, opened bool)
}

// Limits holds contents against what a server takes. Neither does any I/O.
type Limits struct {
	Check func(content platform.Content) []platform.Issue
	Cost  func(content platform.Content) int64 // of publishing, in millionths of a US dollar; nil where it costs nothing
}
