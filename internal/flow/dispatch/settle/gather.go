package settle

import (
	"context"
	"sync"
	"time"

	"daymark/internal/flow/dispatch/attempt"
)

const (
	// together is how many deliveries are settled in one statement at most, and how many that wait make a second writer worth while.
	together = 256
	// writers is how many groups are written at the same time at most.
	writers = 2
	// moment is how long a group gathers while there is much to do, and much is how many in a group are a sign of that.
	moment = 50 * time.Millisecond
	much   = 16
	// groupTime is how long a group may take before each of it is tried by itself.
	groupTime = 20 * time.Second
)

// Gatherer settles what networks took in groups: while one group is written, the next gathers.
type Gatherer struct {
	Settler *Settler
	Go      func(work func())     // starts a goroutine that is waited for
	Over    func(row attempt.Row) // is told of each that is settled, or was given up

	mu      sync.Mutex
	waiting []Done
	busy    int // writers at work
}

// Add settles a delivery soon.
func (g *Gatherer) Add(ctx context.Context, done Done) {
	g.mu.Lock()
	g.waiting = append(g.waiting, done)
	start := g.busy == 0 || g.busy < writers && len(g.waiting) >= together
	if start {
		g.busy++
	}
	g.mu.Unlock()
	if start {
		g.Go(func() { g.write(ctx) })
	}
}

// write settles what was gathered until there is nothing left.
func (g *Gatherer) write(ctx context.Context) {
	var group []Done
	defer func() {
		for _, d := range group { // this goroutine was broken off
			g.Over(d.Try.Row)
		}
		g.mu.Lock()
		again := len(g.waiting) > 0 && g.busy == 1
		if !again {
			g.busy--
		}
		g.mu.Unlock()
		if again {
			g.Go(func() { g.write(ctx) })
		}
	}()
	n := 0
	for {
		g.gather(ctx, n)
		g.mu.Lock()
		n = min(len(g.waiting), together)
		group, g.waiting = g.waiting[:n:n], g.waiting[n:]
		g.mu.Unlock()
		if n == 0 {
			return
		}
		g.settle(ctx, group)
		for len(group) > 0 {
			g.Settler.Point("after settle")
			g.Over(group[0].Try.Row)
			group = group[1:]
		}
	}
}

// gather waits a moment for more where there was much last time. What waits is out already; only its settling comes a little later.
func (g *Gatherer) gather(ctx context.Context, last int) {
	for wait := moment; last >= much && wait > 0 && ctx.Err() == nil; wait -= moment / 4 {
		g.mu.Lock()
		n := len(g.waiting)
		g.mu.Unlock()
		if n >= together {
			return
		}
		timer := time.NewTimer(moment / 4)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// settle settles deliveries together, or each by itself where one of them does not pass.
func (g *Gatherer) settle(ctx context.Context, group []Done) {
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), groupTime)
	defer cancel()
	err := g.Settler.Group(work, group)
	if err == nil {
		return
	}
	if len(group) > 1 {
		g.Settler.Log.WarnContext(work, "deliveries are settled one by one", "count", len(group), "err", err)
	}
	for _, d := range group {
		g.Settler.Settle(ctx, d.Try, d.Receipt, nil)
	}
}
