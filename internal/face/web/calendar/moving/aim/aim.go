// Package aim is what the ways of internal/face/web/calendar/moving share: the posts that somebody chose, with what of them can move,
// the page that says what will happen to each, and the words on what did.
//
// It reads forms and posts and writes pages. What is done to posts is done by the desk above it, but for one thing: [Target.Do] moves
// all of a post, what waits and what was missed, in the caller's transaction.
package aim

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
)

// most is how many posts are taken at once.
const most = 200

// Back is the calendar that somebody came from: what the form says, else the page that led here. It is never another site.
func Back(r ask.Request) string {
	for _, address := range []string{r.FormValue("back"), r.Referer()} {
		u, err := url.Parse(address)
		if err == nil && u.Path == "/calendar" {
			v := u.Query()
			forget(v)
			return (&url.URL{Path: u.Path, RawQuery: v.Encode()}).String()
		}
	}
	return "/calendar"
}

// Chosen reads the posts that were chosen, each once.
func Chosen(r ask.Request) ([]int64, error) {
	var ids []int64
	for _, s := range r.PostForm["post"] {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id <= 0 {
			return nil, fault.New(fault.Invalid, "The form names a post that is none. Go back to the calendar and choose again.")
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) > most {
		return nil, fault.New(fault.Invalid, "That is more than %d posts at once. Choose fewer.", most)
	}
	return ids, nil
}

// Seen reads which version of each post the page showed.
func Seen(r ask.Request) map[int64]int {
	all := map[int64]int{}
	for _, s := range r.PostForm["seen"] {
		post, version, _ := strings.Cut(s, ":")
		id, err1 := strconv.ParseInt(post, 10, 64)
		n, err2 := strconv.Atoi(version)
		if err1 == nil && err2 == nil {
			all[id] = n
		}
	}
	return all
}

// Sure reports whether somebody has read what will happen and wants it.
func Sure(r ask.Request) bool { return r.PostForm.Get("sure") == "yes" }

// Again reports whether what moves is to be sent for review at once.
func Again(r ask.Request) bool {
	return r.PostForm.Get("then") == "submit" && r.Person.May(people.PostSubmit)
}

// Nothing answers where nothing was chosen.
func Nothing(r ask.Request) ask.Answer {
	return ask.Answer{To: Back(r), Said: r.Words.T("moving.nothing")}
}

// Tally collects what became of each of many posts.
type Tally struct {
	r     ask.Request
	Done  int
	Looks []string
}

// NewTally begins one.
func NewTally(r ask.Request) Tally { return Tally{r: r} }

// Add notes that something was done to a post, or why not. What is not a person's to mend is passed on.
func (t *Tally) Add(name string, err error) error {
	say := t.r.Words.Say(err)
	switch {
	case err == nil:
		t.Done++
	case fault.Is(err, fault.Invalid) && len(fault.Problems(err)) > 0:
		for _, p := range t.r.Words.Problems(err) {
			t.Looks = append(t.Looks, t.r.Words.T("moving.failed", name, p.Message))
		}
	case say != "":
		t.Looks = append(t.Looks, t.r.Words.T("moving.failed", name, say))
	default:
		return err
	}
	return nil
}

// Answer says what was done, with the posts to which it could not be done by name.
func (t *Tally) Answer(key string, to string) ask.Answer {
	return ask.Answer{To: to, Said: t.r.Words.T(key, t.Done), Looks: t.Looks}
}

// New begins a page of one of the ways.
func New(r ask.Request, what string) *Page {
	return &Page{
		Frame: page.Frame{Template: "move", Title: r.Words.T("moving." + what), Door: "calendar"}, What: what, Back: Back(r), Action: r.URL.Path,
		MaySubmit: r.Person.May(people.PostSubmit),
	}
}

// Hide lets the page's form carry something along.
func (p *Page) Hide(name, value string) { p.Hidden = append(p.Hidden, Hidden{name, value}) }

// PostURL is the page of a post.
func PostURL(id int64) string { return fmt.Sprintf("/posts/%d", id) }
