// Package lane decides which of the deliveries that are ready goes next: one call at a time to each channel, in order; not more to
// a server than it answers; and nobody waits for a server that hangs.
//
// A [Board] is memory of one process and a hint, as far as servers are concerned. It calls nobody, reads no clock, and knows
// neither the database nor what a delivery says.
package lane

import (
	"cmp"
	"container/heap"
	"slices"
	"sync"
	"time"
)

// Limits are how much may be on its way or in hand at a time.
type Limits struct {
	Calls    int // on their way, in all
	PerHost  int // on their way to one server
	Lane     int // in hand of one channel
	HostHand int // in hand of one server
}

// Entry is a delivery that is ready to go.
type Entry[T any] struct {
	ID      int64
	Channel int64
	At      time.Time     // when it goes
	Spacing time.Duration // between the beginnings of two calls to the channel
	Begun   time.Time     // when the latest call to the channel began, as far as it is known; may be zero
	Value   T
}

// Board holds what is ready. It is safe for concurrent use.
type Board[T any] struct {
	limits Limits

	mu    sync.Mutex
	lanes map[int64]*channel[T]
	hosts map[string]*host[T]
	order order[T] // lanes that are free and have something waiting
	calls int
	ready int // entries that wait, in all
}

// channel is the lane of one channel.
type channel[T any] struct {
	id    int64
	host  *host[T]
	hand  int     // in hand, from the claim on
	due   []place // what is in hand and not ready yet, in order: what comes after it waits for it
	queue []Entry[T]
	busy  bool
	begun time.Time
	place int  // in the order; -1 outside
	lined bool // stands in line for its server
}

// place is the place of a delivery in the order of its channel.
type place struct {
	at time.Time
	id int64
}

func (p place) compare(q place) int { return cmp.Or(p.at.Compare(q.at), cmp.Compare(p.id, q.id)) }

// New returns an empty board.
func New[T any](limits Limits) *Board[T] {
	return &Board[T]{limits: limits, lanes: map[int64]*channel[T]{}, hosts: map[string]*host[T]{}}
}

func (b *Board[T]) lane(id int64) *channel[T] {
	l, ok := b.lanes[id]
	if !ok {
		l = &channel[T]{id: id, place: -1}
		b.lanes[id] = l
	}
	return l
}

// Hold counts a delivery of a channel as in hand. Nothing that comes after it goes before it, until it is dropped.
func (b *Board[T]) Hold(channel, id int64, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lane(channel)
	l.hand++
	if l.host != nil {
		l.host.hand++
	}
	p := place{at, id}
	i, _ := slices.BinarySearchFunc(l.due, p, place.compare)
	l.due = slices.Insert(l.due, i, p)
	b.enlist(l)
}

// arrived takes a delivery off those that others wait for.
func (l *channel[T]) arrived(id int64) {
	if i := slices.IndexFunc(l.due, func(p place) bool { return p.id == id }); i >= 0 {
		l.due = slices.Delete(l.due, i, i+1)
	}
}

// At says which server a channel's calls go to. It is said once at least before anything of the channel is added.
func (b *Board[T]) At(channel int64, server string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lane(channel)
	if l.host != nil {
		return // a channel stays where it is
	}
	h, ok := b.hosts[server]
	if !ok {
		h = &host[T]{name: server, window: min(firstWindow, b.limits.PerHost)}
		b.hosts[server] = h
	}
	l.host = h
	h.hand += l.hand
}

// Drop counts a delivery of a channel as no longer in hand.
func (b *Board[T]) Drop(channel, id int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lane(channel)
	l.hand--
	if l.host != nil {
		l.host.hand--
	}
	l.arrived(id)
	b.enlist(l)
	b.forget(l)
}

// forget forgets an empty lane, unless its next call has to keep a distance.
func (b *Board[T]) forget(l *channel[T]) {
	if l.hand <= 0 && !l.busy && len(l.queue) == 0 && l.begun.IsZero() {
		delete(b.lanes, l.id)
	}
}

