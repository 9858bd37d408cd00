package review

import (
	"context"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/review/repeat"
	"daymark/internal/postgres"
)

// Previewed is what one language of a post would be put before reviewers as.
type Previewed struct {
	Language string
	Finals   []post.Final
	Stops    []string // sentences: what keeps it from being put before them
	Judged   judge.Judged
}

// Preview says of a post, which need not be written yet, what [Submit] would put before reviewers and what would keep it from them. It
// writes nothing.
func Preview(ctx context.Context, q postgres.Querier, checks Checks, p book.Post, now time.Time) ([]Previewed, error) {
	values, err := fill.Read(ctx, q, p.Edition)
	if err != nil {
		return nil, err
	}
	all := map[string][]fill.Filled{}
	var list []Previewed
	for _, language := range languages(p, now) {
		filled := fillAll(values, p, language, now)
		one := Previewed{Language: language}
		if one.Stops, err = stops(ctx, q, checks.Networks, filled); err != nil {
			return nil, err
		}
		for _, f := range filled {
			one.Finals = append(one.Finals, f.Final)
		}
		all[language] = filled
		list = append(list, one)
	}
	judged, err := judge.Filled(ctx, q, checks.Rules, p, values, all, now)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Judged = judged[list[i].Language]
	}
	return list, nil
}

// stops returns what keeps words from being put before reviewers, all but what rules say: values that are missing, what networks
// refuse, and what an account may not repeat.
func stops(ctx context.Context, q postgres.Querier, networks Networks, filled []fill.Filled) ([]string, error) {
	list, err := missing(ctx, q, networks, filled)
	if err != nil {
		return nil, err
	}
	distinct, ok := networks.(repeat.Distinct)
	if !ok {
		return list, nil
	}
	again, err := repeat.Reasons(ctx, q, distinct, filled)
	return append(list, again...), err
}
