package letter_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/face/report/letter"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/reach/digest"
	"daymark/internal/org/notify"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// place is a team with an edition that is out, and a writer.
type place struct {
	t      *testing.T
	db     *postgres.DB
	book   *booktest.Book
	keys   seal.Keys
	writer letter.Writer
	people map[string]people.Person
}

func newPlace(t *testing.T) *place {
	t.Helper()
	key, err := seal.LoadOrMakeKey(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	db := postgrestest.New(t, migrations.FS)
	b, deliveries := booktest.Published(t, db, 3)
	p := &place{t: t, db: db, book: b, keys: seal.Keys{key}, people: map[string]people.Person{}, writer: letter.Writer{DB: db, Key: key, PublicURL: "https://daymark.example.org"}}
	p.tx(func(ctx context.Context, tx *postgres.Tx) error {
		for _, n := range []people.NewPerson{
			{Email: "mo@example.org", Name: "Mo", Role: people.RoleManager},
			{Email: "noor@example.org", Name: "Noor", Role: people.RoleManager},
			{Email: "ed@example.org", Name: "Ed", Role: people.RoleEditor},
			{Email: "york@example.org", Name: "York", Role: people.RoleManager},
		} {
			n.Password, n.Cost = "a long walk by the sea", people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}
			one, err := people.Add(ctx, tx, n, 0)
			if err != nil {
				return err
			}
			p.people[n.Name] = one
		}
		return profile.Save(ctx, tx, profile.Profile{Name: "Harbour Light", Link: "https://example.org", Zone: "Europe/London"}, p.people["Mo"].ID)
	})
	p.exec(`UPDATE people SET labels = '{york}' WHERE name = 'York'`)
	p.people["York"] = people.Person{ID: p.people["York"].ID, Role: people.RoleManager, Labels: []string{"york"}}
	p.exec(`UPDATE people SET interface = 'ar' WHERE name = 'Noor'`)
	p.exec(`INSERT INTO mail_people (person_id, hour, zone) VALUES ($1, 6, 'Asia/Kathmandu')`, p.people["Noor"].ID)
	for i, d := range deliveries {
		p.exec(`INSERT INTO latest_counts (delivery_id, taken_at, changed_at, favourites, replies) VALUES ($1, $2, $2, $3, 1)`, d, booktest.Due.Add(time.Hour), 10*(i+1))
	}
	return p
}

func (p *place) tx(work func(context.Context, *postgres.Tx) error) {
	p.t.Helper()
	if err := p.db.InTx(p.t.Context(), func(tx *postgres.Tx) error { return work(p.t.Context(), tx) }); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) exec(query string, args ...any) {
	p.t.Helper()
	if _, err := p.db.ExecContext(p.t.Context(), query, args...); err != nil {
		p.t.Fatal(err)
	}
}

// write writes what is due at an instant, with three daemons at once, and checks how many letters that are.
func (p *place) write(at time.Time, want int) {
	p.t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for range 3 {
		all.Go(func() {
			n, err := p.writer.Write(p.t.Context(), at)
			mu.Lock()
			defer mu.Unlock()
			if sum += n; err != nil {
				p.t.Error(err)
			}
		})
	}
	all.Wait()
	if sum != want {
		p.t.Errorf("at %s: %d letters, want %d", at.Format(time.RFC3339), sum, want)
	}
}

// sent takes the letters out of the outbox.
type sent map[string]notify.Letter

// Send keeps a letter.
func (s sent) Send(_ context.Context, l notify.Letter) error {
	s[l.To+" "+l.Kind] = l
	return nil
}

func utc(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2027, month, day, hour, minute, 0, 0, time.UTC)
}

func TestTheMorningAfterComesOnceAtEachPersonsHour(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.write(utc(7, 30, 12, 0), 0)  // on the day
	p.write(utc(7, 31, 0, 10), 0)  // 05:55 in Kathmandu
	p.write(utc(7, 31, 0, 15), 1)  // 06:00 there
	p.write(utc(7, 31, 6, 59), 0)  // 07:59 in London
	p.write(utc(7, 31, 7, 0), 1)   // 08:00 there
	p.write(utc(7, 31, 9, 0), 0)   // once
	p.write(utc(8, 1, 9, 0), 0)    // and on no other morning
	p.write(utc(8, 2, 9, 0), 0)    // a Monday: nobody wants the week by usage
	p.write(utc(12, 31, 23, 0), 0) //
	var rows int
	if err := p.db.GetContext(t.Context(), &rows, `SELECT count(*) FROM outbox WHERE kind = 'figures'`); err != nil || rows != 2 {
		t.Errorf("%d letters in the outbox: %v", rows, err)
	}
}

func TestALetterIsInThePersonsLanguageAndSaysWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.write(utc(7, 31, 10, 0), 2)
	got := sent{}
	office := &notify.Office{DB: p.db, Keys: p.keys, Senders: map[string]notify.Sender{notify.ByMail: got}, Log: slog.New(slog.DiscardHandler)}
	if n, err := office.Round(t.Context(), time.Now().Add(time.Minute)); err != nil || n != 2 {
		t.Fatalf("%d sent, %v", n, err)
	}
	english, arabic := got["mo@example.org figures"], got["noor@example.org figures"]
	for _, want := range []string{"3 posts went out. Engagements: 63. Impressions: not reported.", "/reach/", "https://daymark.example.org/you/digests"} {
		if !strings.Contains(english.Text, want) {
			t.Errorf("%q is not in\n%s", want, english.Text)
		}
	}
	if english.Subject != "The morning after: World Day Against Trafficking in Persons 2027" || !strings.Contains(arabic.Text, "نُشرت 3 منشورات.") || !strings.Contains(arabic.HTML, `dir="rtl"`) {
		t.Errorf("%s\n%s", english.Subject, arabic.Text)
	}
}

func TestWeeksAndYearsComeToThoseWhoChoseThem(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	choose := func(who string, kinds ...digest.Kind) error {
		return p.db.InTx(t.Context(), func(tx *postgres.Tx) error { return digest.Choose(t.Context(), tx, p.people[who], kinds) })
	}
	if err := choose("Ed", digest.Week, digest.Year); err != nil {
		t.Fatal(err)
	}
	if err := choose("York", digest.Week); err == nil {
		t.Error("somebody of one chapter gets letters about all")
	}
	p.exec(`UPDATE digest_wishes SET since = '2027-07-01'`)
	p.write(utc(7, 26, 9, 0), 0)                             // a Monday after a week in which nothing went out
	p.write(utc(8, 2, 9, 0), 1)                              // the Monday after the day: only Ed; the morning after is over
	p.write(utc(8, 2, 20, 0), 0)                             //
	p.write(time.Date(2028, 1, 1, 9, 0, 0, 0, time.UTC), 3)  // the year, to Ed and both managers
	p.write(time.Date(2028, 1, 4, 9, 0, 0, 0, time.UTC), 0)  // a daemon that ran days later is too late for the Monday before
	p.exec(`UPDATE digest_wishes SET since = '2028-02-01'`)  // chosen anew
	p.write(time.Date(2028, 1, 10, 9, 0, 0, 0, time.UTC), 0) // before that
	if err := choose("Ed"); err != nil {
		t.Fatal(err)
	}
	p.write(time.Date(2029, 1, 1, 9, 0, 0, 0, time.UTC), 0) // nothing went out in 2028
}
