package deciding

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/pause"
	"daymark/internal/postgres"
)

// shown is how many decisions one page lists at most; the forms about all of them count every one.
const shown = 200

// fromAll is the page of all decisions.
const fromAll = "/decisions"

// fromList and fromPause say in a form's address on which page it stands, which is shown again afterwards.
const (
	fromList  = "decisions"
	fromPause = "pause-"
)

// about is what the decisions of a page are about: one post, what fell due during one pause, or with neither everything.
type about struct{ post, pause int64 }

func aboutPost(id int64) about { return about{post: id} }

func aboutPause(id int64) about { return about{pause: id} }

func (a about) list(ctx context.Context, q postgres.Querier) ([]decide.Waiting, error) {
	if a.pause != 0 {
		return decide.OfPause(ctx, q, a.pause)
	}
	return decide.List(ctx, q, a.post)
}

// url is the page where people see them.
func (a about) url() string {
	switch {
	case a.post != 0:
		return fmt.Sprintf("/posts/%d", a.post)
	case a.pause != 0:
		return a.forms() + "/review"
	}
	return fromAll
}

// forms is where the forms about all of them go.
func (a about) forms() string {
	if a.pause != 0 {
		return fmt.Sprintf("/pause/%d", a.pause)
	}
	return fmt.Sprintf("/posts/%d", a.post)
}

func (a about) from() string {
	switch {
	case a.post != 0:
		return ""
	case a.pause != 0:
		return fmt.Sprintf("%s%d", fromPause, a.pause)
	}
	return fromList
}

// back returns the page that a form's address names, or nothing.
func back(from string) string {
	if from == fromList {
		return fromAll
	}
	if n, ok := strings.CutPrefix(from, fromPause); ok {
		if id, err := strconv.ParseInt(n, 10, 64); err == nil && id > 0 {
			return aboutPause(id).url()
		}
	}
	return ""
}

// keepClock lets the time of day be empty.
func keepClock(v view.Viewer, f *form.Form) {
	for i := range f.Groups[0].Controls {
		if c := &f.Groups[0].Controls[i]; c.ID == field("clock", 0) {
			c.Value, c.Hint = "", v.Words.T("decide.clock.own")
		}
	}
}

// Paused answers with what fell due during a pause: for each place, and for all, a new time or leaving it out.
func (d Desk) Paused(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.paused(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) paused(r ask.Request, id int64) (*decisionsPage, error) {
	ended, err := pause.One(r.Context(), d.db, id)
	if err != nil {
		return nil, err
	}
	waits, err := read(r.Context(), d.db, r.Viewer, aboutPause(id))
	if err != nil {
		return nil, err
	}
	p := &decisionsPage{
		Frame: page.Frame{Template: "decisions", Title: r.Words.T("decide.paused.title"), Door: "pause"}, Waits: waits,
		Pause: &pauseLine{
			What: view.Stopped(r.Words, ended.Scope, ended.Name, ""), URL: aboutPause(id).url(), Reason: ended.Reason, By: ended.By, From: r.Words.Moment(ended.At, r.Zone), Standing: ended.LiftedAt == nil,
		},
	}
	if ended.LiftedAt != nil {
		p.Pause.Until = r.Words.Moment(*ended.LiftedAt, r.Zone)
	}
	return p, nil
}

// pauseLine says which pause it was.
type pauseLine struct {
	What, Reason, By string
	URL              string
	From, Until      page.Moment
	Standing         bool // it is in force still
}

// PausedTime gives everything that fell due during a pause a new time.
func (d Desk) PausedTime(r ask.Request) (ask.Answer, error) {
	return d.all(r, aboutPause, "time", d.move(r))
}

// PausedLeaveOut leaves everything out that fell due during a pause.
func (d Desk) PausedLeaveOut(r ask.Request) (ask.Answer, error) {
	return d.all(r, aboutPause, "leave", d.leave(r))
}
