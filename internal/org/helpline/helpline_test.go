package helpline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

func TestAHelplineArrivesUncheckedAndIsShownOnceAPersonChecked(t *testing.T) {
	t.Parallel()
	d := open(t)
	added, err := d.add(sample(func(h *campaign.Helpline) { h.Name, h.Languages = "  Hope Line ", []string{"EN", "en"} }))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), added.Helpline); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if added.Version != 1 || added.Origin != helpline.FromPerson || added.Last != nil || added.Holds(noon) || added.UpdatedBy != d.editor.Name {
		t.Errorf("got %+v", added)
	}
	c, err := d.check("gb-hope", works, d.reviewer, noon)
	if err != nil {
		t.Fatal(err)
	}
	if want := c.At.Add(30 * day); c.Until != want || c.Person != d.reviewer.Name || c.Version != 1 {
		t.Errorf("got %+v, want it until %s", c, want)
	}
	r := d.find("gb-hope")
	if !r.Holds(noon) || !r.Holds(c.Until.Add(-time.Microsecond)) || r.Holds(c.Until) {
		t.Errorf("it holds wrongly: %+v", r.Last)
	}
	l := r.Lint(c.Until)
	if l.Valid || l.Until != c.Until || l.ID != "gb-hope" || l.Country != "GB" || l.Reporting {
		t.Errorf("rules are told %+v", l)
	}
	if list, err := helpline.Checks(t.Context(), d.db, "gb-hope", 10); err != nil || len(list) != 1 || list[0] != c {
		t.Errorf("got %v, %v", list, err)
	}
	for action, by := range map[string]people.Person{"helpline.added": d.editor, "helpline.checked": d.reviewer} {
		rows, err := audit.List(t.Context(), d.db, audit.Filter{Kind: "helpline", Action: action})
		if err != nil || len(rows) != 1 || rows[0].Person != by.ID || rows[0].Detail["helpline"] != "gb-hope" {
			t.Errorf("%s: %v, %v", action, rows, err)
		}
	}
}

// The database decides at the last moment what may go out; it must come to what the code shows.
func TestTheDatabaseJudgesAsTheCodeDoes(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.add(sample()); err != nil {
		t.Fatal(err)
	}
	agree := func(what string) {
		t.Helper()
		r := d.find("gb-hope")
		for _, at := range []time.Time{noon, noon.Add(30*day - time.Millisecond), noon.Add(30 * day), noon.Add(90 * day)} {
			var holds bool
			if err := d.db.GetContext(t.Context(), &holds, `SELECT helpline_holds('gb-hope', $1, $2)`, r.Version, at); err != nil {
				t.Fatal(err)
			}
			if holds != r.Holds(at) {
				t.Errorf("%s, at %s: the database says %t", what, at, holds)
			}
		}
	}
	agree("unchecked")
	if _, err := d.check("gb-hope", works, d.reviewer, noon); err != nil {
		t.Fatal(err)
	}
	agree("checked")
	if _, err := d.check("gb-hope", helpline.NewCheck{How: helpline.Page, Result: helpline.Dead, Saw: "The page is gone."}, d.reviewer, noon); err != nil {
		t.Fatal(err)
	}
	agree("dead")
	if _, err := d.check("gb-hope", works, d.reviewer, noon); err != nil {
		t.Fatal(err)
	}
	agree("checked again")
	d.must(func(tx *postgres.Tx) error {
		return helpline.Retire(t.Context(), tx, "gb-hope", "It closes.", d.editor, noon)
	})
	agree("retired")
	if _, err := d.change(sample(func(h *campaign.Helpline) { h.Phone, h.Short = "020 7946 0999", nil })); err != nil {
		t.Fatal(err)
	}
	agree("changed")
}

