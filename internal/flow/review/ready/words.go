// Package ready says whether the words of a post are ready to be put before reviewers: every value is known, each network takes them,
// and no account repeats what another says.
//
// It makes no call to a network and writes nothing. What rules say of the words is for internal/flow/book/judge, and what reviewers say
// for internal/flow/review, which asks here first.
package ready

import (
	"context"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/review/repeat"
	"daymark/internal/org/consent/linking"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Networks knows what the network of a channel allows. Check makes no call to the network.
type Networks interface {
	Check(ctx context.Context, channel int64, content platform.Content) ([]platform.Issue, error)
}

// Fill fills what every entry of a post in a language that can still be submitted would say.
func Fill(values fill.Values, p book.Post, language string, now time.Time) []fill.Filled {
	var list []fill.Filled
	for _, e := range p.Entries {
		if e.Language == language && waits(e, now) {
			list = append(list, values.Entry(p, e, now))
		}
	}
	return list
}

// Languages returns the languages in which a post still has something to be approved, in order.
func Languages(p book.Post, now time.Time) []string {
	var list []string
	for _, e := range p.Entries {
		if waits(e, now) && !slices.Contains(list, e.Language) {
			list = append(list, e.Language)
		}
	}
	slices.SortFunc(list, strings.Compare)
	return list
}

// waits reports whether an entry can still be put before reviewers.
func waits(e book.Entry, now time.Time) bool {
	return e.State == post.Held && (e.Hold == post.ForApproval || e.Hold == post.ForEdited) && e.Coming(now)
}

// Stops returns what keeps words from being put before reviewers, a sentence each, all but what rules say: values that are missing,
// what networks refuse, people without a consent, and what an account may not repeat.
func Stops(ctx context.Context, q postgres.Querier, networks Networks, filled []fill.Filled) ([]string, error) {
	list, err := missing(ctx, q, networks, filled)
	if err != nil {
		return nil, err
	}
	lacking, err := unconsented(ctx, q, filled)
	if err != nil {
		return nil, err
	}
	list = append(list, lacking...)
	distinct, ok := networks.(repeat.Distinct)
	if !ok {
		return list, nil
	}
	again, err := repeat.Reasons(ctx, q, distinct, filled)
	return append(list, again...), err
}

// missing returns what keeps words from being complete: values that are not known, and what their networks refuse. Where a number
// is shown, the text without it may go out as well, so both are looked at.
func missing(ctx context.Context, q postgres.Querier, networks Networks, filled []fill.Filled) ([]string, error) {
	var reasons []string
	say := func(reason string) {
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	for _, f := range filled {
		for _, reason := range f.Missing {
			say(reason)
		}
		if len(f.Missing) > 0 {
			continue
		}
		refused, err := refusals(ctx, q, networks, f.Final)
		if err != nil {
			return nil, err
		}
		for _, message := range refused {
			say(f.Final.Account + ": " + message)
		}
		if len(f.Final.Without) == 0 {
			continue
		}
		without := f.Final
		without.Parts = f.Final.Without
		others, err := refusals(ctx, q, networks, without)
		if err != nil {
			return nil, err
		}
		for _, message := range others {
			if !slices.Contains(refused, message) {
				say(f.Final.Account + ", in the text without the helpline's number: " + message)
			}
		}
	}
	return reasons, nil
}

// refusals returns why a network would refuse a content.
func refusals(ctx context.Context, q postgres.Querier, networks Networks, final post.Final) ([]string, error) {
	content, err := book.Content(ctx, q, final)
	if err != nil {
		return nil, err
	}
	issues, err := networks.Check(ctx, final.Channel, content)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, issue := range issues {
		if !issue.Warning {
			list = append(list, issue.Message)
		}
	}
	return list, nil
}

// unconsented returns which people are shown, named or quoted whose consent is not there, or does not cover it.
func unconsented(ctx context.Context, q postgres.Querier, filled []fill.Filled) ([]string, error) {
	var list []string
	for _, f := range filled {
		body, _, err := post.Canonical(f.Final)
		if err != nil {
			return nil, err
		}
		gaps, err := linking.Gaps(ctx, q, f.Final.Post, body, f.Final.Platform, f.Final.Language, f.Final.DueAt)
		if err != nil {
			return nil, err
		}
		for _, gap := range gaps {
			if say := fault.Say(gap); !slices.Contains(list, say) {
				list = append(list, say)
			}
		}
	}
	return list, nil
}

// Same reports whether the same deliveries would say the same.
func Same(a, b []fill.Filled) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for i := range a {
		_, x, err := post.Canonical(a[i].Final)
		if err != nil {
			return false, err
		}
		_, y, err := post.Canonical(b[i].Final)
		if err != nil {
			return false, err
		}
		if x != y || len(b[i].Missing) > 0 {
			return false, nil
		}
	}
	return true, nil
}
