package dispatch_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/book"
	"daymark/internal/platform"
)

// rule is one thing that must hold after every step of the machine.
type rule string

// The rules, with the invariant of the design that each belongs to.
const (
	onlyApproved  rule = "1: nothing goes out that others have not approved, as it is"
	onlyOnce      rule = "2: a delivery is on its network once"
	provedFirst   rule = "2: what may be out is sent again only after proof"
	keptInSight   rule = "2: what is out is known to the book"
	copiesAreMute rule = "3: a copy of the database sends nothing"
	inItsWindow   rule = "4: nothing goes out early, after its window, or long after its time"
	pauseHolds    rule = "4: nothing begins under a pause"
	takenDown     rule = "5: what was taken down is down, or has a result that says why not"
	lawfulMoves   rule = "states change as the book of states says"
)

// breach is a rule that was broken.
type breach struct {
	rule rule
	say  string
}

// penned is a post as its authors left it.
type penned struct {
	revision int64
	text     string
	authors  map[int64]bool // of any version
}

// place is a delivery: a post at one channel, at the instant that people gave it.
type place struct {
	id, post, channel int64
	campaign, network string
	due, until        time.Time
	down              int       // when it was taken down, in the order of things; 0 never
	fell              time.Time // when a pause ended under which it had fallen due
}

// shown is what reviewers are shown of a delivery.
type shown struct {
	text       string
	due, until time.Time
}

// verdict is what a person said of a paper.
type verdict struct {
	person int64
	word   string
	order  int
}

// paper is a submission.
type paper struct {
	post, revision int64
	needed         int
	bodies         map[int64]shown
	verdicts       []verdict
}

// taking is a take-down with what was to be seen of its post when it began.
type taking struct {
	post int64
	live map[string]int64 // deliveries by the network's name of the copy
}

// ledger is all that people did. A restored database forgets what came after its copy was made; so does the ledger.
type ledger struct {
	posts   map[int64]*penned
	places  map[int64]*place
	papers  map[int64]*paper
	stops   map[int64][2]string // pauses in force: scope and of what
	takings map[int64]taking
}

func newLedger() ledger {
	return ledger{map[int64]*penned{}, map[int64]*place{}, map[int64]*paper{}, map[int64][2]string{}, map[int64]taking{}}
}

func (l ledger) clone() ledger {
	c := ledger{map[int64]*penned{}, map[int64]*place{}, map[int64]*paper{}, maps.Clone(l.stops), maps.Clone(l.takings)}
	for id, p := range l.posts {
		c.posts[id] = &penned{p.revision, p.text, maps.Clone(p.authors)}
	}
	for id, p := range l.places {
		same := *p
		c.places[id] = &same
	}
	for id, p := range l.papers {
		same := *p
		same.verdicts = slices.Clone(p.verdicts)
		c.papers[id] = &same
	}
	return c
}

// event is something between the product and a network, or a person's word about it.
type event struct {
	what     string // "call", "find" or "word"
	text     string // of a call
	at, end  time.Time
	answered bool
	outcome  platform.Kind      // of a call
	found    platform.FindState // of a find
}

// copyOut is a post that a network shows, or did.
type copyOut struct {
	text, url string
	delivery  int64
	live      bool
}

// world is what the people of the machine did and what its networks were asked and show, written down beside the product and
// judged by none of its queries.
type world struct {
	mu sync.Mutex
	ledger
	clock     *clock.Fake
	settling  time.Duration
	order     int
	texts     map[string]int64  // posts by each text they ever had
	events    map[int64][]event // by delivery
	copies    map[string]copyOut
	muted     string         // why nothing at all may be asked of a network now
	forgotten map[int64]bool // deliveries of which a restored database cannot know what happened
	allowed   map[int64]string
	changed   time.Time
	breaches  []breach
}

func newWorld(c *clock.Fake, settling time.Duration) *world {
	return &world{
		ledger: newLedger(), clock: c, settling: settling, texts: map[string]int64{}, events: map[int64][]event{},
		copies: map[string]copyOut{}, forgotten: map[int64]bool{},
	}
}