func TestOnlyWhatPeopleDialEndsACheck(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*campaign.Helpline)
		keeps  bool
	}{
		"nothing":                  {func(*campaign.Helpline) {}, true},
		"the name":                 {func(h *campaign.Helpline) { h.Name = "Hope" }, true},
		"the words around it":      {func(h *campaign.Helpline) { h.Short = map[string]string{"en": "Britain: 020 7946 0123"} }, true},
		"the signs between digits": {func(h *campaign.Helpline) { h.Phone = "020-7946-0123" }, true},
		"a note":                   {func(h *campaign.Helpline) { h.Note = "Ask for Jo." }, true},
		"the number":               {func(h *campaign.Helpline) { h.Phone, h.Short = "020 7946 0124", nil }, false},
		"the country code":         {func(h *campaign.Helpline) { h.Phone = "+44 20 7946 0123" }, false},
		"a number for texts":       {func(h *campaign.Helpline) { h.Message = "60 777" }, false},
		"the chat":                 {func(h *campaign.Helpline) { h.Chat = "https://hope.example/chat" }, false},
		"the page":                 {func(h *campaign.Helpline) { h.Web = "https://hope.example" }, false},
		"whom it is for":           {func(h *campaign.Helpline) { h.For = "women" }, false},
		"what it is for":           {func(h *campaign.Helpline) { h.Purpose = campaign.Reporting }, false},
		"the country":              {func(h *campaign.Helpline) { h.Country = "IE" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			if _, err := d.add(sample()); err != nil {
				t.Fatal(err)
			}
			if _, err := d.check("gb-hope", works, d.reviewer, noon); err != nil {
				t.Fatal(err)
			}
			r, err := d.change(sample(tt.change))
			if err != nil {
				t.Fatal(err)
			}
			if (r.Version == 1) != tt.keeps || r.Holds(noon.Add(day)) != tt.keeps {
				t.Errorf("version %d, holds %t", r.Version, r.Holds(noon.Add(day)))
			}
			if _, err := d.check("gb-hope", helpline.NewCheck{Version: 1, How: helpline.Page, Result: helpline.Works, Saw: "It is there."}, d.reviewer, noon); fault.Is(err, fault.Conflict) == tt.keeps {
				t.Errorf("a check of version 1: %v", err)
			}
		})
	}
}

// Thirty days on a clock that is put forward are an hour shorter; both the code and the trigger have to count the same ones.
func TestACheckHoldsAcrossTheChangeOfTheClocks(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.add(sample()); err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{noon, noon.Add(240 * day)} { // over the end of March, and of October
		d.must(func(tx *postgres.Tx) error {
			if _, err := tx.ExecContext(t.Context(), `SET LOCAL TimeZone = 'Europe/London'`); err != nil {
				return err
			}
			c, err := helpline.AddCheck(t.Context(), tx, "gb-hope", works, d.reviewer, at)
			if err == nil && (c.Until.Sub(c.At)-30*day).Abs() > time.Hour {
				t.Errorf("it holds from %s until %s", c.At, c.Until)
			}
			return err
		})
	}
}

func TestTheLatestCheckDecides(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.add(sample()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		result helpline.Result
		want   bool
	}{{helpline.Works, true}, {helpline.Changed, false}, {helpline.Works, true}, {helpline.Dead, false}} {
		c, err := d.check("gb-hope", helpline.NewCheck{How: helpline.Called, Result: tt.result, Saw: "Somebody said so."}, d.reviewer, noon)
		if err != nil {
			t.Fatal(err)
		}
		if c.Until.After(c.At) != tt.want || d.find("gb-hope").Holds(noon) != tt.want {
			t.Errorf("%s: it holds until %s", tt.result, c.Until)
		}
	}
}

