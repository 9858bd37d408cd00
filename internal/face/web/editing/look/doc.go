// Package look says of a post that somebody is writing what each network would make of it: how long it is, what the rules find, what
// its tokens become, where and when it goes, and how it would be shown.
//
// Every figure comes from the code that counts, judges and fills what goes out: internal/core/text/count, internal/flow/book/judge and
// fill. The package writes nothing and knows no form.
package look

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/core/text/count"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/ready"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Look is what can be said of a post before it is saved.
type Look struct {
	Tongues []Tongue
	Places  []Place
	More    int // places beyond those that are listed
}

// Tongue is what can be said of one language.
type Tongue struct {
	Code     string
	Name     string
	Dir      string
	Goes     bool // it goes somewhere
	MaySend  bool // it can be sent for review by itself
	Counters []Counter
	Stops    []string // what keeps it from being sent for review, all but what rules say
	Errors   int      // errors that nobody has waived
	Findings written.Findings
	Asked    int                // questions that have yet to be answered
	Open     []written.Question // these, where they can be answered now
	Answered []written.Question
	Unfolds  string   // what somebody asked for with its forms: Found, Questions or nothing
	Waives   bool     // something can be let stand, once it is asked for
	Answers  bool     // there are questions, or answers to change, once they are asked for
	Unsafe   []string // characters that nobody sees, a sentence each
	Tokens   []Token
	Shown    []Shown
}

// Counter is how long a part is to a network.
type Counter struct {
	ID      string
	Network string // as people write it
	Code    string // as the code does
	Part    int    // 0 where there is only one
	Length  int
	Limit   int
	Over    bool
	Excess  int    // by how much
	Handle  string // the account whose server allows least, where accounts differ
}

// Token is what a token becomes.
type Token struct {
	Name  string
	Value page.Text
}

// Place is where and when a post goes.
type Place struct {
	Handle   string
	Network  string
	Language string
	When     page.Moment // on the clock of its zone
	Ours     page.Moment // in the team's zone
	Until    page.Moment
	Mark     page.Mark // empty for a place that is new
}

// Asked is what is looked at.
type Asked struct {
	Post     book.Post // as it would be, with the entries it would have
	Saved    bool      // nothing of it has yet to be saved: findings and questions can be answered
	Unfolds  string    // what is shown with the forms in which people answer it, in Language; nothing for no forms, of which a post has dozens
	Language string
	Words    []string // the languages to look at
	Channels []channel.Channel
	Allowed  map[int64]platform.Capabilities
	Values   fill.Values
	Checks   review.Checks
}

// What a look shows with its forms where somebody asks for it.
const (
	Found     = "found" // what rules find, so that it can be let stand
	Questions = "asked" // the questions of rules
)

// mostPlaces is how many places are listed.
const mostPlaces = 40

// sight is one place of those that see the same: the one for which a text is filled.
type sight struct {
	entry  book.Entry
	rules  count.Rules
	counts bool // its network's way to count is known
	goes   bool // the post goes there; else it is looked at for its counter only
}

// See looks at a post.
func See(ctx context.Context, q postgres.Querier, v view.Viewer, a Asked) (Look, error) {
	var out Look
	w := written.Writer{Viewer: v}
	filled, seen := map[string][]fill.Filled{}, map[string][]filledSight{}
	for _, code := range a.Words {
		for _, s := range a.sights(code) {
			f := a.Values.Entry(a.Post, s.entry, v.Now)
			seen[code] = append(seen[code], filledSight{s, f})
			if s.goes && s.entry.Coming(v.Now) {
				filled[code] = append(filled[code], f)
			}
		}
		if _, ok := filled[code]; !ok {
			filled[code] = nil // then it is judged as it is written
		}
	}
	judged, err := judge.Filled(ctx, q, a.Checks.Rules, a.Post, a.Values, filled, v.Now)
	if err != nil {
		return Look{}, err
	}
	asked := map[answer.About]bool{}
	for _, code := range a.Words {
		one := Tongue{Code: code, Name: v.Words.Tongue(code), Dir: page.NewText(code, "").Dir, Counters: counters(v, a.Post.Source, code, seen[code])}
		if one.Stops, err = ready.Stops(ctx, q, a.Checks.Networks, filled[code]); err != nil {
			return Look{}, err
		}
		one.Goes = len(filled[code]) > 0
		one.MaySend = one.Goes && v.Person.May(people.PostSubmit)
		one.Unsafe = unsafe(v.Words, a.Post.Source, code)
		one.Tokens = tokens(code, seen[code])
		one.Shown = shown(w, a.Post.Source, code, seen[code])
		a.found(w, judged[code], asked, &one)
		out.Tongues = append(out.Tongues, one)
	}
	out.Places, out.More = places(v, a.Post.Entries)
	return out, nil
}

// filledSight is a sight with what it would say.
type filledSight struct {
	sight
	fill.Filled
}