// Add puts a delivery on the board.
func (b *Board[T]) Add(e Entry[T]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lane(e.Channel)
	i, _ := slices.BinarySearchFunc(l.queue, e, func(a, b Entry[T]) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	l.queue = slices.Insert(l.queue, i, e)
	l.arrived(e.ID)
	b.ready++
	if e.Begun.After(l.begun) {
		l.begun = e.Begun
	}
	b.enlist(l)
}

// enlist gives a lane its place in the order, when it has something to go and is free.
func (b *Board[T]) enlist(l *channel[T]) {
	switch waits := len(l.queue) > 0 && len(l.due) > 0 && l.due[0].compare(place{l.queue[0].At, l.queue[0].ID}) < 0; {
	case waits && l.place >= 0:
		heap.Remove(&b.order, l.place)
	case l.busy || len(l.queue) == 0 || l.lined || waits:
	case l.place >= 0:
		heap.Fix(&b.order, l.place)
	default:
		heap.Push(&b.order, l)
	}
}

// when is when the first of a lane may go.
func (l *channel[T]) when() time.Time {
	first := l.queue[0]
	if next := l.begun.Add(first.Spacing); first.Spacing > 0 && next.After(first.At) {
		return next
	}
	return first.At
}

// Take returns up to n deliveries that may go by an instant and counts them as on their way, each until [Board.Free]. Where there is
// none, next is when one comes up; it is zero when none does before another call is over.
func (b *Board[T]) Take(by time.Time, n int) (taken []Entry[T], next time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(taken) < n && len(b.order) > 0 && b.calls < b.limits.Calls {
		l := b.order[0]
		if at := l.when(); at.After(by) {
			return taken, at
		}
		heap.Pop(&b.order)
		if l.host != nil && !l.host.room() {
			l.host.line, l.lined = append(l.host.line, l), true
			continue
		}
		e := l.queue[0]
		l.queue = slices.Delete(l.queue, 0, 1)
		b.ready--
		l.busy = true
		if e.Spacing > 0 {
			l.begun = by
		}
		b.calls++
		if l.host != nil {
			l.host.begin()
		}
		taken = append(taken, e)
	}
	return taken, time.Time{}
}

// Free says that a call to a channel is over, what it tells about the server, and how long its answer took.
func (b *Board[T]) Free(channel int64, told Told, took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lane(channel)
	l.busy = false
	b.calls--
	if h := l.host; h != nil {
		h.calls--
		h.learn(told, took, b.limits.PerHost)
		for n := h.window - h.calls; n > 0 && h.room() && len(h.line) > 0; n-- {
			first := h.line[0]
			h.line, first.lined = slices.Delete(h.line, 0, 1), false
			b.enlist(first)
		}
	}
	b.enlist(l)
	b.forget(l)
}

// Clear takes off the board what waits and should have gone by an instant: of one channel, or of any with 0.
func (b *Board[T]) Clear(only int64, by time.Time) []Entry[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	var gone []Entry[T]
	for id, l := range b.lanes {
		if only != 0 && id != only || len(l.queue) == 0 || l.queue[0].At.After(by) {
			continue
		}
		if l.place >= 0 {
			heap.Remove(&b.order, l.place)
		}
		n := slices.IndexFunc(l.queue, func(e Entry[T]) bool { return e.At.After(by) })
		if n < 0 {
			n = len(l.queue)
		}
		gone = append(gone, l.queue[:n]...)
		l.queue = slices.Clone(l.queue[n:])
		b.ready -= n
		if len(l.queue) > 0 {
			b.enlist(l)
			continue
		}
		if l.lined {
			l.host.line, l.lined = slices.DeleteFunc(l.host.line, func(o *channel[T]) bool { return o == l }), false
		}
	}
	return gone
}

// Ready is how many deliveries wait on the board.
func (b *Board[T]) Ready() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready
}

// Full lists the channels and the servers of which so much is in hand that no more is to be claimed.
func (b *Board[T]) Full() (channels []int64, servers []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	channels, servers = []int64{}, []string{}
	for id, l := range b.lanes {
		if l.hand >= b.limits.Lane {
			channels = append(channels, id)
		}
	}
	for name, h := range b.hosts {
		if h.hand >= b.limits.HostHand || h.hand > 0 && h.trips() {
			servers = append(servers, name)
		}
	}
	return channels, servers
}

// order is a heap of lanes, the one whose turn comes first at its head.
type order[T any] []*channel[T]

func (o order[T]) Len() int { return len(o) }

func (o order[T]) Less(i, j int) bool {
	return cmp.Or(o[i].when().Compare(o[j].when()), cmp.Compare(o[i].queue[0].ID, o[j].queue[0].ID)) < 0
}

func (o order[T]) Swap(i, j int) {
	o[i], o[j] = o[j], o[i]
	o[i].place, o[j].place = i, j
}

// Push is for container/heap.
func (o *order[T]) Push(x any) {
	l := x.(*channel[T]) //nolint:forcetypeassert // the heap holds nothing else
	l.place = len(*o)
	*o = append(*o, l)
}

// Pop is for container/heap.
func (o *order[T]) Pop() any {
	old := *o
	l := old[len(old)-1]
	*o = old[:len(old)-1]
	l.place = -1
	return l
}
