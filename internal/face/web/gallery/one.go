package gallery

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/consents"
	"daymark/internal/face/web/gallery/advice"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/draft/swap"
	"daymark/internal/media"
	"daymark/internal/org/people"
	"daymark/internal/org/picture"
)

// onePage answers "what is this picture, what do we say of it, where does it go out?".
type onePage struct {
	page.Frame
	SHA256   string
	Source   string // the address of the picture itself
	Width    int
	Height   int
	Size     string
	Alt      page.Text
	By       string
	When     page.Moment
	Tags     []string
	Shows    bool          // a person can be recognised, or is quoted
	People   consents.Part // who is shown, by the references of their consents
	Logo     bool
	Terms    string
	TermsURL string
	TermsBy  string
	TermsAt  page.Moment
	Moves    bool
	Says     []said
	About    form.Form
	MayEdit  bool
	MayWrite bool

	Focus    form.Form
	X, Y     int // where the point is, in hundredths
	HasFocus bool
	Frames   []frame
	Waits    int // posts that a change of the point, or another picture, makes new
	Uses     []use
	Hidden   int    // posts beyond what the person sees
	Gone     string // that it is no longer in the library
	Removes  string // why it cannot be taken out, or nothing
	Take     string // where everything that shows it can be taken down; empty for who may not
}

// said is what a picture shows in one language, with what could be better about it.
type said struct {
	Language string
	Text     page.Text
	Advice   []string
}

// frame is how a network would cut the picture.
type frame struct {
	Network string
	View    string // of the whole, as a drawing's viewBox
	Width   int
	Height  int
	Whole   bool
}

// use is a post that shows the picture.
type use struct {
	URL       string
	Name      string
	Title     string
	Rehearsal bool
	Waiting   int
	Out       int
	HasFirst  bool
	First     page.Moment
}

