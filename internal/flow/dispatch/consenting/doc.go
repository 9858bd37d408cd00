// Package consenting is what happens to posts when a consent ends or allows less than before: what waits is held, what is out is taken
// down, and safeguarding is told, all in the transaction that ends it.
//
// It also tells safeguarding when somebody says that a post shows a person. Who consented, and to what, is kept by internal/org/consent;
// the guards that keep posts from going out without a consent are the database's. It removes nothing itself:
// internal/flow/dispatch/takedown does.
package consenting

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/org/consent"
	"daymark/internal/org/consent/linking"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Outcome says what the end of a consent led to.
type Outcome struct {
	TakeDown int64 // 0 where nothing waits and nothing is out
	Held     int   // deliveries that waited, and are held
	Copies   int   // that are out, or on their way, and are removed
}

// Withdraw ends a consent: what goes out under it is held and taken down in the same transaction. note is what was said, which is sealed.
func Withdraw(ctx context.Context, db *postgres.DB, keys seal.Keys, id int64, why, note string, by people.Person, now time.Time, zone *time.Location) (Outcome, error) {
	var out Outcome
	err := db.InTx(ctx, func(tx *postgres.Tx) (err error) {
		if err := consent.Withdraw(ctx, tx, keys, id, why, note, by, now, zone); err != nil {
			return err
		}
		out, err = settle(ctx, tx, id, fmt.Sprintf("Consent %s was withdrawn.", consent.Ref(id)), by, now)
		return err
	})
	return out, err
}

// Amend writes a new version of a consent. What that allows no longer is held and taken down in the same transaction.
func Amend(ctx context.Context, db *postgres.DB, key seal.Key, id int64, seen int, who consent.Who, t consent.Terms, by people.Person, now time.Time, zone *time.Location) (Outcome, error) {
	var out Outcome
	err := db.InTx(ctx, func(tx *postgres.Tx) (err error) {
		if err := consent.Amend(ctx, tx, key, id, seen, who, t, by, now, zone); err != nil {
			return err
		}
		out, err = settle(ctx, tx, id, fmt.Sprintf("Consent %s allows less than before.", consent.Ref(id)), by, now)
		return err
	})
	return out, err
}

// Link says that a consent is there for a picture or a post. Where that goes out beyond what the consent allows it is held and taken
// down in the same transaction.
func Link(ctx context.Context, db *postgres.DB, id int64, to linking.Thing, uses consent.Uses, by people.Person, now time.Time) (Outcome, error) {
	var out Outcome
	err := db.InTx(ctx, func(tx *postgres.Tx) (err error) {
		if err := linking.Add(ctx, tx, id, to, uses, by, now); err != nil {
			return err
		}
		if to.Post != 0 {
			if err := notice.Settle(ctx, tx, askedKey(to.Post), by.ID, now); err != nil {
				return err
			}
		}
		out, err = settle(ctx, tx, id, fmt.Sprintf("Consent %s does not cover all that it was linked to.", consent.Ref(id)), by, now)
		return err
	})
	return out, err
}

const sqlCopies = `
SELECT t.held, (SELECT count(*) FROM takedown_copies c WHERE c.takedown_id = t.id) AS copies
FROM takedowns t
WHERE t.id = $1`

// settle holds and takes down what a consent does not cover any more. Where that is nothing, and the consent holds, nobody is told.
func settle(ctx context.Context, tx *postgres.Tx, id int64, reason string, by people.Person, now time.Time) (Outcome, error) {
	begun, err := takedown.Begin(ctx, tx, takedown.Scope{Consent: id}, reason, by, now)
	if err != nil && !fault.Is(err, fault.Conflict) { // a Conflict says that nothing of it is out or about to go out
		return Outcome{}, err
	}
	out := Outcome{TakeDown: begun}
	if begun != 0 {
		var n struct {
			Held   int `db:"held"`
			Copies int `db:"copies"`
		}
		if err := tx.GetContext(ctx, &n, sqlCopies, begun); err != nil {
			return Outcome{}, fmt.Errorf("count what take-down %d has: %w", begun, err)
		}
		out.Held, out.Copies = n.Held, n.Copies
	}
	c, err := consent.Find(ctx, tx, id)
	if err != nil || (begun == 0 && c.Ended == "") {
		return out, err
	}
	keepers, err := keepers(ctx, tx)
	if err != nil {
		return out, err
	}
	_, err = notice.Tell(ctx, tx, notice.New{
		Key: fmt.Sprintf("consent-over:%d:%d", id, begun), Level: notice.Error, Kind: "consent", ID: fmt.Sprint(id), At: now, For: keepers,
		Say: fmt.Sprintf("%s Held: %d. Being removed: %d.", reason, out.Held, out.Copies),
	})
	return out, err
}

const sqlKeepers = `
SELECT id
FROM people
WHERE role = 'safeguarding'
  AND labels = '{}'
  AND campaigns = '{}'
  AND is_active(id)
ORDER BY id`

// keepers are the safeguarding leads. Where there is none the whole team is told: a notice names nobody.
func keepers(ctx context.Context, q postgres.Querier) ([]int64, error) {
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlKeepers); err != nil {
		return nil, fmt.Errorf("list safeguarding leads: %w", err)
	}
	return ids, nil
}

// Expire ends every consent whose last day has passed, each in a transaction of its own with what it leads to, and returns how many.
// Broken off anywhere it goes on where it was; several replicas may run it.
func Expire(ctx context.Context, db *postgres.DB, now time.Time) (int, error) {
	ended := 0
	for {
		ids, err := consent.Over(ctx, db, now)
		if err != nil || len(ids) == 0 {
			return ended, err
		}
		system, err := people.System(ctx, db)
		if err != nil {
			return ended, err
		}
		for _, id := range ids {
			var did bool
			err := db.InTx(ctx, func(tx *postgres.Tx) (err error) {
				if did, err = consent.Expire(ctx, tx, id, system, now); err != nil || !did {
					return err
				}
				_, err = settle(ctx, tx, id, fmt.Sprintf("Consent %s has ended: its last day has passed.", consent.Ref(id)), system, now)
				return err
			})
			if err != nil {
				return ended, fmt.Errorf("end consent %d: %w", id, err)
			}
			if did {
				ended++
			}
		}
	}
}

func askedKey(post int64) string { return fmt.Sprintf("consent-asked:post:%d", post) }

// Mark says that a post shows, names or quotes a person. What is approved of it goes before reviewers again, and safeguarding is told.
func Mark(ctx context.Context, db *postgres.DB, post int64, by people.Person, now time.Time) error {
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		fresh, err := linking.Mark(ctx, tx, post, by, now)
		if err != nil || !fresh {
			return err
		}
		keepers, err := keepers(ctx, tx)
		if err != nil {
			return err
		}
		_, err = notice.Tell(ctx, tx, notice.New{
			Key: askedKey(post), Level: notice.Warning, Kind: "post", ID: fmt.Sprint(post), At: now, For: keepers,
			Say: "Somebody said that a post shows, names or quotes a person. Link the consent to it. What is out of it stays out until somebody takes it down.",
		})
		return err
	})
}

// Unmark says that a post shows, names and quotes nobody after all.
func Unmark(ctx context.Context, db *postgres.DB, post int64, by people.Person, now time.Time) error {
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := linking.Unmark(ctx, tx, post, by, now); err != nil {
			return err
		}
		return notice.Settle(ctx, tx, askedKey(post), by.ID, now)
	})
}
