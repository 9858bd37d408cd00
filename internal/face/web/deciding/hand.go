package deciding

import (
	"fmt"
	"strings"

	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/decide"
)

// handPage is a post for a person to make: what to copy, where to put it, and the forms with which the person comes back.
type handPage struct {
	page.Frame
	Name     string
	PostURL  string
	Kind     string // the network, in the words of who added the channel
	Handle   string
	Page     string // the address of the channel's page, where it has one
	Language string
	When     page.Moment
	Until    page.Moment // after that it makes no sense any more
	Part     int         // the part that is due now, from 1; 0 where there is one only
	Parts    int
	Note     string
	Text     page.Text
	Pictures []handPicture
	Before   string // the address of the part before, which this one answers
	Down     bool   // it is taken down: nobody posts it any more
	Item     Item
}

// handPicture is a picture to download, with its alt text to copy.
type handPicture struct {
	N    int
	URL  string
	File string // what it is called when it is saved
	Alt  page.Text
}

// endings are the ends of file names by type.
var endings = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}

// Hand answers with a post for a person to make.
func (d Desk) Hand(r ask.Request) (ask.Answer, error) {
	p, err := d.hand(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) hand(r ask.Request) (*handPage, error) {
	id, err := r.Number("id")
	if err != nil {
		return nil, err
	}
	task, err := decide.FindTask(r.Context(), d.db, id)
	if err != nil {
		return nil, err
	}
	item := itemOf(r.Viewer, task.Waiting, fromList)
	p := &handPage{
		Frame: page.Frame{Template: "hand", Title: r.Words.T("hand.title", task.Kind), Door: "home"}, Name: item.Name, PostURL: item.URL, Kind: task.Kind,
		Handle: item.Handle, Page: view.HTTPOnly(task.Page), Language: item.Language, When: item.When, Until: r.Words.Moment(task.NotAfter, r.Zone),
		Note: task.Content.ContentNote, Before: item.Copy, Item: item, Down: task.Stopped,
	}
	at := min(task.Part, len(task.Content.Parts)) - 1
	if at < 0 || p.Down {
		return p, nil
	}
	if n := len(task.Content.Parts); n > 1 {
		p.Part, p.Parts = at+1, n
	}
	p.Text = page.NewText(task.Language, task.Content.Parts[at].Text)
	for i, one := range task.Content.Parts[at].Pictures {
		p.Pictures = append(p.Pictures, handPicture{
			N: i + 1, URL: "/media/" + one.SHA256, File: fmt.Sprintf("%s-%d%s", strings.ReplaceAll(task.Message, "/", "-"), i+1, endings[one.MIME]),
			Alt: page.NewText(task.Language, one.Alt),
		})
	}
	return p, nil
}

// handURL is where a post that a person has to make is shown; empty for every other.
func handURL(w decide.Waiting) string {
	if !w.ByHand() || !w.Unknown || (w.State == post.Held && w.Hold != post.ForDecision) {
		return ""
	}
	return fmt.Sprintf("/deliveries/%d/by-hand", w.Delivery)
}
