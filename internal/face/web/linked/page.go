package linked

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"daymark/internal/face/web/judged/reading"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
	"daymark/internal/org/profile"
)

// refusedPage says why a link does not do what was asked.
type refusedPage struct {
	page.Frame
	Text      string
	Reference string
	BackURL   string // the page of the link
}

// linkPage is a submission as whoever came by a link reads it.
type linkPage struct {
	page.Frame
	URL       string // of the page; forms go below it
	Edition   string
	Name      string
	Language  string
	For       string // whose link it is
	Address   string // where codes go, mostly hidden: the link may be in wrong hands
	First     page.Moment
	Until     page.Moment // of the link
	Places    int
	Now       bool // it goes out as soon as it is approved
	Releases  []written.Release
	Findings  written.Findings
	Open      []written.Question
	Answered  []written.Question
	Blocked   bool // a question of the rules is open
	Progress  string
	Decides   bool // the link is open
	Passed    bool // a code was given
	CodeSent  bool
	MayHold   bool
	MyHold    bool
	Held      bool
	Approve   bool
	WhyNot    string
	Said      string // what was said by the link already
	SaidAt    page.Moment
	Code      page.Field
	Comment   page.Field
	Why       page.Field
	Remarks   reading.Remarks // what should change in single parts and pictures
	Mend      []page.Field
	Safeguard bool // the yes counts as the safeguarding yes
}

func (s Site) frame(r *http.Request, template, title string) page.Frame {
	f := page.Frame{Template: template, Title: title, Notice: s.Notice, Version: s.Version, Lang: s.spoken(r).Words().Lang}
	if token := r.PathValue("token"); token != "" {
		f.OwnPath = link.Path + token
	}
	if org, err := profile.Get(r.Context(), s.DB); err == nil { // without it the page says less
		f.Org = org.Name
	}
	return f
}

// read answers with the page of a link; it changes nothing.
func (s Site) read(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	return s.write(w, http.StatusOK, p)
}

func (s Site) page(r *http.Request) (*linkPage, error) {
	ctx, now, t := r.Context(), s.Clock.Now(), s.spoken(r).Words().T
	l, err := link.Find(ctx, s.DB, r.PathValue("token"))
	if err != nil {
		return nil, err
	}
	if err := link.Closed(ctx, s.DB, l, now); err != nil {
		return nil, err
	}
	state := l.State(now)
	c, who, err := link.Card(ctx, s.DB, l)
	if err != nil {
		return nil, err
	}
	v := written.Writer{Viewer: view.Viewer{Person: who, Zone: s.zone(r), Now: now, Words: s.spoken(r).Words()}}
	name := page.Heading(c.Message, c.Kind)
	p := &linkPage{
		Frame: s.frame(r, "bylink", name+", "+v.Words.Tongue(c.Language)), URL: link.Path + r.PathValue("token"), Edition: c.Title, Name: name,
		Language: v.Words.Tongue(c.Language), For: l.Reviewer, Address: hidden(l.Email), First: v.Words.Moment(c.First, v.Zone), Now: c.Prompt,
		Until: v.Words.Moment(l.ExpiresAt, v.Zone), Blocked: c.Blocked != "", Progress: t("card.got", c.Got, c.Needed), Held: c.Held,
		MayHold: l.Holds(now), Decides: state == link.Open, Approve: c.MayApprove && c.Blocked == "", Safeguard: l.Safeguards,
		Code:    page.Field{ID: "code", Label: t("link.code"), Hint: t("link.code.hint", hidden(l.Email))},
		Comment: page.Field{ID: "comment", Label: t("card.changes.label"), Hint: t("card.changes.hint")},
		Why:     page.Field{ID: "why", Label: t("card.hold.label"), Hint: t("link.hold.hint")},
	}
	if c.Prompt {
		p.First = v.Words.Moment(c.Until, v.Zone)
	}
	if !p.Approve && !p.Blocked {
		p.WhyNot = c.WhyNot
	}
	for _, g := range c.Groups {
		p.Places += len(g.Places)
	}
	p.MyHold = c.Held && slices.ContainsFunc(c.Verdicts, func(one review.Verdict) bool {
		return one.Latest && one.PersonID == who.ID && one.Verdict == review.Hold
	})
	if l.Verdict != "" {
		p.Said, p.SaidAt = t("link.said."+l.Verdict), v.Words.Moment(*l.SaidAt, v.Zone)
	}
	if p.Passed, err = link.Passed(ctx, s.DB, l, s.pass(r)); err != nil {
		return nil, err
	}
	if p.CodeSent, err = link.CodeWaits(ctx, s.DB, l); err != nil {
		return nil, err
	}
	if p.Releases, err = reading.Releases(ctx, s.DB, v, c); err != nil {
		return nil, err
	}
	p.Findings = v.Findings(c.Findings, c.Language, "finding", "")
	may := p.Decides && p.Passed
	p.Open, p.Answered = v.Questions(c.Questions, c.Language, p.Releases, "question", p.URL+"/answers", may)
	if may {
		p.Remarks = reading.RemarksOn(v.Words, c)
	}
	p.ours()
	return p, nil
}

// ours lets the pictures of the page be asked for by the link: the team's addresses of them need a log-in.
func (p *linkPage) ours() {
	each := func(list []written.Picture) {
		for i := range list {
			list[i].URL = p.URL + "/picture/" + strings.TrimPrefix(list[i].URL, "/media/")
		}
	}
	for i := range p.Releases {
		for _, parts := range [][]written.Part{p.Releases[i].Parts, p.Releases[i].Instead} {
			for j := range parts {
				each(parts[j].Pictures)
			}
		}
	}
	for _, list := range [][]written.Question{p.Open, p.Answered} {
		for i := range list {
			list[i].Pictures = slices.Clone(list[i].Pictures)
			for j, one := range list[i].Pictures {
				if strings.HasPrefix(one.URL, "/media/") {
					each(list[i].Pictures[j : j+1])
				}
			}
		}
	}
}

func (s Site) zone(r *http.Request) *time.Location {
	org, err := profile.Get(r.Context(), s.DB)
	if err != nil {
		return time.UTC
	}
	zone, err := time.LoadLocation(org.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// hidden writes an address so that its owner knows it and nobody learns it.
func hidden(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	if local == "" {
		return "…@" + domain
	}
	return local[:1] + "…@" + domain
}
