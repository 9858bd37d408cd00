package page

import (
	"slices"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/locale"
	"daymark/internal/face/web/page/texts"
)

// Words are the interface's texts in one language.
type Words struct{ texts.Words }

// English returns the interface in English.
func English() (Words, error) {
	w, err := texts.English()
	return Words{w}, err
}

// Say returns the sentence of an error for the person, or the empty string when it carries none. Pages show it with their template
// function "said".
func (w Words) Say(err error) string {
	format, args := fault.Format(err)
	problems := w.Problems(err)
	if format != "" || len(problems) == 0 {
		return w.Fault(format, args, fault.Say(err))
	}
	all := make([]string, len(problems))
	for i, p := range problems {
		if all[i] = p.Message; p.Field != "" {
			all[i] = p.Field + ": " + p.Message
		}
	}
	return strings.Join(all, "; ")
}

// Problems returns the wrong fields that an error carries, with what is wrong in the language of the page.
func (w Words) Problems(err error) []fault.Problem {
	list := slices.Clone(fault.Problems(err))
	for i, p := range list {
		list[i].Message = w.Fault(p.Format, p.Args, p.Message)
	}
	return list
}

// Frame is what every page shows around its content.
type Frame struct {
	Template  string // its file below templates, for pages of other rooms
	Lang, Dir string // of the interface; set by [Set.Render]
	Title     string
	Door      string // the id of the door that leads here: "home", "calendar" ...
	Org       string
	Person    string // the name of who is logged in; empty before log-in
	Role      string
	Doors     []Door // those on the phone's bar; empty before log-in
	Rest      []Door // those under "More" on a phone
	Waiting   *int   // how many drafts wait for this person, where the page has counted them already
	Stops     []string
	AtNetwork int    // posts that are at a network just now, while something is paused: no pause calls them back
	MayStop   bool   // shows the way to the emergency stop
	Notice    string // the demo's notice
	Clock     Moment // the product time, while it is not real time
	Flashes   []Flash
	Support   Text
	Version   string
	Renew     int      // seconds after which the page's live part renews itself; 0 for never
	OwnPath   string   // the address to come back to when another language was chosen; empty where there is none
	Speaks    []Speech // the languages of the interface; set by [Set.Render]
}

// Speech is a language that the pages are written in.
type Speech struct {
	Code, Name, Dir string
	Now             bool // this page is in it
}

func (f *Frame) frame() *Frame { return f }

func (f *Frame) file() string { return f.Template }

// Framed gives the page's frame, so that the shell can fill it.
func Framed(p Page) *Frame { return p.frame() }

// Speaking returns the languages of the interface as choices, each by its own name, after the choice of none.
func Speaking(none string) []Option {
	options := []Option{{Word: none}}
	for _, l := range texts.Languages() {
		options = append(options, Option{Value: l.Code, Word: l.Name})
	}
	return options
}

// Door is a link of the main navigation.
type Door struct {
	ID    string // also the part of the element's id: door-calendar
	URL   string
	Word  string
	Icon  string
	Key   string // the letter after "g"
	Count int    // how many things wait behind it; 0 shows nothing
	Here  bool   // the page being shown is behind it
}

// Flash is a message about what just happened.
type Flash struct {
	Text  string
	Looks []string // sentences beneath it, about what needs a look
}

// Text is something that people wrote, in their language.
type Text struct {
	Lang string
	Dir  string
	Body string
}

// NewText returns a text with the direction of its language.
func NewText(lang, body string) Text { return Text{Lang: lang, Dir: locale.Dir(lang), Body: body} }

// Short returns the text cut after about n characters, at a space.
func (t Text) Short(n int) Text {
	body := strings.Join(strings.Fields(t.Body), " ")
	runes := []rune(body)
	if len(runes) > n {
		cut := string(runes[:n])
		if at := strings.LastIndex(cut, " "); at > n/2 {
			cut = cut[:at]
		}
		body = cut + "…"
	}
	t.Body = body
	return t
}

// Name writes the id of a message for people: "blue-heart" becomes "Blue heart".
func Name(id string) string {
	s := strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(id))
	if s == "" {
		return id
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

// Heading names a post for people: by what kind of message it is, else by the message's id.
func Heading(message, kind string) string {
	if kind != "" {
		return Name(kind)
	}
	return Name(message)
}

// Field is one field of a form with what was typed and what is wrong with it.
type Field struct {
	ID       string // id and name of the element
	Label    string
	Hint     string
	Type     string // text, email, password, url
	Complete string // the autocomplete token
	List     string // the id of a datalist
	Value    string
	Problem  string
}

// Fields finds the problems of a form.
type Fields []fault.Problem

// Of returns the message about a field, or nothing.
func (f Fields) Of(field string) string {
	for _, p := range f {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}

// Option is one choice of a select.
type Option struct {
	Value  string
	Word   string
	Chosen bool
}