func (w *world) breach(r rule, format string, args ...any) {
	w.breaches = append(w.breaches, breach{r, fmt.Sprintf(format, args...)})
}

// next counts what happens.
func (w *world) next() int {
	w.order++
	return w.order
}

// change is how people change the world, after the database took it.
func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
	w.changed = time.Now()
}

// cleared reports whether a paper has the approvals that it needs, by people who wrote no version of the post, the last of them
// after an instant in the order of things.
func (w *world) cleared(p *paper, since int) bool {
	latest, last := map[int64]string{}, verdict{}
	for _, v := range p.verdicts {
		latest[v.person] = v.word
		if last = v; v.word != "approve" {
			last = verdict{}
		}
	}
	got := 0
	for person, word := range latest {
		if word == "changes" {
			return false
		}
		if word == "approve" && !w.posts[p.post].authors[person] {
			got++
		}
	}
	return got >= p.needed && last.order > since
}

// approved reports whether a text may go out at a place, as far as people's words are concerned.
func (w *world) approved(at *place, text string) bool {
	for _, p := range w.papers {
		if p.post == at.post && p.revision == w.posts[at.post].revision && p.bodies[at.id] == (shown{text, at.due, at.until}) && w.cleared(p, at.down) {
			return true
		}
	}
	return false
}

// under reports whether a pause is over a place.
func (at *place) under(stop [2]string) bool {
	switch stop {
	case [2]string{"everything", ""}, [2]string{"network", at.network}, [2]string{"channel", fmt.Sprint(at.channel)}, [2]string{"campaign", at.campaign}:
		return true
	}
	return false
}

// stopped returns the pause that a place is under.
func (w *world) stopped(at *place) string {
	for _, s := range w.stops {
		if at.under(s) {
			return s[0] + " " + s[1]
		}
	}
	return ""
}

// turnBegins notes what may go out when a turn of the dispatchers begins: what people change meanwhile holds a moment later.
func (w *world) turnBegins() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.allowed, w.changed = map[int64]string{}, time.Time{}
	for id, at := range w.places {
		if text := w.posts[at.post].text; w.approved(at, text) && w.stopped(at) == "" {
			w.allowed[id] = text
		}
	}
}

// leeway is how long after a change of the people's mind a call may still begin. The promise is 300 ms; a busy machine gets more,
// and the promise itself has a test of its own.
const leeway = time.Second

// unwritten is the post of a text that a restored database knows nothing of.
const unwritten = -1

// find returns the place of a text on a channel.
func (w *world) find(channel int64, text string) *place {
	for _, at := range w.places {
		if at.channel == channel && at.post == w.texts[text] && w.texts[text] != 0 {
			return at
		}
	}
	return nil
}

// calls judges a call at the moment it begins and returns the delivery and the number of its event.
func (w *world) calls(channel int64, text string) (int64, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.clock.Now()
	at := w.find(channel, text)
	if at == nil {
		w.breach(onlyApproved, "channel %d was sent a text that nobody wrote: %q", channel, text)
		return 0, 0
	}
	if w.muted != "" {
		w.breach(copiesAreMute, "delivery %d was sent: %s", at.id, w.muted)
	}
	late := w.allowed[at.id] == text && time.Since(w.changed) < leeway
	if !w.approved(at, text) && !late {
		w.breach(onlyApproved, "delivery %d went out as %q", at.id, text)
	}
	if why := w.stopped(at); why != "" && !late {
		w.breach(pauseHolds, "delivery %d was begun under the pause of %s", at.id, why)
	}
	past := w.events[at.id]
	w.judgeTime(at, past, now)
	if !at.fell.IsZero() && !at.due.After(at.fell) && !tried(past) {
		w.breach(pauseHolds, "delivery %d fell due under a pause and left by itself when it ended", at.id)
	}
	w.judgeProof(at, past)
	w.events[at.id] = append(past, event{what: "call", text: text, at: time.Now()})
	return at.id, len(past)
}

