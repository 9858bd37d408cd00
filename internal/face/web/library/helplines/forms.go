package helplines

import (
	"fmt"
	"net/url"
	"strings"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/org/helpline"
	"daymark/internal/org/helpline/entry"
)

// words makes options of the texts that begin with a prefix.
func words(r ask.Request, prefix string, values ...string) []page.Option {
	list := make([]page.Option, len(values))
	for i, v := range values {
		list[i] = page.Option{Value: v, Word: r.Words.T(prefix + v)}
	}
	return list
}

// unsaid puts a choice before the others that says nothing yet: nobody should send the first one by mistake.
func unsaid(r ask.Request, options []page.Option) []page.Option {
	return append([]page.Option{{Word: r.Words.T("lib.choose")}}, options...)
}

// checkForm is the form of who looked whether a helpline is what we say. It offers only what can be done.
func checkForm(r ask.Request, rec helpline.Record) form.Form {
	var hows []string
	if rec.Phone != "" {
		hows = append(hows, string(helpline.Called))
	}
	if rec.Message+rec.Chat != "" {
		hows = append(hows, string(helpline.Wrote))
	}
	hows = append(hows, string(helpline.Page))
	t := r.Words.T
	return form.Form{
		ID: "check", Action: URL(rec.ID) + "/check", Button: t("lib.line.check.send"), Main: true, Seen: fmt.Sprint(rec.Version),
		Groups: []form.Group{{Controls: []form.Control{
			form.Choice("how", t("lib.line.how"), "", unsaid(r, words(r, "lib.line.how.", hows...))),
			form.Choice("result", t("lib.line.result"), "", unsaid(r, words(r, "lib.line.result.", string(helpline.Works), string(helpline.Changed), string(helpline.Dead)))),
			form.Area("saw", t("lib.line.saw"), "", 3).Hinted(t("lib.line.saw.hint")),
		}}},
	}
}

// reasonForm is a form with a reason: to hold the posts that show a helpline, or to take it out of use.
func reasonForm(r ask.Request, rec helpline.Record, what string) form.Form {
	return form.Form{
		ID: what, Action: URL(rec.ID) + "/" + what, Button: r.Words.T("lib.line." + what + ".send"), Seen: fmt.Sprint(rec.Version),
		Groups: []form.Group{{Controls: []form.Control{
			form.Area(what+"-reason", r.Words.T("lib.line."+what+".reason"), "", 2).As("reason"),
		}}},
	}
}

