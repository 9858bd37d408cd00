// Package swap changes a picture in every post that waits with it: another picture in its place, or another point that a crop keeps.
//
// Each such post gets a new version, so that whatever was approved is approved no more; what is out stays as it went out. The
// caller says first how many posts that concerns ([Uses]) and puts those before reviewers again that had been there. The package knows
// what posts show, and leaves the library itself to internal/org/picture.
package swap

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/picture"
	"daymark/internal/postgres"
)

// Use is a post whose words of now show a picture.
type Use struct {
	Post      int64      `db:"post"`
	Edition   int64      `db:"edition"`
	Title     string     `db:"title"` // of its campaign, with the year; empty for a post that belongs to none
	Message   string     `db:"message"`
	Kind      string     `db:"kind"`
	Rehearsal bool       `db:"rehearsal"`
	Waiting   int        `db:"waiting"` // places where it has yet to go out
	Out       int        `db:"out"`     // places where it is out, or may be
	First     *time.Time `db:"first"`   // when the first that waits is due
	Seen      bool       `db:"seen"`    // the person who asks sees it
}

// Waits reports whether the post can still be given another picture.
func (u Use) Waits() bool { return u.Waiting > 0 }

const sqlUses = `
SELECT o.id AS post, coalesce(o.edition_id, 0) AS edition, coalesce(coalesce(c.title->>'en', c.id) || ' ' || e.year, '') AS title, o.message,
  coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, o.rehearsal,
  count(d.id) FILTER (WHERE s.state IN ('held', 'scheduled')) AS waiting,
  count(d.id) FILTER (WHERE s.state IN ('sending', 'unknown', 'published')) AS out,
  min(d.due_at) FILTER (WHERE s.state IN ('held', 'scheduled')) AS first,
  $2::bigint = 0 OR may_see_post($2, o.id) AS seen
FROM revision_pictures x
JOIN posts o ON o.current_revision = x.revision_id
JOIN revisions r ON r.id = x.revision_id
LEFT JOIN editions e ON e.id = o.edition_id
LEFT JOIN campaigns c ON c.id = e.campaign_id
LEFT JOIN deliveries d ON d.post_id = o.id AND d.state <> 'cancelled'
LEFT JOIN delivery_states s ON s.delivery_id = d.id
WHERE x.sha256 = $1
GROUP BY o.id, e.id, c.id, r.id
ORDER BY first NULLS LAST, o.id`

// Uses returns the posts that show a picture, those that go out first before the others. Beyond a person's limits they are not [Use.Seen].
func Uses(ctx context.Context, q postgres.Querier, sum string, by people.Person) ([]Use, error) {
	raw, err := hex.DecodeString(sum)
	if err != nil {
		return nil, fault.New(fault.NotFound, "There is no picture with that address.")
	}
	limited := int64(0)
	if by.Limited() {
		limited = by.ID
	}
	var list []Use
	if err := q.SelectContext(ctx, &list, sqlUses, raw, limited); err != nil {
		return nil, fmt.Errorf("read what shows picture %s: %w", sum, err)
	}
	return list, nil
}

// Done says what a change of a picture did to posts.
type Done struct {
	Posts []int64 // those with a new version, in order
	Again []int64 // those of them that were before reviewers or approved
}

// Replace gives every post that waits with a picture another one in its place. keep lets the posts keep what they say of it, for
// the same picture in a better copy; else they say what the library says of the new one.
func Replace(ctx context.Context, db *postgres.DB, sum, by string, keep bool, person people.Person) (Done, error) {
	var done Done
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		if !person.May(people.PostWrite) {
			return fault.New(fault.Forbidden, "Your role does not allow replacing pictures.")
		}
		if _, err := picture.Find(ctx, tx, sum, person); err != nil {
			return err
		}
		other, err := picture.Find(ctx, tx, by, person)
		if err != nil {
			return err
		}
		if other.Gone || sum == by {
			return fault.BadField("by", "choose another picture of the library")
		}
		done, err = run(ctx, tx, sum, person, "Its picture was replaced. Send it for review again.", func(p post.SourcePicture) post.SourcePicture {
			fresh := other.Source()
			fresh.Only = p.Only
			if keep {
				fresh.Alt, fresh.NoAlt = maps.Clone(p.Alt), p.NoAlt
			}
			return fresh
		})
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{
			Person: person.ID, Action: "picture.replaced", Kind: "picture", Detail: map[string]any{"picture": sum, "by": by, "posts": len(done.Posts)},
		})
	})
	return done, err
}

