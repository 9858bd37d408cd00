package prompt

import (
	"context"

	"daymark/internal/core/post"
	"daymark/internal/org/people"
	"daymark/internal/org/picture"
	"daymark/internal/postgres"
)

// most is how many pictures an author is offered: the latest ones.
const most = 24

// Pictures returns the latest pictures of the library that a person sees, each with its descriptions, so that a post can show them.
func Pictures(ctx context.Context, q postgres.Querier, by people.Person) ([]post.SourcePicture, error) {
	return picture.Offered(ctx, q, by, most)
}
