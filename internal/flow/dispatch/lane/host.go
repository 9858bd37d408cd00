package lane

import "time"

// firstWindow is how many calls go to a server of which nothing is known; each answer allows one more, as long as that makes more calls
// come back and not only more of them wait.
const firstWindow = 64

// tripping is how many calls in a row have to fail for want of a connection before only one at a time probes the server.
const tripping = 5

// Told is what the end of a call tells about the server.
type Told int

// What a call can tell.
const (
	Nothing  Told = iota // no call was made
	Answered             // the server answered, whatever it said
	Silent               // it could not be reached, or did not answer in time
)

// host is a server with how much of it is in hand.
type host[T any] struct {
	name   string
	hand   int     // deliveries in hand
	calls  int     // calls on their way
	window int     // how many may be
	swift  float64 // how long an answer takes when nothing waits; 0 before the first
	failed int     // calls in a row that came to nothing
	full   bool    // the window was used up: it is filled again when there is room for many
	line   []*channel[T]
}

// many is how many calls a server that is fully used is given at a time: what goes together is written down together, and a group
// of a few costs the database nearly as much as a group of many.
const many = 64

// room reports whether another call may go.
func (h *host[T]) room() bool {
	if h.trips() {
		return h.calls == 0
	}
	h.full = h.calls >= h.window || h.full && h.calls > h.window-min(many, h.window*3/8)
	return !h.full
}

// begin counts a call as on its way. The last that there is room for makes the server full.
func (h *host[T]) begin() {
	h.calls++
	h.full = h.full || h.calls >= h.window
}

// trips reports whether the server is taken for gone: then one call at a time finds out whether it is back.
func (h *host[T]) trips() bool { return h.failed >= tripping }

// learn opens the window with an answer and closes it by half when one does not come.
func (h *host[T]) learn(told Told, took time.Duration, most int) {
	switch told {
	case Answered:
		if h.trips() {
			h.window = min(firstWindow, most)
		}
		h.failed = 0
		h.window = min(h.window+h.step(took.Seconds()), most)
	case Silent:
		h.failed++
		h.window = max(h.window/2, 1)
	case Nothing:
	}
}

const (
	// fewWait and manyWait are how many of the calls on their way may wait, at the server or here for a processor, before the window
	// stays as it is and before it closes again.
	fewWait, manyWait = 96, 160
	// forgetting is the part by which each answer corrects what an answer takes when nothing waits: a server that became slower for
	// good is not taken for crowded for ever.
	forgetting = 1.0 / (1 << 14)
)

// step is by how much an answer opens the window. Of the calls that are on their way, the part by which answers take longer than when
// nothing waits is waiting: more of them would bring nothing but a longer wait between the note in the database and the call. So does TCP
// Vegas (Brakmo and Peterson, IEEE Journal on Selected Areas in Communications 13 (8), 1995).
func (h *host[T]) step(took float64) int {
	if took <= 0 {
		return 1
	}
	if h.swift == 0 || took < h.swift {
		h.swift = took
	}
	waiting := float64(h.window) * (1 - h.swift/took)
	h.swift += (took - h.swift) * forgetting
	switch {
	case waiting < fewWait || h.window < firstWindow:
		return 1
	case waiting > manyWait:
		return -1
	}
	return 0
}
