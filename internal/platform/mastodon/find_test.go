package mastodon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"daymark/internal/platform"
)

// row is one status of a scripted account.
type row struct {
	id, text, note, language, replyTo string
	at                                time.Time
	pictures                          int
}

// timeline serves an account's statuses, newest first, with their sources, as Mastodon does.
func timeline(rows []row, page int) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /api/v1/accounts/77/statuses": func(w http.ResponseWriter, r *http.Request) {
			var out []string
			maxID := r.URL.Query().Get("max_id")
			for _, s := range rows {
				if maxID != "" && s.id >= maxID || len(out) == page {
					continue
				}
				reply := "null"
				if s.replyTo != "" {
					reply = fmt.Sprintf("%q", s.replyTo)
				}
				media := strings.TrimSuffix(strings.Repeat(`{"id":"1"},`, s.pictures), ",")
				out = append(out, fmt.Sprintf(`{"id":%q,"uri":"u%s","url":"https://s.example/%s","created_at":%q,"content":"<p>x</p>","spoiler_text":%q,
					"language":%q,"in_reply_to_id":%s,"media_attachments":[%s]}`,
					s.id, s.id, s.id, s.at.Format(time.RFC3339Nano), s.note, s.language, reply, media))
			}
			answer(200, "["+strings.Join(out, ",")+"]")(w, r)
		},
		"GET /api/v1/statuses/{id}/source": func(w http.ResponseWriter, r *http.Request) {
			for _, s := range rows {
				if s.id == r.PathValue("id") {
					answer(200, fmt.Sprintf(`{"id":%q,"text":%q,"spoiler_text":%q}`, s.id, s.text, s.note))(w, r)
					return
				}
			}
			answer(404, `{}`)(w, r)
		},
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	const text = "Hello\n#EndHumanTrafficking"
	ours := row{id: "500", text: text, language: "en", at: start.Add(2 * time.Second)}
	with := func(change func(*row)) row {
		r := ours
		change(&r)
		return r
	}
	other := row{id: "501", text: "Something else", language: "en", at: start.Add(time.Minute)}
	old := row{id: "100", text: "Good morning", language: "en", at: start.Add(-24 * time.Hour)}
	tests := map[string]struct {
		rows   []row
		change func(*platform.Attempt)
		want   platform.FindState
		id     string
	}{
		"it is there":                                {rows: []row{other, ours, old}, want: platform.Found, id: "500"},
		"the account is empty":                       {want: platform.NotFound},
		"only others are there":                      {rows: []row{other, old}, want: platform.NotFound},
		"last year's equal post is not this one":     {rows: []row{other, with(func(r *row) { r.at = start.AddDate(-1, 0, 0) })}, want: platform.NotFound},
		"the server's clock runs a little behind":    {rows: []row{with(func(r *row) { r.at = start.Add(-time.Minute) })}, want: platform.Found, id: "500"},
		"white space at the ends and line ends":      {rows: []row{with(func(r *row) { r.text = "Hello\r\n#EndHumanTrafficking\n" })}, want: platform.Found, id: "500"},
		"the oldest of two equal ones":               {rows: []row{with(func(r *row) { r.id, r.at = "502", start.Add(time.Hour) }), ours}, want: platform.Found, id: "500"},
		"one that belongs to another delivery":       {rows: []row{ours}, change: func(a *platform.Attempt) { a.Exclude = []string{"500"} }, want: platform.NotFound},
		"the second of two equal deliveries":         {rows: []row{with(func(r *row) { r.id = "502" }), ours}, change: func(a *platform.Attempt) { a.Exclude = []string{"500"} }, want: platform.Found, id: "502"},
		"the same text with a picture by hand":       {rows: []row{with(func(r *row) { r.pictures = 1 })}, want: platform.CannotTell},
		"the same text with another note":            {rows: []row{with(func(r *row) { r.note = "careful" })}, want: platform.CannotTell},
		"the same text in another place of a thread": {rows: []row{with(func(r *row) { r.replyTo = "499" })}, want: platform.CannotTell},
		"the same text in another language":          {rows: []row{with(func(r *row) { r.language = "fr" })}, want: platform.CannotTell},
		"a near miss does not hide the real one":     {rows: []row{ours, with(func(r *row) { r.id, r.pictures, r.at = "499", 2, start }), old}, want: platform.Found, id: "500"},
		"a server that keeps the main language only": {rows: []row{with(func(r *row) { r.language = "pt" })}, change: func(a *platform.Attempt) { a.Content.Language = "pt-BR" }, want: platform.Found, id: "500"},
		"the answer in a thread": {
			rows: []row{with(func(r *row) { r.replyTo = "499" })},
			change: func(a *platform.Attempt) {
				a.ReplyTo = &platform.Ref{ID: "499"}
			}, want: platform.Found, id: "500",
		},
	}
	for name, tt := range tests {
		for _, page := range []int{1, 40} {
			t.Run(fmt.Sprintf("%s, %d a page", name, page), func(t *testing.T) {
				t.Parallel()
				b := setup(t, timeline(tt.rows, page))
				a := hello()
				if tt.change != nil {
					tt.change(&a)
				}
				got, err := b.Find(t.Context(), b.account, a)
				if err != nil {
					t.Fatal(err)
				}
				if got.State != tt.want || got.Receipt.Ref.ID != tt.id {
					t.Errorf("got %v %q, want %v %q", got.State, got.Receipt.Ref.ID, tt.want, tt.id)
				}
				if got.State != platform.Found && got.Why == "" {
					t.Error("no reason")
				}
			})
		}
	}
}

