// Package invitation lets people in whom an admin invites: a link in a letter, good for seven days, once.
//
// The link holds a token of which the database knows the hash only. Nobody is added before the invited person has given a name and a
// password. An invitation can be taken back, and is worth nothing when its admin is none any more. The package shows no page and
// sends nothing: it queues the letter.
package invitation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/notify"
	"daymark/internal/org/people"
	"daymark/internal/org/people/membership"
	"daymark/internal/org/people/token"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Life is how long an invitation is good for.
const Life = 7 * 24 * time.Hour

// Invitation is one that was made.
type Invitation struct {
	ID      int64
	Email   string
	By      string // the admin's name
	Made    time.Time
	Expires time.Time
	Over    bool // nobody took it up in time
	Access  membership.Access
}

type row struct {
	ID        int64          `db:"id"`
	Email     string         `db:"email"`
	MadeBy    int64          `db:"made_by"`
	By        string         `db:"by_name"`
	Made      time.Time      `db:"made_at"`
	Expires   time.Time      `db:"expires_at"`
	Over      bool           `db:"over"`
	Revoked   bool           `db:"revoked"`
	Used      bool           `db:"used"`
	Role      people.Role    `db:"role"`
	Languages pq.StringArray `db:"languages"`
	Labels    pq.StringArray `db:"labels"`
	Campaigns pq.StringArray `db:"campaigns"`
	Until     sql.NullTime   `db:"access_until"`
}

func (r row) invitation() Invitation {
	i := Invitation{ID: r.ID, Email: r.Email, By: r.By, Made: r.Made.UTC(), Expires: r.Expires.UTC(), Over: r.Over, Access: membership.Access{
		Role: r.Role, Languages: r.Languages, Labels: r.Labels, Campaigns: r.Campaigns,
	}}
	if r.Until.Valid {
		i.Access.Until = r.Until.Time.UTC()
	}
	return i
}

// New is what an invitation needs.
type New struct {
	Email  string
	Access membership.Access
	Org    string                    // the organisation, for the letter
	Link   func(token string) string // where the token is taken up
}

const (
	// The invitations to one address are made one after the other.
	sqlOneByOne = `SELECT pg_advisory_xact_lock(hashtextextended('invitation/' || $1, 0))`

	sqlRevokeOpen = `
UPDATE invitations
SET revoked_at = clock_timestamp()
WHERE email = $1 AND person_id IS NULL AND revoked_at IS NULL`

	sqlMake = `
INSERT INTO invitations (token_hash, email, role, languages, labels, campaigns, access_until, made_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + $9 * interval '1 second')
RETURNING id`
)

// Make invites somebody and returns the link, which is to be shown once. An earlier invitation to the address is taken back. Where
// somebody has the address already, nothing is changed and the answer names them.
func Make(ctx context.Context, db *postgres.DB, key seal.Key, n New, by people.Person, now time.Time) (link string, err error) {
	if !by.May(people.PeopleManage) {
		return "", fault.New(fault.Forbidden, "Only an admin may invite people.")
	}
	email, say := people.CleanEmail(n.Email)
	if say == "" {
		if err := notify.CheckAddress(email); err != nil {
			say = "is no address that mail can be sent to"
		}
	}
	if say == "" {
		known, err := people.ByEmail(ctx, db, email)
		if err == nil {
			say = fmt.Sprintf("belongs to %s already, who is in the list above; nothing was changed", known.Name)
			if err := audit.Write(ctx, db, audit.Entry{Person: by.ID, Action: "invitation.refused", Kind: "person", ID: known.ID, Detail: map[string]any{"reason": "the address exists"}}); err != nil {
				return "", err
			}
		} else if !fault.Is(err, fault.NotFound) {
			return "", err
		}
	}
	access, wrong, err := membership.Clean(ctx, db, n.Access, now)
	if err != nil {
		return "", err
	}
	if say != "" {
		wrong = append([]fault.Problem{{Field: "email", Message: say}}, wrong...)
	}
	if err := fault.BadFields(wrong); err != nil {
		return "", err
	}
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlOneByOne, email); err != nil {
			return fmt.Errorf("wait for another invitation: %w", err)
		}
		if _, err := tx.ExecContext(ctx, sqlRevokeOpen, email); err != nil {
			return fmt.Errorf("take an earlier invitation back: %w", err)
		}
		secret := token.New()
		link = n.Link(secret)
		var id int64
		if err := tx.GetContext(ctx, &id, sqlMake, token.Hash(secret), email, access.Role, pq.StringArray(access.Languages), pq.StringArray(access.Labels),
			pq.StringArray(access.Campaigns), sql.NullTime{Time: access.Until, Valid: !access.Until.IsZero()}, by.ID, Life.Seconds()); err != nil {
			return fmt.Errorf("make an invitation: %w", err)
		}
		if _, err := notify.Queue(ctx, tx, key, notify.Mail{
			To: email, Kind: "invitation", For: Life, Subject: notify.OneLine(by.Name + " invites you to " + n.Org + " on Daymark"),
			Text: notify.OneLine(by.Name) + " invites you to plan and check what " + notify.OneLine(n.Org) + " publishes.\n\n" +
				"Choose a name and a password here within seven days. The link works once:\n\n" + link + "\n\n" +
				"If you do not know what this is, do nothing: no account is made.\n",
		}); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{
			Person: by.ID, Action: "invitation.made", Kind: "invitation", ID: id,
			Detail: map[string]any{"email": email, "access": membership.Detail("", access)},
		})
	})
	return link, err
}

