package try

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"daymark/internal/platform"
)

// walk is what is known on the way.
type walk struct {
	Server
	tag      string
	caps     platform.Capabilities
	content  platform.Content
	attempts []platform.Attempt // in the order in which they were made
	refs     []platform.Ref     // of the parts that are out
	out      map[string]bool    // every post that may still be there, by its id
	refused  bool               // the network does not let the application go on with a thread
	deleted  bool
}

func (w *walk) verify(ctx context.Context) error {
	accounts, ok := w.Connector.(platform.Accounts)
	if !ok {
		return unsupported("the network does not say whose credentials are used")
	}
	who, err := accounts.Verify(ctx, w.Account)
	switch {
	case err != nil:
		return err
	case who.RemoteID == "" || !strings.HasPrefix(who.Handle, "@") || w.Account.RemoteID != "" && who.RemoteID != w.Account.RemoteID:
		return errors.New("the answer names no account, or another one")
	}
	w.Account.RemoteID, w.Account.Handle = who.RemoteID, who.Handle
	return nil
}

func (w *walk) allows(ctx context.Context) error {
	caps, err := w.Connector.Capabilities(ctx, w.Account)
	if err != nil {
		return err
	}
	w.caps = caps
	if caps.MaxCharacters <= 0 || caps.Software == "" || caps.FetchedAt.IsZero() {
		return errors.New("the limits are not whole")
	}
	return nil
}

// refusals returns what keeps a content from going out, without warnings.
func (w *walk) refusals(c platform.Content) []platform.Issue {
	return slices.DeleteFunc(w.Connector.Validate(w.caps, c), func(i platform.Issue) bool { return i.Warning })
}

func (w *walk) checked(context.Context) error {
	if w.caps.MaxCharacters == 0 {
		return errors.New("not reached: the limits are not known")
	}
	w.content = w.Server.content(w.tag)
	if w.caps.NeedsPicture {
		w.content.Parts[1].Pictures = w.content.Parts[0].Pictures
	}
	bare := w.content
	bare.Parts = slices.Clone(bare.Parts)
	bare.Parts[0].Pictures = nil
	if len(w.refusals(w.content)) > 0 && len(w.refusals(bare)) == 0 {
		w.content = bare // pictures are what this server or this account does not take
	}
	if list := w.refusals(w.content); len(list) > 0 {
		return errors.New(list[0].Message)
	}
	long := w.content
	long.Parts = slices.Clone(long.Parts)
	long.Parts[0].Text = tooLong(w.caps)
	if len(w.refusals(long)) == 0 {
		return errors.New("a text of one character too many passes the checks")
	}
	return nil
}

func (w *walk) uploaded(ctx context.Context) error {
	if len(w.content.Parts) == 0 {
		return errors.New("not reached: there is no post that passes the checks")
	}
	handles, err := w.Connector.Prepare(ctx, w.Account, w.content, 0, nil)
	if err != nil {
		return err
	}
	a := w.attempt(0)
	a.Handles = handles
	w.attempts = append(w.attempts, a)
	if len(w.content.Parts[0].Pictures) == 0 {
		return unsupported("pictures are not taken")
	}
	return nil
}

// attempt returns the first try of a part.
func (w *walk) attempt(part int) platform.Attempt {
	c := w.content
	c.Parts = slices.Clone(c.Parts)
	for i := range c.Parts {
		c.Parts[i].Pictures = slices.Clone(c.Parts[i].Pictures)
		for j := range c.Parts[i].Pictures {
			c.Parts[i].Pictures[j].Bytes = nil // as attempts are written down
		}
	}
	return platform.Attempt{Key: fmt.Sprintf("daymark-try-%s-%d", w.tag, part), No: 1, Part: part, Content: c, StartedAt: w.Now()}
}

// find looks for an attempt until the answer is the one hoped for.
func (w *walk) find(ctx context.Context, a platform.Attempt, hoped platform.FindState) (platform.Finding, error) {
	if !w.caps.Findable {
		return platform.Finding{}, unsupported("the network does not let its posts be looked for")
	}
	var f platform.Finding
	for n := range looks {
		if n > 0 {
			if err := w.Wait(ctx, pause); err != nil {
				return f, err
			}
		}
		var err error
		if f, err = w.Connector.Find(ctx, w.Account, a); err != nil {
			return f, err
		}
		if f.State == hoped {
			return f, nil
		}
	}
	return f, fmt.Errorf("it is %s and not %s. %s", f.State, hoped, f.Why)
}

