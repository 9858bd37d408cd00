package table

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/table/cell"
	"daymark/internal/org/channel"
)

// Options are what a person says of a file as a whole.
type Options struct {
	Order    cell.Order // of day and month
	Zone     string     // where a row names none: an IANA zone, one instant for all; empty is each account's own
	Everyone bool       // where a row names no accounts: all that speak its language; else that is a problem
	Language string     // where a row names none
}

// Ground is what rows are read on.
type Ground struct {
	Channels []channel.Channel // that the person may write for
	Pictures map[string]bool   // stored ones, by their SHA-256 in hex
	Now      time.Time
}

// Problem is what is wrong with one cell, or with a row as a whole.
type Problem struct {
	Row    int // as a spreadsheet counts: the names of columns are row 1
	Column Column
	Err    error
	Ask    bool // the order of day and month has to be said
}

// Draft is a post that the rows of a file make.
type Draft struct {
	Rows     []int
	Change   edit.Change
	Problems []Problem
	There    int64 // a post that is just so already; 0 for none
}

// Good reports whether nothing is wrong with it.
func (d Draft) Good() bool { return len(d.Problems) == 0 }

// row is one row by its columns.
type row struct {
	number int
	cells  map[Column]string
}

func (r row) get(c Column) string { return strings.TrimSpace(r.cells[c]) }

// Read makes posts of the rows of a file.
func Read(f File, m Mapping, opt Options, g Ground) ([]Draft, error) {
	if err := m.Check(f); err != nil {
		return nil, err
	}
	var groups [][]row
	at := map[string]int{}
	for i, record := range f.Rows {
		if blank(record) {
			continue
		}
		r := row{number: i + 2, cells: map[Column]string{}}
		for j, c := range m {
			if c != "" {
				r.cells[c] = strings.ReplaceAll(record[j], "\r\n", "\n")
			}
		}
		name := r.get(Post)
		if n, there := at[name]; there && name != "" {
			groups[n] = append(groups[n], r)
			continue
		}
		if at[name] = len(groups); name == "" {
			delete(at, name)
		}
		groups = append(groups, []row{r})
	}
	drafts := make([]Draft, len(groups))
	for i, rows := range groups {
		b := builder{opt: opt, ground: g}
		b.build(rows)
		drafts[i] = b.draft
	}
	return drafts, nil
}

// builder makes one post.
type builder struct {
	opt    Options
	ground Ground
	draft  Draft
	texts  map[string]int // the rows of texts, by part, language and network
}

func (b *builder) bad(r row, c Column, format string, args ...any) {
	b.err(r, c, fault.New(fault.Invalid, format, args...))
}

func (b *builder) err(r row, c Column, err error) {
	b.draft.Problems = append(b.draft.Problems, Problem{Row: r.number, Column: c, Err: err})
}

func (b *builder) build(rows []row) {
	first := rows[0]
	b.texts = map[string]int{}
	s := &b.draft.Change.Source
	s.Message = first.get(Post)
	for _, r := range rows {
		b.draft.Rows = append(b.draft.Rows, r.number)
		for _, c := range []Column{Date, Time, Zone, Sensitive, Hashtags, Link, Window} {
			if r.get(c) != "" && r.get(c) != first.get(c) {
				b.bad(r, c, "is another than in row %d, which is of the same post", first.number)
			}
		}
	}
	b.when(first)
	b.beside(first)
	for _, r := range rows {
		b.text(r)
	}
	for i, part := range s.Parts {
		if len(part.Texts) == 0 {
			b.bad(first, Part, "part %d of the post has no text", i+1)
		}
	}
	b.places(rows)
	if len(b.draft.Problems) > 0 {
		return
	}
	if err := b.draft.Change.Check(edit.Change{}, b.ground.Channels, b.ground.Now); err != nil {
		for _, p := range fault.Problems(err) {
			b.draft.Problems = append(b.draft.Problems, Problem{
				Row: first.number, Column: columnOf(p.Field), Err: &fault.Error{Kind: fault.Invalid, Message: p.Message, Format: p.Format, Args: p.Args},
			})
		}
	}
}

// columnOf returns the column that a field of the editor is.
func columnOf(field string) Column {
	head, _, _ := strings.Cut(field, "-")
	switch head {
	case "text", "own":
		return Text
	case "note":
		return Note
	case "alt", "noalt":
		return Alt
	case "places":
		return Accounts
	case "name":
		return Post
	}
	return Column(head) // hashtags, link, date, zone, window
}

