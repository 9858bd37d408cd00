// Package explore visits every state of a small model of sending: one delivery, its dispatchers, its network, people, and a copy of
// the database. docs/model/Dispatch.tla is the same model as a text, and docs/model/README.md says what it shows.
//
// It does not test the code of dispatch, which has tests of its own; it tests the idea.
package explore

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a delivery's book says, as in Dispatch.tla.
const (
	scheduled uint8 = iota
	sending
	unknown
	published
	decision // a person has to look
	held     // waits for an approval
)

// What became of an attempt.
const (
	none    uint8 = iota
	open          // written down, its answer awaited
	out           // the network confirmed it
	refused       // definitely not out
	doubt         // the answer was lost
	absent        // proved not to be out
	found         // proved to be out
)

// Where a worker is.
const (
	idle uint8 = iota
	claimed
	marked
	calling
	hasYes
	hasNo
	hasNothing
)

// most is how many attempts a database can make in the model; a person decides after that.
const most = 3

// book is one database's knowledge of the one delivery that is modelled.
type book struct {
	State    uint8
	Approved bool
	Owner    uint8 // whose claim holds, by owner and fence: a worker's number from 1, or 0
	Attempts [most]uint8
	Looks    uint8 // how many looks in a row proved it absent
}

// worker is a dispatcher.
type worker struct {
	At      uint8
	DB      uint8
	Attempt uint8
}

// request is a call that the network has not finished, or has.
type request struct {
	Pending   bool // it may still be carried out
	Committed bool
	Key       uint8
}

// state is a state of everything.
type state struct {
	DBs      [2]book // home, and a copy of it
	Copied   bool
	Holder   uint8 // the database that holds the sending licence
	Workers  [2]worker
	Requests [2][most]request
	Copies   uint8
	Unproved bool // a call began while an earlier one could still come to something, or had
	Copycat  bool // an attempt was written down in a database that does not hold the licence
}

// world says how the network is, and which rules of Daymark are left out on purpose.
type world struct {
	tries       int // attempts of a database
	honoursKeys bool
	blind       bool // it cannot be asked
	lateForEver bool // a request may be carried out after the settling time

	twoDatabases bool
	changesFirst bool // people change posts on a copy before its licence is taken
	unlooked     bool // people approve on a restored copy without looking whether it went out before

	resendsUnknown, noSettling, noLicence, noFence, personGuesses, doubtsNothing bool
}

// step is a transition: its name is that of the action in Dispatch.tla.
type step struct {
	name string
	to   state
}

// quiet says that nothing is on its way to the network: what the settling time is there for.
func (s state) quiet() bool {
	for d := range s.Requests {
		for _, r := range s.Requests[d] {
			if r.Pending {
				return false
			}
		}
	}
	for _, w := range s.Workers {
		if w.At == marked || w.At == calling {
			return false
		}
	}
	return true
}

// free returns the number of the next attempt, or -1 when there were as many as the model has.
func (b book) free(w world) int {
	if n := b.last() + 1; n < w.tries {
		return n
	}
	return -1
}

// last returns the number of the latest attempt, or -1.
func (b book) last() int {
	for n := most - 1; n >= 0; n-- {
		if b.Attempts[n] != none {
			return n
		}
	}
	return -1
}

// clear says that no attempt of the past can be out: each was refused, or proved absent.
func (b book) clear() bool {
	for _, a := range b.Attempts {
		if a != none && a != refused && a != absent {
			return false
		}
	}
	return true
}

// key is the idempotency key of the next attempt: a new one after a refusal, and after two that were lost.
func (b book) key() uint8 {
	var no, gone uint8
	for _, a := range b.Attempts {
		switch a {
		case refused:
			no++
		case absent:
			gone++
		}
	}
	return no + gone/2
}

