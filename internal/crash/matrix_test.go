package crash

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/flow/dispatch"
	"daymark/internal/sandbox/mischief"
)

// The moments at which the test kills the daemon itself, beside the labelled points.
const (
	killNever    = "no kill"
	killReceived = "killed when the network has the request"
	killDone     = "killed when the network has carried it out"
	killAt       = "killed at "
)

// harm is what the network does to one publishing.
type harm struct {
	name  string
	lost  bool   // the daemon cannot know from the answer whether the post is out
	kind  string // of server, where the harm is one of certain servers
	needs string // "token" or "picture"
	plan  func(g *ground, n network) []mischief.Fault
}

// one is a harm that is the same on all networks.
func one(f mischief.Fault) func(*ground, network) []mischief.Fault {
	return func(*ground, network) []mischief.Fault { return []mischief.Fault{f} }
}

// onMastodon is a harm about keys, which a network without such keys does in another way: it fails, and fails again.
func onMastodon(f, otherwise mischief.Fault) func(*ground, network) []mischief.Fault {
	return func(_ *ground, n network) []mischief.Fault {
		if n.name == "Mastodon" || n.name == "Bluesky" {
			return []mischief.Fault{{Kind: mischief.Reject500}, f}
		}
		return []mischief.Fault{{Kind: mischief.Reject500}, otherwise}
	}
}

// harms are the faults of the contract. A limit is soon over and an answer soon there, so that the runs are short.
var harms = []harm{
	{name: "no fault", plan: func(*ground, network) []mischief.Fault { return nil }},
	{name: "commit then drop", lost: true, plan: one(mischief.Fault{Kind: mischief.CommitThenDrop})},
	{name: "commit late", lost: true, plan: func(g *ground, n network) []mischief.Fault {
		if n.askable {
			return []mischief.Fault{{Kind: mischief.CommitLate, Cut: true, After: g.find}}
		}
		return []mischief.Fault{{Kind: mischief.CommitLate, Cut: true, DelayMS: 150}} // nobody finds anything
	}},
	{name: "504 after commit", lost: true, plan: one(mischief.Fault{Kind: mischief.CommitThen504})},
	{name: "500 before", lost: true, plan: one(mischief.Fault{Kind: mischief.Reject500})},
	{name: "429", plan: one(mischief.Fault{Kind: mischief.RateLimited429, ResetSeconds: 1})},
	{name: "slow", plan: one(mischief.Fault{Kind: mischief.Slow, DelayMS: 150})},
	{name: "truncated body", lost: true, plan: one(mischief.Fault{Kind: mischief.TruncateBody})},
	{name: "page after commit", lost: true, plan: one(mischief.Fault{Kind: mischief.HTMLInsteadOfJSON})},
	{name: "page instead", lost: true, plan: one(mischief.Fault{Kind: mischief.HTMLInsteadOfJSON, Uncommitted: true})},
	{name: "drop before reading", lost: true, plan: one(mischief.Fault{Kind: mischief.DropBeforeRead})},
	{name: "media pending", needs: "picture", plan: func(g *ground, n network) []mischief.Fault {
		if n.name == "Bluesky" { // an upload is there or not: it fails first, and then takes its time
			return []mischief.Fault{{Kind: mischief.Reject500, Endpoint: g.upload}, {Kind: mischief.Slow, DelayMS: 100, Endpoint: g.upload}}
		}
		return []mischief.Fault{{Kind: mischief.MediaPending, Polls: 1, Endpoint: g.upload}}
	}},
	{name: "token expired", needs: "token", plan: func(_ *ground, n network) []mischief.Fault {
		if n.relogins {
			return []mischief.Fault{{Kind: mischief.TokenExpired}}
		}
		return []mischief.Fault{{Kind: mischief.TokenExpired, Times: -1}} // until a person connects the account again
	}},
	{name: "cached error replayed", lost: true, kind: "akkoma", plan: onMastodon(mischief.Fault{Kind: mischief.CachedErrorReplayed}, mischief.Fault{Kind: mischief.Reject500})},
	{name: "key burnt", lost: true, kind: "pixelfed", plan: onMastodon(mischief.Fault{Kind: mischief.KeyBurnt}, mischief.Fault{Kind: mischief.HTMLInsteadOfJSON, Uncommitted: true})},
}

// run is one case of the matrix.
type run struct {
	network network
	thread  bool // three parts, and where the daemon is killed it is killed again at the next such moment
	harm    harm
	kill    string
}

func (r run) String() string {
	shape := "post"
	if r.thread {
		shape = "thread"
	}
	return fmt.Sprintf("%s, %s, %s, %s", r.network.name, shape, r.harm.name, r.kill)
}

// moments are when the daemon is killed.
func moments() []string {
	list := []string{killNever, killReceived, killDone}
	for _, p := range dispatch.Points() {
		list = append(list, killAt+p)
	}
	return list
}

// runAt returns the case of four levels.
func runAt(c []int, moments []string) run {
	return run{networks[c[0]], c[1] == 1, harms[c[2]], moments[c[3]]}
}

func levels(moments []string) []int { return []int{len(networks), 2, len(harms), len(moments)} }

