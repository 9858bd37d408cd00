package licence_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/licence"
	"daymark/internal/postgres"
)

func TestAPauseIsRaisedOnceAndLifted(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	raise := func(n licence.NewPause) (p licence.Pause, err error) {
		err = s.App.InTx(t.Context(), func(tx *postgres.Tx) error {
			p, err = licence.Raise(t.Context(), tx, n)
			return err
		})
		return p, err
	}
	lift := func(id int64) error {
		return s.App.InTx(t.Context(), func(tx *postgres.Tx) error { return licence.Lift(t.Context(), tx, id, s.admin) })
	}
	first, err := raise(licence.NewPause{Scope: licence.OneChannel, ScopeID: "3", Cause: licence.ByPerson, Reason: " A wrong number ", By: s.admin})
	if err != nil {
		t.Fatal(err)
	}
	if first.Reason != "A wrong number" || first.PersonName != "Ana" || first.At.IsZero() {
		t.Errorf("got %+v", first)
	}
	same, err := raise(licence.NewPause{Scope: licence.OneChannel, ScopeID: "3", Cause: licence.ByPerson, Reason: "Again"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, same); diff != "" {
		t.Errorf("raised again (-first +again):\n%s", diff)
	}
	held, err := raise(licence.NewPause{Scope: licence.Everything, Cause: licence.ByLicence, Reason: "This database is a copy"})
	if err != nil {
		t.Fatal(err)
	}
	if err := lift(held.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("lifting the pause for the licence by hand: got %v, want a conflict", err)
	}
	if err := lift(first.ID); err != nil {
		t.Fatal(err)
	}
	if err := lift(first.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("lifting it twice: got %v, want not found", err)
	}
	left, err := licence.Active(t.Context(), s.App)
	if err != nil || len(left) != 1 || left[0] != held {
		t.Errorf("got %v and error %v, want the licence's pause alone", left, err)
	}
	next, err := raise(licence.NewPause{Scope: licence.OneChannel, ScopeID: "3", Cause: licence.ByPerson, Reason: "Another day"})
	if err != nil || next.ID == first.ID {
		t.Errorf("a new pause after the old one: got %+v and error %v", next, err)
	}
	rows, err := audit.List(t.Context(), s.App, audit.Filter{Kind: "pause"})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, r := range rows {
		actions = append(actions, r.Action)
	}
	if diff := cmp.Diff([]string{"pause.raised", "pause.lifted", "pause.raised", "pause.raised"}, actions); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestAPauseWithoutSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	for _, tt := range []struct {
		name   string
		pause  licence.NewPause
		fields []string
	}{
		{"nothing is said", licence.NewPause{}, []string{"scope", "cause", "reason"}},
		{"a part of everything", licence.NewPause{Scope: licence.Everything, ScopeID: "3", Cause: licence.ByPerson, Reason: "x"}, []string{"scope"}},
		{"no network in particular", licence.NewPause{Scope: licence.Network, Cause: licence.ByPerson, Reason: "x"}, []string{"scope"}},
	} {
		err := s.App.InTx(t.Context(), func(tx *postgres.Tx) error {
			_, err := licence.Raise(t.Context(), tx, tt.pause)
			return err
		})
		var fields []string
		for _, problem := range fault.Problems(err) {
			fields = append(fields, problem.Field)
		}
		if diff := cmp.Diff(tt.fields, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
