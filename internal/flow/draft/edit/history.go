package edit

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"
)

// Version is one version of a post.
type Version struct {
	No     int
	Author string
	Origin book.Origin
	At     time.Time // real time
	Source post.Source
}

// mostVersions is how many versions are shown: the latest ones.
const mostVersions = 100

const sqlVersions = `
SELECT r.no, p.name AS author, r.origin, r.at, r.body
FROM revisions r
JOIN people p ON p.id = r.author_id
WHERE r.post_id = $1
  AND ($2 = 0 OR r.no = $2)
ORDER BY r.no DESC
LIMIT $3`

// Versions returns the versions of a post, the latest first.
func Versions(ctx context.Context, q postgres.Querier, id int64) ([]Version, error) {
	return versions(ctx, q, id, 0)
}

func versions(ctx context.Context, q postgres.Querier, id int64, no int) ([]Version, error) {
	var rows []struct {
		No     int         `db:"no"`
		Author string      `db:"author"`
		Origin book.Origin `db:"origin"`
		At     time.Time   `db:"at"`
		Body   []byte      `db:"body"`
	}
	if err := q.SelectContext(ctx, &rows, sqlVersions, id, no, mostVersions); err != nil {
		return nil, fmt.Errorf("list the versions of post %d: %w", id, err)
	}
	list := make([]Version, len(rows))
	for i, row := range rows {
		source, err := post.ReadSource(row.Body)
		if err != nil {
			return nil, fmt.Errorf("version %d of post %d: %w", row.No, id, err)
		}
		list[i] = Version{No: row.No, Author: row.Author, Origin: row.Origin, At: row.At, Source: source}
	}
	return list, nil
}

// TakeBack writes a new version of a post with the words of an earlier one. The time stays as it is: it is moved in the editor. It is
// refused with a Conflict when the post has moved on from the version that the person read.
func TakeBack(ctx context.Context, tx *postgres.Tx, id int64, no, read int, by people.Person) error {
	if !by.May(people.PostEdit) {
		return forbidden()
	}
	if err := scope.Whole(ctx, tx, by, scope.Post, id); err != nil {
		return err
	}
	locked, err := book.Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	list, err := versions(ctx, tx, id, no)
	if err != nil {
		return err
	}
	if no <= 0 || len(list) == 0 {
		return fault.New(fault.NotFound, "There is no such version of this post.")
	}
	source := list[0].Source
	source.When, source.Message = locked.Source.When, locked.Source.Message
	same, err := Same(source, locked.Source)
	if err != nil {
		return err
	}
	if same {
		return fault.New(fault.Conflict, "The post says this already.")
	}
	_, err = book.Revise(ctx, tx, id, read, source, by.ID)
	return err
}

// Same reports whether two sources are the same in everything.
func Same(a, b post.Source) (bool, error) {
	_, x, err := post.Canonical(a)
	if err != nil {
		return false, err
	}
	_, y, err := post.Canonical(b)
	return x == y, err
}

func forbidden() error {
	return fault.New(fault.Forbidden, "Your role does not allow writing posts.")
}
