// Package written puts the words of posts on pages: releases and drafts with their pictures and places, what rules found with the
// words it is about marked, what people have to answer, and what changed.
//
// It makes the structs that the shared templates show. Words stay words: a page marks them by pieces, and html/template escapes
// each of them. The package reads nothing and decides nothing.
package written

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corepost "daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/book/judge"
)

// Picture is a picture with the alt text that belongs to it.
type Picture struct {
	ID    string // of the fold, when veiled
	URL   string
	Alt   Words
	NoAlt string          // why it goes out without one
	Point *corepost.Focus // which point of it a crop keeps; nil for none
	Veils bool            // shown only when asked for
	Late  bool            // it lies far down or folded: a browser may fetch it when somebody comes near it
}

// Part is one part of a text: more than one is a thread.
type Part struct {
	No       int // 0 when there is only one
	Text     Words
	Pictures []Picture
}

// Release is the words of a post as people read them, final or still a draft.
type Release struct {
	Language  string // in words
	Note      Words  // the content note
	Parts     []Part
	Places    []Place
	Changed   []Change // since what reviewers were shown before
	Unchanged bool     // they were shown the very same words before
	InsteadOf string   // the helplines whose numbers it shows
	Instead   []Part   // what goes out without them
}

// Place is where and when a text goes.
type Place struct {
	Handle  string
	Network string
	When    page.Moment // in the channel's own zone
	Ours    page.Moment // in the team's zone
	Mark    page.Mark
	Problem string
	Live    string // the address of the live copy
	Sent    page.Moment
	Until   page.Moment // it goes out as soon as it is approved, until then
	Reply   bool        // it answers a post
	Answers string      // the address of that post
}

// Writer writes for one who looks.
type Writer struct{ view.Viewer }

// CivilMoment writes a day and a clock time as the channel's zone has them.
func (w Writer) CivilMoment(at time.Time, date, clock, zone string) page.Moment {
	return page.Moment{At: at.UTC().Format(time.RFC3339), Day: w.Words.LongDay(date), Clock: clock, Zone: zone}
}

// PlaceOf writes where a delivery of the book goes.
func (w Writer) PlaceOf(s view.Stand) Place {
	p := Place{
		Handle: s.Handle, Network: w.Words.Network(s.Platform), When: w.CivilMoment(s.DueAt, s.DueDate, s.DueClock, s.Zone),
		Ours: w.Words.Moment(s.DueAt, w.Zone), Mark: w.Words.MarkOf(s.Standing), Problem: s.Problem, Live: view.HTTPOnly(s.URL),
	}
	if s.PublishedAt != nil {
		p.Sent = w.Words.Moment(*s.PublishedAt, w.Zone)
	}
	var answers *corepost.Answers
	if s.Answers != 0 {
		answers = &corepost.Answers{URL: s.AnswersURL}
	}
	return w.Prompt(p, s.Prompt && s.State == corepost.Held, s.NotAfter, answers)
}

// Prompt writes of a place what goes out as soon as it is approved, and what it answers.
func (w Writer) Prompt(p Place, now bool, until time.Time, answers *corepost.Answers) Place {
	if now {
		p.Until = w.Words.Moment(until, w.Zone)
	}
	if p.Reply = answers != nil; p.Reply {
		p.Answers = view.HTTPOnly(answers.URL)
	}
	return p
}

// Fold writes finals, those that say the same as one release with all their places.
func (w Writer) Fold(finals []corepost.Final, prefix string) []Release {
	var heads []corepost.Final
	var places [][]Place
	for _, f := range finals {
		at := slices.IndexFunc(heads, f.SameWords)
		if at < 0 {
			at = len(heads)
			heads, places = append(heads, f), append(places, nil)
		}
		place := Place{Handle: f.Account, Network: w.Words.Network(f.Platform), When: w.CivilMoment(f.DueAt, f.DueDate, f.DueClock, f.Zone)}
		places[at] = append(places[at], w.Prompt(place, f.Prompt, f.NotAfter, f.Answers))
	}
	var out []Release
	for i, f := range heads {
		out = append(out, w.Release(f, places[i], nil, fmt.Sprintf("%s-%d", prefix, i)))
	}
	return out
}