func TestFindDoesNotTrustAServersClockThatIsBehind(t *testing.T) {
	t.Parallel()
	rows := []row{{id: "500", text: "Hello\n#EndHumanTrafficking", language: "en", at: start.Add(-time.Hour)}}
	routes := timeline(rows, 40)
	list := routes["GET /api/v1/accounts/77/statuses"]
	routes["GET /api/v1/accounts/77/statuses"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", start.Add(-time.Hour).Format(http.TimeFormat))
		list(w, r)
	}
	b := setup(t, routes)
	got, err := b.Find(t.Context(), b.account, hello())
	if err != nil || got.State != platform.Found {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestFindSaysThatItCannotTellRatherThanGuess(t *testing.T) {
	t.Parallel()
	var many []row
	for i := range 500 {
		many = append(many, row{id: fmt.Sprint(999 - i), text: "busy", at: start.Add(time.Hour)})
	}
	match := row{id: "500", text: "Hello\n#EndHumanTrafficking", language: "en", at: start}
	sourceless := timeline([]row{match}, 40)
	sourceless["GET /api/v1/statuses/{id}/source"] = answer(404, `{}`)
	stuck := timeline(nil, 40)
	stuck["GET /api/v1/accounts/77/statuses"] = answer(200, `[{"id":"5","created_at":"2027-07-30T10:00:00Z","text":"busy"}]`)
	for name, routes := range map[string]map[string]http.HandlerFunc{
		"too many statuses since":          timeline(many, 40),
		"no source to compare with":        sourceless,
		"a server that ignores max_id":     stuck,
		"too many statuses on small pages": timeline(many, 5),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, routes)
			got, err := b.Find(t.Context(), b.account, hello())
			if err != nil || got.State != platform.CannotTell || got.Why == "" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestFindUsesTheTextThatGoToSocialTells(t *testing.T) {
	t.Parallel()
	b := setup(t, map[string]http.HandlerFunc{
		"GET /api/v1/accounts/77/statuses": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("max_id") != "" {
				answer(200, `[]`)(w, r)
				return
			}
			answer(200, `[{"id":"5","created_at":"2027-07-30T09:00:05.123Z","text":"Hello\n#EndHumanTrafficking","language":"en","in_reply_to_id":null}]`)(w, r)
		},
	})
	got, err := b.Find(t.Context(), b.account, hello())
	if err != nil || got.State != platform.Found {
		t.Errorf("got %+v, %v", got, err)
	}
	if n := len(b.calls("GET", "/source")); n != 0 {
		t.Errorf("%d calls for a source", n)
	}
}

func TestFindFailsWholeWhenAPageFails(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"500":           answer(500, `{}`),
		"a page":        answer(200, `<html>`),
		"no date":       answer(200, `[{"id":"5"}]`),
		"null":          answer(200, `[null]`),
		"lost midways":  answer(200, `[{"id":"5","created_at":"2027-07-30T09:00:05Z"},`),
		"a bad request": answer(400, `{"error":"no"}`),
	} {
		b := setup(t, map[string]http.HandlerFunc{"GET /api/v1/accounts/77/statuses": h})
		got, err := b.Find(t.Context(), b.account, hello())
		if err == nil || got.State != platform.CannotTell || platform.Outcome(err) == platform.KindUnknown {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}
