package aim

import (
	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/draft/move"
)

// Page asks for a new time, or says what will happen to posts.
type Page struct {
	page.Frame
	What   string // post, place, move, hold, submit
	Name   string // of the one post
	URL    string // its page
	Where  string // the one place
	Action string
	Back   string
	Form   form.Form // of the new time or of the reason; without an id there is none
	Hidden []Hidden
	Items  []Item // what will happen to each
	Loses  int    // how many posts lose an approval or their place before reviewers
	Can    int    // to how many of them it can be done
	Ready  bool   // it is said what will happen: the next button does it
	Spots  []Spot // the places of the one post, for moving one by itself
	Offset string // of several posts: what they move by

	MaySubmit bool
}

// Hidden is what a form carries along.
type Hidden struct{ Name, Value string }

// Item is a post with what will happen to it.
type Item struct {
	Name     string
	URL      string
	Text     page.Text
	From, To page.Moment
	Places   int
	Approved int    // places whose approval ends
	Asked    int    // places that are before reviewers
	Cards    string // the languages that are held or sent
	Failed   string // why nothing will happen
}

// Spot is a place of the one post.
type Spot struct {
	Where   string
	When    page.Moment
	MoveURL string // empty where it cannot move
	Here    bool
}

// ItemOf writes what a plan does.
func ItemOf(r ask.Request, t Target, p move.Plan) Item {
	it := t.Item()
	it.Places, it.Approved, it.Asked = len(p.Steps)+len(t.Stuck), p.Approved(), p.Asked()
	zones := map[string]bool{}
	for _, s := range p.Steps {
		zones[s.NewZone] = true
	}
	if len(p.Steps) > 0 {
		s := p.Steps[0]
		it.From = page.Moment{At: s.DueAt.UTC().Format(RFC3339), Day: r.Words.LongDay(s.Date.String()), Clock: s.Clock.String(), Zone: s.Zone}
		it.To = page.Moment{At: s.NewDueAt.UTC().Format(RFC3339), Day: r.Words.LongDay(s.NewDate.String()), Clock: s.NewClock.String(), Zone: s.NewZone}
	}
	if len(zones) > 1 {
		it.From.Zone, it.To.Zone = r.Words.T("cal.zone.mixed"), r.Words.T("cal.zone.mixed")
	}
	return it
}

// Failed says in one sentence why something cannot be done to a post. What is not a person's to mend comes back.
func Failed(r ask.Request, err error) (string, error) {
	if list := r.Words.Problems(err); len(list) > 0 {
		return list[0].Message, nil
	}
	if say := r.Words.Say(err); say != "" {
		return say, nil
	}
	return "", err
}

// RFC3339 is how machines read an instant.
const RFC3339 = "2006-01-02T15:04:05Z07:00"

// Mendable reports whether a person can mend what went wrong.
func Mendable(err error) bool { return fault.Say(err) != "" || len(fault.Problems(err)) > 0 }