// sights returns the places that differ in what they see of a language: one for each network, country and server's limits. Networks where
// the post does not go, but an account is, are looked at as well, so that their counters can be seen.
func (a Asked) sights(code string) []sight {
	type kind struct {
		platform, country string
		limit, perLink    int
		sandbox, prompt   bool
	}
	var list []sight
	known := map[kind]bool{}
	networks := map[string]bool{}
	add := func(e book.Entry, c channel.Channel, goes bool) {
		allowed := a.Allowed[e.Channel]
		k := kind{e.Platform, c.Country, allowed.MaxCharacters, allowed.URLCharacters, c.Sandbox, e.Prompt}
		if known[k] || !goes && networks[e.Platform] {
			return
		}
		known[k], networks[e.Platform] = true, true
		s := sight{entry: e, goes: goes}
		if s.rules, s.counts = count.For(e.Platform); s.counts {
			s.rules = s.rules.Within(allowed.MaxCharacters, allowed.URLCharacters)
		}
		list = append(list, s)
	}
	for _, e := range a.Post.Entries {
		if e.Language == code && (e.State == post.Held || e.State == post.Scheduled) {
			add(e, a.channel(e.Channel), true)
		}
	}
	for _, c := range a.Channels {
		if _, counts := count.For(c.Platform); counts && !c.Archived() {
			add(book.Entry{Channel: c.ID, Platform: c.Platform, Handle: c.Handle, ChannelName: c.Name, Language: code, DueDate: a.Post.Source.When.Date, Zone: c.Zone}, c, false)
		}
	}
	if len(a.Channels) == 0 {
		for _, network := range count.Networks {
			add(book.Entry{Platform: network, Language: code}, channel.Channel{}, false)
		}
	}
	return list
}

func (a Asked) channel(id int64) channel.Channel {
	if at := slices.IndexFunc(a.Channels, func(c channel.Channel) bool { return c.ID == id }); at >= 0 {
		return a.Channels[at]
	}
	return channel.Channel{}
}

// counters counts each part for each network; where accounts of one network differ, for the one with the least room left.
func counters(v view.Viewer, s post.Source, code string, seen []filledSight) []Counter {
	var list []Counter
	for part := range s.Parts {
		for _, one := range seen {
			if !one.counts {
				continue
			}
			a := one.rules.Count(one.rules.Noted(body(s, part, one), one.Final.ContentNote), one.Final.ContentNote)
			c := Counter{
				ID: fmt.Sprintf("count-%d-%s-%s", part+1, code, one.entry.Platform), Network: v.Words.Network(one.entry.Platform), Code: one.entry.Platform,
				Length: a.Length, Limit: a.Limit, Over: a.Remaining < 0, Excess: max(0, -a.Remaining),
			}
			if len(s.Parts) > 1 {
				c.Part = part + 1
			}
			at := slices.IndexFunc(list, func(o Counter) bool { return o.ID == c.ID })
			switch {
			case at < 0:
				list = append(list, c)
			case list[at].Limit-list[at].Length > c.Limit-c.Length:
				c.Handle = one.entry.Handle
				list[at] = c
			}
		}
	}
	return list
}

// body returns a part as it goes out; while a part of its thread has no words yet, as it is written.
func body(s post.Source, part int, one filledSight) string {
	if part < len(one.Final.Parts) {
		return one.Final.Parts[part].Text
	}
	words, _ := s.Text(part, one.entry.Language, one.entry.Platform)
	return words
}

// tokens lists what the tokens of a language become, each once.
func tokens(code string, seen []filledSight) []Token {
	var list []Token
	for _, one := range seen {
		for _, part := range one.Words.Parts {
			for _, in := range part.Inserted {
				if in.Start < 0 || in.Start > in.End || in.End > len(part.Text) {
					continue
				}
				t := Token{Name: "{{" + in.Token + "}}", Value: page.NewText(code, part.Text[in.Start:in.End])}
				if !slices.Contains(list, t) {
					list = append(list, t)
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Token) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// unsafe names the characters of a language's words that nobody sees, such as one that turns the direction of writing.
func unsafe(words page.Words, s post.Source, code string) []string {
	var list []string
	look := func(where, written string) {
		if r, at, found := text.FirstUnsafe(written); found {
			list = append(list, words.T("editor.unsafe", where, fmt.Sprintf("%U", r), len([]rune(written[:at]))+1))
		}
	}
	for i, part := range s.Parts {
		look(words.T("words.part", i+1), part.Texts[code])
		for _, picture := range part.Pictures {
			look(words.T("finding.in.alt"), picture.Alt[code])
		}
	}
	for _, own := range s.Variants {
		if own.Language == code {
			look(words.Network(own.Network), own.Text)
		}
	}
	look(words.T("finding.in.content_note"), s.ContentNote[code])
	return list
}

// places lists where and when a post goes, the earliest first.
func places(v view.Viewer, entries []book.Entry) ([]Place, int) {
	list := slices.Clone(entries)
	slices.SortStableFunc(list, func(a, b book.Entry) int { return a.DueAt.Compare(b.DueAt) })
	var out []Place
	for _, e := range list[:min(len(list), mostPlaces)] {
		p := Place{
			Handle: e.Handle, Network: v.Words.Network(e.Platform), Language: v.Words.Tongue(e.Language), Ours: v.Words.Moment(e.DueAt, v.Zone), Until: v.Words.Moment(e.NotAfter, v.Zone),
		}
		p.When = written.Writer{Viewer: v}.CivilMoment(e.DueAt, e.DueDate, e.DueClock, e.Zone)
		if e.Delivery != 0 {
			p.Mark = v.Words.MarkOf(page.StandingOf(e.State, e.Hold, ""))
		}
		out = append(out, p)
	}
	return out, len(list) - len(out)
}
