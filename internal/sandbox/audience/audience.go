// Package audience is the crowd that reacts to statuses on a sandbox server.
//
// Its reactions are a pure function of a seed, the status and the instant: no timer runs, nothing is stored, and the same
// question always has the same answer. Numbers only grow. It models no person and proves nothing about a real audience; it
// makes counts that rise quickly in the first hours and slowly for some days, as counts on a network do.
package audience

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"
)

// Crowd says who listens. The zero Crowd is quiet: nobody ever reacts.
type Crowd struct {
	Seed      uint64  // another seed, another crowd
	Followers int     // how many people read the account
	Share     float64 // the part of the followers that a status reaches, for its visibility: 1 for a public one
}

// Counts are the reactions to one status at one instant.
type Counts struct {
	Favourites int `json:"favourites"`
	Reblogs    int `json:"reblogs"`
	Replies    int `json:"replies"`
}

// Plus returns the sum of two counts.
func (c Counts) Plus(d Counts) Counts {
	return Counts{c.Favourites + d.Favourites, c.Reblogs + d.Reblogs, c.Replies + d.Replies}
}

// Of each hundred followers about this many react in the end, and half of those have done so after this time. The figures
// are ours, chosen to look plausible on a small charity's page.
const (
	favouriteRate = 0.030
	reblogRate    = 0.012
	replyRate     = 0.004

	favouriteHalf = 100 * time.Minute
	reblogHalf    = 150 * time.Minute
	replyHalf     = 4 * time.Hour
)

// At returns the reactions that a status made at an instant has gathered by now.
func (c Crowd) At(status string, made, now time.Time) Counts {
	if c.Followers <= 0 || c.Share <= 0 || !now.After(made) {
		return Counts{}
	}
	age := now.Sub(made)
	mood := 0.4 + 1.4*c.draw(status, "mood") // some statuses are simply liked better
	reach := float64(c.Followers) * c.Share * mood
	return Counts{
		Favourites: c.count(status, "favourite", reach*favouriteRate, age, favouriteHalf),
		Reblogs:    c.count(status, "reblog", reach*reblogRate, age, reblogHalf),
		Replies:    c.count(status, "reply", reach*replyRate, age, replyHalf),
	}
}

// count returns how many of the eventual reactions of one kind have come at an age.
func (c Crowd) count(status, kind string, eventual float64, age, half time.Duration) int {
	total := math.Floor(eventual*(0.7+0.6*c.draw(status, kind)) + c.draw(status, kind+" rounding"))
	halves := float64(age) / (float64(half) * (0.7 + 0.6*c.draw(status, kind+" pace")))
	// A stretched curve: quick at first, with a tail of days; it never falls.
	come := 1 - math.Exp2(-math.Pow(halves, 0.7))
	return int(math.Floor(total*come + 0.02))
}

// draw returns a number in [0, 1) that belongs to the seed, the status and a name.
func (c Crowd) draw(status, name string) float64 {
	sum := sha256.Sum256([]byte(status + "\x00" + name))
	mixed := binary.BigEndian.Uint64(sum[:8]) ^ (c.Seed * 0x9E3779B97F4A7C15)
	again := sha256.Sum256(binary.BigEndian.AppendUint64(nil, mixed))
	return float64(binary.BigEndian.Uint64(again[:8])>>11) / (1 << 53)
}
