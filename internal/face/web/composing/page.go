package composing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/core/text/count"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/flow/review/ready"
	"daymark/internal/org/channel"
	"daymark/internal/platform"
)

type picture = post.SourcePicture

// Page is the form on which a person writes.
type Page struct {
	page.Frame
	Lede     string
	BackURL  string
	BackWord string
	Action   string
	Seen     int
	Correct  bool
	Kind     form.Control // of a correction
	Reason   form.Control
	Old      []Live // the copies that a reply answers
	Name     form.Control
	Tongues  []Tongue
	Pictures []Tick // each with the picture's address; the first is none
	Careful  Tick
	Labels   []Tick
	Channels []Tick
	Window   form.Control
	Previews []Preview
	Problems []page.Field
	Where    string // what is wrong with the accounts
}

// Tongue is the fields of one language.
type Tongue struct {
	Code     string
	Name     string
	Open     bool
	Text     form.Control
	Note     form.Control
	Describe form.Control // what the picture shows
}

// Tick is something to choose.
type Tick struct {
	ID, Value, Word, More, URL string
	Chosen                     bool
}

// Live is a copy that is out.
type Live struct{ Handle, Network, Language, URL string }

// Preview is what was written in one language as reviewers would see it.
type Preview struct {
	ID       string
	Language string
	Stops    []string
	Errors   int
	Releases []written.Release
	Counts   []string // how much of each account's limit it takes
	Findings written.Findings
	Asked    int // questions that reviewers will be asked
}

// windows are the minutes that the form offers.
var windows = []int{60, 120, 180, 360, 720, 1440, 2880}

func minutes(typed string) time.Duration { return time.Duration(form.Number(typed)) * time.Minute }

// windowField asks how long something makes sense.
func windowField(words page.Words, chosen time.Duration) form.Control {
	var options []page.Option
	for _, n := range windows {
		options = append(options, page.Option{Value: strconv.Itoa(n), Word: words.T("now.hours", n/60)})
	}
	return form.Choice("window", words.T("now.window"), strconv.Itoa(int(chosen.Minutes())), options).Hinted(words.T("now.window.hint"))
}

// page makes the form with what was typed into it.
func (d Desk) page(r ask.Request, s subject, t typed) *Page {
	p := &Page{
		Frame: page.Frame{Template: "compose", Title: s.title, Door: "calendar"}, Lede: r.Words.T("now.lede"), BackURL: "/", BackWord: r.Words.T("home.title"),
		Action: s.action, Seen: t.seen, Correct: s.correct,
		Name:    form.Line("name", r.Words.T("now.name"), t.Name).Hinted(r.Words.T("now.name.hint")),
		Careful: Tick{ID: "sensitive", Value: "yes", Word: r.Words.T("now.sensitive"), Chosen: t.Sensitive},
		Window:  windowField(r.Words, t.Window),
	}
	if s.of.ID != 0 {
		p.BackURL, p.BackWord = fmt.Sprintf("/posts/%d", s.of.ID), page.Heading(s.of.Message, s.of.Source.Kind)
	}
	if s.correct {
		p.corrects(r, s, t)
	}
	for _, code := range s.tongues() {
		one := Tongue{
			Code: code, Name: r.Words.Tongue(code), Open: t.Texts[code] != "",
			Text:     form.Area("text-"+code, r.Words.T("now.text", r.Words.Tongue(code)), t.Texts[code], 6).In(code),
			Note:     form.Line("note-"+code, r.Words.T("now.note", r.Words.Tongue(code)), t.Notes[code]).In(code).Hinted(r.Words.T("now.note.hint")),
			Describe: form.Area("alt-"+code, r.Words.T("now.alt", r.Words.Tongue(code)), t.Alts[code], 2).In(code).Hinted(r.Words.T("now.alt.hint")),
		}
		p.Tongues = append(p.Tongues, one)
	}
	if len(p.Tongues) > 0 && !slices.ContainsFunc(p.Tongues, func(one Tongue) bool { return one.Open }) {
		p.Tongues[0].Open = true
	}
	p.Pictures = append(p.Pictures, Tick{ID: "picture-none", Word: r.Words.T("now.picture.none"), Chosen: t.Picture == ""})
	pictures := s.pictures
	if s.begun.Picture != "" && !slices.ContainsFunc(pictures, func(one picture) bool { return one.SHA256 == s.begun.Picture }) {
		pictures = append(slices.Clone(pictures), picture{SHA256: s.begun.Picture, Alt: s.begun.Alts})
	}
	for i, one := range pictures {
		p.Pictures = append(p.Pictures, Tick{
			ID: fmt.Sprintf("picture-%d", i+1), Value: one.SHA256, Word: said(one.Alt, r.Words), URL: "/media/" + one.SHA256, Chosen: one.SHA256 == t.Picture,
		})
	}
	for i, c := range s.channels {
		var languages []string
		for _, code := range c.Languages {
			languages = append(languages, r.Words.Tongue(code))
		}
		p.Channels = append(p.Channels, Tick{
			ID: fmt.Sprintf("channel-%d", c.ID), Value: strconv.FormatInt(c.ID, 10), Word: "@" + c.Handle,
			More: r.Words.Network(c.Platform) + " · " + r.Words.Joined(languages), Chosen: slices.Contains(t.channels, c.ID),
		})
		for _, label := range s.channels[i].Labels {
			if !slices.ContainsFunc(p.Labels, func(one Tick) bool { return one.Value == label }) {
				p.Labels = append(p.Labels, Tick{ID: fmt.Sprintf("label-%d", len(p.Labels)+1), Value: label, Word: label, Chosen: slices.Contains(t.labels, label)})
			}
		}
	}
	return p
}

