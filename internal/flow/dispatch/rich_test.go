package dispatch_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	sandbox "daymark/internal/sandbox/mastodon"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// scheduleRich makes a scheduled delivery with all that a release of one part can have.
func (b *bench) scheduleRich() (int64, post.Final) {
	b.t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 6))); err != nil {
		b.t.Fatal(err)
	}
	sum := sha256.Sum256(picture.Bytes())
	b.exec(`INSERT INTO blobs (sha256, mime, width, height, bytes) VALUES ($1, 'image/png', 8, 6, $2)`, sum[:], picture.Bytes())
	return b.scheduleFinal("rich", func(f *post.Final) {
		f.Visibility, f.ContentNote = "unlisted", "Tráfico de pessoas"
		f.Parts = []post.FinalPart{{Text: "Ninguém está à venda. 💙\n\n#EndHumanTrafficking", Pictures: []post.FinalPicture{{SHA256: hex.EncodeToString(sum[:]), Alt: "Um coração «azul»."}}}}
	})
}

// scheduleFinal makes a scheduled delivery in Portuguese with the content that write gives it.
func (b *bench) scheduleFinal(message string, write func(*post.Final)) (int64, post.Final) {
	b.t.Helper()
	id := b.book.Deliver(booktest.Delivery{Post: b.book.Post(message), Channel: b.channel, Language: "pt"})
	var row struct {
		Post  int64     `db:"post_id"`
		Due   time.Time `db:"due_at"`
		Until time.Time `db:"not_after"`
	}
	b.get(&row, `SELECT post_id, due_at, not_after FROM deliveries WHERE id = $1`, id)
	final := post.Final{
		Post: row.Post, Channel: b.channel, Platform: "mastodon", Account: "@hope@127.0.0.1", Language: "pt", DueDate: "2027-07-30", DueClock: "09:00",
		Zone: "Etc/UTC", DueAt: row.Due.UTC(), NotAfter: row.Until.UTC(), Visibility: "public",
	}
	write(&final)
	body, _, err := post.Canonical(final)
	if err != nil {
		b.t.Fatal(err)
	}
	var submission int64
	b.get(&submission, `
INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
SELECT id, current_revision, 'pt', 2, $2
FROM posts
WHERE id = $1
RETURNING id`, row.Post, b.book.Author)
	b.exec(`
INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, s.id, d.post_id, s.revision_id, d.channel_id, d.language, d.due_at, d.not_after, $3, sha256($3)
FROM deliveries d, submissions s
WHERE d.id = $1
  AND s.id = $2`, id, submission, body)
	for _, line := range final.Helplines {
		b.exec(`INSERT INTO release_helplines (release_id, helpline_id, version) SELECT id, $2, $3 FROM releases WHERE submission_id = $1`, submission, line.ID, line.Version)
	}
	b.book.Clear(submission)
	ctx := b.t.Context()
	err = b.db.InTx(ctx, func(tx *postgres.Tx) error {
		n, err := book.Schedule(ctx, tx, submission, b.clock.Now().Add(-time.Second), book.Grace)
		if err == nil && n != 1 {
			err = fmt.Errorf("%d deliveries were scheduled", n)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return id, final
}

func TestWhatReviewersSawIsWhatGoesOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery, final := b.scheduleRich()
	b.turn(b.dispatcher())
	b.want(delivery, "published", 1)
	want := []sandbox.StatusState{{
		Account: "hope", Text: final.Parts[0].Text, SpoilerText: final.ContentNote, Visibility: final.Visibility, Language: final.Language, Sensitive: true,
		CreatedAt: booktest.Due,
		Media:     []sandbox.MediaState{{SHA256: final.Parts[0].Pictures[0].SHA256, MIME: "image/png", Description: final.Parts[0].Pictures[0].Alt}},
	}}
	if diff := cmp.Diff(want, b.server.State().Statuses, cmpopts.IgnoreFields(sandbox.StatusState{}, "ID", "URL", "Key"),
		cmpopts.IgnoreFields(sandbox.MediaState{}, "ID")); diff != "" {
		t.Errorf("what went out (-want +got):\n%s", diff)
	}
	var copied struct {
		RemoteID string `db:"remote_id"`
		URL      string
		At       time.Time `db:"published_at"`
	}
	b.get(&copied, `SELECT remote_id, url, published_at FROM copies WHERE delivery_id = $1`, delivery)
	out := b.server.State().Statuses[0]
	if copied.RemoteID != out.ID || copied.URL != out.URL || !copied.At.Equal(out.CreatedAt) {
		t.Errorf("the copy says %+v, the network %s, %s, %v", copied, out.ID, out.URL, out.CreatedAt)
	}
	if b.licence.seen.Load() == 0 {
		t.Error("the data folder was not told of the attempt")
	}
}
