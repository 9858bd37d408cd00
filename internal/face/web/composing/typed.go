package composing

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"daymark/internal/face/web/ask"
	"daymark/internal/flow/draft/prompt"
)

// typed is what a person filled in.
type typed struct {
	prompt.Correction // its kind and reason are empty unless it is a correction
	channels          []int64
	labels            []string
	seen              int // the version whose words the person changed
}

// begun returns the form as it is shown first.
func (s subject) filled() typed {
	t := typed{Correction: prompt.Correction{Writing: s.begun}, seen: s.of.Version}
	for _, p := range s.begun.Places {
		if !slices.Contains(t.channels, p.Channel) {
			t.channels = append(t.channels, p.Channel)
		}
	}
	if s.correct {
		t.Kind = prompt.Post
		if len(prompt.Answered(s.copies)) > 0 {
			t.Kind = prompt.Reply
		}
	}
	return t
}

// read reads the form that was sent.
func (s subject) read(r ask.Request) typed {
	f := r.PostForm
	t := typed{labels: f["label"]}
	t.seen, _ = strconv.Atoi(f.Get("seen"))
	minutes, _ := strconv.Atoi(f.Get("window"))
	t.Writing = prompt.Writing{
		Name: f.Get("name"), Texts: map[string]string{}, Notes: map[string]string{}, Alts: map[string]string{}, Picture: f.Get("picture"),
		Sensitive: f.Get("sensitive") != "", Window: time.Duration(minutes) * time.Minute,
	}
	t.Kind, t.Reason = prompt.Kind(f.Get("kind")), f.Get("reason")
	known := map[string]string{}
	at := slices.IndexFunc(s.pictures, func(p picture) bool { return p.SHA256 == t.Picture })
	switch {
	case at >= 0:
		known = s.pictures[at].Alt
	case t.Picture != "" && t.Picture == s.begun.Picture:
		known = s.begun.Alts
	default:
		t.Picture = ""
	}
	for _, language := range s.tongues() {
		t.Texts[language], t.Notes[language] = f.Get("text-"+language), f.Get("note-"+language)
		if t.Alts[language] = f.Get("alt-" + language); t.Alts[language] == "" && t.Picture != "" {
			t.Alts[language] = known[language]
		}
	}
	for _, id := range f["channel"] {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			t.channels = append(t.channels, n)
		}
	}
	t.Places = s.places(t)
	return t
}

// places returns the accounts that are ticked, alone or by a label, in each language that has a text and that they speak. A reply goes
// only where there is something to reply to.
func (s subject) places(t typed) []prompt.Place {
	live := prompt.Answered(s.copies)
	var list []prompt.Place
	for _, c := range s.channels {
		labelled := slices.ContainsFunc(c.Labels, func(l string) bool { return slices.Contains(t.labels, l) })
		if !labelled && !slices.Contains(t.channels, c.ID) {
			continue
		}
		for _, language := range t.Languages() {
			place := prompt.Place{Channel: c.ID, Language: language}
			if slices.Contains(c.Languages, language) && (t.Kind != prompt.Reply || live[place].Delivery != 0) {
				list = append(list, place)
			}
		}
	}
	return list
}

// tongues returns the languages that the form asks for: those of the accounts and those that are written already.
func (s subject) tongues() []string {
	var list []string
	for _, c := range s.channels {
		list = append(list, c.Languages...)
	}
	list = slices.AppendSeq(list, maps.Keys(s.begun.Texts))
	slices.SortFunc(list, func(a, b string) int {
		return 2*order(a) - 2*order(b) + compare(a, b)
	})
	return slices.Compact(list)
}

// order puts the languages first that Daymark ships in.
func order(language string) int {
	if at := slices.Index([]string{"en", "fr", "es", "ar"}, language); at >= 0 {
		return at
	}
	return 4
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
