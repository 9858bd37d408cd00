package regular_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"daymark/internal/app/regular"
)

type lines struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) has(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.all.String(), part)
}

func TestAJobThatFailsOrPanicsIsLoggedAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	log := new(lines)
	ran := make(chan struct{}, 100)
	c, err := regular.New(t.Context(), slog.New(slog.NewTextHandler(log, nil)), []regular.Job{
		{When: "@every 1s", Name: "the one that fails", Run: func() error { return errors.New("no luck") }},
		{When: "@every 1s", Name: "the one that panics", Run: func() error { panic("out of hand") }},
		{When: "@every 1s", Name: "the one that works", Run: func() error { ran <- struct{}{}; return nil }},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Start()
	for range 2 {
		select {
		case <-ran:
		case <-time.After(time.Minute):
			t.Fatal("the one that works did not run")
		}
	}
	<-c.Stop().Done()
	for _, want := range []string{`job="the one that fails" err="no luck"`, "out of hand"} {
		if !log.has(want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}

func TestATimeThatCannotBeReadIsRefusedWithTheJobsName(t *testing.T) {
	t.Parallel()
	_, err := regular.New(t.Context(), slog.New(slog.DiscardHandler), []regular.Job{{When: "now and then", Name: "tidying", Run: func() error { return nil }}})
	if err == nil || !strings.Contains(err.Error(), `"tidying"`) {
		t.Errorf("New: %v", err)
	}
}
