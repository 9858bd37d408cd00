package gallery

import (
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/draft/swap"
	"daymark/internal/org/picture"
	"daymark/internal/postgres"
)

// Describe keeps what a person says of a picture.
func (d Desk) Describe(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	sum := r.PathValue("sha256")
	a := picture.About{Alt: form.Texts(r.PostForm, "alt-", nil), Tags: strings.FieldsFunc(r.PostForm.Get("tags"), func(c rune) bool { return c == ',' || c == '\n' || c == '،' }), ShowsPerson: r.PostForm.Get("person") == "yes"}
	err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error {
		return picture.Describe(r.Context(), tx, sum, a, form.Number(r.PostForm.Get("seen")), r.Person)
	})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return d.mend(r, err, func(p *onePage) *form.Form { return &p.About })
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: URL(sum), Said: r.Words.T("pictures.saved")}, nil
}

// mend answers with the page and what is wrong with one of its forms.
func (d Desk) mend(r ask.Request, wrong error, which func(*onePage) *form.Form) (ask.Answer, error) {
	p, err := d.one(r)
	if err != nil {
		return ask.Answer{}, err
	}
	f := which(p)
	if fault.Is(wrong, fault.Conflict) {
		f.Meanwhile(r.PostForm, r.Words.Say(wrong))
		return ask.Answer{Page: p, Status: 409}, nil
	}
	f.Mend(r.PostForm, r.Words.Problems(wrong))
	return ask.Again(p), nil
}

// Focus says which point of a picture a crop keeps. Both fields empty take the point away.
func (d Desk) Focus(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	sum := r.PathValue("sha256")
	point, err := pointOf(r.PostForm.Get("focus-x"), r.PostForm.Get("focus-y"))
	var done swap.Done
	if err == nil {
		done, err = swap.Focus(r.Context(), d.db, sum, point, form.Number(r.PostForm.Get("seen")), r.Person)
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return d.mend(r, err, func(p *onePage) *form.Form { return &p.Focus })
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return d.renewed(r, URL(sum), r.Words.T("pictures.focused", len(done.Posts)), done)
}

// pointOf reads two figures; the middle is no point.
func pointOf(x, y string) (*post.Focus, error) {
	x, y = strings.TrimSpace(x), strings.TrimSpace(y)
	if x == "" && y == "" {
		return nil, nil
	}
	across, errX := strconv.Atoi(x)
	down, errY := strconv.Atoi(y)
	if errX != nil || errY != nil || across < 0 || across > 100 || down < 0 || down > 100 {
		return nil, fault.BadField("focus", "lies on the picture: both figures are from 0 to 100")
	}
	return &post.Focus{X: across, Y: down}, nil
}

// renewed puts posts before reviewers again that had been there, and says so.
func (d Desk) renewed(r ask.Request, to, said string, done swap.Done) (ask.Answer, error) {
	a := ask.Answer{To: to, Said: said}
	if len(done.Again) == 0 {
		return a, nil
	}
	var err error
	a.Looks, err = form.Send(r, d.db, d.again, draft.Renewed{Posts: done.Again})
	return a, err
}

// replacePage answers "which picture instead, and what does that cost?".
type replacePage struct {
	page.Frame
	URL      string
	Source   string
	Action   string
	Waits    int
	Hidden   int
	Pictures []shown
	Problem  string
}

// Choose answers with the pictures that could stand in place of one, and how many posts that would make new.
func (d Desk) Choose(r ask.Request) (ask.Answer, error) {
	p, err := d.choose(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) choose(r ask.Request) (*replacePage, error) {
	one, err := picture.Find(r.Context(), d.db, r.PathValue("sha256"), r.Person)
	if err != nil {
		return nil, err
	}
	uses, err := swap.Uses(r.Context(), d.db, one.SHA256, r.Person)
	if err != nil {
		return nil, err
	}
	p := &replacePage{
		Frame: page.Frame{Template: "picture_replace", Title: r.Words.T("pictures.replace.title"), Door: "pictures"}, URL: URL(one.SHA256), Source: small(one.SHA256),
		Action: URL(one.SHA256) + "/replace",
	}
	for _, u := range uses {
		if u.Waits() {
			p.Waits++
		}
		if !u.Seen {
			p.Hidden++
		}
	}
	list, _, err := picture.List(r.Context(), d.db, picture.Filter{Limit: 2 * perPage}, r.Person)
	if err != nil {
		return nil, err
	}
	for _, other := range list {
		if other.SHA256 != one.SHA256 {
			p.Pictures = append(p.Pictures, shownOf(r, other))
		}
	}
	return p, nil
}

// Replace gives every post that waits with a picture another one.
func (d Desk) Replace(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	by := r.PostForm.Get("by")
	done, err := swap.Replace(r.Context(), d.db, r.PathValue("sha256"), by, r.PostForm.Get("keep") != "", r.Person)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) && by == "" {
		p, again := d.choose(r)
		if again != nil {
			return ask.Answer{}, again
		}
		p.Problem = r.Words.T("pictures.replace.none")
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return d.renewed(r, URL(by), r.Words.T("pictures.replaced", len(done.Posts)), done)
}

// Remove takes a picture out of the library.
func (d Desk) Remove(r ask.Request) (ask.Answer, error) {
	var out picture.Removed
	err := d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		out, err = picture.Remove(r.Context(), tx, r.PathValue("sha256"), r.Person)
		return err
	})
	if fault.Is(err, fault.Conflict) {
		p, again := d.one(r)
		if again != nil {
			return ask.Answer{}, again
		}
		p.Removes = r.Words.Say(err)
		return ask.Answer{Page: p, Status: 409}, nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	said := "pictures.taken.out"
	if out.Kept {
		said = "pictures.taken.out.kept"
	}
	return ask.Answer{To: "/pictures", Said: r.Words.T(said)}, nil
}
