package campaigning

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/campaigning/typed"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/campaign/compose"

	fields "daymark/internal/flow/campaign/form"
)

// spareTasks is how many empty rows a form has for tasks.
const spareTasks = 2

// Begin answers with the form for a new campaign.
func (d Desk) Begin(r ask.Request) (ask.Answer, error) {
	p, err := d.basics(r, compose.New(observance.Observance{}), nil)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// Make makes a campaign that has no message yet.
func (d Desk) Make(r ask.Request) (ask.Answer, error) {
	return d.keep(r, compose.New(observance.Observance{}), func(s *compose.Sheet) (err error) {
		if s.ID = strings.TrimSpace(r.PostForm.Get("id")); s.ID != "" {
			return nil
		}
		s.ID, err = compose.FreeName(r.Context(), d.db, r.PostForm.Get("title"))
		return err
	})
}

// Basics answers with the form for a campaign as a whole.
func (d Desk) Basics(r ask.Request) (ask.Answer, error) {
	s, _, err := typed.Kept(r.Context(), d.db, r.Person, r.PathValue("campaign"))
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.basics(r, s, nil)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// Change writes a campaign as a whole; its messages stay.
func (d Desk) Change(r ask.Request) (ask.Answer, error) {
	s, _, err := typed.Kept(r.Context(), d.db, r.Person, r.PathValue("campaign"))
	if err != nil {
		return ask.Answer{}, err
	}
	return d.keep(r, s, func(*compose.Sheet) error { return nil })
}

// keep takes what was typed into a sheet and saves it, or shows the form again with everything that was typed.
func (d Desk) keep(r ask.Request, s compose.Sheet, name func(*compose.Sheet) error) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	p, err := d.basics(r, s, r.PostForm)
	if err != nil {
		return ask.Answer{}, err
	}
	if s.Seen != "" && r.PostForm.Get("seen") != form.Print(s.Seen) {
		p.Form.Meanwhile(r.PostForm, r.Words.T("campaign.clash"))
		return ask.Again(p), nil
	}
	if err := name(&s); err != nil {
		return ask.Answer{}, err
	}
	wrong, err := d.take(r, &s)
	if err != nil {
		return ask.Answer{}, err
	}
	if len(wrong) == 0 {
		changed, problems, err := compose.Save(r.Context(), d.db, s, r.Person, r.Now)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return ask.Answer{}, err
		}
		if err == nil && len(problems) == 0 {
			return ask.Answer{To: typed.Address(s.ID), Said: typed.Said(r.Words, changed)}, nil
		}
		wrong = append(typed.Problems(r.Words, s, problems, ""), r.Words.Problems(err)...)
	}
	p.Form.Mend(r.PostForm, wrong)
	return ask.Again(p), nil
}

