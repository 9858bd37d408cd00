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

// Campaigns lists the editions.
type Campaigns struct {
	Frame
	Editions []EditionLine
	All      []CampaignLine // the campaigns that these are editions of, and those that are planned for no year yet
	NewURL   string         // where one is made; empty for whoever may not
}

// CampaignLine names a campaign.
type CampaignLine struct {
	Name string
	URL  string
}

func (*Campaigns) file() string { return "campaigns" }