func TestARetiredHelplineComesBackUnchecked(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.add(sample()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.check("gb-hope", works, d.reviewer, noon); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		d.must(func(tx *postgres.Tx) error {
			return helpline.Retire(t.Context(), tx, "gb-hope", "Its money ended.", d.editor, noon)
		})
	}
	if r := d.find("gb-hope"); !r.Retired || r.Holds(noon) {
		t.Errorf("got %+v", r)
	}
	if rows, err := audit.List(t.Context(), d.db, audit.Filter{Action: "helpline.retired"}); err != nil || len(rows) != 1 || rows[0].Detail["why"] != "Its money ended." {
		t.Errorf("got %v, %v", rows, err)
	}
	if _, err := d.check("gb-hope", works, d.reviewer, noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("a check of a retired helpline: %v", err)
	}
	if r, err := d.change(sample()); err != nil || r.Retired || r.Holds(noon) || r.Version != 2 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.add(sample()); err != nil {
		t.Fatal(err)
	}
	for _, by := range []people.Person{d.manager, d.reviewer, d.own} {
		for name, work := range map[string]func(tx *postgres.Tx) error{
			"add": func(tx *postgres.Tx) error {
				_, err := helpline.Add(t.Context(), tx, sample(func(h *campaign.Helpline) { h.ID = "other" }), by, noon)
				return err
			},
			"change": func(tx *postgres.Tx) error {
				_, err := helpline.Change(t.Context(), tx, sample(func(h *campaign.Helpline) { h.Name = "Other" }), by, noon)
				return err
			},
			"retire": func(tx *postgres.Tx) error { return helpline.Retire(t.Context(), tx, "gb-hope", "x", by, noon) },
		} {
			if err := d.try(work); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s, %s: %v", by.Name, name, err)
			}
		}
	}
	for _, by := range []people.Person{d.manager, d.own} {
		if _, err := d.check("gb-hope", works, by, noon); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s checked: %v", by.Name, err)
		}
	}
	err := d.try(func(tx *postgres.Tx) error {
		_, err := helpline.LoadFile(t.Context(), tx, []campaign.Helpline{sample()}, d.manager, noon)
		return err
	})
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("the manager loaded a file: %v", err)
	}
}

func TestWhatCannotBeIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.add(sample(func(h *campaign.Helpline) { h.Phone, h.Country, h.For = "HELP", "UK", "all" })); len(fault.Problems(err)) < 3 {
		t.Errorf("got %v", err)
	}
	if _, err := d.add(sample()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.add(sample()); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second one with the id: %v", err)
	}
	if _, err := d.change(sample(func(h *campaign.Helpline) { h.Invented = true })); !fault.Is(err, fault.Conflict) {
		t.Errorf("it became invented: %v", err)
	}
	if _, err := d.change(sample(func(h *campaign.Helpline) { h.Phone = "12" })); !fault.Is(err, fault.Invalid) {
		t.Errorf("a number of two digits: %v", err)
	}
	for _, id := range []string{"", "none"} {
		if _, err := helpline.Find(t.Context(), d.db, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("find %q: %v", id, err)
		}
		if _, err := d.check(id, works, d.reviewer, noon); !fault.Is(err, fault.NotFound) {
			t.Errorf("check %q: %v", id, err)
		}
	}
	for field, n := range map[string]helpline.NewCheck{
		"how":    {How: "guessed", Result: helpline.Works, Saw: "x"},
		"result": {How: helpline.Called, Result: "fine", Saw: "x"},
		"saw":    {How: helpline.Called, Result: helpline.Works, Saw: " \n"},
	} {
		if _, err := d.check("gb-hope", n, d.reviewer, noon); len(fault.Problems(err)) != 1 || fault.Problems(err)[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := d.check("gb-hope", helpline.NewCheck{How: helpline.Wrote, Result: helpline.Works, Saw: "x"}, d.reviewer, noon); !fault.Is(err, fault.Invalid) {
		t.Errorf("somebody wrote to a helpline that takes calls only: %v", err)
	}
	if _, err := d.check("gb-hope", helpline.NewCheck{How: helpline.Page, Result: helpline.Works, Saw: strings.Repeat("x", 2001)}, d.reviewer, noon); !fault.Is(err, fault.Invalid) {
		t.Errorf("a long report: %v", err)
	}
}