// One answers with a picture.
func (d Desk) One(r ask.Request) (ask.Answer, error) {
	p, err := d.one(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) one(r ask.Request) (*onePage, error) {
	one, err := picture.Find(r.Context(), d.db, r.PathValue("sha256"), r.Person)
	if err != nil {
		return nil, err
	}
	t := r.Words.T
	p := &onePage{
		Frame: page.Frame{Template: "picture", Title: t("pictures.one"), Door: "pictures"}, SHA256: one.SHA256, Source: "/media/" + one.SHA256,
		Width: one.Width, Height: one.Height, Size: t("pictures.size.whole", one.Width, one.Height, (one.Size+1023)/1024, kind(one.MIME)), Alt: altOf(r, one.Alt), By: one.Uploader,
		When: r.Words.Moment(one.UploadedAt, r.Zone), Tags: one.Tags, Shows: one.ShowsPerson, Logo: one.Logo, Moves: one.Animated,
		MayEdit: r.Person.May(people.PostEdit) && !one.Gone, MayWrite: r.Person.May(people.PostWrite) && !one.Gone, X: 50, Y: 50,
	}
	if one.Logo {
		p.Terms, p.TermsBy, p.TermsAt = one.Terms, one.TermsBy, r.Words.Moment(one.TermsAt, r.Zone)
		if strings.HasPrefix(one.Terms, "https://") && !strings.ContainsAny(one.Terms, " \"<>") {
			p.TermsURL = one.Terms
		}
	}
	if one.Gone {
		p.Gone = t("pictures.gone")
	}
	if r.Person.May(people.TakeDown) && !r.Person.Limited() {
		p.Take = URL(one.SHA256) + "/takedown"
	}
	if p.People, err = consents.OfPicture(r.Context(), d.db, r.Viewer, one.SHA256); err != nil {
		return nil, err
	}
	spoken, err := form.Spoken(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	languages := form.Tongues(spoken, tongues(one.Alt))
	for _, language := range languages {
		if text := one.Alt[language]; text != "" {
			p.Says = append(p.Says, said{Language: r.Words.Tongue(language), Text: page.NewText(language, text), Advice: advice.Of(r.Words, language, text)})
		}
	}
	p.About = aboutForm(r, one, languages)
	p.frames(r, one)
	p.Focus = focusForm(r, one)
	return p, d.uses(r, p, one)
}

// tongues returns the languages that something is said in, in order.
func tongues(alt map[string]string) []string { return slices.Sorted(maps.Keys(alt)) }

// kind writes a type for people.
func kind(mime string) string {
	return map[string]string{"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WebP"}[mime]
}

// uses fills in the posts that show a picture.
func (d Desk) uses(r ask.Request, p *onePage, one picture.Picture) error {
	list, err := swap.Uses(r.Context(), d.db, one.SHA256, r.Person)
	if err != nil {
		return err
	}
	for _, u := range list {
		if u.Waits() {
			p.Waits++
		}
		if !u.Seen {
			p.Hidden++
			continue
		}
		line := use{
			URL: fmt.Sprintf("/posts/%d", u.Post), Name: page.Heading(u.Message, u.Kind), Title: u.Title, Rehearsal: u.Rehearsal, Waiting: u.Waiting, Out: u.Out,
		}
		if line.HasFirst = u.First != nil; line.HasFirst {
			line.First = r.Words.Moment(*u.First, r.Zone)
		}
		p.Uses = append(p.Uses, line)
	}
	if len(list) > 0 {
		p.Removes = r.Words.T("pictures.remove.used", len(list))
	}
	return nil
}

// frames shows how networks would cut the picture. Mastodon is given the point itself, and cuts small copies to 16 by 9 around it
// (https://docs.joinmastodon.org/api/guidelines/#focal-points).
func (p *onePage) frames(r ask.Request, one picture.Picture) {
	if one.Focus != nil {
		p.X, p.Y, p.HasFocus = one.Focus.X, one.Focus.Y, true
	}
	for _, network := range []string{"mastodon", "bluesky", "x"} {
		cut := media.Frame(one.Width, one.Height, p.X, p.Y)
		if network == "mastodon" {
			cut.Across, cut.Down = 16, 9
		}
		if one.Logo {
			cut = media.Cut{}
		}
		left := cut.Of(one.Width, one.Height)
		p.Frames = append(p.Frames, frame{
			Network: r.Words.Network(network), View: fmt.Sprintf("%d %d %d %d", left.Min.X, left.Min.Y, left.Dx(), left.Dy()),
			Width: one.Width, Height: one.Height, Whole: left.Dx() == one.Width && left.Dy() == one.Height,
		})
	}
}

func aboutForm(r ask.Request, one picture.Picture, languages []string) form.Form {
	t := r.Words.T
	says := form.Group{Legend: t("pictures.alt.legend")}
	for i, language := range languages {
		c := form.Area("alt-"+language, t("now.alt", r.Words.Tongue(language)), one.Alt[language], 2).In(language)
		if i == 0 {
			c = c.Hinted(t("pictures.alt.hint"))
		}
		says.Controls = append(says.Controls, c)
	}
	person := "no"
	if one.ShowsPerson {
		person = "yes"
	}
	return form.Form{
		ID: "about", Action: URL(one.SHA256), Button: t("pictures.save"), Main: true, Seen: fmt.Sprint(one.Version),
		Groups: []form.Group{says, {Controls: []form.Control{
			form.Line("tags", t("pictures.tags"), strings.Join(one.Tags, ", ")).Hinted(t("pictures.tags.hint")),
			form.Choice("person", t("pictures.person"), person, []page.Option{{Value: "no", Word: t("pictures.person.no")}, {Value: "yes", Word: t("pictures.person.yes")}}).Hinted(t("pictures.person.hint")),
		}}},
	}
}

func focusForm(r ask.Request, one picture.Picture) form.Form {
	t := r.Words.T
	x, y := "", ""
	if one.Focus != nil {
		x, y = fmt.Sprint(one.Focus.X), fmt.Sprint(one.Focus.Y)
	}
	return form.Form{
		ID: "focus", Action: URL(one.SHA256) + "/focus", Button: t("pictures.focus.save"), Seen: fmt.Sprint(one.Version),
		Groups: []form.Group{{Controls: []form.Control{
			form.Exact("focus-x", "number", t("pictures.focus.x"), x).As("focus").Hinted(t("pictures.focus.x.hint")),
			form.Exact("focus-y", "number", t("pictures.focus.y"), y).Hinted(t("pictures.focus.y.hint")),
		}}},
	}
}
