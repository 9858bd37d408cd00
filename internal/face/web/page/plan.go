package page

// Line is one post at one moment: a row of a list or an entry of the calendar.
type Line struct {
	ID        string // of the element, unique on its page
	URL       string
	Name      string
	Text      Text
	When      Moment
	Languages string // EN · FR
	Places    int
	Where     string // the place, when there is one; else empty
	Tallies   []Tally
	Mark      Mark // the most urgent one
	Rehearsal bool
	Risk      string // what may keep it from going out as planned; a sentence
}

// EditionLine is an edition in short.
type EditionLine struct {
	ID          int64
	Title       string
	Theme       string
	Days        string // Fri 30 July 2027
	Away        string // in 38 days
	Rehearsal   bool
	Posts       int
	Tallies     []Tally
	PlanURL     string
	ReachURL    string
	Drafts      int    // posts that can be sent for review
	MaySubmit   bool   // the person looking at it may do so
	CalendarURL string // of the month of its first post
}

// Look is something that needs a look.
type Look struct {
	Mark Mark
	Text string
	URL  string
}

// Home answers "what needs me?".
type Home struct {
	Frame
	Reviewer bool   // may approve
	Editor   bool   // may send for review
	Writes   bool   // may begin posts
	Drafts   int    // drafts that this person can decide
	First    Line   // the one due soonest
	Now      []Line // what goes out as soon as somebody approves it; When is until when
	Next     EditionLine
	HasNext  bool
	Matters  []Matter
	More     int // matters that Home does not show
	Looks    []Look
	Decide   int // places that wait for a decision
	Coming   []Line
	Sent     []Line
}

func (*Home) file() string { return "home" }

// Day is one day of the calendar.
type Day struct {
	ID      string // day-2027-07-30
	Date    string // 2027-07-30
	Number  string // 30
	Weekday string // Fri
	Long    string // Fri 30 July 2027
	Other   bool   // belongs to the month before or after
	Today   bool
	Bands   []string
	Lines   []Line
	More    int // how many the month does not show
	MoreURL string
}

// Bare reports whether nothing is on the day.
func (d Day) Bare() bool { return len(d.Lines) == 0 && len(d.Bands) == 0 }

// Calendar answers "what goes out when?".
type Calendar struct {
	Frame
	Month     string // July 2027
	Value     string // 2027-07
	List      bool   // the list view
	Weeks     []Week
	Days      []Day // of the list view: those with something
	Weekdays  []Weekday
	PrevURL   string
	NextURL   string
	TodayURL  string
	MonthURL  string
	ListURL   string
	YearURL   string
	Editions  []Option
	Languages []Option
	States    []Option
	Zones     []Option
	Zone      string // a sentence: whose time is shown
	Legend    []Mark
	Empty     bool
	Filtered  bool
}

func (*Calendar) file() string { return "calendar" }

// Week is a row of the month.
type Week struct {
	Days []Day
	Bare bool // nothing of this month is on any of its days
}

// Weekday is a column of the month.
type Weekday struct {
	Short string
	Long  string
}

// Campaigns lists the editions.
type Campaigns struct {
	Frame
	Editions []EditionLine
}

func (*Campaigns) file() string { return "campaigns" }
