package book

import (
	"context"

	"daymark/internal/core/post"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Content returns a release as its network's connector takes it, with the bytes of its pictures.
func Content(ctx context.Context, q postgres.Querier, f post.Final) (platform.Content, error) {
	c := platform.Content{ContentNote: f.ContentNote, Sensitive: f.Sensitive, Language: f.Language, Visibility: f.Visibility}
	for _, part := range f.Parts {
		made := platform.Part{Text: part.Text}
		for _, picture := range part.Pictures {
			blob, err := FindBlob(ctx, q, picture.SHA256)
			if err != nil {
				return platform.Content{}, err
			}
			p := platform.Picture{
				SHA256: picture.SHA256, MIME: blob.MIME, Width: blob.Width,
				Height: blob.Height, Alt: picture.Alt, Bytes: blob.Bytes,
			}
			if at := picture.Focus; at != nil {
				p.FocusX, p.FocusY = float64(at.X)/50-1, 1-float64(at.Y)/50
			}
			made.Pictures = append(made.Pictures, p)
		}
		c.Parts = append(c.Parts, made)
	}
	return c, nil
}