// corrects adds what a correction asks besides.
func (p *Page) corrects(r ask.Request, s subject, t typed) {
	p.Lede = r.Words.T("correct.lede")
	options := []page.Option{{Value: string(prompt.Post), Word: r.Words.T("correct.kind.post")}}
	for _, c := range s.copies {
		if !c.Live {
			continue
		}
		if len(options) == 1 {
			options = slices.Insert(options, 0, page.Option{Value: string(prompt.Reply), Word: r.Words.T("correct.kind.reply")})
		}
		one := Live{Language: r.Words.Tongue(c.Language), URL: view.HTTPOnly(c.URL)}
		if at := slices.IndexFunc(s.channels, func(known channel.Channel) bool { return known.ID == c.Channel }); at >= 0 {
			one.Handle, one.Network = s.channels[at].Handle, r.Words.Network(s.channels[at].Platform)
		}
		p.Old = append(p.Old, one)
	}
	p.Kind = form.Choice("kind", r.Words.T("correct.kind"), string(t.Kind), options)
	if len(options) == 1 {
		p.Kind = p.Kind.Hinted(r.Words.T("correct.kind.gone"))
	}
	p.Reason = form.Area("reason", r.Words.T("correct.reason"), t.Reason, 2).Hinted(r.Words.T("correct.reason.hint"))
}

// said returns what a picture shows, in the language of the pages where there is one.
func said(alt map[string]string, words page.Words) string {
	if alt[words.Lang] != "" {
		return alt[words.Lang]
	}
	for _, one := range alt {
		if one != "" {
			return one
		}
	}
	return words.T("now.picture.undescribed")
}

// mend writes what is wrong to its fields and on top.
func (p *Page) mend(problems []fault.Problem) {
	controls := []*form.Control{&p.Name, &p.Window, &p.Kind, &p.Reason}
	for i := range p.Tongues {
		controls = append(controls, &p.Tongues[i].Text, &p.Tongues[i].Note, &p.Tongues[i].Describe)
	}
	for _, wrong := range problems {
		at := slices.IndexFunc(controls, func(c *form.Control) bool { return c.ID != "" && c.ID == wrong.Field })
		switch {
		case at >= 0:
			controls[at].Problem = wrong.Message
			p.Problems = append(p.Problems, controls[at].Field)
			for i := range p.Tongues {
				one := &p.Tongues[i]
				one.Open = one.Open || one.Text.Problem+one.Note.Problem+one.Describe.Problem != ""
			}
		case wrong.Field == "places":
			p.Where = wrong.Message
			p.Problems = append(p.Problems, page.Field{ID: "places", Label: "Accounts", Problem: wrong.Message})
		default:
			p.Problems = append(p.Problems, page.Field{Label: page.Name(wrong.Field), Problem: wrong.Message})
		}
	}
}

// shown writes one language of a preview.
func (d Desk) shown(r ask.Request, one ready.Previewed) (Preview, error) {
	w := written.Writer{Viewer: r.Viewer}
	p := Preview{
		ID: "preview-" + one.Language, Language: r.Words.Tongue(one.Language), Stops: one.Stops, Errors: len(one.Judged.Stops()),
		Releases: w.Fold(one.Finals, "preview-"+one.Language), Findings: w.Findings(one.Judged.Findings, one.Language, "found-"+one.Language, ""),
		Asked: len(one.Judged.Questions),
	}
	for _, f := range one.Finals {
		rules, ok := count.For(f.Platform)
		if !ok || len(f.Parts) == 0 {
			continue
		}
		body, _, err := channel.Capabilities(r.Context(), d.db, f.Channel)
		if err != nil {
			return p, err
		}
		var caps platform.Capabilities
		if len(body) > 0 {
			if err := json.Unmarshal(body, &caps); err != nil {
				return p, fmt.Errorf("read what channel %d allows: %w", f.Channel, err)
			}
		}
		a := rules.Within(caps.MaxCharacters, caps.URLCharacters).Count(f.Parts[0].Text, f.ContentNote)
		p.Counts = append(p.Counts, r.Words.T("now.count", "@"+f.Account, a.Length, a.Limit))
	}
	return p, nil
}

// NowPage asks whether a planned post goes out at once.
type NowPage struct {
	page.Frame
	ID      int64
	BackURL string
	Name    string
	Places  int
	Form    form.Form
}

func (d Desk) nowPage(r ask.Request) (*NowPage, error) {
	s, err := d.about(r)
	if err != nil {
		return nil, err
	}
	n, err := prompt.Waiting(r.Context(), d.db, s.of.ID)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fault.New(fault.Conflict, "Nothing of this post waits to go out.")
	}
	name, back := page.Heading(s.of.Message, s.of.Source.Kind), fmt.Sprintf("/posts/%d", s.of.ID)
	return &NowPage{
		Frame: page.Frame{Template: "now", Title: r.Words.T("now.move.title", name), Door: "calendar"}, ID: s.of.ID, BackURL: back, Name: name, Places: n,
		Form: form.Form{
			ID: "now", Action: back + "/now", Button: r.Words.T("now.move.send"), Main: true,
			Groups: []form.Group{{Controls: []form.Control{windowField(r.Words, prompt.Usual)}}},
		},
	}, nil
}
