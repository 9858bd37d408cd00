// Package ready makes a claimed delivery ready to be sent: its pictures are at the network, and the request that will be written down
// is frozen.
//
// All of it is harmless and may be repeated. The package claims nothing, writes nothing down and publishes nothing.
package ready

import (
	"context"
	"errors"
	"sync"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// preparing is how many uploads to one server go on at the same time.
const preparing = 32

// Item is a delivery that is ready, with what is written down before its next part is sent.
type Item struct {
	*attempt.Ready
	Request []byte
	Cost    int64
	Alone   bool // its network cannot be asked: it is written down by itself, at the last moment
}

// Networks prepares posts.
type Networks interface {
	Prepare(ctx context.Context, channel int64, content platform.Content, part int, prev platform.Handles) (platform.Handles, error)
	// Keyed reports whether the channel's connector keeps the post's key in the handles, see [platform.Keyed].
	Keyed(ctx context.Context, channel int64) (bool, error)
	// Cost is what the channel's network charges for a part, in millionths of a US dollar; most charge nothing.
	Cost(ctx context.Context, channel int64, content platform.Content, part int) (int64, error)
}

// Askable is met by [Networks] that can tell whether a channel's network can be asked for a post whose answer was lost. Where it
// cannot, attempts are written down one by one, immediately before the call. Without it every network can.
type Askable interface {
	Askable(ctx context.Context, channel int64) (bool, error)
}

// Maker makes deliveries ready. It remembers what failed tries left at the networks.
type Maker struct {
	DB       *postgres.DB
	Networks Networks
	Timeout  time.Duration // how long one call may take

	mu      sync.Mutex
	gates   map[string]chan struct{}     // by server: who prepares there
	uploads map[uploads]platform.Handles // what failed tries left at the network
}

// Unread is a failure of ours, not the network's.
type Unread struct {
	Say string
	Err error
}

// Error returns the cause.
func (u *Unread) Error() string { return u.Err.Error() }

// Make reads the pictures, prepares the parts that are not out, and freezes the request.
func (m *Maker) Make(ctx context.Context, r *attempt.Ready) (*Item, error) {
	done, err := m.admit(ctx, r.Host)
	if err != nil {
		return nil, &Unread{"", err}
	}
	defer done()
	const unread = "Daymark could not read this post."
	at := r.Content.At
	if r.Content, err = book.Content(ctx, m.DB, r.Final); err != nil {
		return nil, &Unread{unread, err}
	}
	r.Content.At, r.Final = at, post.Final{}
	if lost := r.Past[r.Next()].Handles; lost != "" {
		keyed, err := m.Networks.Keyed(ctx, r.Channel)
		if err != nil {
			return nil, &Unread{unread, err}
		}
		if keyed {
			r.Handles = platform.Handles(lost)
		}
	}
	if err := m.prepare(ctx, r); err != nil {
		return nil, err
	}
	for _, part := range r.Content.Parts {
		for i := range part.Pictures {
			part.Pictures[i].Bytes = nil // at the network now
		}
	}
	it := &Item{Ready: r}
	if asked, ok := m.Networks.(Askable); ok {
		can, err := asked.Askable(ctx, r.Channel)
		if err != nil {
			return nil, &Unread{unread, err}
		}
		it.Alone = !can
	}
	if err := m.Freeze(ctx, it); err != nil {
		return nil, &Unread{"Daymark's database did not take the note that comes before sending.", err}
	}
	return it, nil
}

// Freeze makes what is written down before the next part is sent.
func (m *Maker) Freeze(ctx context.Context, it *Item) (err error) {
	if it.Request, err = attempt.Freeze(it.Content, it.Sum); err != nil {
		return err
	}
	it.Cost, err = m.Networks.Cost(ctx, it.Channel, it.Content, it.Next())
	return err
}

// admit waits until a server may be given another upload.
func (m *Maker) admit(ctx context.Context, host string) (done func(), err error) {
	m.mu.Lock()
	gate, ok := m.gates[host]
	if !ok {
		if m.gates == nil {
			m.gates = map[string]chan struct{}{}
		}
		gate = make(chan struct{}, preparing)
		m.gates[host] = gate
	}
	m.mu.Unlock()
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// uploads names what a release left at its network: the two texts of a release may differ in what was made of them.
type uploads struct {
	release  int64
	fallback bool
}

// prepare uploads what the parts that are not out yet need. It is harmless and may be repeated; uploads of an earlier try are
// used again.
func (m *Maker) prepare(ctx context.Context, r *attempt.Ready) error {
	m.mu.Lock()
	if prev, ok := m.uploads[uploads{r.Release, r.Fallback}]; ok && r.Handles == nil {
		r.Handles = prev
	}
	m.mu.Unlock()
	for part := r.Next(); part < len(r.Content.Parts); part++ {
		if err := m.preparePart(ctx, r, part); err != nil {
			m.Remember(r, err)
			return err
		}
	}
	return nil
}

func (m *Maker) preparePart(ctx context.Context, r *attempt.Ready, part int) error {
	call, cancel := context.WithTimeout(ctx, m.Timeout)
	defer cancel()
	handles, err := m.Networks.Prepare(call, r.Channel, r.Content, part, r.Handles)
	r.Handles = handles
	return err
}

// Remember keeps the uploads of a release for its next try, and forgets them when there is none that could use them.
func (m *Maker) Remember(r *attempt.Ready, cause error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	again, _ := errors.AsType[*platform.Transient](cause)
	kind := platform.Outcome(cause)
	if kind == platform.KindRateLimited || kind == platform.KindTransient && (again == nil || !again.PrepareAgain) {
		if m.uploads == nil {
			m.uploads = map[uploads]platform.Handles{}
		}
		m.uploads[uploads{r.Release, r.Fallback}] = r.Handles
		return
	}
	delete(m.uploads, uploads{r.Release, r.Fallback})
}