func (b *builder) when(r row) {
	s := &b.draft.Change.Source
	w, ask, err := cell.Moment(r.get(Date), b.opt.Order)
	if r.get(Date) == "" {
		err = fault.New(fault.Invalid, "is missing")
	}
	if err != nil {
		b.draft.Problems = append(b.draft.Problems, Problem{Row: r.number, Column: Date, Err: err, Ask: ask})
		return
	}
	if given := r.get(Time); given != "" {
		c, err := cell.Clock(given)
		if err != nil {
			b.err(r, Time, err)
			return
		}
		if w.Timed && c != w.Clock {
			b.bad(r, Time, "is another than the time beside the day")
			return
		}
		w.Clock = c
	} else if !w.Timed {
		b.bad(r, Time, "is missing; write it as 09:00")
		return
	}
	zone, local := r.get(Zone), false
	if zone == "" {
		zone = b.opt.Zone
	}
	switch cell.Known(zone) {
	case "local", "own", "each", "locale", "propre", "propia", "محلي":
		zone, local = "", true
	}
	if w.Zone != "" && (local || r.get(Zone) != "" && zone != w.Zone) {
		b.bad(r, Zone, "the day says its distance from UTC already; leave the zone out")
		return
	}
	if w.Zone != "" {
		zone = w.Zone
	}
	if zone != "" {
		if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
			b.bad(r, Zone, "there is no time zone “%s”; write it as Europe/London, or “local” for each account's own", cell.Short(zone))
			return
		}
	}
	s.When = post.When{Date: w.Date.String(), Clock: w.Clock.String(), Zone: zone}
}

var (
	yes = []string{"yes", "y", "true", "1", "x", "oui", "vrai", "si", "verdadero", "نعم"}
	no  = []string{"", "no", "n", "false", "0", "non", "faux", "falso", "لا"}
)

// beside reads what a post has once: whether it is sensitive, its hashtags, its link, its window.
func (b *builder) beside(r row) {
	s := &b.draft.Change.Source
	switch word := cell.Known(r.get(Sensitive)); {
	case slices.Contains(yes, word):
		s.Sensitive = true
	case !slices.Contains(no, word):
		b.bad(r, Sensitive, "write yes or no")
	}
	for _, tag := range strings.FieldsFunc(r.get(Hashtags), func(c rune) bool { return c == ' ' || c == ',' || c == ';' || c == '\n' || c == '\t' }) {
		if !strings.HasPrefix(tag, "#") {
			tag = "#" + tag
		}
		s.Hashtags = append(s.Hashtags, tag)
	}
	s.Link = r.get(Link)
	if given := r.get(Window); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 || n > 100_000 {
			b.bad(r, Window, "is no number of minutes")
		}
		b.draft.Change.Window = time.Duration(n) * time.Minute
	}
}

// networks are those that a post may have words for although no account is on them yet.
var networks = []string{"mastodon", "bluesky", "x", "byhand"}

// text takes the text of a row, with its note and its picture.
func (b *builder) text(r row) {
	s := &b.draft.Change.Source
	language, ok := cell.Language(r.get(Language), b.opt.Language)
	if !ok {
		if r.get(Language) == "" {
			b.bad(r, Language, "is missing; write it as en, fr, es or ar")
		} else {
			b.bad(r, Language, "“%s” is no language; write it as en, fr, es or ar", cell.Short(r.get(Language)))
		}
		return
	}
	part := 1
	if given := r.get(Part); given != "" {
		if part = cell.Number(given); part < 1 || part > 25 {
			b.bad(r, Part, "is no number from 1 to 25")
			return
		}
	}
	network := strings.ToLower(r.get(Network))
	words := r.cells[Text]
	if strings.TrimSpace(words) == "" {
		b.bad(r, Text, "is missing")
		return
	}
	key := strconv.Itoa(part) + " " + language + " " + network
	if before := b.texts[key]; before != 0 {
		b.bad(r, Text, "row %d has a text of this post in this language already", before)
		return
	}
	b.texts[key] = r.number
	for len(s.Parts) < part {
		s.Parts = append(s.Parts, post.SourcePart{Texts: map[string]string{}})
	}
	if network != "" {
		if !slices.Contains(networks, network) && !slices.ContainsFunc(b.ground.Channels, func(c channel.Channel) bool { return c.Platform == network }) {
			b.bad(r, Network, "“%s” is no network; write it as mastodon, bluesky or x", cell.Short(network))
			return
		}
		s.Variants = append(s.Variants, post.Variant{Part: part, Language: language, Network: network, Text: words})
		return
	}
	s.Parts[part-1].Texts[language] = words
	if note := r.get(Note); note != "" {
		if part > 1 && s.ContentNote[language] != note {
			b.bad(r, Note, "stands with the first part of the post")
			return
		}
		if s.ContentNote == nil {
			s.ContentNote = map[string]string{}
		}
		s.ContentNote[language] = note
	}
	b.picture(r, &s.Parts[part-1], language)
}

// picture takes the picture of a row: one that is stored already, by its hash, with what it shows in the row's language.
func (b *builder) picture(r row, part *post.SourcePart, language string) {
	sum := strings.ToLower(r.get(Picture))
	switch {
	case sum == "" && r.get(Alt) == "":
		return
	case sum == "" && len(part.Pictures) == 0:
		b.bad(r, Alt, "there is no picture beside it")
		return
	case sum != "" && !b.ground.Pictures[sum]:
		b.bad(r, Picture, "there is no such picture in Daymark; add pictures in the editor, and leave this cell empty")
		return
	case sum != "" && len(part.Pictures) == 0:
		part.Pictures = []post.SourcePicture{{SHA256: sum, Alt: map[string]string{}}}
	case sum != "" && part.Pictures[0].SHA256 != sum:
		b.bad(r, Picture, "is another than that of this part in another language")
		return
	}
	if alt := r.get(Alt); alt != "" {
		part.Pictures[0].Alt[language] = alt
	}
}
