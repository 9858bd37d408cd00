// Package attempt is one try at a delivery, with what has to be written down before a network is called: the frozen request,
// by which the post is found again, and the idempotency key, by which the network knows a repetition.
//
// It holds the nouns that the rooms of dispatch share. It reads and writes no table and calls nobody.
package attempt

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/platform"
)

// Row is a queue row that a worker holds under its lease.
type Row struct {
	Delivery  int64     `db:"delivery_id"`
	Post      int64     `db:"post_id"`
	Channel   int64     `db:"channel_id"`
	Language  string    `db:"language"`
	Release   int64     `db:"release_id"`
	Owner     string    `db:"lease_owner"` // the worker's name, a UUID
	Fence     int64     `db:"fence"`
	Tries     int       `db:"tries"`
	DueAt     time.Time `db:"due_at"`
	ReadyAt   time.Time `db:"ready_at"` // lateness counts from here
	NotAfter  time.Time `db:"not_after"`
	AttemptAt time.Time `db:"next_attempt_at"`
}

// Ready is a claimed row with all that is needed to send it.
type Ready struct {
	Row
	Sum      [32]byte // of the release as reviewers were shown it
	Final    post.Final
	Content  platform.Content
	Fallback bool           // the text without helplines: a check of one holds no longer
	Out      []platform.Ref // the parts that are out already, in order
	Handles  platform.Handles
	Past     map[int]Past // by part, from 0
	Answers  *platform.Ref
	Astray   bool // the post that it answers is not there

	Host    string        // the server that it goes to
	Spacing time.Duration // between the beginnings of two calls to the channel
	Begun   time.Time     // of the latest one
	Blocked time.Time     // the network takes no calls for the channel before this
}

// Next is the part that comes next, from 0.
func (r *Ready) Next() int { return len(r.Out) }

// Try is an attempt that is written down.
type Try struct {
	ID  int64
	Row Row
	platform.Attempt
}

// frozen is the request of an attempt as the database keeps it: all that looking for it needs later.
type frozen struct {
	Content platform.Content `json:"content"`
	Release string           `json:"release"` // the hash of the release's body
}

// Freeze returns the request of an attempt in canonical form.
func Freeze(content platform.Content, release [32]byte) ([]byte, error) {
	request, _, err := post.Canonical(frozen{Content: content, Release: fmt.Sprintf("%x", release)})
	return request, err
}

// Thaw reads the content out of a frozen request.
func Thaw(request []byte) (platform.Content, error) {
	var f frozen
	if err := json.Unmarshal(request, &f); err != nil {
		return platform.Content{}, fmt.Errorf("read the attempt's request: %w", err)
	}
	return f.Content, nil
}

// Past is what is known of the earlier tries of a part.
type Past struct {
	Tried   int
	Refused int       // the network, or we, said definitely no
	Absent  int       // the outcome was lost, and the network proved not to have the post
	First   time.Time // when the first of them began
	Handles string    // of the latest one, where its answer was lost
}

// Key is the idempotency key of the next try of a part, counted from 0. After a definite refusal it is a new one, because servers that keep keys answer
// a refused one with the refusal again. After a lost answer it stays, so that a request that is still under way somewhere
// makes no second post; but when two tries of one key came to nothing, the server may keep an error under it (Pleroma) or have
// burnt it (Pixelfed), and the third try has a new one.
func Key(delivery int64, part int, release [32]byte, past Past) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%x/%d", delivery, part+1, release, past.Refused+past.Absent/2))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20])
}

// Late is how late, in product time, a delivery still goes out by itself. A fast clock makes the same real delay longer.
func Late(c clock.Clock) time.Duration { return scaled(c, book.Grace) }

// Pause is how long, in product time, to wait after the tries that a row has had: 1 s, 2 s, 4 s and so on up to a minute, and up to a
// quarter more. How much more is drawn by the delivery's number and not by chance, so that those that failed together do not all come
// back together, and each comes back at the same time in every process.
func Pause(c clock.Clock, r Row) time.Duration {
	draw := fnv.New32a()
	_, _ = fmt.Fprintf(draw, "%d/%d", r.Delivery, r.Tries)
	pause := min(time.Minute, time.Second<<min(max(r.Tries, 0), 6))
	return scaled(c, pause+pause/4*time.Duration(draw.Sum32()%1000)/1000)
}

func scaled(c clock.Clock, d time.Duration) time.Duration {
	return time.Duration(float64(d) * c.Rate())
}
