package ready

import (
	"context"
	"time"

	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/book/judge"
	"daymark/internal/postgres"
)

// Previewed is what one language of a post would be put before reviewers as.
type Previewed struct {
	Language string
	Finals   []post.Final
	Stops    []string // sentences: what keeps it from being put before them, all but what rules say
	Judged   judge.Judged
}

// Preview says of a post, which need not be written yet, what would be put before reviewers and what would keep it from them.
func Preview(ctx context.Context, q postgres.Querier, networks Networks, rules *lint.Set, p book.Post, now time.Time) ([]Previewed, error) {
	values, err := fill.Read(ctx, q, p.Edition)
	if err != nil {
		return nil, err
	}
	all := map[string][]fill.Filled{}
	var list []Previewed
	for _, language := range Languages(p, now) {
		filled := Fill(values, p, language, now)
		one := Previewed{Language: language}
		if one.Stops, err = Stops(ctx, q, networks, filled); err != nil {
			return nil, err
		}
		for _, f := range filled {
			one.Finals = append(one.Finals, f.Final)
		}
		all[language] = filled
		list = append(list, one)
	}
	judged, err := judge.Filled(ctx, q, rules, p, values, all, now)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Judged = judged[list[i].Language]
	}
	return list, nil
}
