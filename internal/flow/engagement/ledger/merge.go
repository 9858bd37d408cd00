// Package ledger keeps what networks and people say about posts: the newest counts, a row for each change, what looked odd, and the gains
// that follow for internal/flow/engagement/rollup, all in the transaction of whoever calls.
//
// Counts are kept as they are told. What cannot be, or looks wrong, is written down beside them and breaks no total; what a person
// entered holds against what the network says later. The package asks no network and decides nothing about when to ask.
package ledger

import (
	"math"
	"time"

	"daymark/internal/flow/engagement/rollup"
)

// Answer is what a network said about a delivery. A figure that cannot be is nil in Figures and stands in Impossible as it was seen.
type Answer struct {
	Delivery   int64
	Figures    rollup.Figures
	Impossible rollup.Figures
	Gone       bool
}

// Possible reports whether a figure can be: not below zero, and not above what a column holds.
func Possible(n int64) bool { return n >= 0 && n <= math.MaxInt32 }

// Why an answer looked odd. The kinds are stored in count_oddities.
const (
	Fell       = "fell"       // a figure is lower than it was: people take a favourite back, networks remove false accounts
	Jumped     = "jumped"     // a figure is far higher than it was, see [jump]
	Impossible = "impossible" // below zero, or above what can be kept: what was known before stays
	Silent     = "silent"     // the network told a figure before and does not any more
	Gone       = "gone"       // the network says that the post is not there
	Back       = "back"       // it is there again
	Clock      = "clock"      // what is kept is from later than now: a clock was ahead
)

// A figure has jumped when it grew by at least jumpBy, to more than jumpTimes what it was; below jumpBase it counts as jumpBase. The
// first answer about a post cannot jump. These are our own numbers: a post that does well gains tens of times what it had within an
// hour, and nearly never hundreds of favourites on top of fifty between two questions by as many times.
const (
	jumpBy    = 1000
	jumpTimes = 20
	jumpBase  = 50
)

func jump(was, is int64) bool { return is-was >= jumpBy && is > jumpTimes*max(was, jumpBase) }

// oddity is one thing that looked odd.
type oddity struct {
	kind, figure string
	was, told    *int64
}

// state is a row of latest_counts.
type state struct {
	takenAt, changedAt time.Time
	figures            rollup.Figures
	gone               bool
	held               int             // bits of the figures that a person entered
	told               *rollup.Figures // what the network said last, while some are held
}

func (s state) holds(figure int) bool { return s.held&(1<<figure) != 0 }

// entry is what an answer makes of a row.
type entry struct {
	delivery int64
	was, is  state
	row      bool // a snapshot is written: a figure in force, or the mark of what is gone, has changed
	moved    bool // more than the time of the answer has changed
	odd      []oddity
}

func (e entry) gain() rollup.Figures { return rollup.Gain(e.was.figures, e.is.figures) }

// merge holds an answer that came at an instant against what is kept. known says that something is kept at all. An answer that is not
// newer is dropped, and false returned, when it can have been overtaken by another within slack; beyond that a clock was ahead, and the
// answer counts from just after what is kept.
func merge(was state, known bool, a Answer, at time.Time, slack time.Duration) (entry, bool) {
	e := entry{delivery: a.Delivery, was: was, is: was}
	if known && !at.After(was.takenAt) {
		if was.takenAt.Sub(at) <= slack {
			return entry{}, false
		}
		at = was.takenAt.Add(time.Microsecond)
		e.odd = append(e.odd, oddity{kind: Clock})
	}
	e.is.takenAt, e.is.gone = at, a.Gone
	switch {
	case a.Gone && !was.gone:
		e.odd = append(e.odd, oddity{kind: Gone})
	case was.gone && !a.Gone:
		e.odd = append(e.odd, oddity{kind: Back})
	}
	if !a.Gone { // what is gone keeps the counts that it was last seen with
		e.hear(a, known)
	}
	e.row = !known || e.is.gone != was.gone || !e.is.figures.Equal(was.figures)
	e.moved = e.row || (e.is.told != nil && (was.told == nil || !e.is.told.Equal(*was.told)))
	if e.row {
		e.is.changedAt = at
	}
	return e, true
}

// hear takes the figures of an answer: those that no person holds are in force.
func (e *entry) hear(a Answer, known bool) {
	before := e.was.figures // by the network's word
	if e.was.told != nil {
		before = *e.was.told
	}
	said := a.Figures
	for i, name := range rollup.Names {
		was, told := before[i], said[i]
		switch {
		case a.Impossible[i] != nil:
			e.odd = append(e.odd, oddity{Impossible, name, was, a.Impossible[i]})
			said[i] = was
		case was == nil:
		case told == nil:
			e.odd = append(e.odd, oddity{Silent, name, was, nil})
		case *told < *was:
			e.odd = append(e.odd, oddity{Fell, name, was, told})
		case known && jump(*was, *told):
			e.odd = append(e.odd, oddity{Jumped, name, was, told})
		}
		if !e.was.holds(i) {
			e.is.figures[i] = said[i]
		}
	}
	if e.is.held != 0 {
		e.is.told = &said
	}
}
