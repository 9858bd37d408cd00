package channels

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/begin"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/org/channel/joining"
)

// connectPage is the form that connects an account, with what to do beforehand.
type connectPage struct {
	page.Frame
	Steps []string
	Form  form.Form
	Zones []string
}

// goPage sends a person to the network.
type goPage struct {
	page.Frame
	Server string
	Send   string
}

// secrets are the fields whose words are never shown again.
var secrets = []string{"app_password", "consumer_secret", "access_token", "access_secret"}

// Form answers with the form of a network.
func (d Desk) Form(r ask.Request) (ask.Answer, error) {
	n, err := network(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(connectForm(r, n, d.back(r))), nil
}

// connectForm makes the page of a network; back is where X has to lead people back to.
func connectForm(r ask.Request, n, back string) *connectPage {
	t := r.Words.T
	p := &connectPage{
		Frame: page.Frame{Template: "connect", Title: t("channels.connect.title." + n), Door: "channels"}, Zones: begin.Zones(),
	}
	for i := range steps[n] {
		p.Steps = append(p.Steps, t(fmt.Sprintf("channels.steps.%s.%d", n, i+1)))
	}
	if n == "x" {
		p.Steps = append(p.Steps, t("channels.steps.x.back", back))
	}
	account := form.Group{Legend: t("channels.form.account")}
	secret := func(id string) form.Control { return form.Exact(id, "password", t("channels.form."+id), "") }
	switch n {
	case "mastodon":
		account.Controls = []form.Control{form.Exact("address", "text", t("channels.form.address"), "").Hinted(t("channels.form.address.hint"))}
	case "bluesky":
		account.Controls = []form.Control{
			form.Exact("handle", "text", t("channels.form.handle"), "").Hinted(t("channels.form.handle.hint")),
			secret("app_password").Hinted(t("channels.form.app_password.hint")),
		}
	case "x":
		account.Controls = []form.Control{
			form.Exact("consumer_key", "text", t("channels.form.consumer_key"), ""), secret("consumer_secret"),
			secret("access_token").Hinted(t("channels.form.access_token.hint")), secret("access_secret"),
			form.Exact("budget", "text", t("channels.form.budget"), "").Hinted(t("channels.form.budget.hint")),
			form.Choice("api", t("channels.form.api"), "v2", []page.Option{{Value: "v2", Word: t("channels.form.api.v2")}, {Value: "v1.1", Word: t("channels.form.api.v1")}}),
		}
	case "byhand":
		account.Controls = []form.Control{
			form.Line("kind", t("channels.form.kind"), "").Hinted(t("channels.form.kind.hint")),
			form.Exact("handle", "text", t("channels.form.handle"), "").Hinted(t("channels.form.handle.hand")),
			form.Exact("address", "url", t("channels.form.page"), "").Hinted(t("channels.form.page.hint")),
			form.Exact("characters", "text", t("channels.form.characters"), "").Hinted(t("channels.form.characters.hint")),
			form.Choice("picture", t("channels.form.picture"), "no", []page.Option{{Value: "no", Word: t("channels.form.picture.no")}, {Value: "yes", Word: t("channels.form.picture.yes")}}),
		}
	}
	zone := form.Exact("zone", "text", t("channels.form.zone"), r.Zone.String()).Hinted(t("channels.form.zone.hint"))
	zone.List = "zones"
	p.Form = form.Form{
		ID: "connect", Action: "/connect/" + n, Button: t("channels.connect.button." + n), Main: true,
		Groups: []form.Group{account, {Legend: t("channels.form.channel"), Controls: []form.Control{
			form.Line("name", t("channels.form.name"), "").Hinted(t("channels.form.name.hint")),
			zone,
			form.Exact("languages", "text", t("channels.form.languages"), r.Words.Lang).Hinted(t("channels.form.languages.hint")),
			form.Exact("country", "text", t("channels.form.country"), "").Hinted(t("channels.form.country.hint")),
			form.Line("labels", t("channels.form.labels"), "").Hinted(t("channels.form.labels.hint")),
		}}},
	}
	return p
}

// steps is how many steps the instructions of a network have, besides the one of X that names an address.
var steps = map[string]int{"mastodon": 3, "bluesky": 3, "x": 3, "byhand": 3}

// back is where networks send people back to.
func (d Desk) back(r ask.Request) string {
	if d.public != "" {
		return d.public + "/channels/connected"
	}
	return "http://" + r.Host + "/channels/connected" // a daemon always knows; without, nobody logs in but from this machine
}

// Connect connects an account with what a person copied, or sends the person to the network to allow it.
func (d Desk) Connect(r ask.Request) (ask.Answer, error) {
	n, err := network(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	f := r.PostForm
	start := joining.Start{
		Platform: n, Address: f.Get("address"), Redirect: d.back(r),
		Wanted: joining.Wanted{
			Name: strings.TrimSpace(f.Get("name")), Zone: strings.TrimSpace(f.Get("zone")), Languages: words(f.Get("languages"), ", "),
			Country: strings.ToUpper(strings.TrimSpace(f.Get("country"))), Labels: words(f.Get("labels"), ","),
		},
		Keys: joining.Keys{
			Handle: f.Get("handle"), AppPassword: f.Get("app_password"), ConsumerKey: f.Get("consumer_key"), ConsumerSecret: f.Get("consumer_secret"),
			AccessToken: f.Get("access_token"), AccessSecret: f.Get("access_secret"), API: f.Get("api"),
		},
	}
	start.ByHand = joining.ByHand{Kind: f.Get("kind"), Handle: f.Get("handle"), Picture: f.Get("picture") == "yes"}
	if start.ByHand.Characters, err = characters(f.Get("characters")); err != nil {
		return d.mend(r, n, err)
	}
	if start.Wanted.Budget, err = dollars(f.Get("budget")); err != nil {
		return d.mend(r, n, err)
	}
	if n == "mastodon" || n == "x" && start.Keys.AccessToken == "" && start.Keys.AccessSecret == "" {
		step, err := d.joins.Begin(r.Context(), r.Person, start)
		if err != nil {
			return d.mend(r, n, err)
		}
		return ask.Shown(&goPage{Frame: page.Frame{Template: "connect_go", Title: r.Words.T("channels.go.title"), Door: "channels"}, Server: step.Server, Send: step.Send}), nil
	}
	c, err := d.joins.Direct(r.Context(), r.Person, start)
	if err != nil {
		return d.mend(r, n, err)
	}
	return ask.Answer{To: address(c.ID), Said: r.Words.T("channels.connected", c.Name)}, nil
}

// mend answers with the form once more, with what is wrong and without the secrets.
func (d Desk) mend(r ask.Request, n string, err error) (ask.Answer, error) {
	problems := r.Words.Problems(err)
	switch k := fault.KindOf(err); {
	case k == fault.Internal || k == fault.Forbidden:
		return ask.Answer{}, err
	case len(problems) == 0:
		problems = []fault.Problem{{Message: r.Words.Say(err)}}
	}
	p := connectForm(r, n, d.back(r))
	typed := url.Values{}
	for id, values := range r.PostForm {
		typed[id] = values
	}
	for _, id := range secrets {
		typed.Del(id)
	}
	p.Form.Mend(typed, problems)
	return ask.Again(p), nil
}

// Connected takes what a network sent back with a person.
func (d Desk) Connected(r ask.Request) (ask.Answer, error) {
	c, err := d.joins.Finish(r.Context(), r.Person, r.URL.Query())
	if err != nil && fault.KindOf(err) == fault.Unavailable {
		return ask.Answer{To: "/channels", Said: r.Words.T("channels.notconnected"), Looks: []string{r.Words.Say(err)}}, nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: address(c.ID), Said: r.Words.T("channels.connected", c.Name)}, nil
}

// words reads a list that somebody typed.
func words(typed, between string) []string {
	var list []string
	for _, w := range strings.FieldsFunc(typed, func(c rune) bool { return strings.ContainsRune(between, c) }) {
		if w = strings.TrimSpace(w); w != "" {
			list = append(list, w)
		}
	}
	return list
}

// characters reads how long a post may be; empty is as long as anybody likes.
func characters(typed string) (int, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n <= 0 {
		return 0, fault.BadField("characters", "is no number; write one such as 2200, or leave it empty")
	}
	return n, nil
}

// dollars reads an amount as a person types it; empty is no bound.
func dollars(typed string) (*int64, error) {
	typed = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(typed), "$"))
	if typed == "" {
		return nil, nil //nolint:nilnil // no bound is nil
	}
	amount, err := strconv.ParseFloat(typed, 64)
	if err != nil || !(amount >= 0 && amount <= 1_000_000) { // NaN is neither
		return nil, fault.BadField("budget", "is no amount; write dollars, such as 20 or 7.50")
	}
	return new(int64(amount*100+0.5) * 10_000), nil
}
