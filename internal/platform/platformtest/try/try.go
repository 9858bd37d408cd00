// Package try runs the harmless part of the contract on a server that is not ours, and writes down how it went.
//
// It publishes two short posts, the second an answer to the first, reads them back, counts them and takes down all that it
// made, also when something fails on the way. It makes nothing misbehave: that is platformtest's part, with the sandboxes.
// The package does not know any network, and the servers to try are named by its test.
package try

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"daymark/internal/platform"
	"daymark/internal/wire"
)

// Server is a server to try, with an account on it.
type Server struct {
	Network   platform.Network
	Name      string // what the table calls it; the account is not named there
	Connector platform.Connector
	Account   platform.Account
	Picture   platform.Picture
	Secrets   []string // never written down
	Refusals  []string // codes by which the network says that it does not let applications go on with a thread

	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error
}

// State is what became of a case.
type State int

// What may become of a case. Failed is the zero value: a case that was not reached has failed.
const (
	Failed State = iota
	Passed
	NotSupported // by the network or by this server, for the reason that is told
)

// Case is one case and what became of it.
type Case struct {
	Name  string
	State State
	Why   string
}

// Report is how a server did.
type Report struct {
	Network                 platform.Network
	Name, Software, Version string
	On                      time.Time
	Cases                   []Case
}

// Count returns how many cases ended so.
func (r Report) Count(s State) int {
	n := 0
	for _, c := range r.Cases {
		if c.State == s {
			n++
		}
	}
	return n
}

// String is the report in one line.
func (r Report) String() string {
	return fmt.Sprintf("%s %s: %s %s on %s: %d cases run, %d passed, %d not supported, %d failed", r.Network, r.Name, r.Software, r.Version,
		r.On.UTC().Format(time.DateOnly), r.Count(Passed)+r.Count(Failed), r.Count(Passed), r.Count(NotSupported), r.Count(Failed))
}

// unsupportedError says why something cannot be tried.
type unsupportedError struct{ why string }

// Error returns the reason.
func (e *unsupportedError) Error() string { return e.why }

// unsupported returns why something cannot be tried.
func unsupported(format string, args ...any) error {
	return &unsupportedError{fmt.Sprintf(format, args...)}
}

const (
	// looks is how often a server is asked for what it may show late, and pause is how long is waited in between.
	looks = 10
	pause = 3 * time.Second
	// tidying is how long taking down what is left may take.
	tidying = 2 * time.Minute
)

// Run tries a server.
func Run(ctx context.Context, s Server) Report {
	w := &walk{Server: s, tag: strconv.FormatInt(s.Now().UnixMilli(), 36), out: map[string]bool{}}
	report := Report{Network: s.Network, Name: s.Name, On: s.Now()}
	for _, c := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"it says whose account it is", w.verify},
		{"it says what it allows", w.allows},
		{"a good post passes the checks, one that is too long does not", w.checked},
		{"a picture with alt text is uploaded", w.uploaded},
		{"what was not published is not found", w.absent},
		{"a post is published", w.published},
		{"the same key again makes no second post", w.repeated},
		{"the post is found, with all that it was given", w.found},
		{"a second part is published as an answer to the first", w.threaded},
		{"the second part is found, in its place", w.threadFound},
		{"the posts are counted", w.measured},
		{"what was posted is taken down, and doing so twice does no harm", w.takenDown},
		{"what was taken down is not found any more", w.gone},
	} {
		state, why := Passed, ""
		if err := c.run(ctx); err != nil {
			state, why = Failed, sentence(err)
			if e, ok := errors.AsType[*unsupportedError](err); ok {
				state, why = NotSupported, e.why
			}
		}
		report.Cases = append(report.Cases, Case{Name: c.name, State: state, Why: wire.CleanText(why, s.Secrets...)})
	}
	if left := w.tidy(context.WithoutCancel(ctx)); left != "" {
		report.Cases = append(report.Cases, Case{Name: "nothing is left behind", Why: wire.CleanText(left, s.Secrets...)})
	}
	report.Software, report.Version = w.caps.Software, w.caps.Version
	return report
}

// sentence returns what a connector's error says to people, or the error itself.
func sentence(err error) string {
	if say := platform.Say(err); say != "" {
		return platform.Outcome(err).String() + ": " + say
	}
	return err.Error()
}

// content returns the two parts that are published. The tag keeps them from being equal to those of another day.
func (s Server) content(tag string) platform.Content {
	return platform.Content{
		ContentNote: "a test", Language: "en", Visibility: "unlisted",
		Parts: []platform.Part{
			{Text: "A test of Daymark, taken down in a moment (" + tag + "). https://example.org #test", Pictures: []platform.Picture{s.Picture}},
			{Text: "The second part of a test (" + tag + "). É, ثانيًا, 👩🏽‍🚒."},
		},
	}
}

// tooLong returns a text that no limit lets through.
func tooLong(caps platform.Capabilities) string { return strings.Repeat("ö", caps.MaxCharacters+1) }
