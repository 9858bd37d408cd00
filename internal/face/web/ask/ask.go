// Package ask is what the desks of face/web share: a request with who makes it, and the answer to it.
//
// A desk has a method for each of its routes. It is asked with a [Request] and gives an [Answer]; face/web checks who may ask,
// keeps the session and writes the answer. The package knows no page and no table.
package ask

import (
	"net/http"
	"strconv"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/org/people"
)

// Two needs beside the permissions of people.
const (
	Anyone people.Permission = "anyone" // for everybody
	Member people.Permission = "member" // for everybody who has logged in
)

// Route is one address of a desk: what is asked, who may ask it, who answers.
type Route struct {
	Pattern string // of [http.ServeMux], such as "POST /posts/{id}/submit"
	Needs   people.Permission
	Answer  func(Request) (Answer, error)
}

// Desk answers the routes of one part of Daymark.
type Desk interface {
	Routes() []Route
}

// Request is a request with who makes it.
type Request struct {
	*http.Request
	view.Viewer
}

// Answer is a page with its status; or, without a page, where to go next and what is said there. A status of 204 alone says that what was
// asked for has not changed.
type Answer struct {
	Page   page.Page
	Status int
	To     string
	Said   string
	Looks  []string // sentences beneath it
	File   *File    // instead of all that, something to save
}

// File is an answer that a browser saves.
type File struct {
	Name string
	Type string
	Body []byte
}

// Shown answers with a page.
func Shown(p page.Page) Answer { return Answer{Page: p, Status: http.StatusOK} }

// Again answers with the page of a form that needs mending.
func Again(p page.Page) Answer { return Answer{Page: p, Status: http.StatusUnprocessableEntity} }

// Number reads a number of the path.
func (r Request) Number(name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.NotFound, "The address may be mistyped: it needs a number.")
	}
	return n, nil
}

// Form reads what was sent.
func (r Request) Form() error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	return nil
}
