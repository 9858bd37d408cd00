// Package link keeps the short links of posts and counts how often they are followed.
//
// A link belongs to one post, channel and language, so that its count says which of them was followed. Of whoever follows it nothing is
// kept: no address, no program, no cookie; a count of a day is all. Which links of a text become short is decided in
// internal/flow/book/fill; what answers at a short link is internal/face/short.
package link

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/postgres"
)

// Path is what the path of a short link begins with; its code follows.
const Path = "/l/"

// length of a code: 62 to the power of 10 is about 2 to the power of 59, so that a million links meet by chance once in a million times.
const length = 10

// Code returns the code of a target in a post on a channel in a language. The same four have the same code, so that a post that is looked at
// before it is submitted shows what it will say.
func Code(postID, channel int64, language, target string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%d\n%s\n%s", postID, channel, language, target))
	text := new(big.Int).SetBytes(sum[:]).Text(62)
	return text[len(text)-length:]
}

const sqlAdd = `
INSERT INTO links (code, target, post_id, channel_id, language)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code) DO NOTHING`

// Add keeps the short links of a release. Adding them again changes nothing.
func Add(ctx context.Context, tx *postgres.Tx, f post.Final) error {
	for _, l := range f.Links {
		if l.Code != Code(f.Post, f.Channel, f.Language, l.Target) {
			return fmt.Errorf("the short link %s of post %d does not belong to %s", l.Code, f.Post, l.Target)
		}
		if _, err := tx.ExecContext(ctx, sqlAdd, l.Code, l.Target, f.Post, f.Channel, f.Language); err != nil {
			return fmt.Errorf("keep the short link %s: %w", l.Code, err)
		}
		if target, _, err := find(ctx, tx, l.Code); err != nil {
			return err
		} else if target != l.Target {
			return fault.New(fault.Conflict, "Two links of this campaign have the same short address by chance. Add a ? to the end of one of them.")
		}
	}
	return nil
}

const sqlFind = `
SELECT l.target, c.zone
FROM links l
JOIN channels c ON c.id = l.channel_id
WHERE l.code = $1`

func find(ctx context.Context, q postgres.Querier, code string) (target, zone string, err error) {
	var row struct {
		Target string `db:"target"`
		Zone   string `db:"zone"`
	}
	err = q.GetContext(ctx, &row, sqlFind, code)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", "", fault.New(fault.NotFound, "There is no such link.")
	case err != nil:
		return "", "", fmt.Errorf("find the short link: %w", err)
	}
	return row.Target, row.Zone, nil
}

const sqlCount = `
INSERT INTO link_days (code, day, clicks)
VALUES ($1, $2, 1)
ON CONFLICT (code, day) DO UPDATE SET clicks = link_days.clicks + 1`

// Follow returns where a code leads, and counts that it was followed at the instant if it is to be counted. An unknown code is NotFound.
func Follow(ctx context.Context, q postgres.Querier, code string, at time.Time, counted bool) (string, error) {
	if len(code) != length {
		return "", fault.New(fault.NotFound, "There is no such link.")
	}
	target, zone, err := find(ctx, q, code)
	if err != nil || !counted {
		return target, err
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		return "", fmt.Errorf("the zone of the link's channel: %w", err)
	}
	if _, err := q.ExecContext(ctx, sqlCount, code, at.In(place).Format(time.DateOnly)); err != nil {
		return "", fmt.Errorf("count a short link: %w", err)
	}
	return target, nil
}

// Clicks is how often the short links of a post were followed on one channel in one language on one day.
type Clicks struct {
	Post     int64  `db:"post_id"`
	Message  string `db:"message"`
	Channel  int64  `db:"channel_id"`
	Platform string `db:"platform"`
	Language string `db:"language"`
	Day      string `db:"day"` // YYYY-MM-DD at the channel's place
	Clicks   int64  `db:"clicks"`
}

const sqlClicks = `
SELECT p.id AS post_id, p.message, c.id AS channel_id, c.platform, l.language, to_char(d.day, 'YYYY-MM-DD') AS day, sum(d.clicks)::bigint AS clicks
FROM posts p
JOIN links l ON l.post_id = p.id
JOIN channels c ON c.id = l.channel_id
JOIN link_days d ON d.code = l.code
WHERE p.edition_id = $1
GROUP BY p.id, p.message, c.id, c.platform, l.language, d.day
ORDER BY d.day, p.id, c.id, l.language`

// OfEdition returns how often the short links of an edition were followed, day by day.
func OfEdition(ctx context.Context, q postgres.Querier, edition int64) ([]Clicks, error) {
	list := []Clicks{}
	if err := q.SelectContext(ctx, &list, sqlClicks, edition); err != nil {
		return nil, fmt.Errorf("read what short links led to: %w", err)
	}
	return list, nil
}

const sqlHas = `
SELECT EXISTS (
  SELECT 1
  FROM posts p
  JOIN links l ON l.post_id = p.id
  WHERE p.edition_id = $1
)`

// Has reports whether an edition has short links, followed or not: no click is then zero, and not unknown.
func Has(ctx context.Context, q postgres.Querier, edition int64) (bool, error) {
	var has bool
	if err := q.GetContext(ctx, &has, sqlHas, edition); err != nil {
		return false, fmt.Errorf("look for short links: %w", err)
	}
	return has, nil
}

const sqlSetAddress = `
INSERT INTO public_address (one, url)
VALUES (true, $1)
ON CONFLICT (one) DO UPDATE SET url = excluded.url, said_at = clock_timestamp()
WHERE public_address.url <> excluded.url`

// SetAddress writes down where people reach this Daymark, such as https://daymark.charity.example.
func SetAddress(ctx context.Context, q postgres.Querier, public string) error {
	if _, err := q.ExecContext(ctx, sqlSetAddress, strings.TrimRight(public, "/")); err != nil {
		return fmt.Errorf("write down the public address: %w", err)
	}
	return nil
}

const sqlAddress = `
SELECT coalesce((
  SELECT url
  FROM public_address
), '')`

// Address returns where people reach this Daymark, or nothing while no daemon has said so.
func Address(ctx context.Context, q postgres.Querier) (string, error) {
	var public string
	if err := q.GetContext(ctx, &public, sqlAddress); err != nil {
		return "", fmt.Errorf("read the public address: %w", err)
	}
	return public, nil
}
