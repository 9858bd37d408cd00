package charity

import (
	"maps"
	"slices"
	"strings"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/flow/draft"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
)

// Profile is the command that shows or sets the profile.
type Profile struct {
	Name        string            `help:"The charity's name; fills {{org}}."`
	Link        string            `help:"Its link; fills {{link}}." placeholder:"URL"`
	Support     map[string]string `mapsep:"none" help:"What a post says to somebody it troubled, in a language; fills {{support}}. Repeat it for each language; nothing behind the sign takes it out." placeholder:"LANG=TEXT"`
	Resources   map[string]string `name:"resource" mapsep:"none" help:"The page for professionals or at_risk; fills {{resources_professionals}} and {{resources_at_risk}}." placeholder:"AUDIENCE=URL"`
	Hosts       []string          `name:"host" sep:"none" help:"A host that links in posts may lead to, besides the charity's own pages. Those given are the whole list." placeholder:"HOST"`
	SupportNote string            `help:"A note for staff: where they find support."`
	Zone        string            `help:"Its time zone." placeholder:"ZONE"`
	As          string            `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (Profile) Help() string {
	return "Posts that say a value which changes, and are before reviewers or approved, go back to the reviewers with the new one.\n" +
		"Examples:\n  daymark profile\n  daymark profile --name \"Hope Line\" --link https://hopeline.example --zone Europe/London\n" +
		"  daymark profile --support \"en=If this post troubled you, write to us.\" --resource at_risk=https://hopeline.example/help --host unodc.org"
}

// Run shows the profile, or sets what is given.
func (c *Profile) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		p, err := profile.Get(r.Ctx, a.DB)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if c.sets() {
			if err := c.save(r, a, &p); err != nil {
				return err
			}
		}
		r.Printf("name        %s\nlink        %s\nzone        %s\nstaff note  %s\n", p.Name, p.Link, p.Zone, p.SupportNote)
		for _, language := range slices.Sorted(maps.Keys(p.Support)) {
			r.Printf("support     %s: %s\n", language, p.Support[language])
		}
		for _, audience := range slices.Sorted(maps.Keys(p.Resources)) {
			r.Printf("resource    %s: %s\n", audience, p.Resources[audience])
		}
		if len(p.Hosts) > 0 {
			r.Printf("hosts       %s\n", strings.Join(p.Hosts, " "))
		}
		return nil
	})
}

func (c *Profile) sets() bool {
	return c.Name+c.Link+c.SupportNote+c.Zone != "" || len(c.Support)+len(c.Resources)+len(c.Hosts) > 0
}

// save sets what is given and puts the posts that say it before reviewers again.
func (c *Profile) save(r *command.Run, a *app.App, p *profile.Profile) error {
	by, err := r.Operator(a, c.As)
	if err != nil {
		return err
	}
	if !by.May(people.ProfileManage) {
		return fault.New(fault.Forbidden, "%s may not change the profile.", by.Email)
	}
	set(&p.Name, c.Name)
	set(&p.Link, c.Link)
	set(&p.SupportNote, c.SupportNote)
	set(&p.Zone, c.Zone)
	p.Support, p.Resources = over(p.Support, c.Support), over(p.Resources, c.Resources)
	if len(c.Hosts) > 0 {
		p.Hosts = c.Hosts
	}
	renewed, err := draft.SaveProfile(r.Ctx, a.DB, *p, by)
	if err != nil {
		return err
	}
	*p = profile.Clean(*p)
	waiting, err := a.SubmitAgain(r.Ctx, renewed, by)
	if len(renewed.Posts) > 0 {
		r.Printf("%d posts say what changed and are before reviewers again.\n", len(renewed.Posts))
	}
	for _, why := range waiting {
		r.Printf("  %s\n", why)
	}
	return err
}

func set(field *string, value string) {
	if value != "" {
		*field = value
	}
}

// over returns a map with what is given in place of what was there.
func over(was, given map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, was)
	maps.Copy(all, given)
	return all
}
