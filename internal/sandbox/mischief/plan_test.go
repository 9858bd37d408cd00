package mischief_test

import (
	"testing"

	"daymark/internal/sandbox/mischief"
)

func TestAFaultMeetsOnlyTheRequestsItNames(t *testing.T) {
	t.Parallel()
	post := mischief.Request{Endpoint: "POST /api/v1/statuses", Account: "hope", Body: func() []byte { return []byte("status=Blue+heart") }}
	for _, c := range []struct {
		name  string
		fault mischief.Fault
		want  []bool // for one request after another
	}{
		{"no condition meets the next request once", mischief.Fault{}, []bool{true, false}},
		{"its endpoint", mischief.Fault{Endpoint: "POST /api/v1/statuses"}, []bool{true, false}},
		{"another endpoint", mischief.Fault{Endpoint: "POST /api/v2/media"}, []bool{false}},
		{"another account", mischief.Fault{Account: "other"}, []bool{false}},
		{"text in the body", mischief.Fault{Contains: "Blue"}, []bool{true}},
		{"text not in the body", mischief.Fault{Contains: "Green"}, []bool{false}},
		{"after letting one pass", mischief.Fault{Skip: 1, Times: 2}, []bool{false, true, true, false}},
		{"until cleared", mischief.Fault{Times: -1}, []bool{true, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := mischief.New()
			c.fault.Kind = mischief.Reject500
			if err := p.Add(c.fault); err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				if _, got := p.Take(post); got != want {
					t.Errorf("request %d: met %v, want %v", i+1, got, want)
				}
			}
			p.Clear()
			if _, got := p.Take(post); got {
				t.Error("met after clearing")
			}
		})
	}
}

func TestAnEndpointMayBeWrittenWithEitherSortOfVariable(t *testing.T) {
	t.Parallel()
	p := mischief.New()
	if err := p.Add(mischief.Fault{Kind: mischief.Reject500, Endpoint: "GET /api/v1/media/:id"}); err != nil {
		t.Fatal(err)
	}
	if _, met := p.Take(mischief.Request{Endpoint: "GET /api/v1/media/{id}"}); !met {
		t.Error("not met")
	}
}

func TestAFaultThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	for _, f := range []mischief.Fault{
		{Kind: "explode"},
		{Kind: mischief.CommitLate},
		{Kind: mischief.Slow},
		{Kind: mischief.DropBeforeRead, Contains: "x"},
		{Kind: mischief.Reject500, Skip: -1},
	} {
		if err := mischief.New().Add(f); err == nil {
			t.Errorf("%+v was accepted", f)
		}
	}
}