// tried reports whether a delivery was tried before, or a person has let it go out late.
func tried(past []event) bool {
	return slices.ContainsFunc(past, func(e event) bool { return e.what != "find" })
}

// judgeTime looks at when a call begins. A first try begins within the grace; one that had to be tried again, or proved absent,
// may have been put off by as much once more.
func (w *world) judgeTime(at *place, past []event, now time.Time) {
	late := now.Sub(at.due)
	if late < 0 || !now.Before(at.until) {
		w.breach(inItsWindow, "delivery %d was begun %v after its time, its window ends at %v", at.id, late, at.until)
	}
	limit, byWord := book.Grace, false
	for _, e := range past {
		limit = 2 * (book.Grace + w.settling)
		byWord = byWord || e.what == "word"
	}
	if late > limit && !byWord {
		w.breach(inItsWindow, "delivery %d was begun by itself %v after its time", at.id, late)
	}
}

// judgeProof looks at whether an earlier call can have come to something.
func (w *world) judgeProof(at *place, past []event) {
	last := -1
	for i, e := range past {
		if e.what == "call" {
			last = i
		}
	}
	if last < 0 {
		return
	}
	call, absent := past[last], 0
	switch {
	case !call.answered:
		w.breach(provedFirst, "delivery %d was begun while another call was under way", at.id)
		return
	case call.outcome == platform.KindDone:
		w.breach(onlyOnce, "delivery %d was sent again after the network had confirmed it", at.id)
		return
	case call.outcome != platform.KindUnknown && call.outcome != platform.KindDuplicate:
		return // definitely not posted
	}
	for _, e := range past[last+1:] {
		switch {
		case e.what == "word":
			absent = 2
		case e.found == platform.Found:
			w.breach(onlyOnce, "delivery %d was sent again after it had been found", at.id)
			return
		case e.found == platform.NotFound && !e.at.Before(call.end.Add(w.settling)):
			absent++
		}
	}
	if absent < 2 {
		w.breach(provedFirst, "delivery %d was sent again after %d looks that prove anything", at.id, absent)
	}
}

// answers notes how a call ended.
func (w *world) answers(delivery int64, number int, outcome platform.Kind) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if list := w.events[delivery]; number < len(list) {
		list[number].end, list[number].answered, list[number].outcome = time.Now(), true, outcome
	}
}

// looks notes what a network said when it was asked.
func (w *world) looks(channel int64, text string, began time.Time, found platform.FindState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.muted != "" {
		w.breach(copiesAreMute, "a network was asked about %q: %s", text, w.muted)
	}
	if at := w.find(channel, text); at != nil {
		w.events[at.id] = append(w.events[at.id], event{what: "find", at: began, answered: true, found: found})
	}
}

// says notes that a person said that a delivery is not out, or may go out although it is late.
func (w *world) says(delivery int64) {
	w.events[delivery] = append(w.events[delivery], event{what: "word", at: time.Now(), answered: true})
}

// sees takes what a network shows now of a channel, by its names of the posts, and judges it.
func (w *world) sees(channel int64, live map[string]copyOut) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, c := range live {
		if _, before := w.copies[id]; before {
			continue
		}
		if w.texts[c.text] == unwritten {
			continue
		}
		at := w.find(channel, c.text)
		if at == nil {
			w.breach(onlyApproved, "the network of channel %d shows a text that nobody wrote: %q", channel, c.text)
			continue
		}
		c.delivery, c.live = at.id, true
		for other, o := range w.copies {
			if o.delivery == at.id && !w.forgotten[at.id] {
				w.breach(onlyOnce, "delivery %d is there as %s and as %s", at.id, other, id)
			}
		}
		w.copies[id] = c
	}
	for id, c := range w.copies {
		if at := w.places[c.delivery]; at != nil && at.channel == channel {
			_, c.live = live[id]
			w.copies[id] = c
		}
	}
}
