package dispatch_test

import (
	"testing"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/mischief"
)

// lose lets a dispatcher send until an answer is lost, and hands the delivery to a person, as when the network cannot be asked.
func (b *bench) lose(delivery int64, fault mischief.Fault) {
	b.t.Helper()
	b.timeout = time.Second
	fault.Endpoint = posting
	b.fault(fault, mischief.Fault{Kind: mischief.Reject500, Endpoint: "GET /api/v1/accounts/:id/statuses"})
	d := b.dispatcher()
	b.turn(d)
	b.exec(`UPDATE deliveries SET state = 'held', hold = 'decision', ask_at = NULL, release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE id = $1 AND state = 'unknown'`, delivery)
	if s := b.look(delivery); s.Hold != "decision" {
		b.t.Fatalf("delivery %d is %s", delivery, s.State)
	}
}

// decides lets the author decide.
func (b *bench) decides(do func(tx *postgres.Tx, by people.Person) error) {
	b.t.Helper()
	by, err := people.ByID(b.t.Context(), b.db, b.book.Author)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.db.InTx(b.t.Context(), func(tx *postgres.Tx) error { return do(tx, by) }); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) notLive(delivery int64) {
	b.t.Helper()
	b.decides(func(tx *postgres.Tx, by people.Person) error {
		_, err := decide.NotLive(b.t.Context(), tx, delivery, by, b.clock.Now())
		return err
	})
}

func TestWhatAPersonSaysIsNotLiveIsOutOnceEvenWhenThePersonIsWrong(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]mischief.Kind{"right": mischief.DropBeforeRead, "wrong: the network has it": mischief.CommitThenDrop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			b.lose(delivery, mischief.Fault{Kind: kind})
			b.clock.Set(booktest.Due.Add(10 * time.Minute)) // too late to go out without a person, and the network keeps keys for an hour
			b.notLive(delivery)
			b.drain(b.dispatcher())
			b.want(delivery, "published", 1)
		})
	}
}

func TestAThreadGoesOnFromThePartThatAPersonFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.scheduleThread()
	b.lose(delivery, mischief.Fault{Kind: mischief.CommitThenDrop, Skip: 1})
	second := ""
	for _, s := range b.server.State().Statuses {
		if s.Text == "Parte dois" {
			second = b.server.BaseURL() + "/@hope/" + s.ID
		}
	}
	if _, err := b.owner.ExecContext(t.Context(), `UPDATE channels SET address = $2 WHERE id = $1`, b.channel, b.server.BaseURL()); err != nil {
		t.Fatal(err)
	}
	b.decides(func(tx *postgres.Tx, by people.Person) error {
		return decide.Live(t.Context(), tx, delivery, second, by, b.clock.Now())
	})
	b.want(delivery, "held: decision", 2)
	b.notLive(delivery) // what is left of it
	b.drain(b.dispatcher())
	b.want(delivery, "published", 3)
	if got := b.thread(); got != wholeThread {
		t.Errorf("the network shows %s", got)
	}
}

func TestWhatAPersonHasToDecideAboutStaysSoAfterItsWindow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := b.schedule(2, booktest.Due)
	lost, overdue := list[0], list[1]
	b.exec(`UPDATE deliveries SET state = 'held', hold = 'overdue', release_id = NULL, submission_id = NULL, revision_id = NULL WHERE id = $1`, overdue)
	b.lose(lost, mischief.Fault{Kind: mischief.CommitThenDrop})
	b.clock.Add(100 * time.Hour)
	d := b.dispatcher()
	b.turn(d)
	b.turn(d)
	b.want(lost, "held: decision", 1)
	b.want(overdue, "missed", 1)
}
