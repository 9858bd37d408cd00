package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/fault"
)

func TestAnErrorCarriesItsKindAndItsSentence(t *testing.T) {
	t.Parallel()
	fields := []fault.Problem{{Field: "name", Message: "is empty"}, {Field: "", Message: "two things at once"}}
	for name, tt := range map[string]struct {
		err       error
		kind      fault.Kind
		say, text string
		problems  []fault.Problem
	}{
		"no error":           {nil, fault.Internal, "", "", nil},
		"one without a kind": {io.EOF, fault.Internal, "", "EOF", nil},
		"a new one":          {fault.New(fault.NotFound, "There is no post %d.", 7), fault.NotFound, "There is no post 7.", "There is no post 7.", nil},
		"one with a cause":   {fault.Wrap(fault.Unavailable, io.EOF, "No answer."), fault.Unavailable, "No answer.", "No answer.: EOF", nil},
		"a wrapped one":      {fmt.Errorf("load: %w", fault.New(fault.Conflict, "Changed.")), fault.Conflict, "Changed.", "load: Changed.", nil},
		"the outer of two":   {fault.Wrap(fault.Invalid, fault.New(fault.NotFound, "In."), "Out."), fault.Invalid, "Out.", "Out.: In.", nil},
		"a bad field":        {fault.BadField("zone", "%q is no zone", "x"), fault.Invalid, `zone: "x" is no zone`, `zone: "x" is no zone`, []fault.Problem{{Field: "zone", Message: `"x" is no zone`}}},
		"bad fields":         {fault.BadFields(fields), fault.Invalid, "name: is empty; two things at once", "name: is empty; two things at once", fields},
		"no bad fields":      {fault.BadFields(nil), fault.Internal, "", "", nil},
		"one of two joined":  {errors.Join(io.EOF, fault.New(fault.Forbidden, "No.")), fault.Forbidden, "No.", "EOF\nNo.", nil},
	} {
		text := ""
		if tt.err != nil {
			text = tt.err.Error()
		}
		if fault.KindOf(tt.err) != tt.kind || fault.Say(tt.err) != tt.say || text != tt.text {
			t.Errorf("%s: %s, says %q, reads %q; want %s, %q, %q", name, fault.KindOf(tt.err), fault.Say(tt.err), text, tt.kind, tt.say, tt.text)
		}
		if diff := cmp.Diff(tt.problems, fault.Problems(tt.err)); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", name, diff)
		}
		for kind := fault.Internal; kind <= fault.Unavailable; kind++ {
			if got, want := fault.Is(tt.err, kind), tt.err != nil && kind == tt.kind; got != want {
				t.Errorf("%s: being %s is %t", name, kind, got)
			}
		}
	}
}

func TestTheCauseStaysInTheChain(t *testing.T) {
	t.Parallel()
	if err := fault.Wrap(fault.Unavailable, io.ErrUnexpectedEOF, "No answer."); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
}

func TestEveryKindHasAWordOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for kind := fault.Internal; kind <= fault.Unavailable; kind++ {
		if word := kind.String(); seen[word] || word == "" {
			t.Errorf("kind %d is called %q", int(kind), word)
		} else {
			seen[word] = true
		}
	}
	if got := fault.Kind(99).String(); got != "internal" {
		t.Errorf("an unheard-of kind is called %q", got)
	}
}

func TestAnErrorKeepsWhatItsSentenceWasMadeFrom(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		fault.New(fault.NotFound, "There is no %s.", "post"), fmt.Errorf("load: %w", fault.Wrap(fault.NotFound, io.EOF, "There is no %s.", "post")),
	} {
		if format, args := fault.Format(err); format != "There is no %s." || len(args) != 1 || args[0] != "post" {
			t.Errorf("%v was made from %q with %v", err, format, args)
		}
	}
	if format, args := fault.Format(io.EOF); format != "" || args != nil {
		t.Errorf("an error without a kind was made from %q with %v", format, args)
	}
	p := fault.Problems(fault.BadField("zone", "%q is no zone", "x"))[0]
	if p.Format != "%q is no zone" || len(p.Args) != 1 || !p.Equal(fault.Problem{Field: "zone", Message: `"x" is no zone`}) || p.Equal(fault.Wrong("zone", "no")) {
		t.Errorf("the problem is %+v", p)
	}
}
