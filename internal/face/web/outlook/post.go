package outlook

import (
	"context"
	"fmt"
	"slices"

	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/preflight/risk"
	"daymark/internal/flow/dispatch/readback"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Post is what is to come of a post and what became of it at the networks.
type Post struct {
	Risks  []Risk
	AskURL string // where somebody who may has the networks asked now
	Copies []Copy
}

// Risk is one thing that may keep a post from going out as planned at some of its places.
type Risk struct {
	Say, Mend string
	Places    string
}

// Copy is one part that is out, as its network shows it.
type Copy struct {
	ID          string
	Handle      string
	Network     string
	Language    string
	Part        int // 0 for the only one
	Mark        page.Mark
	Said        string // why nobody can tell
	When        page.Moment
	Differences []Difference
}

// Difference is what a network shows otherwise than it was approved.
type Difference struct {
	What, Approved, Shown string
}

// Read reads the outlook of a post from the entries of its places.
func Read(ctx context.Context, q postgres.Querier, v view.Viewer, id int64, all []view.Stand) (Post, error) {
	var p Post
	risks, err := risk.List(ctx, q, risk.Of{Post: id})
	if err != nil {
		return p, err
	}
	var out []int64
	for _, s := range all {
		if s.State == post.Scheduled && s.DueAt.After(v.Now) && v.Person.May(people.PostSubmit) {
			p.AskURL = fmt.Sprintf("/posts/%d/preflight", id)
		}
		if s.State == post.Published || s.URL != "" {
			out = append(out, s.Delivery)
		}
		for _, one := range risks[s.Delivery] {
			p.add(one, fmt.Sprintf("@%s (%s, %s)", s.Handle, v.Words.Network(s.Platform), v.Words.Tongue(s.Language)))
		}
	}
	if len(out) == 0 {
		return p, nil
	}
	seen, err := readback.Of(ctx, q, out)
	if err != nil {
		return p, err
	}
	for _, s := range all {
		for _, one := range seen[s.Delivery] {
			p.Copies = append(p.Copies, copyOf(v, s, one, len(seen[s.Delivery])))
		}
	}
	return p, nil
}

// add adds a risk; the same at another place is not said again.
func (p *Post) add(one risk.Risk, place string) {
	at := slices.IndexFunc(p.Risks, func(r Risk) bool { return r.Say == one.Say })
	if at < 0 {
		p.Risks = append(p.Risks, Risk{Say: one.Say, Mend: one.Mend, Places: place})
		return
	}
	p.Risks[at].Places += ", " + place
}

// marks is how what a network shows is marked.
var marks = map[string]struct{ icon, tone string }{
	readback.Waiting: {"clock", "quiet"},
	readback.Same:    {"circle-check", "live"},
	readback.Changed: {"triangle-alert", "look"},
	readback.Gone:    {"octagon-x", "harm"},
	readback.Cannot:  {"circle-help", "quiet"},
}

func copyOf(v view.Viewer, s view.Stand, one readback.Seen, of int) Copy {
	m := marks[one.State]
	c := Copy{
		ID: fmt.Sprintf("seen-%d-%d", one.Delivery, one.Part), Handle: s.Handle, Network: v.Words.Network(s.Platform), Language: v.Words.Tongue(s.Language),
		Mark: page.Mark{ID: "seen-" + one.State, Icon: m.icon, Tone: m.tone, Word: v.Words.T("seen." + one.State)},
		When: v.Words.Moment(one.At, v.Zone),
	}
	if of > 1 {
		c.Part = one.Part
	}
	if one.State == readback.Cannot || one.State == readback.Waiting {
		c.Said = one.Problem
	}
	for _, d := range one.Differences {
		what := v.Words.T("seen.what." + d.What)
		if d.Picture > 0 {
			what = v.Words.T("seen.what.alt", d.Picture)
		}
		c.Differences = append(c.Differences, Difference{what, d.Approved, d.Shown})
	}
	return c
}
