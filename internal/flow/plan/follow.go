package plan

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/postgres"
)

// The sentences on what planning took back or moved.
const (
	whyNoMessage = "Withdrawn: the campaign no longer has this message."
	whyNoPlace   = "Withdrawn: the message no longer goes to this channel in this language."
	whyTooLate   = "Withdrawn: the plan moved it to a time that has passed."
)

// follower lets one edition follow its campaign, inside one transaction. First everything is compared, then what differs is
// written, many rows at a time.
type follower struct {
	tx   *postgres.Tx
	opt  Options
	made *Made
	days civil.Range

	add      []book.Delivery
	move     []replan.Move
	withdraw map[string][]int64 // by the sentence
}

// spot is a place of a post: planning keeps at most one living delivery on each.
type spot struct {
	post, channel int64
	language      string
}

func (f *follower) follow(ctx context.Context, c campaign.Campaign, places []Place) error {
	posts, err := replan.Posts(ctx, f.tx, f.made.Edition)
	if err != nil {
		return err
	}
	there := make(map[string]replan.Post, len(posts))
	for _, p := range posts {
		there[p.Message] = p
	}
	if c.Posts, err = expanded(c, f.days, there); err != nil {
		return err
	}
	laid, err := Lay(c, f.days, places)
	if err != nil {
		return err
	}
	had, err := replan.Deliveries(ctx, f.tx, f.made.Edition)
	if err != nil {
		return err
	}
	newest := make(map[spot]replan.Delivery, len(had))
	for _, d := range had {
		newest[spot{d.Post, d.Channel, d.Language}] = d
	}
	f.withdraw = map[string][]int64{}
	said := make(map[string]bool, len(laid))
	of := make(map[int64]Laid, len(laid))
	for _, l := range laid {
		said[l.Source.Message] = true
		p, ok := there[l.Source.Message]
		if ok {
			of[p.ID] = l
		}
		if err := f.message(ctx, l, p, newest); err != nil {
			return err
		}
	}
	for _, p := range posts {
		if !said[p.Message] && p.Laid != nil && slices.ContainsFunc(p.Asked, func(a replan.Asked) bool { return a.State == replan.Open }) {
			if err := replan.DropOffer(ctx, f.tx, p.ID); err != nil {
				return err
			}
		}
	}
	f.goneSpots(newest, of)
	return f.write(ctx)
}

// expanded returns the messages of an edition one by one. Where a person moved a post, its message has the person's time.
func expanded(c campaign.Campaign, days civil.Range, there map[string]replan.Post) ([]campaign.Message, error) {
	var list []campaign.Message
	for _, m := range c.Posts {
		all, err := m.Expand(days)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%s: %v", c.ID, err)
		}
		list = append(list, all...)
	}
	for i := range list {
		p, ok := there[list[i].ID]
		if !ok || p.Laid == nil || p.Current.When == p.Laid.When {
			continue
		}
		if err := retime(&list[i], p.Current.When, days); err != nil {
			return nil, fmt.Errorf("post %d: %w", p.ID, err)
		}
	}
	return list, nil
}

// retime gives a message the time that a person chose for its post.
func retime(m *campaign.Message, when post.When, days civil.Range) error {
	date, err := civil.ParseDate(when.Date)
	if err != nil {
		return err
	}
	if m.Time, err = civil.ParseClock(when.Clock); err != nil {
		return err
	}
	m.Offset = campaign.Offset{Days: date.DaysSince(days.Start)}
	m.Mode, m.Zone = campaign.Local, ""
	if when.Zone != "" {
		m.Mode, m.Zone = campaign.Together, when.Zone
	}
	return nil
}

// message compares a message with its post, if there is one, and notes or writes what differs.
func (f *follower) message(ctx context.Context, l Laid, p replan.Post, newest map[spot]replan.Delivery) error {
	if p.ID != 0 {
		f.made.Kept++
		if p.Laid == nil {
			f.problem(l, "somebody made a post of that name; it is left alone")
			return nil
		}
	}
	var missing []Slot
	past, waits := 0, false
	for _, s := range l.Slots {
		d, ok := newest[spot{p.ID, s.Place.Channel, s.Language}]
		switch {
		case p.ID != 0 && ok && !d.Withdrawn:
			waits = f.compare(d, s) || waits
		case !s.DueAt.After(f.opt.Now):
			past++
		default:
			missing = append(missing, s)
		}
	}
	if past > 0 {
		f.problem(l, fmt.Sprintf("its time has passed at %d places; not planned there", past))
	}
	if p.ID == 0 {
		if len(missing) == 0 {
			return nil
		}
		id, err := book.AddPost(ctx, f.tx, book.Draft{Edition: f.made.Edition, Rehearsal: f.opt.Rehearsal, Planned: true, Source: l.Source}, f.opt.By.ID)
		if err != nil {
			return err
		}
		p.ID = id
		f.made.Posts++
	} else if err := f.words(ctx, l, p, waits || len(missing) > 0); err != nil {
		return err
	}
	for _, s := range missing {
		f.add = append(f.add, book.Delivery{
			Post: p.ID, Channel: s.Place.Channel, Language: s.Language, Date: s.Date,
			Clock: s.Clock, Zone: s.Zone, DueAt: s.DueAt, NotAfter: s.NotAfter,
		})
	}
	return nil
}

