package platformtest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"daymark/internal/platform"
)

// story is what happened to one part on its way out.
type story struct {
	receipt platform.Receipt
	kinds   []platform.Kind      // of each publishing
	looks   []platform.FindState // of each look
}

// tries is how often a part is published before the suite gives up.
const tries = 6

// deliver publishes one part as dispatch does, until it is out.
func (b *Bench) deliver(t *testing.T, content platform.Content, part int, replyTo *platform.Ref, exclude ...string) story {
	t.Helper()
	var h platform.Handles
	var told story
	a := platform.Attempt{Key: fmt.Sprintf("key-%s-%d-%d", t.Name(), part, len(exclude)), Part: part, Content: bare(content), ReplyTo: replyTo, StartedAt: b.Now(), Exclude: exclude}
	for range tries {
		var err error
		h, err = b.Connector.Prepare(t.Context(), b.Account, content, part, h)
		b.clean(t, err)
		if err != nil {
			h = b.recover(t, err, h)
			continue
		}
		a.Handles = h
		a.No++
		told.receipt, err = b.Connector.Publish(t.Context(), b.Account, a)
		b.clean(t, err)
		told.kinds = append(told.kinds, platform.Outcome(err))
		switch platform.Outcome(err) {
		case platform.KindDone:
			return told
		case platform.KindUnknown:
			if b.look(t, a, &told) {
				return told
			}
		case platform.KindPermanent, platform.KindDuplicate, platform.KindTransient, platform.KindRateLimited, platform.KindAuthExpired:
			h = b.recover(t, err, h)
		}
	}
	t.Fatalf("not published after %d tries: %v, looks %v", tries, told.kinds, told.looks)
	return told
}

// recover does what dispatch does after a definite failure, and returns the handles to go on with.
func (b *Bench) recover(t *testing.T, err error, h platform.Handles) platform.Handles {
	t.Helper()
	switch platform.Outcome(err) {
	case platform.KindTransient:
		b.Pass(time.Minute)
		if e, ok := errors.AsType[*platform.Transient](err); ok && e.PrepareAgain {
			return nil
		}
	case platform.KindRateLimited:
		e, _ := errors.AsType[*platform.RateLimited](err)
		wait := e.Until.Sub(b.Now())
		if wait <= 0 || wait > time.Hour {
			t.Errorf("told to wait %v", wait)
		}
		b.Pass(wait)
	case platform.KindAuthExpired:
		b.Account = b.Renew()
	case platform.KindPermanent, platform.KindDuplicate, platform.KindUnknown, platform.KindDone:
		t.Fatalf("not expected here: %v", err)
	}
	return h
}

// look finds out what became of an attempt: at once, and twice after the settling time. Only the later looks may say that
// it is not there.
func (b *Bench) look(t *testing.T, a platform.Attempt, told *story) bool {
	t.Helper()
	caps, err := b.Connector.Capabilities(t.Context(), b.Account)
	if err != nil {
		t.Fatalf("Capabilities: %v", err)
	}
	for _, wait := range []time.Duration{time.Second, caps.Settling, time.Minute} {
		b.Pass(wait)
		f, err := b.Connector.Find(t.Context(), b.Account, a)
		b.clean(t, err)
		if err != nil {
			t.Fatalf("Find: %v", err)
		}
		told.looks = append(told.looks, f.State)
		switch f.State {
		case platform.Found:
			told.receipt = f.Receipt
			return true
		case platform.CannotTell:
			t.Fatalf("Find cannot tell: %s", f.Why)
		case platform.NotFound:
			b.Settle()
		}
	}
	return false
}

// bare returns the content without the bytes of its pictures, as attempts carry it.
func bare(c platform.Content) platform.Content {
	c.Parts = slices.Clone(c.Parts)
	for i := range c.Parts {
		c.Parts[i].Pictures = slices.Clone(c.Parts[i].Pictures)
		for j := range c.Parts[i].Pictures {
			c.Parts[i].Pictures[j].Bytes = nil
		}
	}
	return c
}

// everything returns the text of an error and of all that it was made from.
func everything(err error) string {
	if err == nil {
		return ""
	}
	text := fmt.Sprintf("%v %+v %#v %s", err, err, err, platform.Say(err))
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case interface{ Unwrap() error }:
		text += everything(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			text += everything(inner)
		}
	}
	return text
}
