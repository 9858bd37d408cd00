// Package judge puts the posts of the book before the rules of content and says what they found, what a person has let stand, and
// what a person still has to answer.
//
// It gathers what rules need to know (facts, helplines, themes, where and when a post goes out), folds what they find at several
// places into one, and keeps waivers and answers. A waiver ends when the words change, an answer about a picture holds for every
// post that shows it. The package changes no text; that an error keeps a post from its reviewers is the business of
// internal/flow/review.
package judge

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/fill"
	"daymark/internal/postgres"
)

// Judged is what rules say of a post in one language.
type Judged struct {
	Language  string
	Words     [32]byte // the fingerprint of what the post says in the language
	Findings  []Found
	Questions []Asked
}

// Found is a finding, with the waiver that lets it stand.
type Found struct {
	lint.Finding
	Key    [32]byte // names it among the findings about the same words
	Waiver *Waiver  // nil while nobody has let it stand
	Places []string // handles of the accounts for which it holds; empty for all
}

// Waiver says who lets a finding stand and why.
type Waiver struct {
	ID     int64
	Person string
	Reason string
	At     time.Time // real time
}

// Asked is a question, with its latest answer.
type Asked struct {
	lint.Question
	AboutKey [32]byte       // the hash of the picture, or of the words
	Answer   *answer.Answer // nil while nobody has answered
	Open     bool           // nobody has given the answer with which nothing is wrong
}

// Asks names what is asked, to answer it.
func (a Asked) Asks() answer.About { return answer.About{Rule: a.Rule, Hash: a.AboutKey} }

