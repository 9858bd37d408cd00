package mailing

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review/remind"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify/smtp"
	"daymark/internal/org/notify/smtp/smtptest"
	"daymark/internal/org/profile"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// desk is a charity with posts, and a mail server.
type desk struct {
	*booktest.Book
	t      *testing.T
	db     *postgres.DB
	owner  *postgres.DB
	clock  *clock.Fake
	server *smtptest.Server
	post   *Post
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	key, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	both := postgrestest.NewBoth(t, migrations.FS)
	db := both.App
	d := &desk{Book: booktest.New(t, db), t: t, db: db, owner: both.Owner, clock: clock.NewFake(booktest.Due.Add(-36 * time.Hour)), server: smtptest.New(t, smtptest.StartTLS)}
	set := Settings{Settings: smtp.Settings{Host: smtptest.Host, Port: d.server.Port, Roots: d.server.Roots, From: "Daymark <daymark@example.org>"}}
	if d.post, err = New(db, seal.Keys{key}, d.clock, slog.New(slog.DiscardHandler), set, "https://daymark.example.org/"); err != nil {
		t.Fatal(err)
	}
	d.exec(`UPDATE people SET languages = '{en}' WHERE role <> 'system'`)
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
		return profile.Save(t.Context(), tx, profile.Profile{Name: "Open Doors", Link: "https://charity.example", Zone: "Europe/London"}, 0)
	}); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.db.ExecContext(d.t.Context(), statement, args...); err != nil {
		d.t.Fatal(err)
	}
}

// round runs what the daemon runs, and returns what arrived since as "to: subject" with the whole letters by address.
func (d *desk) round() (string, map[string]string) {
	d.t.Helper()
	before := len(d.server.Letters())
	for _, run := range []func(context.Context) error{
		d.post.Duties, func(ctx context.Context) error { _, err := remind.Look(ctx, d.db, d.clock.Now()); return err }, d.post.Round,
	} {
		if err := run(d.t.Context()); err != nil {
			d.t.Fatal(err)
		}
	}
	var all []string
	bodies := map[string]string{}
	for _, l := range d.server.Letters()[before:] {
		m, err := mail.ReadMessage(bytes.NewReader(l.Data))
		if err != nil {
			d.t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s: %s", l.To, subject))
		bodies[l.To] += string(l.Data)
	}
	return strings.Join(all, "\n"), bodies
}

func TestWhatTheDaemonTellsArrivesAtThoseWhomItConcerns(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	post := d.Post("survivor-story")
	d.Submit(d.Deliver(booktest.Delivery{Post: post, Channel: d.Channel(booktest.Channel{})}))
	got, bodies := d.round()
	if got != "ana@example.org: Daymark: About a review\nomar@example.org: Daymark: About a review" {
		t.Errorf("arrived:\n%s", got)
	}
	ana := strings.ReplaceAll(bodies["ana@example.org"], "=\r\n", "")
	if !strings.Contains(ana, "a draft waited for your word") || !strings.Contains(ana, "https://daymark.example.org/review") || strings.Contains(ana, "Text of survivor-story") {
		t.Errorf("Ana's letter:\n%s", ana)
	}
	if got, _ := d.round(); got != "" {
		t.Errorf("told again:\n%s", got)
	}
}

func TestALetterDoesNotSayWhatASensitivePostIsAbout(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	post := d.Post("survivor-story")
	delivery := d.Deliver(booktest.Delivery{Post: post, Channel: d.Channel(booktest.Channel{})})
	tell := func(key string) {
		t.Helper()
		if _, err := notice.Tell(t.Context(), d.db, notice.New{
			Key: key, Level: notice.Error, Kind: "post", ID: fmt.Sprint(post), At: d.clock.Now(), For: []int64{d.Author}, Say: "survivor-story names Amara of Lagos.",
		}); err != nil {
			t.Fatal(err)
		}
	}
	tell("missed:1:1")
	if _, bodies := d.round(); !strings.Contains(bodies["writer@example.org"], "Amara") {
		t.Errorf("the letter about a post like others does not say what it is: %s", bodies["writer@example.org"])
	}
	submission := d.Submit(delivery)
	for _, statement := range []string{
		`ALTER TABLE submissions DISABLE TRIGGER USER`, fmt.Sprintf(`UPDATE submissions SET sensitive = true WHERE id = %d`, submission), `ALTER TABLE submissions ENABLE TRIGGER USER`,
	} {
		if _, err := d.owner.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	d.exec(`UPDATE outbox SET queued_at = queued_at - interval '5 minutes'`)
	tell("missed:1:2")
	_, bodies := d.round()
	if got := strings.ReplaceAll(bodies["writer@example.org"], "=\r\n", ""); strings.Contains(got, "Amara") || strings.Contains(got, "survivor-story") || !strings.Contains(got, "marked sensitive") || !strings.Contains(got, fmt.Sprintf("/posts/%d", post)) {
		t.Errorf("the letter:\n%s", got)
	}
}

func TestWhatGoesOutNowIsToldAtOnceToWhoCanApproveIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	submission := d.Submit(d.Deliver(booktest.Delivery{Post: d.Post("one"), Channel: d.Channel(booktest.Channel{})}))
	d.exec(`UPDATE people SET languages = '{fr}' WHERE id = $1`, d.Reviewers[1])
	d.exec(`UPDATE people SET role = 'admin' WHERE id = $1`, d.Author) // who wrote it cannot approve it
	d.round()
	if _, err := notice.Tell(t.Context(), d.db, notice.New{
		Key: fmt.Sprintf("prompt:%d", submission), Level: notice.Warning, Kind: "submission", ID: fmt.Sprint(submission), At: d.clock.Now(), Say: "Look at it now.",
	}); err != nil {
		t.Fatal(err)
	}
	if got, _ := d.round(); got != "ana@example.org: Daymark: Waits to go out now" {
		t.Errorf("arrived:\n%s", got)
	}
}

func TestInARehearsalNobodyIsWrittenToOfNotices(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(`INSERT INTO fast_clock (real_start, starts_at, rate, until) VALUES (now(), now(), 100, now() + interval '1 day')`)
	d.Submit(d.Deliver(booktest.Delivery{Post: d.Post("one"), Channel: d.Channel(booktest.Channel{})}))
	if got, _ := d.round(); got != "" {
		t.Errorf("arrived:\n%s", got)
	}
}

func TestSettingsInFiles(t *testing.T) {
	t.Parallel()
	good := Settings{Settings: smtp.Settings{Host: "smtp.example.org", From: "daymark@example.org", User: "daymark"}, PasswordFile: t.TempDir() + "/none"}
	if _, err := good.sender(); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "DAYMARK_SMTP_PASSWORD_FILE") {
		t.Errorf("a file that is not there: %v", err)
	}
	good.Password = "x"
	if _, err := good.sender(); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "keep one") {
		t.Errorf("a password twice: %v", err)
	}
	if err := Test(t.Context(), Settings{}, "ana@example.org"); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a server: %v", err)
	}
}