// next returns every step that can be taken.
func (s state) next(w world) []step {
	var list []step
	add := func(name string, change func(*state)) {
		to := s
		change(&to)
		if to != s {
			list = append(list, step{name, to})
		}
	}
	dbs := uint8(1)
	if s.Copied {
		dbs = 2
	}
	for d := range dbs {
		s.nextOfBook(w, d, add)
		for n := range s.Workers {
			// Two replicas share a database, or each has one of two.
			if s.Workers[n].At == idle && s.DBs[d].State == scheduled && s.DBs[d].Owner == 0 && (!w.twoDatabases || n == int(d)) {
				add("Claim", func(t *state) {
					t.DBs[d].Owner = uint8(n) + 1
					t.Workers[n] = worker{At: claimed, DB: d}
				})
			}
		}
		for n := range s.Requests[d] {
			r := s.Requests[d][n]
			if r.Pending && !r.Committed {
				add("Commit", func(t *state) { t.commit(w, d, n) })
			}
			if r.Pending && s.DBs[d].Attempts[n] != open && !s.awaited(d, n) && !w.lateForEver {
				add("Settling", func(t *state) { t.Requests[d][n].Pending = false })
			}
		}
	}
	for n := range s.Workers {
		s.nextOfWorker(w, n, add)
	}
	if w.twoDatabases && !s.Copied {
		add("Copy", func(t *state) {
			t.Copied, t.DBs[1] = true, t.DBs[0]
			t.DBs[1].Owner = 0
		})
	}
	if s.Copied && s.Holder == 0 {
		add("TakeOver", func(t *state) {
			t.Holder = 1
			if b := &t.DBs[1]; b.State == scheduled && !w.doubtsNothing {
				b.doubt(w)
			}
		})
	}
	return list
}

// doubt is what taking over does to what was scheduled: whoever held the licence may have sent it.
func (b *book) doubt(w world) {
	b.Owner, b.Looks = 0, 0
	if n := b.free(w); n >= 0 {
		b.State, b.Attempts[n] = unknown, doubt
	} else {
		b.State = decision
	}
}

// awaited says that a worker waits for the answer to a request.
func (s state) awaited(d uint8, n int) bool {
	return slices.ContainsFunc(s.Workers[:], func(w worker) bool { return w.At == calling && w.DB == d && int(w.Attempt) == n })
}

// commit is the network carrying a request out. One that honours keys does nothing at the second of a key.
func (s *state) commit(w world, d uint8, n int) {
	r := &s.Requests[d][n]
	r.Committed = true
	if w.honoursKeys {
		for e := range s.Requests {
			for m, o := range s.Requests[e] {
				if o.Committed && o.Key == r.Key && (e != int(d) || m != n) {
					return
				}
			}
		}
	}
	s.Copies++
}

// nextOfBook adds what the sweep, the asker and people do to one database.
func (s state) nextOfBook(w world, d uint8, add func(string, func(*state))) {
	b := s.DBs[d]
	mayActs := s.Holder == d
	if b.State == scheduled && b.Owner != 0 {
		add("LoseLease", func(t *state) { t.DBs[d].Owner = 0 })
	}
	last := b.last()
	// A lease outlasts the way from writing down to calling.
	stillMarked := slices.ContainsFunc(s.Workers[:], func(at worker) bool { return at.At == marked && at.DB == d && int(at.Attempt) == last })
	if b.State == sending && !stillMarked {
		add("Recover", func(t *state) {
			t.DBs[d].State, t.DBs[d].Owner, t.DBs[d].Looks = unknown, 0, 0
			t.DBs[d].Attempts[last] = doubt
			if w.resendsUnknown {
				t.DBs[d].State, t.DBs[d].Attempts[last] = scheduled, refused
			}
		})
	}
	if b.State == unknown && (mayActs || w.noLicence) {
		s.nextOfAsker(w, d, last, add)
	}
	if b.State == decision && mayActs {
		switch {
		case s.Copies > 0:
			add("SayLive", func(t *state) { t.DBs[d].found(last) })
		case s.quiet() || w.personGuesses:
			add("SayNotLive", func(t *state) {
				if last >= 0 && b.Attempts[last] == doubt {
					t.DBs[d].Attempts[last] = absent
				}
				t.DBs[d].again()
			})
		}
	}
	people := mayActs || w.changesFirst
	if b.Approved && people {
		add("Withdraw", func(t *state) {
			t.DBs[d].Approved = false
			if b.State == scheduled {
				t.DBs[d].State, t.DBs[d].Owner = held, 0
			}
		})
	}
	looked := d == 0 || w.unlooked || s.Copies == 0 && s.quiet()
	if !b.Approved && people && looked && b.State == held && b.clear() {
		add("Approve", func(t *state) { t.DBs[d].Approved, t.DBs[d].State = true, scheduled })
	}
}

