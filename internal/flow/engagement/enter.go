package engagement

import (
	"context"
	"time"

	"daymark/internal/flow/engagement/ledger"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Enter takes figures that a person read somewhere else, for a delivery that went out, as they were at an instant of product time. Nil
// figures stay as they are. What is entered holds from then on: the network's later answers are kept beside it and do not change it,
// until somebody enters others or [LetGo] gives the delivery back. Each row says what was gained since the one before, so that figures of
// a delivery are entered in the order of their instants; one that is not newer than what is known is a Conflict.
func Enter(ctx context.Context, tx *postgres.Tx, by people.Person, delivery int64, counts platform.Counts, at time.Time, note string) error {
	return ledger.Enter(ctx, tx, by, delivery, rollup.Of(counts), at, note)
}

// LetGo gives a delivery whose figures a person entered back to its network: what that said last is in force again.
func LetGo(ctx context.Context, tx *postgres.Tx, by people.Person, delivery int64, at time.Time, note string) error {
	return ledger.LetGo(ctx, tx, by, delivery, at, note)
}
