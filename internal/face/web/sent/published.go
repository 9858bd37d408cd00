package sent

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/postgres"
)

// Published reads what went out, or was tried, the latest first.
func Published(ctx context.Context, q postgres.Querier, who view.Viewer, edition int64) (*page.Published, error) {
	v := viewer{who}
	stands, err := v.ReadStands(ctx, q, book.EntryFilter{Edition: edition, To: v.Now.Add(time.Minute)})
	if err != nil {
		return nil, err
	}
	editions, err := v.Editions(ctx, q)
	if err != nil {
		return nil, err
	}
	p := &page.Published{
		Frame: page.Frame{Title: v.Words.T("sent.title"), Door: "published"}, Editions: v.EditionOptions(editions, edition),
		SelfURL: "/published?edition=" + strconv.FormatInt(edition, 10),
	}
	var tried []view.Stand
	for _, s := range slices.Backward(stands) {
		if s.State != post.Held && s.State != post.Cancelled && s.State != post.Scheduled {
			tried = append(tried, s)
		}
	}
	p.Tallies = v.Tally(tried)
	if len(tried) > publishedRows {
		tried, p.Capped = tried[:publishedRows], publishedRows
	}
	for _, s := range tried {
		p.Rows = append(p.Rows, v.sentRow(s))
	}
	return p, nil
}

// publishedRows is how many rows the page of what went out shows.
const publishedRows = 300

func (v viewer) sentRow(s view.Stand) page.SentRow {
	row := page.SentRow{
		ID: fmt.Sprintf("sent-%d", s.Delivery), URL: fmt.Sprintf("/posts/%d", s.Post), Name: page.Heading(s.Message, s.Kind), Language: v.Words.Tongue(s.Language),
		Handle: s.Handle, Network: v.Words.Network(s.Platform), Due: v.Words.Moment(s.DueAt, v.Zone), Mark: v.Words.MarkOf(s.Standing),
		Live: view.HTTPOnly(s.URL), Problem: s.Problem,
	}
	if s.PublishedAt == nil {
		return row
	}
	switch late := s.PublishedAt.Sub(s.ReadyAt); {
	case s.Rehearsal:
		row.Sent = v.Words.T("sent.fast")
	case late >= 0:
		row.Sent = v.Words.T("sent.late", v.Words.Span(late))
	}
	return row
}
