package page

// Matter is something that Daymark told the team and nobody has seen to yet.
type Matter struct {
	ID   int64
	Mark Mark
	Say  string
	URL  string // of what it is about; empty where no page shows it
	When Moment
	Back string // the page to come back to once it is done
}
