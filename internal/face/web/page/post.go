package page

// Picture is a picture with the alt text that belongs to it.
type Picture struct {
	ID    string // of the fold, when veiled
	URL   string
	Alt   Text
	Veils bool // shown only when asked for
}

// Part is one part of a text: more than one is a thread.
type Part struct {
	No       int // 0 when there is only one
	Text     Text
	Pictures []Picture
}

// Release is the words of a post as people read them, final or still a draft.
type Release struct {
	Language string // in words
	Note     Text   // the content note
	Parts    []Part
	Places   []Place
}

// Place is where and when a text goes.
type Place struct {
	Handle  string
	Network string
	When    Moment // in the channel's own zone
	Ours    Moment // in the team's zone
	Mark    Mark
	Problem string
	Live    string // the address of the live copy
	Sent    Moment
}

// PostLanguage is a post in one language.
type PostLanguage struct {
	ID       string // lang-en
	Language string
	Tallies  []Tally
	Final    []Release // as reviewers see it; empty while it is a draft
	Draft    Release
	Places   []Place
	CardURL  string
}

// Event is one line of a history.
type Event struct {
	When Moment
	Text string
	Said string // a comment
}

// Post is a post with everything known about it.
type Post struct {
	Frame
	ID        int64
	Name      string
	Edition   string
	PlanURL   string
	Rehearsal bool
	Revision  int // the how manieth version of its words
	Author    string
	Revised   Moment
	Tallies   []Tally
	Languages []PostLanguage
	History   []Event
	MaySubmit bool
	OfferURL  string // where the file has other words than a person
}

func (*Post) file() string { return "post" }

// Said is one person's verdict.
type Said struct {
	Person  string
	Mark    Mark
	Comment string
	When    Moment
	Old     bool // the person has said something else since
}

// QueueRow is a card in the list of what waits.
type QueueRow struct {
	Line
	Edition  string
	By       string
	Progress string
	WhyNot   string
	Changes  bool
}

// Queue lists what waits for reviewers.
type Queue struct {
	Frame
	Mine   []QueueRow // this person can decide
	Others []QueueRow // waits for somebody else
}

func (*Queue) file() string { return "queue" }

// Card answers "is this right to say?".
type Card struct {
	Frame
	ID          int64
	Edition     string
	Name        string
	Language    string
	PostURL     string
	First       Moment
	Places      int
	Releases    []Release
	By          string
	Submitted   Moment
	Progress    string // 1 of 2 approvals
	Verdicts    []Said
	Cleared     bool
	Current     bool
	MayApprove  bool
	MayReview   bool
	MayWithdraw bool
	WhyNot      string
	Comment     Field
}

func (*Card) file() string { return "card" }

// SentRow is one published copy.
type SentRow struct {
	ID       string
	URL      string
	Name     string
	Language string
	Handle   string
	Network  string
	Due      Moment
	Sent     string // 0.4 s after its time
	Mark     Mark
	Live     string
	Problem  string
}

// Published lists what went out.
type Published struct {
	Frame
	Editions []Option
	Tallies  []Tally
	Rows     []SentRow
	SelfURL  string // of this list, with its filter
	Capped   int    // how many rows are shown at most, when there are more
}

func (*Published) file() string { return "published" }