// basics makes the form. What was typed says how many rows of tasks there are.
func (d Desk) basics(r ask.Request, s compose.Sheet, in url.Values) (*typed.Page, error) {
	t := r.Words.T
	days, err := d.days(r.Context(), r.Words.Lang)
	if err != nil {
		return nil, err
	}
	options := []page.Option{{Word: t("campaign.day.own")}}
	for _, o := range days {
		options = append(options, page.Option{Value: o.ID, Word: o.Name(r.Words.Lang)})
	}
	p := &typed.Page{
		Frame: page.Frame{Template: "campaign_form", Title: t("campaign.new"), Door: "campaigns"}, BackURL: "/campaigns", BackWord: t("campaigns.title"), Lede: t("campaign.new.lede"),
	}
	var about []form.Control
	if s.Seen == "" {
		p.Form = form.Form{ID: "campaign", Action: "/new-campaign", Button: t("campaign.new.save"), Main: true}
		about = []form.Control{
			form.Line("title", t("campaign.name"), ""), form.Line("id", t("campaign.id"), "").Hinted(t("campaign.id.hint")),
		}
	} else {
		p.Title, p.Lede, p.BackURL, p.BackWord = t("campaign.basics"), t("campaign.basics.lede"), typed.Address(s.ID), s.Title[s.Languages[0]]
		p.Form = form.Form{ID: "campaign", Action: typed.Address(s.ID) + "/basics", Button: t("campaign.save"), Main: true, Seen: form.Print(s.Seen)}
		for _, language := range s.Languages {
			about = append(about, form.Line("title-"+language, t("campaign.name.in", r.Words.Tongue(language)), s.Title[language]).In(language).As("title."+language))
		}
	}
	about = append(about,
		form.Choice("observance", t("campaign.day"), s.Observance, options).Hinted(t("campaign.day.hint")),
		form.Line("own-name", t("campaign.day.name"), ""), form.Exact("own-date", "date", t("campaign.day.date"), "").Hinted(t("campaign.day.date.hint")),
		form.Line("languages", t("campaign.languages"), strings.Join(s.Languages, ", ")).Hinted(t("campaign.languages.hint")),
		form.Line("hashtags", t("campaign.hashtags"), strings.Join(s.Hashtags, " ")).Hinted(t("campaign.hashtags.hint")),
		form.Area("goal", t("campaign.goal"), s.Goal, 2),
		form.Choice("links", t("campaign.links"), linksOf(s.Links), []page.Option{
			{Word: t("campaign.links.none")},
			{Value: "utm", Word: t("campaign.links.utm")},
			{Value: "short", Word: t("campaign.links.short")},
			{Value: "utm short", Word: t("campaign.links.both")},
		}).Hinted(t("campaign.links.hint")),
	)
	p.Form.Groups = []form.Group{{Controls: about}}
	rows := len(s.Tasks) + spareTasks
	for i := rows; in.Has(fmt.Sprintf("task-%d-what", i)); i++ {
		rows++
	}
	sent := 0 // a row that was left empty is no task
	for i := range rows {
		var task fields.Task
		if i < len(s.Tasks) {
			task = s.Tasks[i]
		}
		group := form.Group{Legend: t("campaign.task", i+1)}
		for _, one := range []struct{ id, label, value string }{
			{"what", "campaign.task.what", task.What}, {"who", "campaign.task.who", task.Who}, {"offset", "campaign.task.offset", task.Offset},
		} {
			c := form.Line(fmt.Sprintf("task-%d-%s", i, one.id), t(one.label), one.value).As(fmt.Sprintf("tasks[%d].%s", sent, one.id))
			if one.id == "offset" {
				c = c.Hinted(t("campaign.offset.hint"))
			}
			group.Controls = append(group.Controls, c)
		}
		if typedTask(in, i) != (fields.Task{}) {
			sent++
		}
		p.Form.Groups = append(p.Form.Groups, group)
	}
	return p, nil
}

// linksOf returns how links are counted as the form's choice has it.
func linksOf(l *fields.Links) string {
	var how []string
	if l != nil && l.UTM {
		how = append(how, "utm")
	}
	if l != nil && l.Short {
		how = append(how, "short")
	}
	return strings.Join(how, " ")
}

func typedTask(in url.Values, row int) fields.Task {
	get := func(what string) string { return strings.TrimSpace(in.Get(fmt.Sprintf("task-%d-%s", row, what))) }
	return fields.Task{Offset: get("offset"), Who: get("who"), What: get("what")}
}

// take puts what was typed into a sheet and returns what only a form can have wrong.
func (d Desk) take(r ask.Request, s *compose.Sheet) ([]fault.Problem, error) {
	in := r.PostForm
	wrong, err := d.takeDay(r, s)
	if err != nil {
		return nil, err
	}
	was := s.Languages
	s.Languages = typed.Split(in.Get("languages"))
	if len(s.Posts) > 0 && slices.ContainsFunc(s.Languages, func(l string) bool { return !slices.Contains(was, l) }) {
		wrong = append(wrong, fault.Problem{Field: "languages", Message: r.Words.T("campaign.languages.more")})
	}
	title := fields.Texts{}
	for _, language := range s.Languages {
		title[language] = typed.Line(in, "title-"+language)
		if !in.Has("title-" + language) {
			title[language] = typed.Line(in, "title")
		}
		if title[language] == "" && len(was) > 0 && !slices.Contains(was, language) {
			title[language] = s.Title[was[0]]
		}
	}
	if s.Title = title; s.Seen == "" && typed.Line(in, "title") == "" {
		wrong = append(wrong, fault.Problem{Field: "title", Message: r.Words.T("campaign.name.none")})
	}
	if len(s.Languages) == 0 {
		wrong = append(wrong, fault.Problem{Field: "languages", Message: r.Words.T("campaign.languages.none")})
	}
	for i := range s.Posts {
		prune(&s.Posts[i], s.Languages)
	}
	s.Hashtags, s.Goal = typed.Split(in.Get("hashtags")), typed.Words(in, "goal")
	if how := in.Get("links"); in.Has("links") {
		s.Links = nil
		if l := (fields.Links{UTM: strings.Contains(how, "utm"), Short: strings.Contains(how, "short")}); l != (fields.Links{}) {
			s.Links = &l
		}
	}
	had := s.Tasks
	s.Tasks = nil
	for i := 0; in.Has(fmt.Sprintf("task-%d-what", i)); i++ {
		task := typedTask(in, i)
		if task == (fields.Task{}) {
			continue
		}
		if i < len(had) {
			task.ID = had[i].ID
		} else {
			task.ID = taskName(task.What, slices.Concat(had, s.Tasks))
		}
		s.Tasks = append(s.Tasks, task)
	}
	return wrong, nil
}

