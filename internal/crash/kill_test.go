package crash

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// kills are the moments in the life of a delivery at which the daemon dies.
var kills = []struct {
	name  string
	point string                      // the labelled point; empty when the test kills from outside
	there int                         // statuses on the timeline when it is dead
	when  func(t *testing.T, s *site) // what must have happened before the test kills it
	set   func(t *testing.T, s *site) // what the network does
}{
	{name: "after the claim", point: "after claim"},
	{name: "after the attempt was written down", point: "after attempt"},
	{name: "when half of the request is written", set: func(_ *testing.T, s *site) { s.way.trouble(halved) }, when: func(t *testing.T, s *site) {
		poll(t, "half a request", func() bool {
			select {
			case <-s.way.half:
				return true
			default:
				return false
			}
		})
	}},
	{
		name: "when the network has it and has not answered", there: 1,
		set: func(_ *testing.T, s *site) { s.way.trouble(muted) },
		when: func(t *testing.T, s *site) {
			poll(t, "the status to be on the timeline", func() bool { return len(s.timeline()) == 1 })
		},
	},
	{name: "when the answer is read", point: "answer read", there: 1},
	{name: "in the settling, before its commit", point: "before commit", there: 1},
	{name: "after the settling", point: "after settle", there: 1},
}

func TestAPostIsOutOnceWhereverTheDaemonDies(t *testing.T) {
	t.Parallel()
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			text := randomText()
			s, _ := prepared(t, text)
			if k.set != nil {
				k.set(t, s)
			}
			d := serve(t, program(t, programs.crash), s.data, dieAt+"="+k.point)
			if k.when != nil {
				k.when(t, s)
				d.kill()
			}
			d.dies()
			if got := len(s.timeline()[text]); got != k.there {
				t.Fatalf("the dead daemon left %d statuses, want %d: it died somewhere else", got, k.there)
			}
			again := serve(t, program(t, programs.crash), s.data)
			s.once([]string{text}, s.published(s.db()))
			if code := again.stop(os.Interrupt); code != 0 {
				t.Errorf("exit code %d", code)
			}
			s.once([]string{text}, s.reopened())
		})
	}
}

func TestAPostIsOutOnceThoughTheDaemonDiesAgainAndAgain(t *testing.T) {
	t.Parallel()
	text := randomText()
	s, _ := prepared(t, text)
	// The second dies while it sends what the first had only written down, the third while it sends again.
	for _, point := range []string{"after claim", "after attempt", "after attempt", "before commit"} {
		serve(t, program(t, programs.crash), s.data, dieAt+"="+point).dies()
	}
	serve(t, program(t, programs.crash), s.data)
	s.once([]string{text}, s.published(s.db()))
}

func TestAThreadIsOutOnceThoughTheDaemonDiesInItsMiddleAgainAndAgain(t *testing.T) {
	t.Parallel()
	for name, points := range map[string][]string{
		"between its parts":                  {"after settle", "after settle"},
		"with each part written down":        {"after attempt", "after settle", "after attempt"},
		"with each answer read":              {"answer read", "answer read", "answer read"},
		"before each settling was committed": {"before commit", "before commit", "before commit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			texts := []string{randomText(), randomText(), randomText()}
			s, _ := prepared(t, strings.Join(texts, nextPart))
			for _, point := range points {
				serve(t, program(t, programs.crash), s.data, dieAt+"="+point).dies()
			}
			serve(t, program(t, programs.crash), s.data)
			s.once(texts, s.published(s.db()))
			replies := map[string]string{}
			for _, status := range s.sandbox.State().Statuses {
				replies[status.ID] = status.InReplyTo
			}
			timeline := s.timeline()
			for i := 1; i < len(texts); i++ {
				if got := replies[timeline[texts[i]][0]]; got != timeline[texts[i-1]][0] {
					t.Errorf("part %d answers %q, not part %d", i+1, got, i)
				}
			}
		})
	}
}

func TestTheShippedBinaryHasNoPointToDieAt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		build func() (string, error)
		has   bool
	}{
		{"the build for these tests", programs.crash, true},
		{"the shipped build", programs.shipped, false},
	} {
		body, err := os.ReadFile(program(t, tt.build))
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(body, []byte(dieAt)); got != tt.has {
			t.Errorf("%s has the variable's name in it: %v", tt.name, got)
		}
	}
	text := randomText()
	s, _ := prepared(t, text)
	serve(t, program(t, programs.shipped), s.data, dieAt+"=after claim")
	s.once([]string{text}, s.published(s.db()))
}

// reopened reads the results of a site that no process runs on.
func (s *site) reopened() []result {
	s.t.Helper()
	a := open(s.t, s.data)
	defer closeApp(s.t, a)
	return results(s.t, a.DB)
}
