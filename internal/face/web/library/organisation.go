package library

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/begin"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/draft"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
)

// orgPage shows what the charity says of itself.
type orgPage struct {
	page.Frame
	Name      string
	Link      string
	LinkURL   string
	Home      string // the time zone
	Staff     string
	Says      []said
	Resources []resource
	Hosts     []string
	MayEdit   bool
	Edit      form.Form
	Zones     []string
}

// said is what a post says to somebody it troubled, in one language.
type said struct {
	Language string
	Text     page.Text
}

// resource is a page for some people.
type resource struct {
	Whom string
	URL  string
}

// Organisation answers with the profile.
func (d Desk) Organisation(r ask.Request) (ask.Answer, error) {
	p, err := d.organisation(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) organisation(r ask.Request) (*orgPage, error) {
	is, err := profile.Get(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	p := &orgPage{
		Frame: page.Frame{Template: "organisation", Title: r.Words.T("lib.org.title"), Door: "organisation"},
		Name:  is.Name, Link: is.Link, LinkURL: view.HTTPOnly(is.Link), Home: is.Zone, Staff: is.SupportNote, Hosts: is.Hosts,
		MayEdit: r.Person.May(people.ProfileManage), Zones: begin.Zones(),
	}
	for _, language := range form.Tongues(slices.Collect(maps.Keys(is.Support))) {
		if is.Support[language] != "" {
			p.Says = append(p.Says, said{r.Words.Tongue(language), page.NewText(language, is.Support[language])})
		}
	}
	for _, audience := range profile.Audiences {
		if at := view.HTTPOnly(is.Resources[audience]); at != "" {
			p.Resources = append(p.Resources, resource{r.Words.T("lib.org.for." + audience), at})
		}
	}
	if p.MayEdit {
		spoken, err := form.Spoken(r.Context(), d.db)
		if err != nil {
			return nil, err
		}
		p.Edit = orgForm(r, is, form.Tongues(spoken, slices.Collect(maps.Keys(is.Support))))
	}
	return p, nil
}

func orgForm(r ask.Request, is profile.Profile, languages []string) form.Form {
	t := r.Words.T
	zone := form.Line("zone", t("first.org.zone"), is.Zone).Hinted(t("first.org.zone.hint"))
	zone.List = "zones"
	says := form.Group{Legend: t("lib.org.troubled")}
	for _, l := range languages {
		says.Controls = append(says.Controls, form.Area("support-"+l, t("lib.org.says", r.Words.Tongue(l)), is.Support[l], 2).In(l).As("support in "+l))
	}
	pages := form.Group{Legend: t("lib.org.pages")}
	for _, audience := range profile.Audiences {
		pages.Controls = append(pages.Controls, form.Exact("resources-"+audience, "url", t("lib.org.for."+audience), is.Resources[audience]).As("resources for "+audience))
	}
	pages.Controls = append(pages.Controls, form.Area("hosts", t("lib.org.hosts"), strings.Join(is.Hosts, "\n"), 5).Hinted(t("lib.org.hosts.hint")))
	return form.Form{
		ID: "edit", Action: "/organisation", Button: t("lib.org.save"), Main: true, Seen: form.Print(is),
		Groups: []form.Group{
			{Legend: t("lib.org.itself"), Controls: []form.Control{
				form.Line("name", t("first.org.name"), is.Name).Hinted(t("first.org.name.hint")),
				form.Exact("link", "url", t("first.org.link"), is.Link).Hinted(t("first.org.link.hint")),
				zone,
				form.Choice("language", t("lib.org.language"), is.Language, page.Speaking(t("lib.org.language.none"))).Hinted(t("lib.org.language.hint")),
				form.Area("staff", t("first.support"), is.SupportNote, 3).As("support note").Hinted(t("first.support.hint")),
			}},
			says, pages,
		},
	}
}

// readOrg puts what was typed over the profile.
func readOrg(typed url.Values, is profile.Profile) profile.Profile {
	is.Name, is.Link, is.Zone, is.SupportNote = typed.Get("name"), typed.Get("link"), typed.Get("zone"), typed.Get("staff")
	if typed.Has("language") {
		is.Language = typed.Get("language")
	}
	is.Support, is.Resources = form.Texts(typed, "support-", is.Support), form.Texts(typed, "resources-", is.Resources)
	is.Hosts = strings.FieldsFunc(typed.Get("hosts"), func(c rune) bool { return strings.ContainsRune(",;، \t\r\n", c) })
	return is
}

// SaveOrganisation keeps what a person wrote of the organisation.
func (d Desk) SaveOrganisation(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	is, err := profile.Get(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	old := r.PostForm.Get("seen") != form.Print(is)
	if !old {
		renewed, err := draft.SaveProfile(r.Context(), d.db, readOrg(r.PostForm, is), r.Person)
		if err == nil {
			looks, err := form.Send(r, d.db, d.again, renewed)
			if err != nil {
				return ask.Answer{}, err
			}
			said := r.Words.T("lib.org.kept")
			if n := len(renewed.Posts); n > 0 {
				said = r.Words.T("lib.org.renewed", n)
			}
			return ask.Answer{To: "/organisation", Said: said, Looks: looks}, nil
		}
		if !fault.Is(err, fault.Invalid) {
			return ask.Answer{}, err
		}
		p, pageErr := d.organisation(r)
		if pageErr != nil {
			return ask.Answer{}, pageErr
		}
		p.Edit.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	p, err := d.organisation(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Edit.Meanwhile(r.PostForm, r.Words.T("lib.org.clash"))
	return ask.Answer{Page: p, Status: http.StatusConflict}, nil
}
