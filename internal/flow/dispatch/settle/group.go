package settle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Done is an attempt that the network took.
type Done struct {
	Try     attempt.Try
	Receipt platform.Receipt
}

// Whole reports whether nothing is left to do for the delivery, so that it may be settled with others.
func (d Done) Whole() bool { return d.Try.Part+1 >= len(d.Try.Content.Parts) && d.Receipt.Ref.ID != "" }

// errApart says that one of a group has a past of its own: another has ended its attempt, or it is no longer scheduled.
var errApart = errors.New("not all of the group stand as they did")

// What is written for one delivery by [End], [CopyOut] and their lines in the audit log, for many. Attempts are found by an array and
// not by a join, whose plan may be to read all of them for each of the group.
const sqlPublishedMany = `
WITH done AS MATERIALIZED (
  SELECT *
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bigint[])
    AS t (attempt, delivery, part, remote, uri, url, at, release)
),
ended AS (
  UPDATE attempts
  SET ended_at = clock_timestamp(), outcome = 'published', problem = ''
  WHERE id = ANY ($1)
    AND outcome IS NULL
  RETURNING delivery_id
),
published AS (
  UPDATE deliveries d
  SET state = 'published', hold = NULL, problem = '', ask_at = NULL, settled_at = $9
  FROM done
  WHERE d.id = done.delivery
    AND d.state = 'scheduled'
  RETURNING d.id, d.post_id, d.channel_id, d.language, done.part, done.remote, done.uri, done.url, done.at, done.release
),
copied AS (
  INSERT INTO copies (delivery_id, part, post_id, channel_id, language, remote_id, uri, url, published_at, release_id)
  SELECT id, part, post_id, channel_id, language, remote, uri, url, at, release
  FROM published
),
noted AS (
  INSERT INTO audit (action, subject_kind, subject_id, detail)
  SELECT 'delivery.published', 'delivery', id, jsonb_build_object('say', url)
  FROM published
)
SELECT least((SELECT count(*) FROM ended), (SELECT count(*) FROM published))`

// Group settles attempts that the network took, in one transaction. It is an error when one of them does not stand as it did when
// it was sent; then nothing is written, and each is to be settled by itself, which knows what to do.
func (s *Settler) Group(ctx context.Context, list []Done) error {
	n := len(list)
	var (
		attempts, deliveries, parts, releases = make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
		remotes, uris, urls, at               = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	)
	now := s.Clock.Now()
	for i, d := range list {
		out := d.Receipt.At
		if out.IsZero() {
			out = now
		}
		attempts[i], deliveries[i], parts[i], releases[i] = d.Try.ID, d.Try.Row.Delivery, int64(d.Try.Part+1), d.Try.Row.Release
		remotes[i], uris[i], urls[i], at[i] = d.Receipt.Ref.ID, d.Receipt.Ref.URI, d.Receipt.URL, out.UTC().Format(time.RFC3339Nano)
	}
	err := s.DB.InKeyTx(ctx, func(tx *postgres.KeyTx) error {
		var settled int
		err := tx.GetHot(ctx, &settled, sqlPublishedMany, pq.Array(attempts), pq.Array(deliveries), pq.Array(parts), pq.Array(remotes),
			pq.Array(uris), pq.Array(urls), pq.Array(at), pq.Array(releases), now)
		if err != nil {
			return fmt.Errorf("settle %d deliveries: %w", n, err)
		}
		if settled != n {
			return errApart
		}
		s.Point("before commit")
		return nil
	})
	if err != nil {
		return err
	}
	for _, d := range list {
		s.report(ctx, d.Try, d.Receipt, nil)
	}
	return nil
}
