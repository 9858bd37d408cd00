package edit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Saved says what saving a change did.
type Saved struct {
	Post    int64
	Changed bool // there is a new version
	Moved   int  // places with a new time
	Added   int  // new places
	Left    int  // places where it does not go any more
}

// Any reports whether anything changed.
func (out Saved) Any() bool { return out.Changed || out.Moved+out.Added+out.Left > 0 }

// Create writes a new post, of an edition or with 0 of none, and returns its id. It waits to be put before reviewers. Nothing becomes of
// the author's working copy, which the caller drops.
func Create(ctx context.Context, tx *postgres.Tx, edition int64, c Change, by people.Person, now time.Time) (Saved, error) {
	if !by.May(people.PostWrite) || !by.May(people.PostEdit) {
		return Saved{}, fault.New(fault.Forbidden, "Your role does not allow writing new posts.")
	}
	channels, err := Reachable(ctx, tx, by)
	if err != nil {
		return Saved{}, err
	}
	if err := c.Check(Change{}, channels, now); err != nil {
		return Saved{}, err
	}
	draft := book.Draft{Edition: edition, Source: c.Source}
	if edition == 0 && len(by.Campaigns) > 0 { // what belongs to none lies outside of them
		return Saved{}, scope.Beyond()
	}
	if edition != 0 {
		if err := scope.Check(ctx, tx, by, scope.Edition, edition); err != nil {
			return Saved{}, err
		}
		of, err := book.EditionByID(ctx, tx, edition)
		if err != nil {
			return Saved{}, err
		}
		draft.Rehearsal = of.Rehearsal
	}
	if draft.Source.Message, err = free(ctx, tx, edition, called(c.Source)); err != nil {
		return Saved{}, err
	}
	id, err := book.AddPost(ctx, tx, draft, by.ID)
	if err != nil {
		return Saved{}, err
	}
	out := Saved{Post: id, Changed: true}
	return out, out.add(ctx, tx, c.Slots(channels))
}

const sqlNames = `
SELECT message
FROM posts
WHERE edition_id = $1
FOR KEY SHARE`

// free returns a name that no other post of an edition has.
func free(ctx context.Context, tx *postgres.Tx, edition int64, name string) (string, error) {
	if edition == 0 {
		return name, nil
	}
	var names []string
	if err := tx.SelectContext(ctx, &names, sqlNames, edition); err != nil {
		return "", fmt.Errorf("look for a free name: %w", err)
	}
	try := name
	for n := 2; slices.Contains(names, try); n++ {
		try = fmt.Sprintf("%s %d", name, n)
	}
	return try, nil
}

// Save writes a change of a post. It is refused with a Conflict when the post has moved on from the version that the author read.
// Whoever may not begin posts changes words, pictures and times; where it goes stays as it is. What is out, or may be, stays.
func Save(ctx context.Context, tx *postgres.Tx, id int64, c Change, by people.Person, now time.Time) (Saved, error) {
	if !by.May(people.PostEdit) {
		return Saved{}, forbidden()
	}
	if err := scope.Whole(ctx, tx, by, scope.Post, id); err != nil {
		return Saved{}, err
	}
	locked, err := book.Lock(ctx, tx, id)
	if err != nil {
		return Saved{}, err
	}
	if locked.Version != c.Read {
		return Saved{}, fault.New(fault.Conflict, "Somebody changed this post while you were editing. Nothing of yours is lost: compare both and save again.")
	}
	p, err := book.FindPost(ctx, tx, id)
	if err != nil {
		return Saved{}, err
	}
	channels, err := Reachable(ctx, tx, by)
	if err != nil {
		return Saved{}, err
	}
	begun := Begun(p, channels)
	if !by.May(people.PostWrite) {
		c.Places = begun.Places
	}
	c.Source.Message = p.Source.Message
	if err := c.Check(begun, channels, now); err != nil {
		return Saved{}, err
	}
	out := Saved{Post: id}
	same, err := Same(c.Source, p.Source)
	if err != nil {
		return Saved{}, err
	}
	if out.Changed = !same; out.Changed {
		if _, err := book.Revise(ctx, tx, id, c.Read, c.Source, by.ID); err != nil {
			return Saved{}, err
		}
	}
	return out, out.places(ctx, tx, p, begun, c, channels, by)
}

