package notify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/smtp"
	"daymark/internal/org/notify/smtp/smtptest"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	server "github.com/emersion/go-smtp"
)

// token stands for what lets somebody in.
const token = "https://daymark.example.org/enter/4kq-very-secret-token"

// place is an outbox with a mail server.
type place struct {
	t      *testing.T
	db     *postgres.DB
	keys   seal.Keys
	server *smtptest.Server
	office *notify.Office
	log    *bytes.Buffer
	boss   people.Person
	ana    people.Person
}

func newPlace(t *testing.T) *place {
	t.Helper()
	key, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, db: postgrestest.New(t, migrations.FS), keys: seal.Keys{key}, server: smtptest.New(t, smtptest.StartTLS), log: &bytes.Buffer{}}
	p.server.User, p.server.Password = "daymark", "the mail password"
	p.office = p.another()
	p.tx(func(ctx context.Context, tx *postgres.Tx) (err error) {
		p.boss, err = people.Add(ctx, tx, people.NewPerson{Email: "boss@example.org", Name: "Boss", Role: people.RoleAdmin, Password: "a good long password"}, 0)
		if err == nil {
			p.ana, err = people.Add(ctx, tx, people.NewPerson{Email: "ana@example.org", Name: "Ana", Role: people.RoleReviewer, Password: "a good long password"}, 0)
		}
		return err
	})
	return p
}

