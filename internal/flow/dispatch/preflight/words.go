package preflight

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/dispatch/preflight/links"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"
)

// asked are the matters for which networks are asked: a day and an hour before, when the words change, and on demand.
var asked = []string{risk.Server, risk.Taken, risk.Picture, risk.Alt, risk.Link}

const (
	soon     = time.Hour        // before its instant a delivery is looked at again
	batch    = 2000             // deliveries looked at together
	parallel = 8                // accounts asked at the same time
	patience = 15 * time.Second // that one of them has to answer
)

// queued is an approved delivery whose content is to be looked at.
type queued struct {
	Delivery int64     `db:"delivery_id"`
	Channel  int64     `db:"channel_id"`
	Release  int64     `db:"release_id"`
	DueAt    time.Time `db:"due_at"`
	Body     []byte    `db:"body"`

	final post.Final
}

const (
	sqlToLookAt = `
SELECT q.delivery_id, q.channel_id, q.release_id, q.due_at, r.body
FROM deliveries d
JOIN queue q ON q.delivery_id = d.id AND q.sending_at IS NULL
JOIN releases r ON r.id = q.release_id
LEFT JOIN preflights p ON p.delivery_id = d.id
WHERE d.due_at > $1
  AND d.due_at <= $2
  AND (p.release_id IS DISTINCT FROM q.release_id
    OR p.due_at <> q.due_at
    OR (q.due_at <= $3 AND p.looked_at < q.due_at - $4 * interval '1 second'))
ORDER BY d.due_at, d.id
LIMIT $5`

	sqlNamed = `
SELECT q.delivery_id, q.channel_id, q.release_id, q.due_at, r.body
FROM queue q
JOIN releases r ON r.id = q.release_id
WHERE q.post_id = ANY($1)
  AND q.due_at > $2
  AND q.sending_at IS NULL
ORDER BY q.due_at, q.delivery_id
LIMIT $3`

	sqlLooked = `
INSERT INTO preflights (delivery_id, release_id, due_at, looked_at)
SELECT l.delivery, l.release, l.due, $4::timestamptz
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS l(delivery, release, due)
ON CONFLICT (delivery_id) DO UPDATE
SET release_id = excluded.release_id, due_at = excluded.due_at, looked_at = excluded.looked_at`
)