// Focus says which point of a picture a crop keeps, in the library and in every post that waits with it. Read is the version of what the
// library says that the person has seen.
func Focus(ctx context.Context, db *postgres.DB, sum string, f *post.Focus, read int, person people.Person) (Done, error) {
	var done Done
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		if err := picture.SetFocus(ctx, tx, sum, f, read, person); err != nil {
			return err
		}
		var err error
		done, err = run(ctx, tx, sum, person, "Its picture is cut another way. Send it for review again.", func(p post.SourcePicture) post.SourcePicture {
			p.Focus = f
			return p
		})
		return err
	})
	return done, err
}

// A post that is at its network just now is left as it is; the others wait for the lock. Reading is a statement of its own, so that
// it sees what was saved meanwhile.
const (
	sqlLock = `
SELECT o.id
FROM posts o
WHERE EXISTS (SELECT 1 FROM revision_pictures x WHERE x.revision_id = o.current_revision AND x.sha256 = $1)
  AND EXISTS (SELECT 1 FROM deliveries d WHERE d.post_id = o.id AND d.state IN ('held', 'scheduled'))
ORDER BY o.id
FOR NO KEY UPDATE OF o`

	sqlAsked = `
SELECT EXISTS (
  SELECT 1
  FROM submissions s
  JOIN posts o ON o.id = s.post_id AND o.current_revision = s.revision_id
  JOIN deliveries d ON d.post_id = o.id AND d.language = s.language AND d.state IN ('held', 'scheduled')
  WHERE o.id = $1)`

	sqlExplain = `
UPDATE deliveries
SET hold = 'edited', problem = $2
WHERE post_id = $1
  AND state = 'held'
  AND hold IN ('approval', 'edited')`
)

// run writes a new version of each post that waits with a picture.
func run(ctx context.Context, tx *postgres.Tx, sum string, by people.Person, why string, change func(post.SourcePicture) post.SourcePicture) (Done, error) {
	var done Done
	raw, err := hex.DecodeString(sum)
	if err != nil {
		return done, fault.New(fault.NotFound, "There is no picture with that address.")
	}
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, sqlLock, raw); err != nil {
		return done, fmt.Errorf("lock what waits with picture %s: %w", sum, err)
	}
	for _, id := range ids {
		locked, err := book.Lock(ctx, tx, id)
		if err != nil {
			return done, err
		}
		source, changed := replaced(locked.Source, sum, change)
		if !changed {
			continue
		}
		var asked bool
		if err := tx.GetContext(ctx, &asked, sqlAsked, id); err != nil {
			return done, fmt.Errorf("look whether post %d is before reviewers: %w", id, err)
		}
		revision, err := book.AddRevision(ctx, tx, id, source, by.ID, book.FromPerson)
		if err != nil {
			return done, err
		}
		if _, err := tx.ExecContext(ctx, sqlExplain, id, why); err != nil {
			return done, fmt.Errorf("say why post %d waits: %w", id, err)
		}
		if err := audit.Write(ctx, tx, audit.Entry{
			Person: by.ID, Action: "post.edited", Kind: "post", ID: id, Detail: map[string]any{"revision": revision, "picture": sum},
		}); err != nil {
			return done, err
		}
		if done.Posts = append(done.Posts, id); asked {
			done.Again = append(done.Again, id)
		}
	}
	return done, nil
}

// replaced returns a source with a picture changed wherever it stands, and whether that made a difference.
func replaced(s post.Source, sum string, change func(post.SourcePicture) post.SourcePicture) (post.Source, bool) {
	changed := false
	s.Parts = slices.Clone(s.Parts)
	for i, part := range s.Parts {
		var list []post.SourcePicture
		for _, p := range part.Pictures {
			if p.SHA256 == sum {
				fresh := change(p)
				if changed = changed || fresh.SHA256 != p.SHA256 || !sameFocus(fresh.Focus, p.Focus); slices.ContainsFunc(part.Pictures, func(o post.SourcePicture) bool {
					return o.SHA256 == fresh.SHA256 && fresh.SHA256 != sum
				}) {
					continue // the part shows the other one already
				}
				p = fresh
			}
			list = append(list, p)
		}
		s.Parts[i].Pictures = list
	}
	return s, changed
}

func sameFocus(a, b *post.Focus) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
