// Package links opens the links of posts before they go out, each at most once an hour, and says which of them do not answer.
//
// A link is opened as it stands and never changed, a helpline's among them. What fails twice is at risk; it keeps nothing from
// going out.
package links

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/text"
	"daymark/internal/postgres"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"
)

const (
	most     = 200              // opened by one look
	parallel = 8                // opened at the same time
	patience = 15 * time.Second // that one has to answer
)

const (
	// A link that was opened within the hour is not opened again; while somebody waits for it, within the minute.
	sqlLinks = `
SELECT url, problem
FROM link_looks
WHERE url = ANY($1)
  AND looked_at > clock_timestamp() - CASE WHEN $2 THEN interval '1 minute' ELSE interval '1 hour' END`

	sqlSaveLinks = `
INSERT INTO link_looks AS l (url, problem)
SELECT n.url, n.problem
FROM unnest($1::text[], $2::text[]) AS n(url, problem)
ORDER BY n.url
ON CONFLICT (url) DO UPDATE
SET problem = excluded.problem, looked_at = clock_timestamp()`

	sqlForgetLinks = `
DELETE FROM link_looks
WHERE looked_at < clock_timestamp() - interval '90 days'`
)

// Opener opens a link as a reader of a channel would. It returns what is wrong with it, nothing when it answers, and false for a link
// that it does not open.
type Opener func(ctx context.Context, channel int64, link string) (problem string, opened bool)

// In returns the links of texts, each once.
func In(texts ...string) []string {
	var list []string
	for _, s := range texts {
		for _, l := range text.Links(s) {
			if !slices.Contains(list, l.Text) {
				list = append(list, l.Text)
			}
		}
	}
	return list
}

// Dead opens links, each through a channel that shows it, and returns what is wrong with those that fail twice. What was opened lately
// is not opened again; now says that somebody waits for it.
func Dead(ctx context.Context, db *postgres.DB, open Opener, through map[string]int64, now bool) (map[string]string, error) {
	if len(through) == 0 {
		return nil, nil
	}
	problems, err := lately(ctx, db, slices.Sorted(maps.Keys(through)), now)
	if err != nil {
		return nil, err
	}
	fresh := maps.Clone(through)
	for l := range problems {
		delete(fresh, l)
	}
	for n, l := range slices.Sorted(maps.Keys(fresh)) {
		if n >= most {
			delete(fresh, l)
		}
	}
	opened, err := openAll(ctx, open, fresh)
	if err != nil {
		return nil, err
	}
	again := map[string]int64{}
	for l, problem := range opened {
		if problem != "" {
			again[l] = fresh[l]
		}
	}
	second, err := openAll(ctx, open, again)
	if err != nil {
		return nil, err
	}
	maps.Copy(opened, second)
	if err := save(ctx, db, opened); err != nil {
		return nil, err
	}
	maps.Copy(problems, opened)
	maps.DeleteFunc(problems, func(_, problem string) bool { return problem == "" })
	return problems, nil
}

// lately returns what is known of links that were opened not long ago.
func lately(ctx context.Context, db *postgres.DB, urls []string, now bool) (map[string]string, error) {
	var rows []struct {
		URL     string `db:"url"`
		Problem string `db:"problem"`
	}
	if err := db.SelectContext(ctx, &rows, sqlLinks, pq.Array(urls), now); err != nil {
		return nil, fmt.Errorf("read which links answered: %w", err)
	}
	problems := map[string]string{}
	for _, r := range rows {
		problems[r.URL] = r.Problem
	}
	return problems, nil
}

// openAll opens links, a few at a time, and returns what is wrong with each that was opened.
func openAll(ctx context.Context, open Opener, through map[string]int64) (map[string]string, error) {
	urls := slices.Sorted(maps.Keys(through))
	problems, opened := make([]string, len(urls)), make([]bool, len(urls))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, l := range urls {
		group.Go(func() error {
			call, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			problems[i], opened[i] = open(call, through[l], l)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for i, l := range urls {
		if opened[i] {
			out[l] = problems[i]
		}
	}
	return out, nil
}

func save(ctx context.Context, db *postgres.DB, opened map[string]string) error {
	var urls, problems []string
	for l, problem := range opened {
		urls, problems = append(urls, l), append(problems, strings.ToValidUTF8(problem, ""))
	}
	if _, err := db.ExecContext(ctx, sqlSaveLinks, pq.Array(urls), pq.Array(problems)); err != nil {
		return fmt.Errorf("write down which links answer: %w", err)
	}
	if _, err := db.ExecContext(ctx, sqlForgetLinks); err != nil {
		return fmt.Errorf("forget old links: %w", err)
	}
	return nil
}
