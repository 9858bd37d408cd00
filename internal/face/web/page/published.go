package page

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
