package dayof

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"daymark/internal/face/web/page"
)

// dayPage is a day as it is watched, on a phone more often than not.
type dayPage struct {
	page.Frame
	Watched
	AsOf    page.Moment
	SelfURL string // the page without what was seen of it
	Seen    string // names what the page shows: while it is the same, nothing is sent
}

// Watched is what changes while the day goes on.
type Watched struct {
	Date     string // 2027-07-30
	Long     string
	Today    bool
	Any      bool
	Summary  []page.Tally
	Soon     []line // within the next hour
	Sending  []line
	Risks    []page.Look
	Wrong    []line // did not go out, or nobody knows
	Out      []line // the latest first
	Late     []late
	Later    []line
	More     int // later ones that are not shown
	Decide   int
	Tasks    []string
	Reached  []reached
	MayPause bool
	PrevURL  string
	NextURL  string
	NextDay  string // the next day with posts, where this one has none
	OnURL    string // its address
}

// line is a post, or what of it is due at one instant.
type line struct {
	ID        string
	URL       string
	Name      string
	Languages string
	When      page.Moment
	In        string // how long it is until then, in minutes
	Mark      page.Mark
	Places    string   // 6 of 6 places
	Ticks     []string // what networks show of it
	Well      bool     // all of it is out and shown as approved
	Problem   string
	Said      string // what is said when it comes, for who does not look
}

// late is a place that went out late.
type late struct {
	ID, URL, Name, Where, Why string
}

// reached is what an edition reached so far.
type reached struct {
	Title   string
	URL     string
	Figures []figure
}

type figure struct {
	Word, Value string // Value is empty where no network tells it
}

// name returns what names all that the page shows but the time at which it was made.
func (w Watched) name() (string, error) {
	body, err := json.Marshal(w)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8]), nil
}
