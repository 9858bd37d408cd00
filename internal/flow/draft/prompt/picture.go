package prompt

import (
	"context"
	"encoding/json"
	"fmt"

	"daymark/internal/core/post"
	"daymark/internal/postgres"
)

// most is how many pictures an author is offered: the latest ones.
const most = 24

// Of each picture the latest post that shows it says what it shows.
const sqlPictures = `
SELECT l.picture
FROM (
  SELECT DISTINCT ON (x.picture->>'sha256') r.id, x.picture
  FROM posts p
  JOIN revisions r ON r.id = p.current_revision
  CROSS JOIN LATERAL jsonb_array_elements(convert_from(r.body, 'UTF8')::jsonb->'parts') AS y (part)
  CROSS JOIN LATERAL jsonb_array_elements(coalesce(y.part->'pictures', '[]')) AS x (picture)
  ORDER BY x.picture->>'sha256', r.id DESC
) l
ORDER BY l.id DESC
LIMIT $1`

// Pictures returns the pictures that posts show, each with its descriptions, so that another post can show them too.
func Pictures(ctx context.Context, q postgres.Querier) ([]post.SourcePicture, error) {
	var rows [][]byte
	if err := q.SelectContext(ctx, &rows, sqlPictures, most); err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	list := make([]post.SourcePicture, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row, &list[i]); err != nil {
			return nil, fmt.Errorf("read a picture: %w", err)
		}
	}
	return list, nil
}
