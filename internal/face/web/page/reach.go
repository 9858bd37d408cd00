package page

// Figure is a number that a network told, or nobody did.
type Figure struct {
	ID    string // favourites, boosts ...
	Word  string
	Told  bool
	Value int64
}