// Stops returns what keeps the words from being put before reviewers, a sentence each: errors that nobody has waived.
func (j Judged) Stops() []string {
	var list []string
	for _, f := range j.Findings {
		if f.Severity != lint.Error || f.Waiver != nil {
			continue
		}
		if s := f.Sentence(); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// Sentence says the finding in one line: where it holds if not everywhere, the words it is about, what is wrong and what to do.
func (f Found) Sentence() string {
	var b strings.Builder
	if len(f.Places) > 0 {
		b.WriteString(strings.Join(f.Places, ", ") + ": ")
	}
	if f.Quote != "" {
		b.WriteString("“" + f.Quote + "”: ")
	}
	return strings.TrimSpace(b.String() + f.Message + " " + f.Suggestion)
}

// Post judges a post in a language: at each of its places to come, as it would go out there; where there is none, as it is
// written.
func Post(ctx context.Context, q postgres.Querier, rules *lint.Set, p book.Post, language string, now time.Time) (Judged, error) {
	values, err := fill.Read(ctx, q, p.Edition)
	if err != nil {
		return Judged{}, err
	}
	g, err := gather(ctx, q, rules, values, now)
	if err != nil {
		return Judged{}, err
	}
	list, err := g.judge(ctx, q, []matter{g.matter(p, language)})
	if err != nil {
		return Judged{}, err
	}
	return list[0], nil
}

// Filled judges what deliveries of one post would say, by language. The values are those that the words were filled with.
func Filled(ctx context.Context, q postgres.Querier, rules *lint.Set, p book.Post, values fill.Values, filled map[string][]fill.Filled, now time.Time) (map[string]Judged, error) {
	g, err := gather(ctx, q, rules, values, now)
	if err != nil {
		return nil, err
	}
	var matters []matter
	for language, list := range filled {
		matters = append(matters, matter{post: p, language: language, filled: list})
	}
	list, err := g.judge(ctx, q, matters)
	if err != nil {
		return nil, err
	}
	judged := map[string]Judged{}
	for _, j := range list {
		judged[j.Language] = j
	}
	return judged, nil
}

// OfEdition is what rules say of an edition.
type OfEdition struct {
	Posts []OfPost
	Whole []lint.Finding // about the edition as a whole
}

// OfPost is what rules say of one post of an edition, a language each.
type OfPost struct {
	Post      book.Post
	Languages []Judged
}

// Edition judges every post of an edition in every language it speaks, with few questions to the database.
func Edition(ctx context.Context, q postgres.Querier, rules *lint.Set, edition int64, now time.Time) (OfEdition, error) {
	values, err := fill.Read(ctx, q, edition)
	if err != nil {
		return OfEdition{}, err
	}
	g, err := gather(ctx, q, rules, values, now)
	if err != nil {
		return OfEdition{}, err
	}
	posts, err := postsOf(ctx, q, edition)
	if err != nil {
		return OfEdition{}, err
	}
	var matters []matter
	for _, p := range posts {
		for _, language := range speaks(p.Source) {
			matters = append(matters, g.matter(p, language))
		}
	}
	list, err := g.judge(ctx, q, matters)
	if err != nil {
		return OfEdition{}, err
	}
	out := OfEdition{}
	var subjects []lint.Subject
	for i, m := range matters {
		if n := len(out.Posts); n == 0 || out.Posts[n-1].Post.ID != m.post.ID {
			out.Posts = append(out.Posts, OfPost{Post: m.post})
		}
		of := &out.Posts[len(out.Posts)-1]
		of.Languages = append(of.Languages, list[i])
		for _, at := range g.subjects(m) {
			subjects = append(subjects, at.Subject)
		}
	}
	out.Whole = rules.CheckCampaign(subjects)
	return out, nil
}

// speaks returns the languages that a source is written in, in order.
func speaks(s post.Source) []string {
	var list []string
	for _, part := range s.Parts[:min(1, len(s.Parts))] {
		for language := range part.Texts {
			list = append(list, language)
		}
	}
	slices.Sort(list)
	return list
}

// matter is a post in one language with what it would say at its places; no place means as it is written.
type matter struct {
	post     book.Post
	language string
	filled   []fill.Filled
}

// matter fills what a post would say at its places to come.
func (g ground) matter(p book.Post, language string) matter {
	m := matter{post: p, language: language}
	for _, e := range p.Entries {
		if e.Language == language && (e.State == post.Held || e.State == post.Scheduled) && e.Coming(g.now) {
			m.filled = append(m.filled, g.values.Entry(p, e, g.now))
		}
	}
	return m
}

// judge puts matters before the rules and adds what people have said about what they found.
func (g ground) judge(ctx context.Context, q postgres.Querier, matters []matter) ([]Judged, error) {
	list := make([]Judged, len(matters))
	posts := make([]int64, len(matters))
	for i, m := range matters {
		var err error
		if list[i], err = g.look(m); err != nil {
			return nil, err
		}
		posts[i] = m.post.ID
	}
	if err := answered(ctx, q, list); err != nil {
		return nil, err
	}
	waivers, err := readWaivers(ctx, q, posts)
	if err != nil {
		return nil, err
	}
	for i := range list {
		for k := range list[i].Findings {
			f := &list[i].Findings[k]
			if w, ok := waivers[waived{posts[i], list[i].Language, f.Key}]; ok && !f.Fixed {
				f.Waiver = &w
			}
		}
	}
	return list, nil
}

// look puts a matter before the rules at each of its places and folds what they say. What holds at every place names none.
func (g ground) look(m matter) (Judged, error) {
	j := Judged{Language: m.language}
	var err error
	if j.Words, err = fingerprint(m.post.Source, m.language); err != nil {
		return Judged{}, err
	}
	subjects := g.subjects(m)
	checked := map[string][]lint.Finding{}
	for _, at := range subjects {
		same, err := json.Marshal([]any{at.Network, at.Filled, at.Parts, at.Hashtags, at.Day, at.Country, at.Helplines})
		if err != nil {
			return Judged{}, fmt.Errorf("judge post %d: %w", m.post.ID, err)
		}
		if _, done := checked[string(same)]; !done {
			checked[string(same)] = g.rules.Check(at.Subject)
		}
		seen := map[[32]byte]int{}
		for _, finding := range slices.Concat(checked[string(same)], g.lapses(at)) {
			key, err := keyOf(j.Words, finding)
			if err != nil {
				return Judged{}, err
			}
			j.fold(Found{Finding: finding, Key: key}, seen[key], at.place)
			seen[key]++
		}
		for _, question := range g.rules.Ask(at.Subject) {
			if err := j.ask(question); err != nil {
				return Judged{}, err
			}
		}
	}
	for i := range j.Findings {
		if slices.Sort(j.Findings[i].Places); len(slices.Compact(j.Findings[i].Places)) == len(places(subjects)) {
			j.Findings[i].Places = nil
		}
	}
	slices.SortStableFunc(j.Questions, func(a, b Asked) int {
		return cmp.Or(cmp.Compare(grave(a.Severity), grave(b.Severity)), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Picture, b.Picture))
	})
	return j, nil
}

// fold adds a finding at a place, or the place to the finding that is there: the nth of its key.
func (j *Judged) fold(f Found, nth int, place string) {
	for i := range j.Findings {
		at := &j.Findings[i]
		if at.Key != f.Key {
			continue
		}
		if nth > 0 {
			nth--
			continue
		}
		if grave(f.Severity) < grave(at.Severity) {
			at.Severity = f.Severity
		}
		at.Places = append(at.Places, place)
		return
	}
	f.Places = []string{place}
	j.Findings = append(j.Findings, f)
}

// ask adds a question, once for what it is about.
func (j *Judged) ask(q lint.Question) error {
	about := j.Words
	if q.About == lint.AboutPicture {
		var err error
		if about, err = pictureKey(q.Picture); err != nil {
			return fmt.Errorf("rule %s asks about a picture: %w", q.Rule, err)
		}
	}
	if !slices.ContainsFunc(j.Questions, func(a Asked) bool { return a.Rule == q.Rule && a.AboutKey == about }) {
		j.Questions = append(j.Questions, Asked{Question: q, AboutKey: about, Open: true})
	}
	return nil
}

// grave orders severities, the gravest first.
func grave(s lint.Severity) int {
	return slices.Index([]lint.Severity{lint.Error, lint.Warning, lint.Note}, s)
}

// places returns the places of subjects, each once.
func places(list []placed) []string {
	var all []string
	for _, at := range list {
		all = append(all, at.place)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// noRules is the error of a caller that forgot them: without rules everything would pass.
func noRules() error {
	return fault.New(fault.Internal, "The rules of content are missing, so nothing can be judged.")
}
