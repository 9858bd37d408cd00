package journey

import "testing"

// TestAPersonChoosesTheirMailOnAPhone walks from the page of what the team was told to what is told by mail, with a mistake on the way,
// and without a script.
func TestAPersonChoosesTheirMailOnAPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")

	for _, size := range []screen{phone, desk} {
		v := visit(t, size)
		v.logIn(h, "editor@daymark.example", password)
		v.open(h.url + "/notices")
		v.follow(`main a[href="/you/mail"]`)
		v.reads("main", "editor@daymark.example", "Not by mail")
		v.check("mail, as it is")
		v.choose("#risk", "daily")
		v.write("#zone", "Mars/Olympus")
		v.reach("#edit-send")
		v.refused("#edit-send")
		v.reads("#zone-problem", "is not a time zone")
		v.check("mail, with a mistake")
		v.write("#zone", "Africa/Nairobi")
		v.choose("#hour", "6")
		v.follow("#edit-send")
		v.reads("#flash", "Kept.")
		v.becomes("what was chosen is shown", `document.querySelector("#zone").value === "Africa/Nairobi" && document.querySelector("#risk").value === "daily"`)
	}

	_, err := h.app.DB.ExecContext(t.Context(), `
UPDATE mail_people
SET refused_at = now(), refused = '550 5.1.1 no such user', refused_for = 'editor@daymark.example'`)
	h.must(err)
	seen := visit(t, phone)
	seen.logIn(h, "editor@daymark.example", password)
	seen.open(h.url + "/you/mail")
	seen.check("mail, an address that takes none")
	v := visit(t, phone)
	v.withoutScript()
	v.logIn(h, "editor@daymark.example", password)
	v.open(h.url + "/you/mail")
	v.reads("main", "Your address takes no mail", "550 5.1.1 no such user")
	v.follow("#again")
	v.reads("#flash", "writes to you again")

	admin := visit(t, phone)
	admin.logIn(h, "admin@daymark.example", password)
	admin.open(h.url + "/you/mail")
	admin.reads("#always", "What is taken down")
	admin.check("mail, for an admin")
}
