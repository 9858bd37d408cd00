package smoke

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
)

// database is the demo's private database, opened beside the daemon.
type database struct {
	app     *app.App
	edition int64 // the rehearsal
}

// open joins the server that the daemon runs in its data folder.
func (d *daemon) open(ctx context.Context) (*database, error) {
	a, err := app.Open(ctx, app.Settings{DataDir: filepath.Join(d.data, "demo")}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, fmt.Errorf("open the demo's database: %w", err)
	}
	db := &database{app: a}
	if !a.Cluster.Adopted() {
		db.close()
		return nil, fmt.Errorf("no database ran in %s although the daemon does", d.data)
	}
	editions, err := book.Editions(ctx, a.DB)
	for _, e := range editions {
		if e.Rehearsal {
			db.edition = e.ID
		}
	}
	if err == nil && db.edition == 0 {
		err = fmt.Errorf("the demo has no rehearsal: %v", editions)
	}
	if err != nil {
		db.close()
		return nil, err
	}
	return db, nil
}

func (db *database) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = db.app.Close(ctx)
}

// published waits until nothing of the rehearsal is on its way any more and returns what went out.
func (db *database) published(ctx context.Context) ([]delivery, error) {
	var entries []book.Entry
	err := wait(ctx, "the rehearsal to end", func() (err error) {
		if err := db.app.Clock.Refresh(ctx, db.app.DB); err != nil {
			return err
		}
		if entries, err = book.Entries(ctx, db.app.DB, book.EntryFilter{Edition: db.edition}); err != nil {
			return err
		}
		for _, e := range entries {
			switch e.State {
			case post.Scheduled, post.Sending, post.Unknown:
				return fmt.Errorf("delivery %d is still %s", e.Delivery, e.State)
			case post.Failed, post.Missed, post.Cancelled, post.Removed:
				return final{fmt.Errorf("delivery %d is %s: %s", e.Delivery, e.State, e.Problem)}
			case post.Held, post.Published:
			}
		}
		if db.app.Clock.Rate() > 1 {
			return fmt.Errorf("the fast clock is at %s", db.app.Clock.Now())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var list []delivery
	for _, e := range entries {
		if e.State != post.Published {
			continue
		}
		d := delivery{entry: e}
		p, err := book.FindPost(ctx, db.app.DB, e.Post)
		if err != nil {
			return nil, err
		}
		for _, t := range p.Source.Hashtags {
			d.tags = append(d.tags, strings.TrimPrefix(t, "#"))
		}
		releases, err := book.Releases(ctx, db.app.DB, e.Post)
		if err != nil {
			return nil, err
		}
		for _, r := range releases {
			if r.Delivery == e.Delivery && r.Current {
				d.release = r
			}
		}
		if d.release.ID == 0 {
			return nil, fmt.Errorf("delivery %d is published and has no release", e.Delivery)
		}
		list = append(list, d)
	}
	return list, nil
}

// settle moves product time on by ten days: by then the last of the audience has reacted, and the collector has asked again.
// The daemon looks at the clock's row every few seconds.
func (db *database) settle(ctx context.Context) (time.Time, error) {
	later := db.app.Clock.Now().AddDate(0, 0, 10)
	return later, db.app.SetFastClock(ctx, 0, later, later, 1)
}
