// Package tell writes to people that a way into their account changed, so that somebody who got in by another's hand is noticed.
//
// The letter is queued in the transaction of the change. It says what changed, when and from where, and holds no link: nobody should
// get used to links in letters about log-ins. The package changes nothing about log-ins itself.
package tell

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/letterhead"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Change is what changed.
type Change string

// The changes, as the letter's heading says them.
const (
	PasskeyAdded   Change = "A passkey was added to your account"
	PasskeyRemoved Change = "A passkey was removed from your account"
	CodesOn        Change = "Codes from an app were turned on for your account"
	CodesOff       Change = "Codes from an app were turned off for your account"
	CodesRenewed   Change = "New recovery codes were made for your account"
)

const sqlNow = `
SELECT clock_timestamp()`

// Write writes to a person what changed; what names the passkey, or is empty.
func Write(ctx context.Context, tx *postgres.Tx, keys seal.Keys, to people.Person, change Change, what string) error {
	if len(keys) == 0 {
		return fault.New(fault.Unavailable, "There is no key to seal letters with.")
	}
	var now time.Time
	if err := tx.GetContext(ctx, &now, sqlNow); err != nil {
		return fmt.Errorf("read the clock: %w", err)
	}
	when := fmt.Sprintf("This was done on %s", now.UTC().Format("2 January 2006 at 15:04 UTC"))
	if from := audit.FromOf(ctx); from.Address != "" {
		when += ", from the network address " + from.Address
	} else if from.Via == audit.ByCommand {
		when += ", on the machine that Daymark runs on"
	}
	sheet := letterhead.Sheet{
		Heading: string(change),
		Words:   []string{when + "."},
		Foot:    []string{"You get this because the ways to log in to your account in Daymark changed. Such letters cannot be turned off."},
	}
	if what != "" {
		sheet.Words = append(sheet.Words, "Its name is: "+notify.OneLine(what))
	}
	sheet.Words = append(sheet.Words,
		"If it was you, or an admin whom you asked, there is nothing to do.",
		"If not, open Daymark, give yourself a new password under Your account, which ends all other sessions, look at what is listed under Sign-in, and tell an admin.")
	text, html, err := letterhead.Write(sheet)
	if err != nil {
		return err
	}
	_, err = notify.Queue(ctx, tx, keys[0], notify.Mail{
		To: to.Email, Person: to.ID, Kind: "sign-in changed", Subject: notify.OneLine(sheet.Heading), Text: text, HTML: html,
	})
	return err
}