// another returns one more office of the same outbox, as another replica has it.
func (p *place) another() *notify.Office {
	p.t.Helper()
	sender, err := smtp.New(smtp.Settings{
		Host: smtptest.Host, Port: p.server.Port, User: p.server.User, Password: p.server.Password, Roots: p.server.Roots,
		From: "Daymark <daymark@example.org>", Timeout: 5 * time.Second, Now: time.Now,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return &notify.Office{
		DB: p.db, Keys: p.keys, Senders: map[string]notify.Sender{notify.ByMail: sender}, Clock: clock.NewFake(time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC)),
		Log: slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func (p *place) tx(work func(context.Context, *postgres.Tx) error) {
	p.t.Helper()
	if err := p.db.InTx(p.t.Context(), func(tx *postgres.Tx) error { return work(p.t.Context(), tx) }); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) queue(to people.Person) {
	p.t.Helper()
	p.tx(func(ctx context.Context, tx *postgres.Tx) error {
		_, err := notify.Queue(ctx, tx, p.keys[0], notify.Mail{To: to.Email, Person: to.ID, Kind: "reset", Subject: "A new password", Text: "Open " + token})
		return err
	})
}

// round sends what waits, some time from now.
func (p *place) round(later time.Duration, want int) {
	p.t.Helper()
	n, err := p.office.Round(p.t.Context(), time.Now().Add(later))
	if err != nil || n != want {
		p.t.Fatalf("after %s: sent %d, %v; want %d\n%s", later, n, err, want, p.log)
	}
}

// outbox describes the letters, oldest first.
func (p *place) outbox() string {
	p.t.Helper()
	var rows []struct {
		State  string `db:"state"`
		Tries  int    `db:"tries"`
		Sealed bool   `db:"sealed"`
	}
	if err := p.db.SelectContext(p.t.Context(), &rows, `SELECT state, tries, sealed IS NOT NULL AS sealed FROM outbox ORDER BY id`); err != nil {
		p.t.Fatal(err)
	}
	var all []string
	for _, r := range rows {
		s := r.State
		if r.Sealed {
			s += " sealed"
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func (p *place) messageIDs() map[string]int {
	p.t.Helper()
	ids := map[string]int{}
	for _, l := range p.server.Letters() {
		m, err := mail.ReadMessage(bytes.NewReader(l.Data))
		if err != nil {
			p.t.Fatal(err)
		}
		ids[m.Header.Get("Message-ID")]++
	}
	return ids
}

func TestALetterIsSentOnceAndItsWordsAreGone(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.queue(p.ana)
	var row string
	if err := p.db.GetContext(t.Context(), &row, `SELECT (o.*)::text || encode(o.sealed, 'escape') FROM outbox o`); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(row, "very-secret") || strings.Contains(row, "new password") {
		t.Errorf("the table shows the words: %s", row)
	}
	p.round(time.Second, 1)
	p.round(time.Hour, 0)
	if got := p.outbox(); got != "sent" {
		t.Errorf("outbox: %s", got)
	}
	letters := p.server.Letters()
	if len(letters) != 1 || !letters[0].Encrypted || !bytes.Contains(letters[0].Data, []byte("very-secret")) {
		t.Errorf("arrived: %+v", letters)
	}
	if log := p.log.String(); strings.Contains(log, "very-secret") || strings.Contains(log, p.server.Password) {
		t.Errorf("the log shows a secret:\n%s", log)
	}
	p.round(31*24*time.Hour, 0)
	if got := p.outbox(); got != "" {
		t.Errorf("after a month: %s", got)
	}
}

func TestALetterExistsOnlyIfWhatItTellsOfWasDone(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	undone := errors.New("undone")
	err := p.db.InTx(t.Context(), func(tx *postgres.Tx) error {
		if _, err := notify.Queue(t.Context(), tx, p.keys[0], notify.Mail{To: p.ana.Email, Kind: "reset", Subject: "x", Text: "x"}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) || p.outbox() != "" {
		t.Errorf("%v; outbox: %s", err, p.outbox())
	}
}

func TestAServerThatHangsUpAfterTheWordsGetsTheSameLetterAgain(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	var times atomic.Int32
	p.server.Drop = func() bool { return times.Add(1) <= 2 }
	p.queue(p.ana)
	p.round(time.Second, 0)
	p.round(2*time.Second, 0) // not yet
	p.round(20*time.Second, 0)
	p.round(time.Minute, 1)
	ids := p.messageIDs()
	if len(ids) != 1 || len(p.server.Letters()) != 3 || p.outbox() != "sent" {
		t.Errorf("%v; outbox: %s", ids, p.outbox())
	}
}

func TestAnAddressThatTakesNoMailIsKnownAndTheAdminsAreTold(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	closed := true
	p.server.Refuse = func(to string) error {
		if closed && to == p.ana.Email {
			return &server.SMTPError{Code: 550, EnhancedCode: server.EnhancedCode{5, 1, 1}, Message: "no such user here"}
		}
		return nil
	}
	p.queue(p.ana)
	p.queue(p.boss)
	p.round(time.Second, 1)
	p.round(time.Hour, 0) // not tried again
	if got := p.outbox(); got != "refused, sent" {
		t.Errorf("outbox: %s", got)
	}
	known := func() notify.Refusal {
		t.Helper()
		all, err := notify.Refusals(t.Context(), p.db, p.ana.ID, p.boss.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, is := all[p.boss.ID]; is {
			t.Error("the boss's address is said to take none")
		}
		return all[p.ana.ID]
	}
	if got := known(); !strings.Contains(got.Say, "no such user here") {
		t.Errorf("known of Ana: %+v", got)
	}
	for _, c := range []struct {
		who  people.Person
		want int
	}{{p.boss, 1}, {p.ana, 0}} {
		open, err := notice.OpenFor(t.Context(), p.db, c.who.ID, 10)
		if err != nil || len(open) != c.want {
			t.Errorf("%s sees %+v, %v", c.who.Name, open, err)
		}
	}
	closed = false
	p.tx(func(ctx context.Context, tx *postgres.Tx) error { return notify.TryAgain(ctx, tx, p.ana.ID, p.ana) })
	if got := known(); got.Person != 0 {
		t.Errorf("after it was allowed again: %+v", got)
	}
	p.queue(p.ana)
	p.round(time.Second, 1)
}

func TestAServerThatDoesNotWantUsIsTriedAgainAndTheAdminsAreTold(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	good := p.server.Password
	p.server.Password = "changed meanwhile"
	p.queue(p.ana)
	later := time.Duration(0)
	for range 6 {
		later += time.Hour
		p.round(later, 0)
	}
	open, err := notice.OpenFor(t.Context(), p.db, p.boss.ID, 10)
	if err != nil || len(open) != 1 || !strings.Contains(open[0].Say, "Mail cannot be sent") || strings.Contains(open[0].Say, good) {
		t.Fatalf("the boss sees %+v, %v", open, err)
	}
	if refusals, err := notify.Refusals(t.Context(), p.db, p.ana.ID); err != nil || len(refusals) != 0 {
		t.Errorf("it is taken for Ana's fault: %v, %v", refusals, err)
	}
	p.server.Password = good
	p.round(later+time.Hour, 1)
	if open, err := notice.OpenFor(t.Context(), p.db, p.boss.ID, 10); err != nil || len(open) != 0 {
		t.Errorf("after it works again the boss sees %+v, %v", open, err)
	}
}

func TestWhatIsTooOldOrForNobodyAnyMoreIsDropped(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tx(func(ctx context.Context, tx *postgres.Tx) error {
		_, err := notify.Queue(ctx, tx, p.keys[0], notify.Mail{To: p.boss.Email, Person: p.boss.ID, Kind: "code", Subject: "A code", Text: "123", For: 10 * time.Minute})
		return err
	})
	p.queue(p.ana)
	p.tx(func(ctx context.Context, tx *postgres.Tx) error { return people.Disable(ctx, tx, p.ana.ID, p.boss.ID) })
	p.round(11*time.Minute, 0)
	if got := p.outbox(); got != "given up, given up" || len(p.server.Letters()) != 0 {
		t.Errorf("outbox: %s, %d arrived", got, len(p.server.Letters()))
	}
}

func TestALetterSealedWithAnotherKeyIsGivenUp(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.queue(p.ana)
	other, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.office.Keys = seal.Keys{other}
	p.round(time.Second, 0)
	if got := p.outbox(); got != "refused" {
		t.Errorf("outbox: %s", got)
	}
}

func TestAChangeOfKeysTakesTheLettersThatWaitWithIt(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.queue(p.ana)
	next, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.tx(func(ctx context.Context, tx *postgres.Tx) error {
		return notify.Reseal(ctx, tx, seal.Keys{next, p.keys[0]})
	})
	p.office.Keys = seal.Keys{next}
	p.round(time.Second, 1)
}

func TestReplicasShareTheWork(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	const letters = 24
	for range letters {
		p.queue(p.ana)
	}
	offices := []*notify.Office{p.office, p.another(), p.another()}
	for _, o := range offices {
		o.Log = slog.New(slog.DiscardHandler)
	}
	var all sync.WaitGroup
	var sent atomic.Int32
	for _, o := range offices {
		all.Go(func() {
			n, err := o.Round(t.Context(), time.Now().Add(time.Second))
			if err != nil {
				t.Error(err)
			}
			sent.Add(int32(n))
		})
	}
	all.Wait()
	if ids := p.messageIDs(); sent.Load() != letters || len(ids) != letters || len(p.server.Letters()) != letters {
		t.Errorf("sent %d, arrived %d with %d ids, want %d of each", sent.Load(), len(p.server.Letters()), len(ids), letters)
	}
}

func TestWhatCouldAddAHeaderOrARecipientIsNotQueued(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	good := notify.Mail{To: "ana@example.org", Kind: "reset", Subject: "A new password", Text: "words"}
	for name, change := range map[string]func(*notify.Mail){
		"a second recipient":         func(m *notify.Mail) { m.To = "ana@example.org, eve@example.org" },
		"a header in the address":    func(m *notify.Mail) { m.To = "ana@example.org\r\nBcc: eve@example.org" },
		"a name with the address":    func(m *notify.Mail) { m.To = "Ana <ana@example.org>" },
		"no address":                 func(m *notify.Mail) { m.To = "ana" },
		"a header in the subject":    func(m *notify.Mail) { m.Subject = "Hello\nBcc: eve@example.org" },
		"an odd line break":          func(m *notify.Mail) { m.Subject = "Hello\u2028there" },
		"no subject":                 func(m *notify.Mail) { m.Subject = " " },
		"no words":                   func(m *notify.Mail) { m.Text = "" },
		"a header to end letters at": func(m *notify.Mail) { m.Unsubscribe = "https://example.org>\r\nBcc: eve@example.org" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := good
			change(&m)
			err := p.db.InTx(t.Context(), func(tx *postgres.Tx) error {
				_, err := notify.Queue(t.Context(), tx, p.keys[0], m)
				return err
			})
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Internal) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASubjectIsMadeOneLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain": "plain", " a\r\nb\tc ": "a b c", "x\u2029y\x00z": "x y z", "": "", "bad \xff byte": "bad byte", strings.Repeat("é", 300): strings.Repeat("é", 249) + "…",
	} {
		if got := notify.OneLine(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
