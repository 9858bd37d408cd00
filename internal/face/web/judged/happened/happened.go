// Package happened writes what happened to a post, for its page: each line of the log as a sentence, with what was said.
//
// It reads the log and decides nothing. An action that the texts do not know is written by its name.
package happened

import (
	"context"
	"strings"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Event is one line of a history.
type Event struct {
	When page.Moment
	Text string
	Said string // a comment
}

// Read returns what happened to a post, the latest first.
func Read(ctx context.Context, q postgres.Querier, v view.Viewer, id int64) ([]Event, error) {
	rows, err := audit.List(ctx, q, audit.Filter{Kind: "post", ID: id, Limit: 100})
	if err != nil {
		return nil, err
	}
	events := make([]Event, 0, len(rows))
	for _, r := range rows {
		who := r.PersonName
		if who == "" {
			who = v.Words.T("event.daymark")
		}
		e := Event{When: v.Words.Moment(r.At, v.Zone)}
		code, _ := r.Detail["language"].(string)
		if e.Said, _ = r.Detail["comment"].(string); reasoned[r.Action] {
			e.Said, _ = r.Detail["reason"].(string)
		}
		switch key := "event." + r.Action; {
		case !v.Words.Has(key):
			e.Text = v.Words.T("event.other", who, strings.ReplaceAll(strings.ReplaceAll(r.Action, ".", " "), "_", " "))
		case speaking[r.Action]:
			e.Text = v.Words.T(key, who, v.Words.Tongue(code))
		default:
			e.Text = v.Words.T(key, who)
		}
		events = append(events, e)
	}
	return events, nil
}

// speaking are the actions whose sentence names a language.
var speaking = map[string]bool{
	"post.submitted": true, "post.approved": true, "post.changes_asked": true, "post.withdrawn": true, "post.cleared": true, "finding.waived": true,
}

// reasoned are the actions whose line has the reason beneath it.
var reasoned = map[string]bool{"finding.waived": true, "post.taken_down": true, "post.corrects": true, "post.corrected": true}