func (w *walk) absent(ctx context.Context) error {
	if len(w.attempts) == 0 {
		return errors.New("not reached: the post could not be prepared")
	}
	_, err := w.find(ctx, w.attempts[0], platform.NotFound)
	return err
}

// publish publishes a part; what may be out is looked for, as dispatch does.
func (w *walk) publish(ctx context.Context, a platform.Attempt) error {
	made, err := w.Connector.Publish(ctx, w.Account, a)
	if err != nil && platform.Outcome(err) == platform.KindUnknown {
		f, lost := w.find(ctx, a, platform.Found)
		if lost != nil {
			return err
		}
		made, err = f.Receipt, nil
	}
	if err != nil {
		return err
	}
	w.refs = append(w.refs, made.Ref)
	w.out[made.Ref.ID] = true
	if made.URL == "" || made.At.IsZero() {
		return errors.New("the receipt lacks a link or an instant")
	}
	return nil
}

func (w *walk) published(ctx context.Context) error {
	if len(w.attempts) == 0 {
		return errors.New("not reached: the post could not be prepared")
	}
	return w.publish(ctx, w.attempts[0])
}

func (w *walk) repeated(ctx context.Context) error {
	switch {
	case len(w.refs) == 0:
		return errors.New("not reached: nothing was published")
	case !w.caps.HonoursKey:
		return unsupported("this server does not honour keys, so none is sent")
	}
	a := w.attempts[0]
	a.No++
	made, err := w.Connector.Publish(ctx, w.Account, a)
	switch platform.Outcome(err) {
	case platform.KindDone:
		w.out[made.Ref.ID] = true
		if made.Ref.ID != w.refs[0].ID {
			return errors.New("a second post was made")
		}
		return nil
	case platform.KindUnknown, platform.KindDuplicate:
		f, err := w.find(ctx, a, platform.Found)
		if err == nil && f.Receipt.Ref.ID != w.refs[0].ID {
			return errors.New("another post was found")
		}
		return err
	case platform.KindPermanent, platform.KindTransient, platform.KindRateLimited, platform.KindAuthExpired:
	}
	return err
}

func (w *walk) found(ctx context.Context) error { return w.foundPart(ctx, 0) }

func (w *walk) foundPart(ctx context.Context, part int) error {
	if len(w.refs) <= part {
		return errors.New("not reached: nothing was published")
	}
	f, err := w.find(ctx, w.attempts[part], platform.Found)
	if err == nil && f.Receipt.Ref.ID != w.refs[part].ID {
		return errors.New("another post was found")
	}
	return err
}

func (w *walk) threaded(ctx context.Context) error {
	if len(w.refs) == 0 {
		return errors.New("not reached: nothing was published")
	}
	handles, err := w.Connector.Prepare(ctx, w.Account, w.content, 1, w.attempts[0].Handles)
	if err != nil {
		return err
	}
	a := w.attempt(1)
	a.Handles, a.ReplyTo, a.Root, a.Exclude = handles, &w.refs[0], &w.refs[0], []string{w.refs[0].ID}
	w.attempts = append(w.attempts, a)
	err = w.publish(ctx, a)
	if e, ok := errors.AsType[*platform.Permanent](err); ok && slices.Contains(w.Refusals, e.Code) {
		w.refused = true
		return unsupported("the network does not let this application go on with a thread")
	}
	return err
}

func (w *walk) threadFound(ctx context.Context) error {
	if w.refused {
		return unsupported("there is no second part")
	}
	return w.foundPart(ctx, 1)
}

func (w *walk) measured(ctx context.Context) error {
	meter, ok := w.Connector.(platform.Meter)
	switch {
	case !ok:
		return unsupported("the network tells no counts")
	case len(w.refs) == 0:
		return errors.New("not reached: nothing was published")
	}
	for n := range looks { // an index may come to know a post late
		if n > 0 {
			if err := w.Wait(ctx, pause); err != nil {
				return err
			}
		}
		got, err := meter.Measure(ctx, w.Account, w.refs)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(w.refs, func(r platform.Ref) bool { c, ok := got[r.ID]; return !ok || c.Gone || c.At.IsZero() }) {
			return nil
		}
	}
	return errors.New("the counts of a post that is out are missing, or it is said to be gone")
}