// editForm is the form of a helpline, new where it has no version yet.
func editForm(r ask.Request, rec helpline.Record, languages []string) form.Form {
	t := r.Words.T
	yes := func(is bool) string {
		if is {
			return "yes"
		}
		return "no"
	}
	shorts := form.Group{Legend: t("lib.line.shorts")}
	for _, l := range languages {
		shorts.Controls = append(shorts.Controls, form.Line("short-"+l, t("lib.line.short", r.Words.Tongue(l)), rec.Short[l]).In(l).As("short"))
	}
	var first observance.Source
	if len(rec.Sources) > 0 {
		first = rec.Sources[0]
	}
	f := form.Form{
		ID: "edit", Action: URL(rec.ID), Button: t("lib.line.save"), Seen: form.Print(rec.Helpline),
		Groups: []form.Group{
			{Legend: t("lib.line.reach"), Controls: []form.Control{
				form.Line("name", t("lib.line.name"), rec.Name),
				form.Exact("phone", "tel", t("lib.line.phone"), rec.Phone).Hinted(t("lib.line.phone.hint")),
				form.Exact("text", "tel", t("lib.line.text"), rec.Message),
				form.Exact("chat", "url", t("lib.line.chat"), rec.Chat),
				form.Exact("web", "url", t("lib.line.web"), rec.Web),
				form.Line("hours", t("lib.line.hours"), rec.Hours),
			}},
			{Legend: t("lib.line.whom"), Controls: []form.Control{
				form.Line("country", t("lib.line.country"), rec.Country).Hinted(t("lib.line.country.hint")),
				form.Line("languages", t("lib.line.languages"), strings.Join(rec.Languages, ", ")).Hinted(t("lib.line.languages.hint")),
				form.Choice("interpreters", t("lib.line.interpreters"), yes(rec.Interpret), words(r, "lib.", "no", "yes")),
				form.Choice("for", t("lib.line.for"), rec.For, words(r, "lib.line.for.", campaign.HelplineAudiences...)),
				form.Choice("purpose", t("lib.line.purpose"), rec.Purpose, words(r, "lib.line.purpose.", campaign.Support, campaign.Reporting)),
			}},
			shorts,
			{Legend: t("lib.line.where"), Controls: []form.Control{
				form.Line("source", t("lib.line.source"), first.Name),
				form.Exact("source-url", "url", t("lib.line.source.url"), first.URL),
				form.Choice("read", t("lib.line.read"), rec.Read, unsaid(r, words(r, "lib.line.read.", entry.ReadLevels...))),
				form.Exact("days", "number", t("lib.line.days"), fmt.Sprint(rec.CheckDays)).As("check_days").Hinted(t("lib.line.days.hint")),
				form.Area("note", t("lib.line.note"), rec.Note, 3).Hinted(t("lib.line.note.hint")),
			}},
		},
	}
	if rec.Version == 0 {
		f.Action, f.Button, f.Main = "/helplines", t("lib.line.add"), true
		f.Groups = append([]form.Group{{Controls: []form.Control{
			form.Line("id", t("lib.line.id"), rec.ID).Hinted(t("lib.line.id.hint")),
			form.Choice("invented", t("lib.line.invented.ask"), yes(rec.Invented), words(r, "lib.", "no", "yes")).Hinted(t("lib.line.invented.hint")),
		}}}, f.Groups...)
	}
	return f
}

// read puts what was typed over a helpline.
func read(typed url.Values, h campaign.Helpline) campaign.Helpline {
	h.Name, h.Phone, h.Message = typed.Get("name"), typed.Get("phone"), typed.Get("text")
	h.Chat, h.Web, h.Hours, h.Note = typed.Get("chat"), typed.Get("web"), typed.Get("hours"), typed.Get("note")
	h.Country, h.For, h.Purpose, h.Read = typed.Get("country"), typed.Get("for"), typed.Get("purpose"), typed.Get("read")
	h.Interpret, h.CheckDays, h.Short = typed.Get("interpreters") == "yes", form.Number(typed.Get("days")), form.Texts(typed, "short-", h.Short)
	h.Languages = strings.FieldsFunc(typed.Get("languages"), func(c rune) bool { return strings.ContainsRune(",;، \t\r\n", c) })
	var first observance.Source
	if len(h.Sources) > 0 {
		first = h.Sources[0]
	}
	if name, at := strings.TrimSpace(typed.Get("source")), strings.TrimSpace(typed.Get("source-url")); name != first.Name || at != first.URL {
		var rest []observance.Source
		if len(h.Sources) > 0 {
			rest = h.Sources[1:]
		}
		h.Sources = nil
		if name+at != "" {
			h.Sources = append(h.Sources, observance.Source{Name: name, URL: at})
		}
		h.Sources = append(h.Sources, rest...)
	}
	return h
}

// wrongSource says what is wrong with the page that a number was read on, which the rules of helplines leave open.
func wrongSource(r ask.Request, typed url.Values) []fault.Problem {
	name, at := strings.TrimSpace(typed.Get("source")), strings.TrimSpace(typed.Get("source-url"))
	switch {
	case at != "" && view.HTTPOnly(at) == "":
		return []fault.Problem{{Field: "source-url", Message: r.Words.T("lib.line.source.bad")}}
	case at != "" && name == "":
		return []fault.Problem{{Field: "source", Message: r.Words.T("lib.line.source.none")}}
	case len([]rune(name)) > maxSource || len(at) > maxSource:
		return []fault.Problem{{Field: "source", Message: r.Words.T("lib.line.source.long", maxSource)}}
	}
	return nil
}

// maxSource is how long the name and the address of a source may be.
const maxSource = 500
