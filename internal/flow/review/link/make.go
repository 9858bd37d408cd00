package link

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/locale"
	"daymark/internal/flow/review"
	"daymark/internal/org/audit"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/letterhead"
	"daymark/internal/org/outside"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// How long a link is open, in hours of real time.
const (
	UsualHours = 72
	MostHours  = 14 * 24
)

// Making is what [Make] needs to know.
type Making struct {
	Submission int64
	Reviewer   int64
	Hours      int      // 0 is UsualHours; the link ends with the instant at which the post falls due at the latest
	Base       string   // the public address that the link begins with, such as https://daymark.example.org
	Key        seal.Key // seals the letter
}

// Path is where links lead, below the public address.
const Path = "/by-link/"

const sqlMake = `
INSERT INTO review_links (submission_id, person_id, made_by, token, expires_at)
VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 second')
RETURNING id`

// Make makes a link for an outside reviewer, mails it to the address on file and returns its address, which is kept nowhere. Links
// of the same reviewer to the same submission that were made before lead nowhere from then on.
func Make(ctx context.Context, db *postgres.DB, m Making, by people.Person, now time.Time) (address string, err error) {
	if !by.May(people.OutsideName) {
		return "", fault.New(fault.Forbidden, "Only an admin or a safeguarding lead makes links for outside reviewers.")
	}
	if m.Hours == 0 {
		m.Hours = UsualHours
	}
	if m.Hours < 1 || m.Hours > MostHours {
		return "", fault.BadField("hours", "must be from 1 to %d", MostHours)
	}
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		card, err := review.Find(ctx, tx, m.Submission, by)
		if err != nil {
			return err
		}
		who, err := outside.Find(ctx, tx, m.Reviewer)
		if err != nil {
			return fault.BadField("reviewer", "choose somebody from the list")
		}
		if err := sensible(card, who, now); err != nil {
			return err
		}
		if err := revokeOthers(ctx, tx, m, by); err != nil {
			return err
		}
		token := rand.Text() // 128 bits
		open := max(time.Second, min(time.Duration(m.Hours)*time.Hour, due(card).Sub(now)))
		var id int64
		if err := tx.GetContext(ctx, &id, sqlMake, m.Submission, m.Reviewer, by.ID, hashed(token), open.Seconds()); err != nil {
			return explain(err)
		}
		address = m.Base + Path + url.PathEscape(token)
		if err := mailLink(ctx, tx, m.Key, who.Person, by, card, address, open); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{
			Person: by.ID, Action: "link.made", Kind: "link", ID: id,
			Detail: map[string]any{"submission": m.Submission, "post": card.Post, "reviewer": m.Reviewer, "hours": int(open.Hours())},
		})
	})
	return address, err
}

// sensible says why a link would be of no use.
func sensible(card review.Card, who outside.Reviewer, now time.Time) error {
	switch {
	case who.Disabled:
		return fault.BadField("reviewer", "%s was removed. Choose somebody else.", who.Name)
	case !slices.Contains(who.Languages, card.Language):
		return fault.BadField("reviewer", "%s does not read %s.", who.Name, locale.Name(card.Language))
	case !card.Current:
		return fault.New(fault.Conflict, "The post has changed since. Make the link from its new version.")
	case card.Cleared:
		return fault.New(fault.Conflict, "It is approved already.")
	case card.Wrote != "":
		return fault.New(fault.Forbidden, "Words of yours stand in this post, so nothing approved through a link of yours would count. Ask another admin or a safeguarding lead to make it.")
	case !due(card).After(now):
		return fault.New(fault.Conflict, "It has fallen due. Its author can give it a new time.")
	}
	return nil
}

// due is the instant after which a verdict comes too late.
func due(card review.Card) time.Time {
	if card.Prompt {
		return card.Until
	}
	return card.First
}

const sqlOthers = `
UPDATE review_links
SET revoked_at = clock_timestamp(), revoked_by = $3
WHERE submission_id = $1
  AND person_id = $2
  AND revoked_at IS NULL
  AND expires_at > clock_timestamp()
  AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.link_id = review_links.id AND v.verdict <> 'hold')`

func revokeOthers(ctx context.Context, tx *postgres.Tx, m Making, by people.Person) error {
	if _, err := tx.ExecContext(ctx, sqlOthers, m.Submission, m.Reviewer, by.ID); err != nil {
		return fmt.Errorf("take back earlier links to submission %d: %w", m.Submission, err)
	}
	return nil
}

const sqlRevoke = `
UPDATE review_links
SET revoked_at = clock_timestamp(), revoked_by = $3
WHERE id = $1
  AND submission_id = $2
  AND revoked_at IS NULL
RETURNING person_id`

// Revoke takes a link back. What was said by it stays said.
func Revoke(ctx context.Context, tx *postgres.Tx, submission, id int64, by people.Person) error {
	if !by.May(people.OutsideName) {
		return fault.New(fault.Forbidden, "Only an admin or a safeguarding lead takes links back.")
	}
	var persons []int64
	if err := tx.SelectContext(ctx, &persons, sqlRevoke, id, submission, by.ID); err != nil {
		return fmt.Errorf("take link %d back: %w", id, err)
	}
	if len(persons) == 0 {
		return fault.New(fault.Conflict, "This link was taken back already, or it leads somewhere else.")
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "link.revoked", Kind: "link", ID: id, Detail: map[string]any{"submission": submission, "reviewer": persons[0]},
	})
}

// mailLink writes the letter with the link.
func mailLink(ctx context.Context, tx *postgres.Tx, key seal.Key, to, by people.Person, card review.Card, address string, open time.Duration) error {
	s := letterhead.Sheet{
		Heading: "Please look at a post before it goes out",
		Words: []string{
			fmt.Sprintf("%s asks you to read a post in %s, for %s.", notify.OneLine(by.Name), locale.Name(card.Language), notify.OneLine(card.Title)),
			"You need no account. Anybody with this link can read the post and hold it back, so keep it to yourself. To approve it or to ask for changes you get a code by mail first.",
			fmt.Sprintf("The link is open for %d hours.", max(1, int(open.Hours()))),
		},
		Button: letterhead.Link{Say: "Read the post", URL: address},
		Foot:   []string{"You get this because you agreed to review posts. If you do not know what this is about, do nothing."},
	}
	return send(ctx, tx, key, to, "review link", s, open)
}

// send queues a letter on our sheet.
func send(ctx context.Context, tx *postgres.Tx, key seal.Key, to people.Person, kind string, s letterhead.Sheet, worth time.Duration) error {
	text, page, err := letterhead.Write(s)
	if err != nil {
		return err
	}
	_, err = notify.Queue(ctx, tx, key, notify.Mail{
		To: to.Email, Person: to.ID, Kind: kind, Subject: notify.OneLine(s.Heading), Text: text, HTML: page, For: worth,
	})
	return err
}
