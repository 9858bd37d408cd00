package gallery

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/picture"
	"daymark/internal/postgres"
)

// perPage is how many pictures a page of the library shows, and longest how many letters of a search are read.
const (
	perPage = 24
	longest = 200
)

// listPage answers "which pictures have we, and which may I use?".
type listPage struct {
	page.Frame
	Words     string
	Tags      []page.Option
	Campaigns []page.Option
	Uses      []page.Option
	Uploaders []page.Option
	Narrowed  bool
	Found     int
	Pictures  []shown
	Before    string // the address of the pictures before these
	After     string
	MayAdd    bool
	Problem   string // what is wrong with what was sent
	At        string // with which form: files, logo or url
}

// shown is a picture of the list.
type shown struct {
	SHA256 string
	URL    string
	Small  string
	Alt    page.Text // empty while nobody has said what it shows
	By     string
	Posts  int
	Tags   []string
	Person bool
	Logo   bool
	Moves  bool
}

// List answers with the library.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	p, err := d.list(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// again422 answers with the library and what is wrong with what was sent.
func (d Desk) again422(r ask.Request, wrong error) (ask.Answer, error) {
	at := "files"
	if strings.HasSuffix(r.URL.Path, "/fetch") {
		at = "url"
	}
	return d.problem(r, r.Words.Say(wrong), at)
}

func (d Desk) problem(r ask.Request, say, at string) (ask.Answer, error) {
	p, err := d.list(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Problem, p.At = say, at
	return ask.Again(p), nil
}

func (d Desk) list(r ask.Request) (*listPage, error) {
	t, values := r.Words.T, r.URL.Query()
	letters := []rune(strings.ReplaceAll(strings.ToValidUTF8(values.Get("q"), ""), "\x00", ""))
	clean := func(name string) string {
		return strings.ReplaceAll(strings.ToValidUTF8(values.Get(name), ""), "\x00", "")
	}
	number := func(name string) int64 {
		n, err := strconv.ParseInt(values.Get(name), 10, 32)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	f := picture.Filter{
		Words: strings.TrimSpace(string(letters[:min(len(letters), longest)])), Tag: clean("tag"), Campaign: clean("campaign"), Uploader: number("by"),
		From: int(number("from")), Limit: perPage,
	}
	use := values.Get("use")
	switch use {
	case picture.Used, picture.Unused:
		f.Use = use
	case "logos":
		f.Logos = true
	default:
		use = ""
	}
	p := &listPage{
		Frame: page.Frame{Template: "pictures", Title: t("pictures.title"), Door: "pictures"}, Words: f.Words, MayAdd: r.Person.May(people.PostEdit),
		Narrowed: f.Words != "" || f.Tag != "" || f.Campaign != "" || use != "" || f.Uploader != 0,
	}
	list, found, err := picture.List(r.Context(), d.db, f, r.Person)
	if err != nil {
		return nil, err
	}
	p.Found = found
	for _, one := range list {
		p.Pictures = append(p.Pictures, shownOf(r, one))
	}
	if err := d.choices(r, p, f, use); err != nil {
		return nil, err
	}
	turn := func(from int) string {
		v := url.Values{}
		for _, name := range []string{"q", "tag", "campaign", "use", "by"} {
			if s := clean(name); s != "" {
				v.Set(name, s)
			}
		}
		v.Set("from", strconv.Itoa(max(0, from)))
		return "/pictures?" + v.Encode()
	}
	if f.From > 0 {
		p.Before = turn(f.From - perPage)
	}
	if f.From+len(list) < found && len(list) > 0 {
		p.After = turn(f.From + perPage)
	}
	return p, nil
}

// choices fills in the filters.
func (d Desk) choices(r ask.Request, p *listPage, f picture.Filter, use string) error {
	t := r.Words.T
	tags, uploaders, err := picture.Choices(r.Context(), d.db)
	if err != nil {
		return err
	}
	all := page.Option{Word: t("pictures.all")}
	p.Tags, p.Uploaders, p.Campaigns = []page.Option{all}, []page.Option{all}, []page.Option{all}
	for _, tag := range tags {
		p.Tags = append(p.Tags, page.Option{Value: tag, Word: tag, Chosen: tag == f.Tag})
	}
	for _, u := range uploaders {
		if !r.Person.Limited() || u.ID == r.Person.ID {
			p.Uploaders = append(p.Uploaders, page.Option{Value: strconv.FormatInt(u.ID, 10), Word: u.Name, Chosen: u.ID == f.Uploader})
		}
	}
	editions, err := r.Editions(r.Context(), d.db)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, e := range editions {
		if !known[e.Campaign] {
			known[e.Campaign] = true
			p.Campaigns = append(p.Campaigns, page.Option{Value: e.Campaign, Word: e.Title, Chosen: e.Campaign == f.Campaign})
		}
	}
	p.Uses = []page.Option{all}
	for _, value := range []string{picture.Used, picture.Unused, "logos"} {
		p.Uses = append(p.Uses, page.Option{Value: value, Word: t("pictures.use." + value), Chosen: value == use})
	}
	return nil
}

// Small returns the small copy of a picture as a file, with what it is.
func Small(ctx context.Context, q postgres.Querier, sum string) ([]byte, string, error) {
	b, err := picture.Small(ctx, q, sum)
	return b, http.DetectContentType(b), err
}

func shownOf(r ask.Request, one picture.Picture) shown {
	return shown{
		SHA256: one.SHA256, URL: URL(one.SHA256), Small: small(one.SHA256), Alt: altOf(r, one.Alt).Short(120), By: one.Uploader, Posts: one.Posts, Tags: one.Tags,
		Person: one.ShowsPerson, Logo: one.Logo, Moves: one.Animated,
	}
}

// altOf returns what is said of a picture in the language of the page, else in English, else in any.
func altOf(r ask.Request, alt map[string]string) page.Text {
	for _, language := range append([]string{r.Words.Lang, "en"}, tongues(alt)...) {
		if said := alt[language]; said != "" {
			return page.NewText(language, said)
		}
	}
	return page.Text{}
}