// nextOfAsker adds what asking the network about a delivery can come to.
func (s state) nextOfAsker(w world, d uint8, last int, add func(string, func(*state))) {
	b := s.DBs[d]
	switch {
	case w.blind:
		add("CannotTell", func(t *state) { t.DBs[d].State = decision })
	case s.Copies > 0:
		add("Find", func(t *state) { t.DBs[d].found(last) })
	case s.quiet() || w.noSettling:
		add("FindNothing", func(t *state) {
			if b.Looks == 0 {
				t.DBs[d].Looks = 1
				return
			}
			t.DBs[d].Attempts[last] = absent
			t.DBs[d].again()
		})
	}
}

// found makes the book say that the delivery is out.
func (b *book) found(last int) {
	b.State, b.Owner, b.Looks = published, 0, 0
	if last >= 0 && b.Attempts[last] == doubt {
		b.Attempts[last] = found
	}
}

// again puts a delivery that is not out back into the queue, if it is approved still.
func (b *book) again() {
	b.Owner, b.Looks, b.State = 0, 0, held
	if b.Approved {
		b.State = scheduled
	}
}

// nextOfWorker adds what a dispatcher does.
func (s state) nextOfWorker(w world, n int, add func(string, func(*state))) {
	at := s.Workers[n]
	if at.At == idle {
		return
	}
	d := at.DB
	b := s.DBs[d]
	add("Die", func(t *state) { t.Workers[n] = worker{} })
	ours := b.Owner == uint8(n)+1 || w.noFence
	switch at.At {
	case claimed:
		free := b.free(w)
		if b.State == scheduled && ours && b.Approved && b.clear() && free >= 0 && (s.Holder == d || w.noLicence) {
			add("Mark", func(t *state) {
				t.DBs[d].State, t.DBs[d].Attempts[free] = sending, open
				t.Workers[n] = worker{At: marked, DB: d, Attempt: uint8(free)}
				t.Unproved = t.Unproved || !s.quiet() || s.Copies > 0
				t.Copycat = t.Copycat || s.Holder != d
			})
			return
		}
		add("GiveUp", func(t *state) {
			t.Workers[n] = worker{}
			if b.State == scheduled && ours {
				t.DBs[d].Owner = 0
				if free < 0 {
					t.DBs[d].State = decision
				}
			}
		})
	case marked:
		add("Call", func(t *state) {
			t.Workers[n].At = calling
			made := request{Pending: true}
			if w.honoursKeys {
				before := b
				before.Attempts[at.Attempt] = none
				made.Key = before.key()
			}
			t.Requests[d][at.Attempt] = made
		})
	case calling:
		r := s.Requests[d][at.Attempt]
		if r.Committed {
			add("Answer", func(t *state) {
				t.Workers[n].At = hasYes
				t.Requests[d][at.Attempt].Pending = false
			})
		} else {
			add("Refuse", func(t *state) {
				t.Workers[n].At = hasNo
				t.Requests[d][at.Attempt].Pending = false
			})
		}
		add("LoseAnswer", func(t *state) { t.Workers[n].At = hasNothing })
	case hasYes, hasNo, hasNothing:
		add("Settle", func(t *state) { t.settle(n) })
	}
}

