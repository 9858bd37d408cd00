package readback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"golang.org/x/sync/errgroup"
)

// Networks reads posts back.
type Networks interface {
	// Reads says how posts of a channel are read back.
	Reads(ctx context.Context, channel int64) (How, error)
	// Read reads posts of a channel. What the network does not tell of yet is left out.
	Read(ctx context.Context, channel int64, refs []platform.Ref) (map[string]platform.Shown, error)
}

// How is how posts of a channel are read back.
type How struct {
	Cost     int64                                                   // of one post, in millionths of a US dollar
	Expected func(content platform.Content, part int) platform.Shown // how the network shows a part when it changes nothing; nil where no post can be read
}

// What can become of a readback. They are stored.
const (
	Waiting = "waiting"
	Same    = "same"    // as approved
	Changed = "changed" // the network shows it otherwise
	Gone    = "gone"    // the network says that it is not there
	Cannot  = "cannot"  // it could not be read
)

const (
	batch    = 400              // copies taken at once
	parallel = 8                // channels asked at the same time by one replica
	patience = 20 * time.Second // that a network has to answer
	writing  = 20 * time.Second // to write what it said, shutdown or not
	lease    = patience + writing + 20*time.Second

	retry    = 30 * time.Second // before the second try; each one after waits twice as long
	maxTries = 6                // within a quarter of an hour
	twice    = time.Minute      // before a network that does not have it is asked again, as answers may lag behind
	lately   = 24 * time.Hour   // what went out longer ago is left alone
)

// Wait is how long after its publication a copy is read, in real time: servers prepare pictures and links for a while.
const Wait = 30 * time.Second

// Did says what a [Run] did, in copies.
type Did struct {
	Same, Changed, Gone, Cannot int
}

const sqlEnrol = `
INSERT INTO readbacks (delivery_id, part, channel_id, next_at)
SELECT c.delivery_id, c.part, c.channel_id, clock_timestamp() + $2 * interval '1 millisecond'
FROM copies c
WHERE c.published_at > $1
  AND c.removed_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM readbacks r WHERE r.delivery_id = c.delivery_id AND r.part = c.part)
ON CONFLICT DO NOTHING`

// chosen is one copy that a worker took.
type chosen struct {
	Delivery int64     `db:"delivery_id"`
	Part     int       `db:"part"`
	Channel  int64     `db:"channel_id"`
	Tries    int       `db:"tries"` // this one counted
	Absent   int       `db:"absent"`
	NextAt   time.Time `db:"next_at"` // says that the row is ours: who takes it later has another
	Removed  bool      `db:"removed"` // taken down, or about to be
	ID       string    `db:"remote_id"`
	URI      string    `db:"uri"`
	Body     []byte    `db:"body"` // of the release
	Fallback bool      `db:"fallback"`

	Post     int64  `db:"post_id"`
	Message  string `db:"message"`
	Name     string `db:"name"` // of the channel
	Platform string `db:"platform"`
}

// Rows of one channel are taken together, so that they are read in one call.
const sqlTake = `
WITH taken AS MATERIALIZED (
  SELECT delivery_id, part
  FROM readbacks
  WHERE state = 'waiting'
    AND next_at <= clock_timestamp()
  ORDER BY channel_id, next_at
  LIMIT $1
  FOR UPDATE SKIP LOCKED
),
moved AS (
  UPDATE readbacks r
  SET next_at = clock_timestamp() + $2 * interval '1 millisecond', tries = r.tries + 1
  FROM taken
  WHERE r.delivery_id = taken.delivery_id
    AND r.part = taken.part
  RETURNING r.delivery_id, r.part, r.channel_id, r.tries, r.absent, r.next_at
)
SELECT m.delivery_id, m.part, m.channel_id, m.tries, m.absent, m.next_at, c.remote_id, c.uri, l.body, d.post_id, p.message, h.name, h.platform,
  c.removed_at IS NOT NULL OR EXISTS (SELECT 1 FROM takedown_copies t WHERE t.delivery_id = m.delivery_id AND t.part = m.part) AS removed,
  EXISTS (
    SELECT 1
    FROM attempts a
    WHERE a.delivery_id = m.delivery_id
      AND a.part = m.part
      AND (a.outcome = 'published' OR a.finding IN ('found', 'person'))
      AND a.fallback
  ) AS fallback
FROM moved m
JOIN copies c ON c.delivery_id = m.delivery_id AND c.part = m.part
JOIN deliveries d ON d.id = m.delivery_id
JOIN posts p ON p.id = d.post_id
JOIN channels h ON h.id = m.channel_id
JOIN releases l ON l.id = coalesce(c.release_id, d.release_id)
ORDER BY m.channel_id`

// Options are what reading back needs.
type Options struct {
	DB       *postgres.DB
	Networks Networks
	Now      func() time.Time // product time
	Rate     float64          // product seconds in a real one
	Wait     time.Duration    // [Wait], unless a test says otherwise
}

