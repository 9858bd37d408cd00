package replan

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// OfferState says what became of an offer.
type OfferState string

// The states of an offer.
const (
	Open     OfferState = "open"     // nobody has answered
	Accepted OfferState = "accepted" // the post took the words
	Kept     OfferState = "kept"     // the post keeps its own; these are not offered again
	Gone     OfferState = "gone"     // the file has moved on
)

// Offer is what a campaign file says for a post that a person edited.
type Offer struct {
	ID      int64
	Post    int64
	Message string
	At      time.Time
	Words   post.Source // of the file, with the post's own time
	Current post.Source
}

// Difference is one thing that two sources say differently.
type Difference struct {
	Where string // such as "text, en" or "hashtags"
	Was   string
	Now   string
}

// Words returns a source without its time: what can be offered.
func Words(s post.Source) post.Source {
	s.When = post.When{}
	return s
}

// Hash returns the hash of a source's words in hex.
func Hash(s post.Source) (string, error) {
	_, sum, err := post.Canonical(Words(s))
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum[:]), nil
}

const sqlOffer = `
INSERT INTO offers (post_id, body, sha256, at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (post_id, sha256) DO UPDATE SET state = 'open', at = excluded.at, answered_by = NULL, answered_at = NULL`

const sqlSupersede = `
UPDATE offers
SET state = 'gone'
WHERE post_id = $1
  AND state = 'open'`

// OfferWords offers the words of the file for a post; an earlier offer is gone with it.
func OfferWords(ctx context.Context, tx *postgres.Tx, postID int64, words post.Source, by int64, at time.Time) error {
	body, sum, err := post.Canonical(Words(words))
	if err != nil {
		return err
	}
	if err := DropOffer(ctx, tx, postID); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlOffer, postID, body, sum[:], at); err != nil {
		return fmt.Errorf("offer words for post %d: %w", postID, err)
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by, Action: "post.offered", Kind: "post", ID: postID})
}

// DropOffer ends the open offer of a post, where there is one: the file no longer says so.
func DropOffer(ctx context.Context, tx *postgres.Tx, postID int64) error {
	if _, err := tx.ExecContext(ctx, sqlSupersede, postID); err != nil {
		return fmt.Errorf("end the offer of post %d: %w", postID, err)
	}
	return nil
}

const sqlOffers = `
SELECT o.id, o.post_id, p.message, o.at, o.body, r.body AS current
FROM offers o
JOIN posts p ON p.id = o.post_id
JOIN revisions r ON r.id = p.current_revision
WHERE o.state = 'open'
  AND ($1::bigint = 0 OR p.edition_id = $1)
  AND ($2::bigint = 0 OR o.id = $2)
ORDER BY o.at, o.id`

// Offers returns the open offers of an edition; 0 is all.
func Offers(ctx context.Context, q postgres.Querier, edition int64) ([]Offer, error) {
	return offers(ctx, q, edition, 0)
}

func offers(ctx context.Context, q postgres.Querier, edition, id int64) ([]Offer, error) {
	var rows []struct {
		ID      int64     `db:"id"`
		Post    int64     `db:"post_id"`
		Message string    `db:"message"`
		At      time.Time `db:"at"`
		Body    []byte    `db:"body"`
		Current []byte    `db:"current"`
	}
	if err := q.SelectContext(ctx, &rows, sqlOffers, edition, id); err != nil {
		return nil, fmt.Errorf("list offers: %w", err)
	}
	list := make([]Offer, len(rows))
	for i, row := range rows {
		words, err := post.ReadSource(row.Body)
		if err != nil {
			return nil, fmt.Errorf("offer %d: %w", row.ID, err)
		}
		current, err := post.ReadSource(row.Current)
		if err != nil {
			return nil, fmt.Errorf("post %d: %w", row.Post, err)
		}
		words.When = current.When
		list[i] = Offer{ID: row.ID, Post: row.Post, Message: row.Message, At: row.At.UTC(), Words: words, Current: current}
	}
	return list, nil
}

const sqlAnswer = `
UPDATE offers
SET state = $2, answered_by = $3, answered_at = clock_timestamp()
WHERE id = $1
  AND state = 'open'`

// Answer accepts an offer, which makes its words a new version by that person, or keeps the post as it is: then the same
// words are not offered again. Somebody who accepts is an author of the post.
func Answer(ctx context.Context, tx *postgres.Tx, id int64, by people.Person, accept bool) error {
	if !by.May(people.PostWrite) {
		return fault.New(fault.Forbidden, "Your role does not allow changing posts.")
	}
	gone := fault.New(fault.NotFound, "There is no such offer any more. Look at the post again.")
	list, err := offers(ctx, tx, 0, id)
	if err != nil {
		return err
	}
	if id <= 0 || len(list) == 0 {
		return gone
	}
	locked, err := book.Lock(ctx, tx, list[0].Post) // planning and others who answer wait here
	if err != nil {
		return err
	}
	state := Kept
	if accept {
		state = Accepted
	}
	res, err := tx.ExecContext(ctx, sqlAnswer, id, string(state), by.ID)
	if err != nil {
		return fmt.Errorf("answer offer %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return gone
	}
	if !accept {
		return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "post.offer_kept_away", Kind: "post", ID: locked.ID})
	}
	words := list[0].Words
	words.When = locked.Source.When
	_, err = book.Revise(ctx, tx, locked.ID, locked.Version, words, by.ID)
	return err
}

// Differences returns what two sources say differently, in the order in which a reader meets it. Times are not compared.
func Differences(was, now post.Source) []Difference {
	var list []Difference
	compare := func(where, a, b string) {
		if a != b {
			list = append(list, Difference{Where: where, Was: a, Now: b})
		}
	}
	byLanguage := func(where string, a, b map[string]string) {
		for _, l := range slices.Sorted(maps.Keys(merged(a, b))) {
			compare(where+", "+l, a[l], b[l])
		}
	}
	for i := range max(len(was.Parts), len(now.Parts)) {
		where := "text"
		if i > 0 {
			where = "part " + strconv.Itoa(i+1)
		}
		a, b := part(was, i), part(now, i)
		byLanguage(where, a.Texts, b.Texts)
		for j := range max(len(a.Pictures), len(b.Pictures)) {
			p, q := picture(a, j), picture(b, j)
			compare(where+", picture "+strconv.Itoa(j+1), p.SHA256, q.SHA256)
			byLanguage(where+", picture "+strconv.Itoa(j+1)+", alt text", p.Alt, q.Alt)
		}
	}
	compare("kind", was.Kind, now.Kind)
	compare("hashtags", strings.Join(was.Hashtags, " "), strings.Join(now.Hashtags, " "))
	byLanguage("content note", was.ContentNote, now.ContentNote)
	compare("sensitive", strconv.FormatBool(was.Sensitive), strconv.FormatBool(now.Sensitive))
	compare("facts", strings.Join(was.Facts, " "), strings.Join(now.Facts, " "))
	return list
}

func merged(a, b map[string]string) map[string]string {
	m := map[string]string{}
	maps.Copy(m, a)
	maps.Copy(m, b)
	return m
}

func part(s post.Source, i int) post.SourcePart {
	if i < len(s.Parts) {
		return s.Parts[i]
	}
	return post.SourcePart{}
}

func picture(p post.SourcePart, i int) post.SourcePicture {
	if i < len(p.Pictures) {
		return p.Pictures[i]
	}
	return post.SourcePicture{}
}
