package journey

import (
	"strconv"
	"strings"
	"testing"

	"daymark/internal/org/people"
)

// TestAnInvitedVolunteerComesInOnAPhone walks from the admin's invitation over the link to the first page, out and in again, and to where
// the volunteer is logged in; then the admin ends their access.
func TestAnInvitedVolunteerComesInOnAPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	a := visit(t, phone)
	a.logIn(h, "admin@daymark.example", password)
	a.open(h.url + "/people")
	a.check("people")
	a.write("#email", "editor@daymark.example")
	a.reach("#invite-send")
	a.refused("#invite-send")
	a.reads("#email-problem", "already")
	a.write("#email", "vera@daymark.example")
	a.reach("#invite-send")
	a.follow("#invite-send")
	a.reads("#invited-link", "vera@daymark.example")
	a.check("people, with a link")
	link := strings.TrimSpace(a.text("#link"))

	v := visit(t, phone)
	v.open(link)
	v.reads("#entry-lede", "vera@daymark.example", "reviewer")
	v.check("an invitation")
	v.write("#name", "Vera Volunteer")
	v.write("#password", "short")
	v.reach("#invited-send")
	v.refused("#invited-send")
	v.reads("#password-problem", "12")
	v.write("#password", "four plain blue hearts")
	v.reach("#invited-send")
	v.follow("#invited-send")
	v.reads("#flash", "Welcome, Vera Volunteer")
	v.open(h.url + "/account")
	v.reads("#places", "This browser:")
	v.check("one's account")

	w := visit(t, phone)
	w.open(h.url + "/forgotten")
	w.check("a forgotten password")
	w.logIn(h, "vera@daymark.example", "four plain blue hearts")
	v.open(h.url + "/account")
	v.follow("#end-others")
	w.open(h.url + "/account")
	if at := w.where(); !strings.Contains(at, "/login") {
		t.Errorf("the browser that was logged out is at %s", at)
	}

	vera, err := people.ByEmail(t.Context(), h.app.DB, "vera@daymark.example")
	h.must(err)
	if vera.Role != people.RoleReviewer {
		t.Errorf("she is %s", vera.Role)
	}
	a.open(h.url + "/people")
	a.follow(`a[href$="/people/` + strconv.FormatInt(vera.ID, 10) + `"]`)
	a.check("a person")
	a.follow("#disable")
	a.reads("#flash", "ended")
	v.open(h.url + "/")
	if at := v.where(); !strings.Contains(at, "/login") {
		t.Errorf("after the end of her access she is at %s", at)
	}
}
