// Package carded lets posts show cards: one picture for each language, which the post shows in that language only.
//
// Putting a card on a post makes a new version of it, which is reviewed as every version is. The package knows nothing of how cards are drawn.
package carded

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/png" // what cards are
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Picture is a card in one language.
type Picture struct {
	Language string
	Bytes    []byte // a PNG
	SHA256   string // of Bytes, in lower-case hexadecimal
	Alt      string
	States   *post.Stated
}

// Put stores the pictures of a card and lets a post show them, in the place of another card where it has one. It is a Conflict when
// somebody changed the post since the version that was read.
func Put(ctx context.Context, tx *postgres.Tx, id int64, read int, drawn []Picture, by people.Person, now time.Time) error {
	found, err := book.FindPost(ctx, tx, id)
	if err != nil {
		return err
	}
	channels, err := edit.Reachable(ctx, tx, by)
	if err != nil {
		return err
	}
	change := edit.Begun(found, channels)
	change.Read = read
	if len(change.Source.Parts) == 0 {
		return fault.New(fault.Invalid, "Write the words of the post first, then make its card.")
	}
	parts := slices.Clone(change.Source.Parts)
	pictures := slices.DeleteFunc(slices.Clone(parts[0].Pictures), func(p post.SourcePicture) bool { return p.Only != "" })
	for _, d := range drawn {
		size, _, err := image.DecodeConfig(bytes.NewReader(d.Bytes))
		if err != nil {
			return fmt.Errorf("look at a drawn card: %w", err)
		}
		if err := book.AddBlob(ctx, tx, book.Blob{MIME: "image/png", Width: size.Width, Height: size.Height, Bytes: d.Bytes}); err != nil {
			return err
		}
		pictures = append(pictures, post.SourcePicture{SHA256: d.SHA256, Alt: map[string]string{d.Language: d.Alt}, Only: d.Language, States: d.States})
	}
	parts[0].Pictures = pictures
	change.Source.Parts = parts
	_, err = edit.Save(ctx, tx, id, change, by, now)
	return err
}

// Shows reports whether a post has a card.
func Shows(s post.Source) bool {
	for _, part := range s.Parts {
		if slices.ContainsFunc(part.Pictures, func(p post.SourcePicture) bool { return p.Only != "" }) {
			return true
		}
	}
	return false
}

// sqlUnsent lists the posts of an edition that nobody has sent for review yet: another picture would take an approval back.
const sqlUnsent = `
SELECT p.id
FROM posts p
WHERE p.edition_id = $1
  AND NOT EXISTS (SELECT FROM submissions s WHERE s.post_id = p.id)
ORDER BY p.id`

// Unsent returns the posts of an edition that nobody has sent for review yet, in order.
func Unsent(ctx context.Context, q postgres.Querier, edition int64) ([]int64, error) {
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlUnsent, edition); err != nil {
		return nil, fmt.Errorf("list the posts of edition %d: %w", edition, err)
	}
	return ids, nil
}
