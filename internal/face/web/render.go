package web

import (
	"bytes"
	"mime"
	"net/http"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/tongue"
	"daymark/internal/flow/pause"
	"daymark/internal/flow/review/waiting"
	"daymark/internal/org/consent"
	"daymark/internal/org/notify/inbox"
	"daymark/internal/org/people"
)

// renewFast is how often, in seconds, lists renew themselves while a fast clock runs; renewSlow otherwise.
const (
	renewFast = 3
	renewSlow = 30
)

// show renders a page into its frame.
func (s *server) show(w http.ResponseWriter, r *request, status int, p page.Page) error {
	if !page.Bit(p) {
		if err := s.fill(r, page.Framed(p)); err != nil {
			return err
		}
	}
	return s.write(w, r, status, p)
}

// at makes a handler of one of a desk.
func (s *server) at(answer func(ask.Request) (ask.Answer, error)) handler {
	return func(w http.ResponseWriter, r *request) error {
		a, err := answer(ask.Request{Request: r.Request, Viewer: s.viewer(r)})
		if err != nil {
			return err
		}
		switch {
		case a.Page != nil:
			return s.show(w, r, a.Status, a.Page)
		case a.Status == http.StatusNoContent:
			w.WriteHeader(a.Status) // what renews itself is as it was
			return nil
		case a.File != nil:
			w.Header().Set("Content-Type", a.File.Type)
			w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.File.Name}))
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(a.File.Body) // the visitor has gone; there is nobody to tell
			return nil
		}
		if a.Said != "" {
			s.sessions.Say(r.Context(), a.Said, a.Looks...)
		}
		redirect(w, r, a.To)
		return nil
	}
}

// spoken returns the pages in the language of a request.
func (s *server) spoken(r *request) *page.Set {
	return s.pages.In(tongue.Of(r.Request, r.person.Interface, r.org.Language))
}

// write sends a page whose frame is filled.
func (s *server) write(w http.ResponseWriter, r *request, status int, p page.Page) error {
	var b bytes.Buffer
	if err := s.spoken(r).Render(&b, p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the visitor has gone; there is nobody to tell
	return nil
}

// fill puts into a frame what every page shows.
func (s *server) fill(r *request, f *page.Frame) error {
	words := s.spoken(r).Words()
	f.Org, f.Version, f.Notice = r.org.Name, s.Version, s.Notice
	f.OwnPath = tongue.Back(r.Request)
	f.Renew = renewSlow
	if s.Clock.Rate() > 1 || s.Notice != "" {
		f.Renew = renewFast
		f.Clock = words.Moment(s.Clock.Now(), r.zone)
	}
	if text, looks := s.sessions.Said(r.Context()); text != "" {
		f.Flashes = append(f.Flashes, page.Flash{Text: text, Looks: looks})
	}
	if r.person.ID == 0 {
		return nil
	}
	if len(r.stops) > 0 {
		n, err := pause.Count(r.Context(), s.DB)
		if err != nil {
			return err
		}
		f.AtNetwork = n.OnTheWay
	}
	f.Stops, f.Support = r.stops, page.NewText("", r.org.SupportNote) // the team's own business: not for strangers
	f.MayStop = r.person.May(people.PauseManage)
	f.Person, f.Role = r.person.Name, words.T("role."+string(r.person.Role))
	if f.Waiting == nil {
		n, err := waiting.Count(r.Context(), s.DB, r.person)
		if err != nil {
			return err
		}
		f.Waiting = &n
	}
	door := func(id, url, icon, key string, count int) page.Door {
		return page.Door{ID: id, URL: url, Icon: icon, Key: key, Word: words.T("door." + id), Count: count, Here: f.Door == id}
	}
	f.Doors = []page.Door{
		door("home", "/", "house", "h", 0), door("calendar", "/calendar", "calendar-days", "c", 0),
		door("campaigns", "/campaigns", "megaphone", "m", 0), door("review", "/review", "inbox", "r", *f.Waiting),
		door("reach", "/reach", "chart-no-axes-column", "e", 0), door("more", "/more", "ellipsis", "", 0),
	}
	fresh, err := inbox.New(r.Context(), s.DB, r.person)
	if err != nil {
		return err
	}
	f.Rest = []page.Door{
		door("search", "/search", "search", "", 0), door("notices", "/notices", "bell", "t", fresh),
		door("published", "/published", "circle-check", "p", 0), door("channels", "/channels", "radio", "n", 0),
		door("facts", "/facts", "book-open", "f", 0), door("helplines", "/helplines", "phone", "l", 0),
		door("pictures", "/pictures", "image", "", 0),
		door("organisation", "/organisation", "building-2", "o", 0), door("rules", "/rules", "list-checks", "u", 0),
		door("policy", "/policy", "clipboard-check", "y", 0),
		door("pause", "/pause", "circle-pause", "s", 0),
		door("sign-in", "/sign-in", "user", "i", 0),
		door("mail", "/you/mail", "message-square", "", 0),
	}
	if r.person.May(people.PostWrite) {
		f.Rest = append([]page.Door{door("write", "/new/post", "pencil", "w", 0)}, f.Rest...)
	}
	if consent.Keeper(r.person) == nil {
		f.Rest = append(f.Rest, door("consents", "/consents", "shield-alert", "", 0))
	}
	if r.person.May(people.PeopleManage) {
		f.Rest = append(f.Rest, door("people", "/people", "user", "b", 0))
	}
	if r.person.May(people.OutsideName) {
		f.Rest = append(f.Rest, door("outside", "/outside", "external-link", "", 0))
	}
	f.Rest = append(f.Rest, door("account", "/account", "user", "", 0))
	if r.person.May(people.AuditRead) {
		f.Rest = append(f.Rest, door("audit", "/audit", "clipboard-check", "a", 0))
	}
	return nil
}