// inspect asks the accounts, servers and links of deliveries and returns what is at risk. It writes nothing but what the networks say.
func inspect(ctx context.Context, db *postgres.DB, networks Networks, list []queued, now bool) ([]risk.Risk, error) {
	var found []risk.Risk
	channels := map[int64]Limits{}
	var ids []int64
	for i := range list {
		var err error
		if list[i].final, err = post.ReadFinal(list[i].Body); err != nil {
			return nil, fmt.Errorf("delivery %d: %w", list[i].Delivery, err)
		}
		if id := list[i].Channel; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	errs := make([]error, len(ids))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, id := range ids {
		group.Go(func() error {
			call, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			errs[i] = networks.LookAhead(call, id, now)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	silent := map[int64]string{}
	for i, id := range ids {
		if errs[i] != nil {
			silent[id] = say(errs[i])
		}
		limits, err := networks.Limits(ctx, id)
		if err == nil {
			channels[id] = limits
		} else if silent[id] == "" {
			silent[id] = say(err)
		}
	}
	album, err := pictures(ctx, db, list)
	if err != nil {
		return nil, err
	}
	for _, q := range list {
		if why := silent[q.Channel]; why != "" {
			found = append(found, q.risk(risk.Server, "", "The account's server did not answer: "+why,
				"If it stays so, ask who runs the server. Daymark tries for a few minutes after the post's time; then a person decides."))
		}
		found = append(found, held(q, channels[q.Channel], album)...)
	}
	through := map[string]int64{}
	for _, q := range list {
		for _, l := range q.links() {
			through[l] = q.Channel
		}
	}
	dead, err := links.Dead(ctx, db, networks.Answers, through, now)
	if err != nil {
		return nil, err
	}
	for _, q := range list {
		for _, l := range q.links() {
			if why := dead[l]; why != "" {
				found = append(found, q.risk(risk.Link, l, fmt.Sprintf("The link %s does not answer: %s", l, why), "Open it yourself. If the page is gone, change the post and let it be approved again."))
			}
		}
	}
	return found, nil
}

// risk makes a risk of the delivery.
func (q queued) risk(matter, subject, say, mend string) risk.Risk {
	return risk.Risk{Delivery: q.Delivery, Matter: matter, Subject: subject, Say: say, Mend: mend}
}

// links returns the links of both texts of a delivery.
func (q queued) links() []string {
	var texts []string
	for _, part := range slices.Concat(q.final.Parts, q.final.Without) {
		texts = append(texts, part.Text)
	}
	return links.In(texts...)
}

// say returns the sentence of an error for a person.
func say(err error) string {
	for _, s := range []string{platform.Say(err), fault.Say(err)} {
		if s != "" {
			return s
		}
	}
	return "There was no clear answer."
}

// matters tells which matter an issue with a field is.
var matters = map[string]string{"alt": risk.Alt, "pictures": risk.Picture}

// held holds one delivery against what its server takes. Warnings were shown to its reviewers.
func held(q queued, limits Limits, album map[string]platform.Picture) []risk.Risk {
	var found []risk.Risk
	content := plainContent(q.final)
	for _, part := range content.Parts {
		for i := range part.Pictures {
			stored, there := album[part.Pictures[i].SHA256]
			if !there {
				found = append(found, q.risk(risk.Picture, part.Pictures[i].SHA256, "A picture of it cannot be found any more.", "Add the picture again, and let the post be approved."))
				continue
			}
			stored.Alt = part.Pictures[i].Alt
			part.Pictures[i] = stored
		}
	}
	if limits.Check == nil {
		return found
	}
	for _, issue := range limits.Check(content) {
		if issue.Warning {
			continue
		}
		matter := matters[issue.Field]
		if matter == "" {
			matter = risk.Taken
		}
		found = append(found, q.risk(matter, fmt.Sprintf("%d:%s:%s", issue.Part+1, issue.Field, issue.Code), issue.Message, "Change the post, and let it be approved again before its time."))
	}
	return found
}

const sqlAlbum = `
SELECT sha256, mime, width, height, octet_length(bytes) AS size
FROM blobs
WHERE sha256 = ANY($1)`

// pictures returns what pictures are, by their hash. Their bytes are as many as there are and say nothing: limits ask for their number.
func pictures(ctx context.Context, q postgres.Querier, list []queued) (map[string]platform.Picture, error) {
	var sums [][]byte
	seen := map[string]bool{}
	for _, one := range list {
		for _, part := range one.final.Parts {
			for _, picture := range part.Pictures {
				sum, err := hex.DecodeString(picture.SHA256)
				if err != nil || seen[picture.SHA256] {
					continue
				}
				seen[picture.SHA256] = true
				sums = append(sums, sum)
			}
		}
	}
	if len(sums) == 0 {
		return nil, nil
	}
	var rows []struct {
		Sum    []byte `db:"sha256"`
		MIME   string `db:"mime"`
		Width  int    `db:"width"`
		Height int    `db:"height"`
		Size   int    `db:"size"`
	}
	if err := q.SelectContext(ctx, &rows, sqlAlbum, pq.Array(sums)); err != nil {
		return nil, fmt.Errorf("read what pictures are: %w", err)
	}
	most := 0
	for _, r := range rows {
		most = max(most, r.Size)
	}
	blank := make([]byte, most)
	album := map[string]platform.Picture{}
	for _, r := range rows {
		sum := hex.EncodeToString(r.Sum)
		album[sum] = platform.Picture{SHA256: sum, MIME: r.MIME, Width: r.Width, Height: r.Height, Bytes: blank[:r.Size]}
	}
	return album, nil
}

// looked writes down that deliveries were looked at, with what was found.
func looked(ctx context.Context, db *postgres.DB, list []queued, found []risk.Risk, now time.Time) error {
	var ids, releases []int64
	var due []time.Time
	for _, q := range list {
		ids, releases, due = append(ids, q.Delivery), append(releases, q.Release), append(due, q.DueAt)
	}
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlLooked, pq.Array(ids), pq.Array(releases), pq.Array(due), now); err != nil {
			return fmt.Errorf("write down what was looked at: %w", err)
		}
		return risk.Replace(ctx, tx, asked, ids, found, now)
	})
}
