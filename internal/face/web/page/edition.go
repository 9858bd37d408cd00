package page

// Year answers "which days are coming?".
type Year struct {
	Frame
	Number          int
	PrevURL         string // empty at the end of the calendar
	NextURL         string
	AllURL, OursURL string
	Ours            bool // only what the organisation has a campaign for
	Months          []YearMonth
	Unknown         []Band // nobody has announced their days yet
}

func (*Year) file() string { return "year" }

// YearMonth is a month with what is observed in it.
type YearMonth struct {
	ID    string // month-07
	Name  string
	Bands []Band
}

// Band is an awareness day, week or month in one month of the year.
type Band struct {
	ID         string
	Name       string
	Days       string // Fri 30 July
	From, Long int    // the first of its days in the month, from 0, and how many there are
	Hashtags   string
	Unsure     bool // the date was not read on a page
	UnsureTags bool
	Site       string
	Editions   []EditionLine
	Campaign   string  // the loaded campaign whose days somebody can enter
	Dates      []Field // for that, sent to DatesURL
	DatesURL   string
}

// Edition answers "how far is the plan?".
type Edition struct {
	Frame
	TakeDownURL      string // empty where nothing is out, or the person may not
	Line             EditionLine
	YearURL          string
	Posts            []PlannedPost
	Conflicts        int    // how many the posts have together
	Found            string // how many errors and warnings the rules found in how many posts; empty for none
	Whole            []Look // what they say of the edition as a whole
	Offers           int
	Tasks            []PlannedTask
	Open             int // tasks that are not done
	Theme            Field
	Back             int  // posts that another theme sends back to review
	Announced        bool // people enter its days
	Dates            []Field
	MayEdit, MayPlan bool
	AskURL           string // where somebody who may has the networks asked what is at risk
}

func (*Edition) file() string { return "edition" }

// PlannedPost is a post of a plan with what is odd about it.
type PlannedPost struct {
	Line
	Conflicts []Look
	Risks     []Look
	OfferURL  string

	Errors, Warnings, Asked int    // what rules found in its words and nobody lets stand, and questions nobody has answered
	Wrong                   []Look // the errors
	Odd                     []Look // the warnings, and what somebody lets stand
}

// PlannedTask is something that people do by a day. One with an address follows from what posts say: it is done there.
type PlannedTask struct {
	URL    string
	ID     int64
	What   string
	Who    string
	Due    string
	Day    string // the same for sorting, YYYY-MM-DD
	Mark   Mark
	Done   bool
	DoneBy string
	DoneAt Moment
}

// Offer shows what a campaign file says for a post whose words a person edited.
type Offer struct {
	Frame
	ID               int64
	PostURL, PlanURL string
	Offered          Moment
	MayEdit          bool
	Sections         []OfferSection
}

func (*Offer) file() string { return "offer" }

// OfferSection is what differs in one language, or in none.
type OfferSection struct {
	ID       string
	Language string // empty for what has none
	Compared []Compared
}

// Compared is one text as it is and as the file has it.
type Compared struct {
	What       string
	Lang, Dir  string
	Ours, File []Piece
}

// Piece is a run of words; only one of the two texts has those that are marked.
type Piece struct {
	Text string
	Only bool
}