func (f *follower) problem(l Laid, what string) {
	f.made.Problems = append(f.made.Problems, fmt.Sprintf("%s (%s %s): %s.", l.Source.Message, l.Source.When.Date, l.Source.When.Clock, what))
}

// compare notes whether a delivery moves, and reports whether it still waits to go out. What a person placed stays.
func (f *follower) compare(d replan.Delivery, s Slot) bool {
	if !d.Waits() {
		return false
	}
	same := d.Date == s.Date && d.Clock == s.Clock && d.Zone == s.Zone && d.DueAt.Equal(s.DueAt) && d.NotAfter.Equal(s.NotAfter)
	switch {
	case same || !d.Planned:
		return true
	case !s.DueAt.After(f.opt.Now):
		f.withdraw[whyTooLate] = append(f.withdraw[whyTooLate], d.ID)
		return false
	}
	f.move = append(f.move, replan.Move{
		ID: d.ID, Date: s.Date, Clock: s.Clock, Zone: s.Zone, DueAt: s.DueAt, NotAfter: s.NotAfter,
		Why: moved(d.Date, d.Clock, s.Date, s.Clock, d.DueAt, s.DueAt),
	})
	return true
}

// moved says how a time moved, for who had seen the old one.
func moved(fromDate civil.Date, fromClock civil.Clock, date civil.Date, clock civil.Clock, from, to time.Time) string {
	if fromDate == date && fromClock == clock {
		return fmt.Sprintf("The plan moved it from %s to %s UTC. Send it for review again.", from.UTC().Format("2006-01-02 15:04"), to.UTC().Format("2006-01-02 15:04"))
	}
	return fmt.Sprintf("The plan moved it from %s %s to %s %s. Send it for review again.", fromDate, fromClock, date, clock)
}

// words lets an untouched post take what the file says. A post that a person edited takes the time, where the person left
// that to the plan, and is offered the words. A post with nothing left to go out stays as it went.
func (f *follower) words(ctx context.Context, l Laid, p replan.Post, waits bool) error {
	if !waits {
		return nil
	}
	next := l.Source
	if p.Touched {
		next = p.Current
		next.When = l.Source.When
		if err := f.offer(ctx, l, p); err != nil {
			return err
		}
	}
	same, err := equal(next, p.Current)
	if err != nil || same {
		return err
	}
	f.made.Followed++
	return replan.Follow(ctx, f.tx, p.ID, next, f.opt.By.ID)
}

// offer offers the file's words for a post that a person edited, unless the person knows them: they are the post's own, or
// those it was edited from, or were kept away, or were the last to be accepted.
func (f *follower) offer(ctx context.Context, l Laid, p replan.Post) error {
	file, err := replan.Hash(l.Source)
	if err != nil {
		return err
	}
	var open bool
	known := false
	for _, a := range p.Asked {
		open = open || a.State == replan.Open
		if a.SHA256 != file {
			continue
		}
		if a.State == replan.Open {
			return nil
		}
		known = known || a.State == replan.Kept || (a.State == replan.Accepted && a.Last)
	}
	for _, s := range []*post.Source{&p.Current, p.Words} {
		if s == nil {
			continue
		}
		hash, err := replan.Hash(*s)
		if err != nil {
			return err
		}
		known = known || hash == file
	}
	if !known {
		f.made.Offered++
		f.problem(l, "somebody edited this post, and the campaign file now says something else; the file's words are offered")
		return replan.OfferWords(ctx, f.tx, p.ID, l.Source, f.opt.By.ID, f.opt.Now)
	}
	if open {
		return replan.DropOffer(ctx, f.tx, p.ID)
	}
	return nil
}

// goneSpots notes the deliveries whose message, language or channel is no longer part of the plan.
func (f *follower) goneSpots(newest map[spot]replan.Delivery, of map[int64]Laid) {
	wanted := map[spot]bool{}
	for id, l := range of {
		for _, s := range l.Slots {
			wanted[spot{id, s.Place.Channel, s.Language}] = true
		}
	}
	for at, d := range newest {
		if wanted[at] || !d.Planned || !d.Waits() {
			continue
		}
		why := whyNoMessage
		if _, ok := of[at.post]; ok {
			why = whyNoPlace
		}
		f.withdraw[why] = append(f.withdraw[why], d.ID)
	}
}

// write writes what was noted: first what goes, so that what comes back finds its place free.
func (f *follower) write(ctx context.Context) error {
	for _, why := range []string{whyNoMessage, whyNoPlace, whyTooLate} {
		slices.Sort(f.withdraw[why])
		n, err := replan.Withdraw(ctx, f.tx, f.withdraw[why], why)
		if err != nil {
			return err
		}
		f.made.Withdrawn += n
	}
	moved, err := replan.MoveAll(ctx, f.tx, f.move)
	if err != nil {
		return err
	}
	f.made.Moved = len(moved)
	f.made.Deliveries = len(f.add)
	return replan.Add(ctx, f.tx, f.add)
}

// equal reports whether two sources are the same in their canonical form.
func equal(a, b post.Source) (bool, error) {
	if reflect.DeepEqual(a, b) {
		return true, nil
	}
	x, _, err := post.Canonical(a)
	if err != nil {
		return false, err
	}
	y, _, err := post.Canonical(b)
	return string(x) == string(y), err
}
