package engagement

import (
	"time"

	"daymark/internal/flow/engagement/ledger"
	"daymark/internal/platform"
)

// reply is what one channel said when it was asked about some deliveries.
type reply struct {
	due     time.Time // product instant up to which polls were taken
	now     time.Time // product instant at which the reply was there
	asked   bool      // the network was called
	stopped bool      // the daemon stopped meanwhile: what was not read is asked about at the next start
	counts  map[string]platform.Counts
	say     string         // why something is missing, as a sentence; empty when the call succeeded
	until   time.Time      // the network takes no calls before this instant; zero when it set none
	waiting map[int64]bool // deliveries that the channel's budget has no room for
	money   reserved
}

// answers returns the deliveries of which every part was read, and the sentences about counts that cannot be.
func (r reply) answers(questions []question) ([]ledger.Answer, map[int64]string) {
	var list []ledger.Answer
	odd := map[int64]string{}
	for _, q := range questions {
		parts := make([]platform.Counts, 0, len(q.refs))
		for _, ref := range q.refs {
			if counts, ok := r.counts[ref.ID]; ok {
				parts = append(parts, counts)
			}
		}
		if len(parts) == 0 || len(parts) < len(q.refs) {
			continue // a sum over some of the parts would look like a fall
		}
		total, say := sum(q.delivery, parts)
		list = append(list, total)
		if say != "" {
			odd[q.delivery] = say
		}
	}
	return list, odd
}

// next plans the next question about a delivery and counts what became of this one. A delivery that is not in stored was not
// answered, unless its answer was older than what is kept.
func (r reply) next(q question, stored map[int64]ledger.Kept, odd map[int64]string, did *Collected) plan {
	if len(q.refs) == 0 { // taken down by us
		did.Ended++
		return plan{delivery: q.delivery, done: q.done}
	}
	if r.waiting[q.delivery] {
		did.Waiting++
		p := waits(q, r.now)
		if p.next.IsZero() {
			did.Ended++
		}
		return p
	}
	if r.asked {
		did.Asked++
	}
	if !r.read(q) {
		if r.stopped {
			return plan{delivery: q.delivery, done: q.done, fails: q.fails, next: r.due}
		}
		did.Failed++
		return r.later(q, did)
	}
	k := stored[q.delivery]
	if k.Changed {
		did.Changed++
	} else {
		did.Unchanged++
	}
	done, at, more := After(q.delivery, q.published, r.now, q.done)
	p := plan{delivery: q.delivery, done: done, next: at, problem: odd[q.delivery]}
	if r.gone(q) {
		did.Gone++
		p.problem = "The network says that this post is not there any more."
		more = more && !k.WasGone // said twice: believed
	}
	if !more {
		did.Ended++
		p.next = time.Time{}
	}
	return p
}

// later plans a question again after a failure: after five minutes, then ten, up to a day, spread like the schedule is.
func (r reply) later(q question, did *Collected) plan {
	p := plan{delivery: q.delivery, done: q.done, fails: q.fails + 1, problem: r.say}
	if p.problem == "" {
		p.problem = "The network left this post out of its answer."
	}
	if _, _, more := After(q.delivery, q.published, r.now.Add(-week), q.done); !more { // the last question has a week's grace
		did.Ended++
		return p
	}
	wait := firstBackOff
	for i := 1; i < p.fails && wait < lastBackOff; i++ {
		wait *= 2
	}
	wait = min(wait, lastBackOff)
	p.next = r.now.Add(wait + time.Duration(share(q.delivery)*float64(wait)))
	// The network's instant is by its own clock, which may be another than product time: it moves a question by a day at most.
	if r.until.After(p.next) {
		p.next = r.until
		if most := r.now.Add(lastBackOff); p.next.After(most) {
			p.next = most
		}
	}
	return p
}

// read reports whether every part of a delivery was read.
func (r reply) read(q question) bool {
	for _, ref := range q.refs {
		if _, ok := r.counts[ref.ID]; !ok {
			return false
		}
	}
	return true
}

// gone reports whether the network says that every part of a delivery is gone.
func (r reply) gone(q question) bool {
	for _, ref := range q.refs {
		if !r.counts[ref.ID].Gone {
			return false
		}
	}
	return true
}
