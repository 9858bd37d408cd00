package crash

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"daymark/internal/org/channel"
)

// load is many posts for several networks on one stage.
type load struct {
	*stage
	places []place
	posts  []loaded
}

// place is a network with the account that posts go to.
type place struct {
	network
	*ground
	made channel.Channel
}

// loaded is a post of a load.
type loaded struct {
	planned
	place    int
	delivery int64
}

// add opens a network and connects its account.
func (l *load) add(n network) {
	l.t.Helper()
	g := n.open(l.t, "")
	l.places = append(l.places, place{n, g, l.connect(g)})
}

// addMastodon opens one Mastodon server with many accounts, each of which is a channel.
func (l *load) addMastodon(accounts int) {
	l.t.Helper()
	for _, g := range openAccounts(l.t, accounts) {
		l.places = append(l.places, place{networks[0], g, l.connect(g)})
	}
}

// schedule plans n posts in turn for every account, the first due at an instant and each of the others a little later.
func (l *load) schedule(n int, due time.Time, apart time.Duration) {
	l.t.Helper()
	var list []planned
	from := len(l.posts)
	for i := range n {
		at := i % len(l.places)
		p := planned{channel: l.places[at].made, due: due.Add(time.Duration(i) * apart).Truncate(time.Millisecond), parts: []string{randomText()}}
		list = append(list, p)
		l.posts = append(l.posts, loaded{planned: p, place: at})
	}
	for i, id := range l.plan(list...) {
		l.posts[from+i].delivery = id
	}
}

// arrived returns how many publishings came in, at all networks.
func (l *load) arrived() int {
	n := 0
	for _, p := range l.places {
		n += len(p.gate.arrived())
	}
	return n
}

// until waits until so many publishings came in.
func (l *load) until(n int) {
	l.t.Helper()
	every(l.t, 2*time.Millisecond, "publishings to come in", func() bool { return l.arrived() >= n })
}

// judge checks that every part of every post is on its timeline once, that the book knows it by its id there, and that nothing
// came before its time. A post whose network cannot be asked may be missing instead, when a person is told to decide.
func (l *load) judge(standings []standing) {
	l.t.Helper()
	stands := map[int64]standing{}
	for _, s := range standings {
		stands[s.Delivery] = s
	}
	timelines, bad := make([]map[string][]string, len(l.places)), 0
	arrivals := make([][]arrival, len(l.places))
	for i, p := range l.places {
		timelines[i] = map[string][]string{}
		arrivals[i] = p.gate.arrived()
		for _, post := range p.timeline() {
			timelines[i][post.Text] = append(timelines[i][post.Text], post.ID)
		}
	}
	fail := func(format string, args ...any) {
		if bad++; bad <= 10 {
			l.t.Errorf(format, args...)
		}
	}
	for _, p := range l.posts {
		now, at := stands[p.delivery], l.places[p.place]
		var ids []string
		for i, text := range p.parts {
			there := timelines[p.place][text]
			delete(timelines[p.place], text)
			if len(there) > 1 {
				fail("part %d of delivery %d is on the timeline of %s %d times", i+1, p.delivery, at.name, len(there))
			}
			if len(there) > 0 {
				ids = append(ids, there[0])
			}
			first := slices.IndexFunc(arrivals[p.place], func(a arrival) bool { return bytes.Contains(a.body, []byte(marker(text))) })
			if first >= 0 && arrivals[p.place][first].at.Before(p.due) {
				fail("part %d of delivery %d came %s early", i+1, p.delivery, p.due.Sub(arrivals[p.place][first].at))
			}
		}
		out := now.State == "published" && len(ids) == len(p.parts) && slices.Equal(now.Parts, ids)
		waits := !at.askable && now.State == "held" && now.Hold == "decision"
		if !out && !waits {
			fail("delivery %d for %s is %+v, and %v on the timeline", p.delivery, at.name, now, ids)
		}
	}
	for i, rest := range timelines {
		for text := range rest {
			fail("%s shows %q, which nobody planned", l.places[i].name, text)
		}
	}
	if bad > 10 {
		l.t.Errorf("and %d more", bad-10)
	}
}

// marker is the part of a random text that no encoding of a request changes.
func marker(text string) string { return text[len(text)-20:] }

// lives waits until a daemon has lived for a while or has ended by itself.
func (d *daemon) lives(t *testing.T, span time.Duration) {
	t.Helper()
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-d.ended:
	case <-timer.C:
	}
}
