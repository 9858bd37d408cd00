// Package audit is the log of who did what, when and from where: one row per change, written in the transaction of the change
// itself.
//
// Rows are only ever added. The application's role may not change or remove one, and a trigger refuses it to everybody else. A
// [Sealer] chains hashes over the rows, so that [Verify] finds what somebody changed who could switch the trigger off. The
// package decides nothing about who may read the log, and it keeps no secrets: callers put ids and plain facts into the
// detail, never a password or a token.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// Entry is one thing that was done.
type Entry struct {
	Person int64          // who did it; 0 is Daymark itself
	Action string         // what was done, as noun and past participle: "post.approved"
	Kind   string         // the kind of thing it was done to: "post"
	ID     int64          // which one; 0 where there is only one of the kind
	Detail map[string]any // facts that help a reader later; may be nil
}

// Row is an entry as it stands in the log.
type Row struct {
	ID         int64
	At         time.Time // real time, in UTC
	Person     int64     // 0 is Daymark itself
	PersonName string    // the person's name now; empty for Daymark itself
	Action     string
	Kind       string
	SubjectID  int64
	Detail     map[string]any
	From       From // zero in rows that are older than this being written down
}

// Filter narrows what [List] returns. A zero field does not narrow.
type Filter struct {
	Kind   string
	ID     int64 // only together with Kind
	Post   int64 // what was done to one post, its deliveries and its take-downs
	Person int64
	Action string
	Since  time.Time // from this instant on
	Until  time.Time // before this one
	Before int64     // only rows older than this one: the id of the last row of the page before
	Limit  int       // rows at most; 50 when zero, never more than 500
}

const (
	defaultLimit = 50
	maxLimit     = 500
)

const sqlWrite = `
INSERT INTO audit (person_id, action, subject_kind, subject_id, detail, via, address)
VALUES (NULLIF($1::bigint, 0), $2, $3, NULLIF($4::bigint, 0), $5, $6, NULLIF($7, '')::inet)`

// Write adds an entry, with where ctx says that it comes from. Give it the transaction of the change, so that neither is ever
// there without the other.
func Write(ctx context.Context, q postgres.Querier, e Entry) error {
	if e.Action == "" || e.Kind == "" {
		return fault.New(fault.Internal, "An audit entry needs an action and a kind, this one has %q and %q", e.Action, e.Kind)
	}
	detail := []byte("{}")
	if len(e.Detail) > 0 {
		var err error
		if detail, err = json.Marshal(e.Detail); err != nil {
			return fmt.Errorf("write audit entry %s: %w", e.Action, err)
		}
	}
	from := FromOf(ctx)
	if _, err := q.ExecContext(ctx, sqlWrite, e.Person, e.Action, e.Kind, e.ID, string(detail), string(from.Via), from.Address); err != nil {
		return fmt.Errorf("write audit entry %s: %w", e.Action, err)
	}
	return nil
}