// Release writes a final that goes to places, with what rules found there marked.
func (w Writer) Release(f corepost.Final, places []Place, found []judge.Found, prefix string) Release {
	here := slices.DeleteFunc(slices.Clone(found), func(one judge.Found) bool {
		return len(one.Places) > 0 && !slices.ContainsFunc(places, func(p Place) bool { return slices.Contains(one.Places, p.Handle) })
	})
	r := Release{Language: w.Words.Tongue(f.Language), Note: marked(f.Language, f.ContentNote, here, in(-1, "content_note", "")), Places: places}
	r.Parts = parts(f.Language, f.Parts, f.Sensitive, here, prefix)
	if len(f.Without) > 0 {
		r.Instead = parts(f.Language, f.Without, f.Sensitive, nil, prefix+"-instead")
	}
	return r
}

func parts(code string, list []corepost.FinalPart, veils bool, found []judge.Found, prefix string) []Part {
	var out []Part
	for i, part := range list {
		one := Part{No: number(i, len(list)), Text: marked(code, part.Text, found, in(i, "text", ""), in(i, "hashtags", ""))}
		for j, pic := range part.Pictures {
			one.Pictures = append(one.Pictures, pictureOf(code, pic, veils, found, i, fmt.Sprintf("%s-picture-%d-%d", prefix, i+1, j+1)))
		}
		out = append(out, one)
	}
	return out
}

// Draft writes a source in one language, tokens unfilled, with what rules found marked where its words stand.
func (w Writer) Draft(s corepost.Source, code string, found []judge.Found) Release {
	var list []corepost.FinalPart
	for i, part := range s.Parts {
		body := part.Texts[code]
		if i == 0 && len(s.Hashtags) > 0 {
			body = strings.TrimSpace(body + "\n\n" + strings.Join(s.Hashtags, " "))
		}
		one := corepost.FinalPart{Text: body}
		for _, pic := range part.Pictures {
			if !pic.Speaks(code) {
				continue
			}
			one.Pictures = append(one.Pictures, corepost.FinalPicture{SHA256: pic.SHA256, Alt: pic.Alt[code], NoAlt: pic.NoAlt, Focus: pic.Focus})
		}
		list = append(list, one)
	}
	return Release{
		Language: w.Words.Tongue(code), Note: marked(code, s.ContentNote[code], found, in(-1, "content_note", "")),
		Parts: parts(code, list, s.Sensitive, found, "lang-"+code+"-draft"),
	}
}

func number(i, of int) int {
	if of < 2 {
		return 0
	}
	return i + 1
}

func pictureOf(code string, pic corepost.FinalPicture, veils bool, found []judge.Found, part int, id string) Picture {
	return Picture{ID: id, URL: "/media/" + pic.SHA256, Alt: marked(code, pic.Alt, found, in(part, "alt", pic.SHA256)), NoAlt: pic.NoAlt, Point: pic.Focus, Veils: veils}
}

// Tongues lists the languages of a post: those it goes out in, then those it only has a text in.
func Tongues(p book.Post) []string {
	var list []string
	add := func(code string) {
		if !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	for _, e := range p.Entries {
		add(e.Language)
	}
	var rest []string
	for _, part := range p.Source.Parts {
		for code := range part.Texts {
			rest = append(rest, code)
		}
	}
	slices.Sort(rest)
	for _, code := range rest {
		add(code)
	}
	return list
}

// Unfilled says which values are missing at the places where a language has yet to be sent for review.
func (w Writer) Unfilled(values fill.Values, p book.Post, here []view.Stand) []string {
	var list []string
	for _, s := range here {
		if !s.Submittable(w.Now) {
			continue
		}
		for _, reason := range values.Entry(p, s.Entry, w.Now).Missing {
			if !slices.Contains(list, reason) {
				list = append(list, reason)
			}
		}
	}
	return list
}