// places lets a post go where a change says, when it says.
func (out *Saved) places(ctx context.Context, tx *postgres.Tx, p book.Post, begun, c Change, channels []channel.Channel, by people.Person) error {
	moves := c.Source.When != begun.Source.When || c.Window != begun.Window
	slots := c.Slots(channels)
	var gone []int64
	var move []replan.Move
	for _, e := range p.Entries {
		if e.State == post.Cancelled {
			continue
		}
		at := slices.IndexFunc(slots, func(s Slot) bool { return s.Channel == e.Channel && s.Language == e.Language })
		if at < 0 {
			if !slices.Contains(c.Places, Place{e.Channel, e.Language}) {
				gone = append(gone, e.Delivery)
			}
			continue
		}
		if s := slots[at]; moves {
			move = append(move, replan.Move{
				ID: e.Delivery, Date: s.Date, Clock: s.Clock, Zone: s.Zone, DueAt: s.DueAt, NotAfter: s.NotAfter,
				Why: "Its author gave it another time. Send it for review again.",
			})
		}
		slots = slices.Delete(slots, at, at+1)
	}
	if err := out.move(ctx, tx, move); err != nil {
		return err
	}
	if err := out.leave(ctx, tx, p.ID, gone); err != nil {
		return err
	}
	if err := out.add(ctx, tx, slots); err != nil || out.Moved+out.Added+out.Left == 0 {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "post.placed", Kind: "post", ID: p.ID, Detail: map[string]any{"moved": out.Moved, "added": out.Added, "left": out.Left},
	})
}

const sqlOwnTime = `
UPDATE deliveries
SET planned = false, prompt = false
WHERE id = ANY($1)`

// move gives places that wait another time; from then on planning leaves it alone.
func (out *Saved) move(ctx context.Context, tx *postgres.Tx, moves []replan.Move) error {
	moved, err := replan.MoveAll(ctx, tx, moves)
	if err != nil {
		return err
	}
	out.Moved = len(moved)
	if _, err := tx.ExecContext(ctx, sqlOwnTime, pq.Array(moved)); err != nil {
		return fmt.Errorf("keep planning from times that a person gave: %w", err)
	}
	return nil
}

const sqlLockQueue = `
SELECT delivery_id
FROM queue
WHERE post_id = $1
ORDER BY delivery_id
FOR UPDATE`

const sqlLeave = `
UPDATE deliveries d
SET state = 'cancelled', hold = NULL, planned = false, problem = 'Left out by its author.', release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE d.id = ANY($1)
  AND (d.state IN ('scheduled', 'missed', 'failed') OR (d.state = 'held' AND d.hold <> 'decision'))
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = d.id AND q.sending_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM copies k WHERE k.delivery_id = d.id)`

func (out *Saved) leave(ctx context.Context, tx *postgres.Tx, id int64, gone []int64) error {
	if len(gone) == 0 {
		return nil
	}
	var queued []int64
	if err := tx.SelectContext(ctx, &queued, sqlLockQueue, id); err != nil {
		return fmt.Errorf("lock the queue: %w", err)
	}
	res, err := tx.ExecContext(ctx, sqlLeave, pq.Array(gone))
	if err != nil {
		return fmt.Errorf("leave places of post %d out: %w", id, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("leave places of post %d out: %w", id, err)
	}
	out.Left = int(n)
	return nil
}

func (out *Saved) add(ctx context.Context, tx *postgres.Tx, slots []Slot) error {
	for _, s := range slots {
		if _, err := book.AddDelivery(ctx, tx, book.Delivery{
			Post: out.Post, Channel: s.Channel, Language: s.Language, Date: s.Date, Clock: s.Clock, Zone: s.Zone, DueAt: s.DueAt, NotAfter: s.NotAfter,
		}); err != nil {
			return err
		}
	}
	out.Added = len(slots)
	return nil
}
