package consents

import (
	"context"
	"fmt"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/org/consent"
	"daymark/internal/org/consent/linking"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Part is what a page says of the people in a post or a picture, in the template "people". It names nobody.
type Part struct {
	Shown   bool
	Lacking bool
	Rows    []Standing
	MarkURL string // where somebody says that a post shows a person; empty where they may not, or it is said
	Nobody  int64  // the post of which a safeguarding lead may say that it shows nobody after all
	Keeper  bool   // a safeguarding lead looks, who may link a consent
}

// Standing is one consent as everybody may see it.
type Standing struct {
	Text string
	Mark page.Mark
	URL  string // for safeguarding leads only
}

// OfPost returns what everybody may know of the people in a post.
func OfPost(ctx context.Context, q postgres.Querier, v view.Viewer, post int64) (Part, error) {
	s, err := linking.OfPost(ctx, q, post)
	if err != nil {
		return Part{}, err
	}
	p := part(v, s)
	if !s.Marked && v.Person.May(people.RuleAnswer) {
		p.MarkURL = fmt.Sprintf("/posts/%d/people", post)
	}
	if p.Keeper && s.Marked {
		p.Nobody = post
	}
	return p, nil
}

// OfPicture returns what everybody may know of the people in a picture.
func OfPicture(ctx context.Context, q postgres.Querier, v view.Viewer, sum string) (Part, error) {
	s, err := linking.OfPicture(ctx, q, sum)
	if err != nil {
		return Part{}, err
	}
	return part(v, s), nil
}

func part(v view.Viewer, s linking.Standing) Part {
	p := Part{Shown: s.Shown(), Lacking: s.Lacking, Keeper: consent.Keeper(v.Person) == nil}
	for _, c := range s.Consents {
		one := Standing{Mark: mark(v.Words, c, v), Text: v.Words.T("consent.ended", c.Ref())}
		if c.Holds(v.Now) {
			one.Text = v.Words.T("consent.holds", c.Ref(), v.Words.LongDay(c.Until.String()))
		}
		if p.Keeper {
			one.URL = fmt.Sprintf("/consents/%d", c.ID)
		}
		p.Rows = append(p.Rows, one)
	}
	return p
}

// mark is how a consent stands.
func mark(words page.Words, c consent.Consent, v view.Viewer) page.Mark {
	state, icon, tone := "over", "ban", "quiet"
	switch {
	case !c.ErasedAt.IsZero():
		state, icon = "erased", "trash-2"
	case c.Ended == consent.Withdrawn:
		state = "withdrawn"
	case c.Holds(v.Now):
		state, icon, tone = "valid", "circle-check", "live"
	}
	return page.Mark{ID: state, Icon: icon, Tone: tone, Word: words.T("consent.state." + state)}
}

// uses writes what is shown of a person.
func uses(words page.Words, u consent.Uses) string {
	var list []string
	for _, one := range useWords {
		if *one.of(&u) {
			list = append(list, words.T("consent.use."+one.name))
		}
	}
	return words.Joined(list)
}

// useWords are the uses by the names that forms have for them.
var useWords = []struct {
	name string
	of   func(*consent.Uses) *bool
}{
	{"picture", func(u *consent.Uses) *bool { return &u.Picture }},
	{"name", func(u *consent.Uses) *bool { return &u.Name }},
	{"words", func(u *consent.Uses) *bool { return &u.Words }},
}