// TestNothingIsLostOrDoubledWhereverTheDaemonDiesAndWhateverTheNetworkDoes runs as many cases as let every two of network, shape,
// fault and moment meet. The names of all are those of the subtests.
func TestNothingIsLostOrDoubledWhereverTheDaemonDiesAndWhateverTheNetworkDoes(t *testing.T) {
	t.Parallel()
	moments := moments()
	cases := choose(levels(moments), 30072014)
	if len(cases) < 40 {
		t.Errorf("only %d cases", len(cases))
	}
	var mu sync.Mutex
	reached := map[string]int{}
	inParallel(cases, func(c []int) {
		r := runAt(c, moments)
		t.Run(r.String(), func(t *testing.T) {
			if r.play(t) {
				mu.Lock()
				defer mu.Unlock()
				reached[r.kill]++
			}
		})
	})
	for _, m := range moments[1:] {
		if reached[m] == 0 && !t.Failed() {
			t.Errorf("no case was %s", m)
		}
	}
	t.Logf("%d cases; times the daemon died: %v", len(cases), reached)
}

// inParallel does work for each of a list, several at a time: the runs mostly wait.
func inParallel[T any](list []T, work func(T)) {
	next := make(chan T)
	var workers sync.WaitGroup
	for range 4 * runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for item := range next {
				work(item)
			}
		})
	}
	for _, item := range list {
		next <- item
	}
	close(next)
	workers.Wait()
}

// play plays a case and checks how it ends. It reports whether the daemon died.
func (r run) play(t *testing.T) (died bool) {
	t.Helper()
	s := newStage(t)
	g := r.network.open(t, r.harm.kind)
	p := planned{channel: s.connect(g), parts: []string{randomText()}}
	if r.thread {
		p.parts = append(p.parts, randomText(), randomText())
	}
	if r.harm.needs == "picture" {
		p.picture = s.picture()
	}
	for _, f := range r.harm.plan(g, r.network) {
		if f.Endpoint == "" {
			f.Endpoint = g.publish
		}
		if r.harm.needs == "token" && r.thread {
			f.Skip = 1
		}
		if err := g.plan.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	p.due = soon(400 * time.Millisecond)
	s.plan(p)
	lives := 1
	if r.thread {
		lives = 2
	}
	for range lives {
		if r.kill == killNever || s.open() == 0 {
			break
		}
		died = r.life(s, g) || died
	}
	if s.open() > 0 {
		d := s.start()
		s.settled()
		d.kill()
	}
	every(t, 5*time.Millisecond, "the late commit", func() bool { return g.plan.Late() == 0 })
	r.judge(t, s, g, p, died)
	return died
}

// life lets a daemon live until it is killed or has settled everything, and reports whether it was killed.
func (r run) life(s *stage, g *ground) bool {
	victim := make(chan *daemon, 1)
	kill := func() { (<-victim).kill() }
	env := ""
	switch r.kill {
	case killReceived:
		g.gate.trap(kill, nil)
	case killDone:
		g.gate.trap(nil, kill)
	default:
		env = dieAt + "=" + strings.TrimPrefix(r.kill, killAt)
	}
	d := s.start(env)
	victim <- d
	died := s.diesOrSettles(d)
	if died {
		d.dies() // killed, and not by a mistake of its own
	}
	d.kill()
	g.gate.trap(nil, nil)
	return died
}

// judge holds what the network shows against what the book says.
func (r run) judge(t *testing.T, s *stage, g *ground, p planned, died bool) {
	t.Helper()
	timeline, now := g.timeline(), s.standings()[0]
	var ids []string
	for i, text := range p.parts {
		var there []shown
		for _, post := range timeline {
			if post.Text == text {
				there = append(there, post)
			}
		}
		if len(there) > 1 {
			t.Errorf("part %d is on the timeline %d times", i+1, len(there))
		}
		if len(there) == 0 {
			continue
		}
		if len(ids) < i {
			t.Errorf("part %d is out, and not the one before it", i+1)
		} else if i > 0 && there[0].ReplyTo != ids[i-1] {
			t.Errorf("part %d answers %q, not part %d", i+1, there[0].ReplyTo, i)
		}
		ids = append(ids, there[0].ID)
	}
	if len(timeline) != len(ids) {
		t.Errorf("%d posts are on the timeline, %d of them ours", len(timeline), len(ids))
	}
	published := now.State == "published" && len(ids) == len(p.parts) && slices.Equal(now.Parts, ids)
	waits := now.State == "held" && now.Hold == "decision" && now.Problem != "" && len(now.Parts) <= len(ids) && slices.Equal(now.Parts, ids[:len(now.Parts)])
	switch {
	case r.harm.needs == "token" && !r.network.relogins:
		// Nobody but a person can mend that. What went out before is out, and what was refused is not.
		doubt := died && !r.network.askable && r.doubtful()
		if out := len(p.parts) / 2; !waits || len(ids) > out || len(ids) < out && !doubt {
			t.Errorf("with its token expired it is %+v, and %d parts are out", now, len(ids))
		}
	case published:
	case r.network.askable:
		t.Errorf("it is %+v in the book, and %v on the timeline", now, ids)
	case !r.harm.lost && !(died && r.doubtful()):
		t.Errorf("nothing was in doubt, and it is %+v, and %v on the timeline", now, ids)
	case !waits:
		t.Errorf("it is in doubt and waits for nobody: %+v, and %v on the timeline", now, ids)
	}
	if t.Failed() {
		t.Logf("repeat: make soak CASE='%s'", r)
	}
}

// doubtful reports whether a daemon that was killed at the moment may leave a post of which nobody knows. Of a labelled point
// that is not known here, it may.
func (r run) doubtful() bool {
	return !slices.Contains([]string{killNever, killAt + "after claim", killAt + "before attempt"}, r.kill)
}
