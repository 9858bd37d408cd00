package try

import (
	"context"
	"errors"
	"fmt"

	"daymark/internal/platform"
)

func (w *walk) takenDown(ctx context.Context) error {
	deleter, ok := w.Connector.(platform.Deleter)
	switch {
	case len(w.refs) == 0:
		return errors.New("not reached: nothing was published")
	case !ok:
		return unsupported("the network lets no application take a post down")
	}
	for range 2 { // what is gone is gone
		for i := len(w.refs) - 1; i >= 0; i-- {
			if err := deleter.Delete(ctx, w.Account, w.refs[i]); err != nil {
				return err
			}
			delete(w.out, w.refs[i].ID)
		}
	}
	w.deleted = true
	return nil
}

func (w *walk) gone(ctx context.Context) error {
	if !w.deleted {
		return errors.New("not reached: not everything was taken down")
	}
	for i, a := range w.attempts[:len(w.refs)] {
		a.Exclude = nil
		if _, err := w.find(ctx, a, platform.NotFound); err != nil {
			return fmt.Errorf("part %d: %w", i+1, err)
		}
	}
	meter, ok := w.Connector.(platform.Meter)
	if !ok {
		return nil
	}
	for n := range looks { // an index may forget a post late
		if n > 0 {
			if err := w.Wait(ctx, pause); err != nil {
				return err
			}
		}
		got, err := meter.Measure(ctx, w.Account, w.refs)
		if err != nil {
			return err
		}
		if all := len(got) == len(w.refs) && !anyThere(got); all {
			return nil
		}
	}
	return errors.New("the counts do not say that the posts are gone")
}

// anyThere reports whether a post among those counted is not said to be gone.
func anyThere(counts map[string]platform.Counts) bool {
	for _, c := range counts {
		if !c.Gone {
			return true
		}
	}
	return false
}

// tidy takes down what is left after a failure: what is known to be out, and what an attempt may have left that was not
// believed. It says what a person has to look after.
func (w *walk) tidy(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, tidying)
	defer cancel()
	for _, a := range w.attempts {
		if w.deleted || !w.caps.Findable {
			break
		}
		if f, err := w.Connector.Find(ctx, w.Account, a); err == nil && f.State == platform.Found {
			w.out[f.Receipt.Ref.ID] = true
		}
	}
	left := ""
	deleter, ok := w.Connector.(platform.Deleter)
	for id := range w.out {
		ref := platform.Ref{ID: id}
		for _, r := range w.refs {
			if r.ID == id {
				ref = r
			}
		}
		if !ok {
			left = "a post is on the account and has to be taken down by hand"
			continue
		}
		if err := deleter.Delete(ctx, w.Account, ref); err != nil {
			left = "a post may be left on the account; take it down by hand. " + sentence(err)
		}
	}
	return left
}
