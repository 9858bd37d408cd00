package draft

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/org/audit"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// SaveHelpline writes a helpline that a person edited and renews the posts whose release shows it, where what they show changed or
// nobody has checked what it is now. See [helpline.Change] for what is refused.
func SaveHelpline(ctx context.Context, db *postgres.DB, h campaign.Helpline, by people.Person, now time.Time) (helpline.Record, Renewed, error) {
	var is helpline.Record
	done, err := changeHelpline(ctx, db, h.ID, by, func(tx *postgres.Tx, was helpline.Record) (why string, err error) {
		if is, err = helpline.Change(ctx, tx, h, by, now); err != nil {
			return "", err
		}
		if is.Version != was.Version {
			return fmt.Sprintf("The helpline %s changed. %s", is.Name, again), nil
		}
		if sameWords(was, is) {
			return "", nil
		}
		return fmt.Sprintf("What posts say of the helpline %s changed. %s", is.Name, again), nil
	})
	return is, done, err
}

// sameWords reports whether posts say the same of two versions of a helpline in every language.
func sameWords(was, is helpline.Record) bool {
	languages := []string{""} // name and number
	for language := range was.Short {
		languages = append(languages, language)
	}
	for language := range is.Short {
		languages = append(languages, language)
	}
	for _, language := range languages {
		if was.Say(language) != is.Say(language) {
			return false
		}
	}
	return true
}

// RetireHelpline takes a helpline out of use, with the reason, and renews the posts whose release shows it.
func RetireHelpline(ctx context.Context, db *postgres.DB, id, reason string, by people.Person, now time.Time) (Renewed, error) {
	return changeHelpline(ctx, db, id, by, func(tx *postgres.Tx, was helpline.Record) (string, error) {
		if err := helpline.Retire(ctx, tx, id, reason, by, now); err != nil || was.Retired {
			return "", err
		}
		return fmt.Sprintf("The helpline %s is out of use. %s", was.Name, again), nil
	})
}

// CheckHelpline writes down what a person saw of a helpline. Where it is another by now, or dead, the posts whose release shows it
// are renewed; where it works, they stay as they are.
func CheckHelpline(ctx context.Context, db *postgres.DB, id string, n helpline.NewCheck, by people.Person, now time.Time) (helpline.Check, Renewed, error) {
	var check helpline.Check
	done, err := changeHelpline(ctx, db, id, by, func(tx *postgres.Tx, was helpline.Record) (why string, err error) {
		if check, err = helpline.AddCheck(ctx, tx, id, n, by, now); err != nil {
			return "", err
		}
		switch check.Result {
		case helpline.Dead:
			return fmt.Sprintf("Nobody answers the helpline %s any more. %s", was.Name, again), nil
		case helpline.Changed:
			return fmt.Sprintf("The helpline %s is another than we say. %s", was.Name, again), nil
		case helpline.Works:
		}
		return "", nil
	})
	return check, done, err
}

// HoldHelpline puts every delivery that shows a helpline back to held, because somebody doubts it. Nothing of the helpline changes:
// a person looks first, and then sends the posts for review again.
func HoldHelpline(ctx context.Context, db *postgres.DB, id, reason string, by people.Person) (Renewed, error) {
	reason = strings.TrimSpace(reason)
	if !by.May(people.HelplineCheck) {
		return Renewed{}, fault.New(fault.Forbidden, "Your role does not allow holding what shows a helpline.")
	}
	if reason == "" {
		return Renewed{}, fault.BadField("reason", "is missing: write why the posts are held")
	}
	return changeHelpline(ctx, db, id, by, func(tx *postgres.Tx, was helpline.Record) (string, error) {
		err := audit.Write(ctx, tx, audit.Entry{
			Person: by.ID, Action: "helpline.held", Kind: "helpline", Detail: map[string]any{"helpline": id, "reason": reason},
		})
		return fmt.Sprintf("Held, because somebody doubts the helpline %s: %s Look at it, then send the post for review again.", was.Name, sentence(reason)), err
	})
}

// sentence ends a text with a stop.
func sentence(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// changeHelpline changes a helpline and, where change gives a sentence, renews every post that shows it and has yet to go out
// somewhere. Where it is out already is returned, too.
func changeHelpline(ctx context.Context, db *postgres.DB, id string, by people.Person, change func(tx *postgres.Tx, was helpline.Record) (string, error)) (Renewed, error) {
	var done Renewed
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		done = Renewed{}
		if err := lockWaiting(ctx, tx); err != nil {
			return err
		}
		was, err := helpline.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		why, err := change(tx, was)
		if err != nil || why == "" {
			return err
		}
		carriers, err := helpline.Carriers(ctx, tx, id)
		if err != nil {
			return err
		}
		r, err := newRenewal(ctx, tx, by, &done)
		if err != nil {
			return err
		}
		for _, c := range carriers {
			if c.Live() {
				done.Live = append(done.Live, c)
			}
			if c.State != post.Held && c.State != post.Scheduled {
				continue
			}
			done.Held = append(done.Held, c.Delivery)
			if err := r.renew(ctx, c.Post, why); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}
