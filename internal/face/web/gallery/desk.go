// Package gallery is the desk for the library of pictures: uploading them, saying what they show, which point a crop keeps, where they are
// used; giving posts another one, taking one out.
//
// Each exported method of [Desk] answers one route of face/web. What a file holds beside the picture is taken away by internal/media/intake
// before anything is stored, and file names are shown to who chose them and kept nowhere. The desk writes no posts itself:
// internal/flow/draft/swap does.
package gallery

import (
	"net/http"
	"time"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/media"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/wire"
)

// What one form may send: some files of the largest size that is read. Each is read and stored by itself.
const (
	MaxFiles  = 12
	MaxUpload = MaxFiles*media.MaxSourceBytes + 1<<20
)

// patience is how long a server may take to give a picture.
const patience = 20 * time.Second

// agent is what Daymark calls itself to servers of pictures.
const agent = "Daymark (pictures)"

// Desk is what the answers need.
type Desk struct {
	db     *postgres.DB
	again  form.Again
	client *http.Client
}

// New returns a desk; again submits posts that another picture made new. Hosts that may be private are "host:port", named by the operator.
func New(db *postgres.DB, again form.Again, hosts ...string) Desk {
	return Desk{db: db, again: again, client: wire.NewClient(wire.Options{Timeout: patience, MaxBody: media.MaxSourceBytes + 1<<10, Allow: hosts})}
}

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{
		{Pattern: "GET /pictures", Needs: people.PostRead, Answer: d.List},
		{Pattern: "POST /pictures", Needs: people.PostEdit, Answer: d.Upload},
		{Pattern: "POST /pictures/fetch", Needs: people.PostEdit, Answer: d.Fetch},
		{Pattern: "GET /pictures/{sha256}", Needs: people.PostRead, Answer: d.One},
		{Pattern: "POST /pictures/{sha256}", Needs: people.PostEdit, Answer: d.Describe},
		{Pattern: "POST /pictures/{sha256}/focus", Needs: people.PostEdit, Answer: d.Focus},
		{Pattern: "GET /pictures/{sha256}/replace", Needs: people.PostWrite, Answer: d.Choose},
		{Pattern: "POST /pictures/{sha256}/replace", Needs: people.PostWrite, Answer: d.Replace},
		{Pattern: "POST /pictures/{sha256}/remove", Needs: people.PostWrite, Answer: d.Remove},
	}
}

// URL returns the address of a picture.
func URL(sum string) string { return "/pictures/" + sum }

// small returns the address of the small copy of a picture.
func small(sum string) string { return "/media/" + sum + "?small" }
