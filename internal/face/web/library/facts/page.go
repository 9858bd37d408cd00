package facts

import (
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
)

// listPage answers "which facts may we state, and which need a look?".
type listPage struct {
	page.Frame
	Facts    []line
	Statuses []page.Option // the filter
	Filtered bool
	MayEdit  bool
}

// line is a fact in short.
type line struct {
	ID     string
	URL    string
	Mark   page.Mark
	Say    page.Text
	Value  string
	Kind   string
	Source source
	Review string // the last day on which it holds unchecked
	Needed string // why a planned post needs it checked; empty where none does
}

// source is where a fact was read.
type source struct {
	Name string
	URL  string
}

// factPage shows a fact with everything known about it.
type factPage struct {
	page.Frame
	line
	Scope       string
	Sentences   []sentence
	Published   int
	Counted     int
	Confidence  string
	Note        string
	Next        string // the fact to use in its place
	NextURL     string
	No          int // of the version
	Author      string
	Written     page.Moment
	FromFile    bool
	FileDiffers bool
	Versions    []version
	Users       []user
	MayEdit     bool
	Edit        form.Form
	Looked      form.Form
}

// sentence is what a text says of the fact in one language, with its source.
type sentence struct {
	Language string
	Text     page.Text
}

// version is what the fact said once.
type version struct {
	No      int
	Author  string
	Written page.Moment
	Say     page.Text
	Review  string
}

// user is a post that states the fact.
type user struct {
	Name      string
	URL       string
	Edition   string
	PlanURL   string
	Languages string
	Rehearsal bool
	Waiting   int
	Live      int
	First     page.Moment
	HasFirst  bool
}

// newPage is the form for a fact that is not there yet.
type newPage struct {
	page.Frame
	BackURL  string
	BackWord string
	Hint     string
	Edit     form.Form
}
