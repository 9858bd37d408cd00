package journey

import "testing"

// TestAManagerReadsTheLogOnAPhone walks to the log, narrows it, and follows a row to its post and that post's history.
func TestAManagerReadsTheLogOnAPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.serve("")
	release(h, h.first()[0].Post)

	v := visit(t, phone)
	v.logIn(h, "manager@daymark.example", password)
	v.open(h.url + "/more")
	v.follow(`main a[href="/audit"]`)
	v.reads("main", "Who did what", "Post approved", "From where")
	v.check("the log")
	v.write("#action", "post.approved")
	v.choose("#kind", "post")
	v.reach("#filter")
	v.follow("#filter")
	v.reads("#log", "Post approved")
	v.check("the log, narrowed")
	v.follow(`#log a[href^="/posts/"]`)
	v.follow("#history")
	v.reads("main", "History of this post", "Post planned", "Post approved")
	v.check("the history of a post")
	v.open(h.url + "/audit?day=2020-01-01")
	v.reads("main", "Nothing was found")
	v.check("the log, with nothing in it")
}