// settle writes what a worker knows. When another took it for dead, only the network's word that it is out counts.
func (s *state) settle(n int) {
	at := s.Workers[n]
	b := &s.DBs[at.DB]
	s.Workers[n] = worker{}
	awaited := b.Attempts[at.Attempt] == open
	switch {
	case at.At == hasYes && awaited:
		b.Attempts[at.Attempt], b.State, b.Owner = out, published, 0
	case at.At == hasYes:
		if b.Attempts[at.Attempt] == doubt {
			b.Attempts[at.Attempt] = found
		}
		if b.State == unknown || b.State == decision || b.State == scheduled {
			b.State, b.Owner, b.Looks = published, 0, 0
		}
	case !awaited:
	case at.At == hasNo:
		b.Attempts[at.Attempt] = refused
		b.again()
	default:
		b.Attempts[at.Attempt], b.State, b.Owner, b.Looks = doubt, unknown, 0, 0
	}
}

// invariants must hold in every state.
var invariants = []struct {
	name  string
	holds func(s state) bool
}{
	{"AtMostOnce", func(s state) bool { return s.Copies <= 1 }},
	{"OnlyLicensed", func(s state) bool { return !s.Copycat }},
	{"ProvedFirst", func(s state) bool { return !s.Unproved }},
	{"PublishedIsOut", func(s state) bool {
		return s.Copies > 0 || s.DBs[0].State != published && (!s.Copied || s.DBs[1].State != published)
	}},
}

// explored is what was found.
type explored struct {
	states int
	broken []string // the invariants that do not hold
	trace  []string // how the first of them breaks
	stuck  int      // states from which the delivery can come to no end
}

// ended says that the delivery has come to its end, or waits for people, in the database that may send.
func (s state) ended() bool {
	b := s.DBs[s.Holder]
	return b.State == published || b.State == held || b.State == decision
}

// explore visits every state that can be reached, the nearest first, until so many invariants are broken; 0 is never.
func explore(w world, enough int) explored {
	start := state{}
	start.DBs[0].Approved = true
	type origin struct {
		from int
		step string
	}
	number := map[state]int{start: 0}
	all, came, back := []state{start}, []origin{{-1, ""}}, [][]int{nil}
	var result explored
	for i := 0; i < len(all); i++ {
		for _, in := range invariants {
			if in.holds(all[i]) || slices.Contains(result.broken, in.name) {
				continue
			}
			result.broken = append(result.broken, in.name)
			if result.trace == nil {
				for n := i; n > 0; n = came[n].from {
					result.trace = append([]string{came[n].step}, result.trace...)
				}
			}
		}
		if enough > 0 && len(result.broken) == enough {
			result.states = len(all)
			return result
		}
		if all[i].Copies > 1 {
			continue // nothing good comes of it
		}
		for _, to := range all[i].next(w) {
			n, known := number[to.to]
			if !known {
				n = len(all)
				number[to.to] = n
				all, came, back = append(all, to.to), append(came, origin{i, to.name}), append(back, nil)
			}
			back[n] = append(back[n], i)
		}
	}
	result.states = len(all)
	reaches := make([]bool, len(all))
	var queue []int
	for i, s := range all {
		if s.ended() || s.Copies > 1 {
			reaches[i] = true
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, from := range back[i] {
			if !reaches[from] {
				reaches[from] = true
				queue = append(queue, from)
			}
		}
	}
	for _, yes := range reaches {
		if !yes {
			result.stuck++
		}
	}
	return result
}

func TestTheModel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		world  world
		broken string // the invariants that do not hold, "" where all do
	}{
		{"a network that can be asked", world{}, ""},
		{"a network that can be asked and honours keys", world{honoursKeys: true}, ""},
		{"a network that cannot be asked", world{blind: true}, ""},
		{"a copy of the database beside it, or in its place", world{twoDatabases: true}, ""},
		{"posts changed on a restored copy before its licence is taken, by people who looked", world{twoDatabases: true, changesFirst: true}, ""},
		{"a copy, and a network that cannot be asked", world{twoDatabases: true, blind: true}, ""},

		// What is not promised.
		{"a network that honours keys and carries out a request after the settling time", world{tries: 2, honoursKeys: true, lateForEver: true, noSettling: true}, "ProvedFirst"},
		{"a network that carries out a request after the settling time", world{lateForEver: true, noSettling: true}, "AtMostOnce ProvedFirst"},
		{"a person who says that it is not live before it can be known", world{blind: true, personGuesses: true}, "AtMostOnce ProvedFirst"},
		{"what was approved after the copy was made, approved again on the restored copy by people who did not look", world{twoDatabases: true, unlooked: true}, "AtMostOnce ProvedFirst"},
		{"posts changed on a restored copy before its licence is taken, by people who did not look", world{twoDatabases: true, changesFirst: true, unlooked: true}, "AtMostOnce ProvedFirst"},

		// What each rule is for.
		{"without: what was lost is not sent again unasked", world{resendsUnknown: true}, "AtMostOnce ProvedFirst"},
		{"without: the settling time", world{noSettling: true}, "AtMostOnce ProvedFirst"},
		{"without: the fence", world{noFence: true}, ""},
		{"without: the licence", world{twoDatabases: true, noLicence: true}, "AtMostOnce OnlyLicensed ProvedFirst"},
		{"without: asking when the licence is taken over", world{twoDatabases: true, doubtsNothing: true}, "AtMostOnce ProvedFirst"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.world.tries == 0 {
				c.world.tries = 3
			}
			if c.world.twoDatabases {
				c.world.tries = 2
			}
			got := explore(c.world, len(strings.Fields(c.broken)))
			t.Logf("%d states; broken: %v; shortest way: %s", got.states, got.broken, strings.Join(got.trace, ", "))
			slices.Sort(got.broken)
			if said := strings.Join(got.broken, " "); said != c.broken {
				t.Errorf("broken: %q, want %q, by %v", said, c.broken, got.trace)
			}
			if got.stuck > 0 {
				t.Errorf("from %d states the delivery comes to no end", got.stuck)
			}
		})
	}
}

