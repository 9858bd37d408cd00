package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/postgres"
)

// task makes a post that fell due on a channel that people post to by hand, with its request as the dispatcher writes it down.
func (s *site) task(b *booktest.Book, message, request string) int64 {
	s.t.Helper()
	channel := b.Channel(booktest.Channel{Platform: "byhand", Handle: message + " (Instagram)"})
	d := b.Deliver(booktest.Delivery{Post: b.Post(message), Channel: channel})
	b.Schedule(d)
	s.inTx(func(ctx ctx, tx *postgres.Tx) error {
		for _, statement := range []string{
			`UPDATE queue SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute', fence = 1, sending_at = due_at WHERE delivery_id = $1`,
			`INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at)
SELECT q.delivery_id, 1, 1, 'test-' || q.delivery_id, t.request, sha256(t.request), q.due_at
FROM queue q
JOIN releases r ON r.id = q.release_id,
LATERAL (SELECT convert_to(jsonb_set('` + request + `'::jsonb, '{release}', to_jsonb(encode(r.sha256, 'hex')))::text, 'UTF8') AS request) t
WHERE q.delivery_id = $1`,
			`UPDATE attempts SET outcome = 'unknown', ended_at = started_at WHERE delivery_id = $1`,
			`UPDATE deliveries SET state = 'unknown', ask_at = due_at WHERE id = $1`,
			`UPDATE deliveries SET state = 'held', hold = 'decision', ask_at = NULL, release_id = NULL, submission_id = NULL, revision_id = NULL WHERE id = $1`,
			`UPDATE channels SET capabilities = '{"software": "Instagram", "by_hand": true}', capabilities_at = now() WHERE id = (SELECT channel_id FROM deliveries WHERE id = $1)`,
		} {
			if _, err := tx.ExecContext(ctx, statement, d); err != nil {
				return fmt.Errorf("%w\n%s", err, statement)
			}
		}
		return nil
	})
	return d
}

func TestAPersonPostsByHandAndComesBackWithTheLink(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	face := b.Picture("face")
	d := s.task(b, "hearts", `{"content": {"parts": [{"text": "Nobody is for sale. <b>&</b>", "pictures": [{"sha256": "`+face+`", "mime": "image/png", "alt": "A blue heart."}]}],
		"content_note": "Trafficking", "language": "en"}, "release": ""}`)
	s.clock.Set(booktest.Due.Add(time.Second))
	if n, err := decide.Remind(t.Context(), s.db, s.clock.Now()); err != nil || n != 1 {
		t.Fatalf("%d tasks are told, %v", n, err)
	}
	v := s.as("editor")
	task := fmt.Sprintf("/deliveries/%d/by-hand", d)
	for _, page := range []string{"/", "/notices", "/decisions"} {
		if a := v.get(page); !strings.Contains(a.body, `href="`+task+`"`) {
			t.Errorf("%s does not lead to the task", page)
		}
	}
	a := v.get(task)
	for _, want := range []string{
		"Post by hand on Instagram", "Nobody is for sale. &lt;b&gt;&amp;&lt;/b&gt;</textarea>", "Trafficking</textarea>", "A blue heart.</textarea>",
		`href="/media/` + face + `" download="hearts-1.png"`, fmt.Sprintf(`id="link-%d"`, d), fmt.Sprintf(`action="/deliveries/%d/live?from=decisions"`, d), "It is out",
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the task lacks %q\n%s", want, a.body)
		}
	}
	for _, wrong := range []string{"obody can tell", "obody knows", "send it again"} {
		if strings.Contains(a.body, wrong) || strings.Contains(v.get("/decisions").body, wrong) {
			t.Errorf("a post to make by hand is said to be lost: %q", wrong)
		}
	}
	if a := s.as("reviewer").get(task); a.status != http.StatusOK || strings.Contains(a.body, "/live") {
		t.Errorf("for a reviewer: %d, or with a form", a.status)
	}
	live := fmt.Sprintf("/deliveries/%d/live", d)
	if a := v.post(live, url.Values{fmt.Sprintf("link-%d", d): {"no link"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a link that is none: %d", a.status)
	}
	if a := v.post(live, url.Values{fmt.Sprintf("link-%d", d): {"https://www.instagram.example/p/1"}}); a.status != http.StatusSeeOther {
		t.Fatalf("it is out: %d\n%s", a.status, a.body)
	}
	if a := v.get(task); a.status != http.StatusNotFound {
		t.Errorf("the task when it is done: %d", a.status)
	}
	if a := v.get("/notices"); strings.Contains(a.body, `href="`+task+`"`) {
		t.Error("what is done is told still")
	}
	if a := v.get(fmt.Sprintf("/posts/%d", postOf(t, s.db, d))); !strings.Contains(a.body, "https://www.instagram.example/p/1") {
		t.Error("the post does not show the link")
	}
}

func TestWhatIsTakenDownIsNotPostedByHandAnyMore(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	b := booktest.New(t, s.db)
	d := s.task(b, "hearts", `{"content": {"parts": [{"text": "Nobody is for sale."}], "language": "en"}, "release": ""}`)
	s.clock.Set(booktest.Due.Add(time.Second))
	v := s.as("editor")
	post := fmt.Sprintf("/posts/%d", postOf(t, s.db, d))
	if a := v.post(post+"/takedown", url.Values{"takedown-reason": {"A face can be seen in it"}}); a.status != http.StatusSeeOther {
		t.Fatalf("take down: %d\n%s", a.status, a.body)
	}
	a := v.get(fmt.Sprintf("/deliveries/%d/by-hand", d))
	if a.status != http.StatusOK || !strings.Contains(a.body, `id="down"`) || strings.Contains(a.body, "Nobody is for sale.") {
		t.Errorf("the task: %d, or it still asks for the post\n%s", a.status, a.body)
	}
}

func postOf(t *testing.T, q postgres.Querier, delivery int64) int64 {
	t.Helper()
	var id int64
	if err := q.GetContext(t.Context(), &id, `SELECT post_id FROM deliveries WHERE id = $1`, delivery); err != nil {
		t.Fatal(err)
	}
	return id
}