// Run reads back what is due for it, until nothing is. A network that does not answer is no error; the copy is tried again later.
func Run(ctx context.Context, o Options) (Did, error) {
	var total Did
	since := o.Now().Add(-lately - time.Duration(o.Rate*float64(time.Minute)))
	if _, err := o.DB.ExecContext(ctx, sqlEnrol, since, o.Wait.Milliseconds()); err != nil {
		return total, fmt.Errorf("look for what went out: %w", err)
	}
	for {
		var list []chosen
		if err := o.DB.SelectContext(ctx, &list, sqlTake, batch, lease.Milliseconds()); err != nil {
			return total, fmt.Errorf("look for what is to be read back: %w", err)
		}
		if len(list) == 0 {
			return total, nil
		}
		results := make([]result, len(list))
		var group errgroup.Group
		group.SetLimit(parallel)
		for from, to := 0, 0; from < len(list); from = to {
			for to = from; to < len(list) && list[to].Channel == list[from].Channel; to++ {
			}
			here, out := list[from:to], results[from:to]
			group.Go(func() error {
				if err := read(ctx, o, here, out); err != nil || ctx.Err() != nil {
					return errors.Join(err, ctx.Err()) // whoever runs next tries it again when the lease ends
				}
				late, cancel := context.WithTimeout(context.WithoutCancel(ctx), writing)
				defer cancel()
				return write(late, o, here, out)
			})
		}
		err := group.Wait()
		for _, r := range results {
			total.count(r.state)
		}
		if err != nil {
			return total, err
		}
	}
}

func (d *Did) count(state string) {
	switch state {
	case Same:
		d.Same++
	case Changed:
		d.Changed++
	case Gone:
		d.Gone++
	case Cannot:
		d.Cannot++
	}
}

// result is what became of a try. Waiting is tried again.
type result struct {
	state       string
	differences []Difference
	problem     string
	absent      int
	again       time.Duration
	cost        int64
}

const sqlLeft = `
SELECT budget, spent(id, $2) AS spent
FROM channels
WHERE id = $1`

// read reads the copies of one channel and compares them. Where it costs, it is done only for a channel that has a budget with room for
// it: nobody asked for an expense that is not needed to publish.
func read(ctx context.Context, o Options, list []chosen, out []result) error {
	channel := list[0].Channel
	all := func(r result) error {
		for i, c := range list {
			if out[i] = r; c.Tries >= maxTries && r.state == Waiting {
				out[i].state = Cannot
			}
		}
		return nil
	}
	how, err := o.Networks.Reads(ctx, channel)
	if err != nil {
		return all(result{state: Waiting, problem: say(err), again: retry << (min(list[0].Tries, maxTries) - 1)})
	}
	if how.Expected == nil {
		return all(result{state: Cannot, problem: "Posts on this network cannot be read back."})
	}
	if how.Cost > 0 {
		var money struct {
			Budget *int64 `db:"budget"`
			Spent  int64  `db:"spent"`
		}
		if err := o.DB.GetContext(ctx, &money, sqlLeft, channel, o.Now()); err != nil {
			return fmt.Errorf("read what channel %d may spend: %w", channel, err)
		}
		if money.Budget == nil {
			return all(result{state: Cannot, problem: fmt.Sprintf("This network charges %s for reading a post back. It is done for accounts that have a budget.", platform.Money(how.Cost))})
		}
		if money.Spent+how.Cost*int64(len(list)) > *money.Budget {
			return all(result{state: Cannot, problem: "The account's budget of this month has no room for reading posts back."})
		}
	}
	refs := make([]platform.Ref, len(list))
	for i, c := range list {
		refs[i] = platform.Ref{ID: c.ID, URI: c.URI}
	}
	call, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	shown, err := o.Networks.Read(call, channel, refs)
	for i, c := range list {
		got, told := shown[c.ID]
		if !told {
			out[i] = untold(c, err, o.Now())
			continue
		}
		out[i] = compare(how, c, got)
		out[i].cost = how.Cost
	}
	return nil
}

// untold is the result for a copy of which the network said nothing.
func untold(c chosen, cause error, now time.Time) result {
	r := result{state: Waiting, problem: "The network does not show it yet.", absent: c.Absent, again: retry << (min(c.Tries, maxTries) - 1)}
	if cause != nil {
		r.problem = say(cause)
	}
	if limited, ok := errors.AsType[*platform.RateLimited](cause); ok {
		r.again = max(r.again, min(limited.Until.Sub(now), time.Hour))
	}
	if c.Tries >= maxTries {
		r.state = Cannot
	}
	return r
}

func say(err error) string {
	if said := platform.Say(err); said != "" {
		return said
	}
	return "The network gave no clear answer."
}

// compare holds what a network shows against the release.
func compare(how How, c chosen, got platform.Shown) result {
	if got.Gone {
		r := result{state: Gone, absent: c.Absent + 1}
		if r.absent < 2 {
			r.state, r.again, r.problem = Waiting, twice, "The network says that it is not there."
		}
		return r
	}
	final, err := post.ReadFinal(c.Body)
	content := approved(final, c.Fallback)
	if err != nil || c.Part > len(content.Parts) {
		return result{state: Cannot, problem: "Daymark cannot read what was approved of this part."}
	}
	if list := Compare(how.Expected(content, c.Part-1), got); len(list) > 0 {
		return result{state: Changed, differences: list}
	}
	return result{state: Same}
}

// approved is a release as its network's connector takes it, without the bytes of pictures.
func approved(f post.Final, fallback bool) platform.Content {
	if fallback {
		f.Parts = f.Without
	}
	content := platform.Content{ContentNote: f.ContentNote, Sensitive: f.Sensitive, Language: f.Language, Visibility: f.Visibility}
	for _, part := range f.Parts {
		made := platform.Part{Text: part.Text}
		for _, picture := range part.Pictures {
			made.Pictures = append(made.Pictures, platform.Picture{SHA256: picture.SHA256, Alt: picture.Alt})
		}
		content.Parts = append(content.Parts, made)
	}
	return content
}

// encode writes differences for the database.
func encode(list []Difference) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}
