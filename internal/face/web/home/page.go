package home

import "daymark/internal/face/web/page"

// homePage answers "what needs me?". Its parts stand in the order of the person's role; one of them has the one filled button.
type homePage struct {
	page.Frame
	Order []Part
	Main  string // the kind of the part whose button is the next action

	Now      []page.Line // what goes out as soon as somebody approves it; When is until when
	Day      today
	Drafts   int       // drafts that this person can decide
	First    page.Line // the one due soonest
	Decided  []said
	Next     page.EditionLine
	HasNext  bool
	Decide   int // places that wait for a decision
	Looks    []page.Look
	Own      []own
	Wanting  []wanting
	Accounts []page.Look
	Health   []page.Look
	Reached  reached
	Matters  []page.Matter
	More     int  // matters that Home does not show
	Writes   bool // may begin posts
	Sent     []page.Line
	Coming   []page.Line
}

// Part is one part of the page.
type Part struct {
	Kind string
	Main bool // its button is the next action
}

// today is the day that is on.
type today struct {
	Any    bool
	Line   string      // how much of it is out
	Next   page.Moment // when the next is due; the zero Moment when none is
	Places int
}

// own is a draft that the person goes on with.
type own struct {
	ID, URL, Name string
	Mark          page.Mark
	When          page.Moment
}

// said is something the person said about a draft.
type said struct {
	URL, Name, Language string
	Mark                page.Mark
	When                page.Moment
}

// wanting is how far posts to come are in one language.
type wanting struct {
	Language       string
	Lines          []string // a sentence each
	URL, Name      string   // of the first post to do; empty when none is
	Lacks          bool     // it does not speak the language yet
	When           page.Moment
	Lang, QueueURL string
}

// reached is what the last edition did.
type reached struct {
	Any     bool
	Title   string
	Days    string
	Out     string
	Figures []figure
	Missing []string
	Asked   page.Moment
	URL     string
}

// figure is one number, told or not, beside that of the year before.
type figure struct {
	ID, Word, Value string // Value is empty where no network tells it
	Before          string
}