const sqlOpen = `
SELECT i.id, i.email, i.made_by, p.name AS by_name, i.made_at, i.expires_at, i.expires_at <= clock_timestamp() AS over,
       false AS revoked, false AS used, i.role, i.languages, i.labels, i.campaigns, i.access_until
FROM invitations i
JOIN people p ON p.id = i.made_by
WHERE i.person_id IS NULL AND i.revoked_at IS NULL
ORDER BY i.made_at DESC, i.id DESC`

// Open returns the invitations that nobody took up yet, the latest first.
func Open(ctx context.Context, q postgres.Querier) ([]Invitation, error) {
	var rows []row
	if err := q.SelectContext(ctx, &rows, sqlOpen); err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	var list []Invitation
	for _, r := range rows {
		list = append(list, r.invitation())
	}
	return list, nil
}

const sqlRevoke = `
UPDATE invitations
SET revoked_at = clock_timestamp()
WHERE id = $1 AND person_id IS NULL AND revoked_at IS NULL`

// Revoke takes an invitation back.
func Revoke(ctx context.Context, tx *postgres.Tx, id int64, by people.Person) error {
	if !by.May(people.PeopleManage) {
		return fault.New(fault.Forbidden, "Only an admin may take an invitation back.")
	}
	res, err := tx.ExecContext(ctx, sqlRevoke, id)
	if err != nil {
		return fmt.Errorf("take invitation %d back: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Wrap(fault.NotFound, err, "There is no such invitation any more: it was taken up or taken back.")
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "invitation.revoked", Kind: "invitation", ID: id})
}

const (
	sqlByToken = `
SELECT i.id, i.email, i.made_by, p.name AS by_name, i.made_at, i.expires_at, i.expires_at <= clock_timestamp() AS over,
       i.revoked_at IS NOT NULL AS revoked, i.person_id IS NOT NULL AS used, i.role, i.languages, i.labels, i.campaigns, i.access_until
FROM invitations i
JOIN people p ON p.id = i.made_by
WHERE i.token_hash = $1`

	sqlLockToken = sqlByToken + `
FOR UPDATE OF i`
)

// Look returns the invitation of a link, or why it is worth nothing. It changes nothing.
func Look(ctx context.Context, q postgres.Querier, secret string) (Invitation, error) {
	r, _, err := look(ctx, q, sqlByToken, secret)
	return r.invitation(), err
}

func look(ctx context.Context, q postgres.Querier, query, secret string) (r row, why string, err error) {
	gone := func(why, say string) (row, string, error) { return r, why, fault.New(fault.NotFound, "%s", say) }
	err = sql.ErrNoRows
	if token.Fits(secret) {
		err = q.GetContext(ctx, &r, query, token.Hash(secret))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return gone("", "There is no such invitation. Open the link as it stands in the letter, to its last letter.")
	}
	if err != nil {
		return r, "", fmt.Errorf("look for an invitation: %w", err)
	}
	by, err := people.ByID(ctx, q, r.MadeBy)
	if err != nil {
		return r, "", err
	}
	switch {
	case r.Used:
		return gone("used", "This invitation was taken up already. Log in with the address and the password that were given then.")
	case r.Revoked:
		return gone("revoked", "This invitation was taken back. Ask the admin who invited you for another one.")
	case r.Over:
		return gone("expired", "This invitation is more than seven days old. Ask the admin who invited you for another one.")
	case !by.May(people.PeopleManage):
		return gone("its maker is no admin", "Whoever made this invitation may not invite people any more. Ask an admin for another one.")
	}
	return r, "", nil
}

const sqlUse = `
UPDATE invitations
SET person_id = $2
WHERE id = $1`

// Accept adds the invited person. Two who take up one invitation at once make one person.
func Accept(ctx context.Context, db *postgres.DB, secret, name, password string, cost people.Cost) (people.Person, error) {
	var p people.Person
	var refused row
	var why string
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		r, say, err := look(ctx, tx, sqlLockToken, secret)
		if err != nil {
			refused, why = r, say
			return err
		}
		a := r.invitation().Access
		p, err = people.Add(ctx, tx, people.NewPerson{Email: r.Email, Name: name, Role: a.Role, Languages: a.Languages, Password: password, Cost: cost}, r.MadeBy)
		if err != nil {
			return err
		}
		if err := membership.Give(ctx, tx, p.ID, p.Name, a); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlUse, r.ID, p.ID); err != nil {
			return fmt.Errorf("close invitation %d: %w", r.ID, err)
		}
		if err := audit.Write(ctx, tx, audit.Entry{
			Person: p.ID, Action: "invitation.accepted", Kind: "invitation", ID: r.ID,
			Detail: map[string]any{"person": p.ID, "access": membership.Detail(p.Name, a)},
		}); err != nil {
			return err
		}
		p, err = people.ByID(ctx, tx, p.ID)
		return err
	})
	if err != nil && why != "" {
		return p, errors.Join(err, audit.Write(ctx, db, audit.Entry{Action: "invitation.refused", Kind: "invitation", ID: refused.ID, Detail: map[string]any{"reason": why}}))
	}
	return p, err
}
