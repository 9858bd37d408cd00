package aim

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/flow/draft/move"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// mostUndone is how many posts can be moved back with one button: the address of the calendar carries them.
const mostUndone = 20

// taking is how the address of the calendar names the posts that were just moved, and begins the names of the fields that move them back.
const taking = "undo"

// Undo is a button that gives posts which were just moved their old times again.
type Undo struct {
	Action string
	Fields []Hidden
	Posts  int
}

// WithUndo lets the address of the calendar carry what moves posts back: each post with the version that it has now, so that a change by
// somebody else in between is noticed.
func WithUndo(ctx context.Context, q postgres.Querier, to string, back move.Change, posts []int64) (string, error) {
	u, err := url.Parse(to)
	if err != nil || len(posts) == 0 || len(posts) > mostUndone {
		return to, nil //nolint:nilerr // then nothing is offered
	}
	v := u.Query()
	for name, value := range back.Fields() {
		v.Set(taking+"-"+name, value)
	}
	for _, id := range posts {
		found, err := move.Find(ctx, q, id)
		if err != nil {
			return "", err
		}
		v.Add(taking, strconv.FormatInt(id, 10)+":"+strconv.Itoa(found.Version))
	}
	u.RawQuery = v.Encode()
	return u.String(), nil
}

// Offered returns the button for posts that the address names, but for those that somebody changed since; without any it is nil. Back is
// the calendar to come back to.
func Offered(ctx context.Context, q postgres.Querier, r ask.Request, back string) (*Undo, error) {
	v := r.URL.Query()
	named := v[taking]
	if len(named) == 0 || len(named) > mostUndone || !r.Person.May(people.PostEdit) {
		return nil, nil
	}
	u := &Undo{Action: "/calendar/move", Fields: []Hidden{{"back", back}}}
	for _, one := range named {
		post, version, _ := strings.Cut(one, ":")
		id, err1 := strconv.ParseInt(post, 10, 64)
		n, err2 := strconv.Atoi(version)
		if err1 != nil || err2 != nil {
			continue
		}
		t, err := Find(ctx, q, r, id)
		switch {
		case fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden):
			continue
		case err != nil:
			return nil, err
		case t.Version != n || !t.Moves():
			continue
		}
		u.Posts++
		u.Fields = append(u.Fields, Hidden{"post", post}, Hidden{"seen", one})
		if v.Has(taking + "-date") {
			u.Action = PostURL(id) + "/move"
		}
	}
	if u.Posts == 0 || u.Posts > 1 && v.Has(taking+"-date") {
		return nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if field, mine := strings.CutPrefix(name, taking+"-"); mine {
			u.Fields = append(u.Fields, Hidden{field, v.Get(name)})
		}
	}
	u.Fields = append(u.Fields, Hidden{"drag", "yes"}) // what costs nobody's approval is done at once
	return u, nil
}

// forget takes what moves posts back out of an address.
func forget(v url.Values) {
	for name := range v {
		if name == taking || strings.HasPrefix(name, taking+"-") {
			v.Del(name)
		}
	}
}
