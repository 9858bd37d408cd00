package review_test

import (
	"context"
	"strings"
	"testing"

	"daymark/internal/flow/review"
	"daymark/internal/platform"
)

// strict is a network that forbids the same text from several accounts.
type strict struct{ networks }

func (strict) Same(_ context.Context, _ int64, a, b platform.Content) (bool, error) {
	return strings.EqualFold(a.Parts[0].Text, b.Parts[0].Text), nil
}

func TestTwoAccountsOfANetworkThatMindsDoNotSayTheSame(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	checks := review.Checks{Networks: strict{}, Rules: d.checks.Rules}
	submit := func(id int64) review.Submitted {
		t.Helper()
		out, err := review.Submit(d.ctx, d.db, checks, id, d.wren, now)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	both := d.write(t, d.wren, source("en: Remember tomorrow"), d.accra, d.lima)
	out := submit(both)
	if len(out.Submissions) != 0 || len(out.Waiting) != 1 || !strings.Contains(out.Waiting[0], "the network forbids that of several accounts") {
		t.Errorf("the same text from two accounts: %+v", out)
	}
	// One account says it and is approved; another post says it elsewhere, in other letters.
	one := d.write(t, d.wren, source("en: Listen first"), d.accra)
	first := submit(one)
	d.say(t, first.Submissions[0], d.ana, review.Approve)
	other := d.write(t, d.wren, source("en: LISTEN first"), d.lima)
	if out := submit(other); len(out.Submissions) != 0 || len(out.Waiting) != 1 {
		t.Errorf("what another account says already: %+v", out)
	}
	again := d.write(t, d.wren, source("en: LISTEN FIRST"), d.accra)
	if out := submit(again); len(out.Submissions) != 1 {
		t.Errorf("the same account may repeat itself as far as this goes: %+v", out)
	}
}