// taskName returns a short name for a task that no other has: its done-mark is found by it.
func taskName(what string, tasks []fields.Task) string {
	name := compose.Named(what)
	if name == "" {
		name = "task"
	}
	one := name
	for n := 2; slices.ContainsFunc(tasks, func(t fields.Task) bool { return t.ID == one }); n++ {
		one = fmt.Sprintf("%s-%d", name, n)
	}
	return one
}

// takeDay reads for which day a campaign is: one that is known, or one of its own.
func (d Desk) takeDay(r ask.Request, s *compose.Sheet) ([]fault.Problem, error) {
	chosen := r.PostForm.Get("observance")
	if chosen == s.Observance && chosen != "" {
		return nil, nil
	}
	days, err := d.days(r.Context(), r.Words.Lang)
	if err != nil {
		return nil, err
	}
	for _, o := range days {
		if o.ID == chosen {
			s.Observance, s.Day = o.ID, o
			return nil, nil
		}
	}
	name := typed.Line(r.PostForm, "own-name")
	date, err := civil.ParseDate(strings.TrimSpace(r.PostForm.Get("own-date")))
	_, _, unsafe := text.FirstUnsafe(name)
	switch {
	case unsafe:
		return []fault.Problem{{Field: "own-name", Message: r.Words.T("campaign.unsafe")}}, nil
	case name == "" && err != nil:
		return []fault.Problem{{Field: "observance", Message: r.Words.T("campaign.day.none")}}, nil
	case name == "":
		return []fault.Problem{{Field: "own-name", Message: r.Words.T("campaign.day.name.none")}}, nil
	case err != nil:
		return []fault.Problem{{Field: "own-date", Message: r.Words.T("campaign.day.date.none")}}, nil
	}
	base := compose.Named(name)
	if base == "" {
		base = "day"
	}
	id := "own-" + base
	for n := 2; slices.ContainsFunc(days, func(o observance.Observance) bool { return o.ID == id }); n++ {
		id = fmt.Sprintf("own-%s-%d", base, n)
	}
	s.Observance = id
	s.Day = observance.Observance{ID: id, Names: map[string]string{"en": name}, Rule: observance.Rule{Kind: observance.Fixed, Month: date.Month, Day: date.Day}}
	return nil, nil
}

// prune takes the words of languages that a campaign does not speak any more out of a message.
func prune(p *fields.Post, languages []string) {
	of := func(texts fields.Texts) {
		maps.DeleteFunc(texts, func(language, _ string) bool { return !slices.Contains(languages, language) })
	}
	of(p.Text)
	of(p.ContentNote)
	pictures := func(list []fields.Media) {
		for _, m := range list {
			of(m.Alt)
		}
	}
	if p.Media != nil {
		pictures(*p.Media)
	}
	for _, part := range p.Thread {
		of(part.Text)
		pictures(part.Media)
	}
	if p.CTA != nil {
		of(p.CTA.Label)
	}
	p.Variants = slices.DeleteFunc(p.Variants, func(v fields.Variant) bool { return !slices.Contains(languages, v.Language) })
}
