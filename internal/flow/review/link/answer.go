package link

import (
	"context"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/judge"
	"daymark/internal/postgres"
)

// Reply is what somebody answers to a question of the rules.
type Reply struct {
	About   answer.About
	Answer  string // yes or no
	Comment string
}

// Answer writes the answer of a link's reviewer to a question that their submission asks. It needs a pass of [Enter], as a verdict
// does; the link is not used up by it. The answer is worth what a reviewer's with an account is.
func Answer(ctx context.Context, db *postgres.DB, rules *lint.Set, token, pass string, reply Reply, now time.Time) error {
	return refusing(ctx, db, token, "an answer", func(tx *postgres.Tx, l Link) error {
		if err := l.takes(now); err != nil {
			return err
		}
		if err := passed(ctx, tx, l, pass); err != nil {
			return err
		}
		card, who, err := Card(ctx, tx, l)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(card.Questions, func(q judge.Asked) bool { return q.Asks() == reply.About }) {
			return fault.New(fault.Conflict, "This is not asked any more: the words or the picture have changed. Look again.")
		}
		_, err = answer.Give(ctx, tx, rules, reply.About, reply.Answer, reply.Comment, who)
		return explain(err)
	})
}

// passed refuses whoever has not typed a code of late.
func passed(ctx context.Context, q postgres.Querier, l Link, pass string) error {
	good, err := Passed(ctx, q, l, pass)
	if err != nil {
		return err
	}
	if !good {
		return fault.New(fault.Forbidden, "Your code is used up. Have a new one sent and type it; nothing was changed.")
	}
	return nil
}

// Closed returns nil while a link shows what it leads to. Else it says why not, and notes in the log that somebody opened it.
func Closed(ctx context.Context, db *postgres.DB, l Link, now time.Time) error {
	state := l.State(now)
	if state == Open || state == Used {
		return nil
	}
	why := fault.New(fault.Conflict, "%s", l.Why(now))
	if err := db.InTx(ctx, func(tx *postgres.Tx) error { return refuse(ctx, tx, l, "reading: "+fault.Say(why)) }); err != nil {
		return err
	}
	return why
}