// root is the repository.
var root = filepath.Join("..", "..", "..", "..")

// The text and the code say the same in two languages; that neither has an action or an invariant of its own is checked here.
func TestTheTextHasTheSameActionsAndInvariants(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "model", "Dispatch.tla"))
	if err != nil {
		t.Fatal(err)
	}
	between := func(from, to string) string {
		_, rest, there := strings.Cut(string(text), from)
		part, _, ends := strings.Cut(rest, to)
		if !there || !ends {
			t.Fatalf("Dispatch.tla has no part from %q to %q", from, to)
		}
		return part
	}
	name := regexp.MustCompile(`[A-Z][A-Za-z]+`)
	written := name.FindAllString(between("Next ==", "Spec =="), -1)
	taken := map[string]bool{}
	for _, w := range []world{{tries: 3}, {tries: 2, twoDatabases: true}, {tries: 2, blind: true}} {
		for _, step := range everyStep(w) {
			taken[step] = true
		}
	}
	slices.Sort(written)
	if did := slices.Sorted(maps.Keys(taken)); !slices.Equal(written, did) {
		t.Errorf("the text has the actions %v, the code takes %v", written, did)
	}
	var holds []string
	for _, in := range invariants {
		holds = append(holds, in.name)
		if !regexp.MustCompile(`(?m)^` + in.name + ` +==`).Match(text) {
			t.Errorf("the text has no invariant %s", in.name)
		}
	}
	if n := strings.Count(between("(* Invariants.", "====="), "=="); n != len(holds) {
		t.Errorf("the text has %d invariants, the code has %v", n, holds)
	}
}

// everyStep returns the names of the steps that are taken in a world.
func everyStep(w world) []string {
	start := state{}
	start.DBs[0].Approved = true
	known, queue, names := map[state]bool{start: true}, []state{start}, map[string]bool{}
	for len(queue) > 0 && len(known) < 20000 {
		s := queue[0]
		queue = queue[1:]
		for _, to := range s.next(w) {
			names[to.name] = true
			if !known[to.to] {
				known[to.to] = true
				queue = append(queue, to.to)
			}
		}
	}
	return slices.Collect(maps.Keys(names))
}
