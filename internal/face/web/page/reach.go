package page

// Figure is a number that a network told, or nobody did.
type Figure struct {
	ID    string // favourites, boosts ...
	Word  string
	Told  bool
	Value int64
}

// FigureRow is one line of a breakdown.
type FigureRow struct {
	Label   string
	Posts   int
	Figures []Figure
	Bar     int // engagements in hundredths of the largest row's, 0 to 100
	BarSaid string
}

// Breakdown is a table of figures.
type Breakdown struct {
	ID      string // reach-message
	Heading string
	Column  string
	Rows    []FigureRow
}

// Reach answers "what did it do?".
type Reach struct {
	Frame
	Editions   []Option
	Any        bool // there is an edition
	Heading    string
	Days       string
	Rehearsal  bool
	Out        int
	States     []string // sentences: what else became of deliveries
	Totals     []Figure
	Breakdowns []Breakdown
	Missing    []string
	Asked      Moment
	Punctual   string
	LogHead    string // the newest seal of the log of who did what; empty before the first
	EditionURL string
}

func (*Reach) file() string { return "reach" }
