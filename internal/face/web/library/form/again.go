package form

import (
	"context"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Again puts posts that a changed value renewed before reviewers again, and returns a sentence for each that waits for something.
type Again func(ctx context.Context, renewed draft.Renewed, by people.Person) ([]string, error)

// Send puts renewed posts before reviewers again and says which ones: the sentences go beneath the answer. Who may check a
// helpline but send no post, as a reviewer, does not send these: Daymark does.
func Send(r ask.Request, db *postgres.DB, again Again, renewed draft.Renewed) ([]string, error) {
	looks, err := Named(r, db, "lib.again", renewed.Posts)
	if err != nil {
		return nil, err
	}
	by := r.Person
	if !by.May(people.PostSubmit) {
		if by, err = people.System(r.Context(), db); err != nil {
			return nil, err
		}
	}
	waiting, err := again(r.Context(), renewed, by)
	if err != nil {
		return nil, err
	}
	return append(looks, waiting...), nil
}

// Named says a sentence of each post by its name.
func Named(r ask.Request, db *postgres.DB, sentence string, posts []int64) ([]string, error) {
	var looks []string
	for _, id := range posts {
		p, err := book.FindPost(r.Context(), db, id)
		if err != nil {
			return nil, err
		}
		looks = append(looks, r.Words.T(sentence, page.Heading(p.Message, p.Source.Kind)))
	}
	return looks, nil
}

// Spoken returns the languages of the channels in use.
func Spoken(ctx context.Context, q postgres.Querier) ([]string, error) {
	channels, err := channel.List(ctx, q)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, c := range channels {
		if !c.Archived() {
			all = append(all, c.Languages...)
		}
	}
	return all, nil
}
