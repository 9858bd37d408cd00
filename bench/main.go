// Command bench measures how Daymark sends and prints a table: what was measured, what is aimed at, PASS or FAIL.
//
// It starts a PostgreSQL server of its own with the settings that a private database of Daymark has (fsync on), the sandbox
// Mastodon in a process of its own, and, in turn, whoever is measured in a process of its own: the shipped binary
// (bin/daymark serve, with all that a daemon does besides sending), a plain loop of HTTP calls, and River, a job queue for Go
// and Postgres (https://riverqueue.com). The contenders of a figure take turns within one run, because the machine is not the
// same from minute to minute. It is a module of its own, so that River and pgx stay out of Daymark.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// settings are the flags.
type settings struct {
	binary     string        // bin/daymark
	figures    string        // which, separated by commas; empty for all
	rounds     int           // of every figure that is a median
	channels   int           // that the deliveries of a burst are spread over
	posts      int           // on each of those channels
	waiting    int           // rows in the large queue of the claims
	lead       time.Duration // between the start of a daemon and the due instant
	cpuProfile string        // where the profile of the daemon goes; it then runs without pages in a build of ours
	statements bool          // say what the database did in each burst
	keep       bool          // the folder stays
}

// figure is a part of the table that can be measured alone.
type figure struct {
	name    string
	measure func(context.Context, *bench) error
}

// figures in the order of the table. The memory is that of the daemons that came before it.
var figures = []figure{
	{"burst", func(ctx context.Context, b *bench) error { return b.burst(ctx, 0) }},
	{"burst50", func(ctx context.Context, b *bench) error { return b.burst(ctx, 50*time.Millisecond) }},
	{"idle", func(ctx context.Context, b *bench) error { return b.idle(ctx) }},
	{"hang", func(ctx context.Context, b *bench) error { return b.hang(ctx) }},
	{"killed", func(ctx context.Context, b *bench) error { return b.killed(ctx) }},
	{"claim", func(ctx context.Context, b *bench) error { return b.claim(ctx) }},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 3 && os.Args[1] == childArg {
		if err := beChild(ctx, os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "bench", os.Args[2]+":", err)
			os.Exit(1)
		}
		return
	}
	passed, err := run(ctx)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(3)
	case !passed:
		os.Exit(1)
	}
}

func run(ctx context.Context) (passed bool, err error) {
	var s settings
	flag.StringVar(&s.binary, "binary", "../bin/daymark", "the daemon that is measured")
	flag.StringVar(&s.figures, "figure", "", "which figures, separated by commas: burst, burst50, idle, hang, killed, claim; all when empty")
	flag.IntVar(&s.rounds, "rounds", 5, "how often each contender runs")
	flag.IntVar(&s.channels, "channels", 1000, "channels of a burst")
	flag.IntVar(&s.posts, "posts", 10, "posts due at one instant on each channel of a burst")
	flag.IntVar(&s.waiting, "waiting", 10_000_000, "rows in the large queue of the claims")
	flag.DurationVar(&s.lead, "lead", 5*time.Second, "how long a daemon is ready before the due instant")
	flag.StringVar(&s.cpuProfile, "cpuprofile", "", "write the daemon's CPU profile here (of the last run); the daemon then runs in a build of this program, without pages")
	flag.BoolVar(&s.statements, "statements", false, "say what the database was busy with in each burst of Daymark (slows it down)")
	flag.BoolVar(&s.keep, "keep", false, "leave the folder with the database and the logs")
	flag.Parse()
	chosen, err := choose(s.figures)
	if err != nil {
		return false, err
	}
	b, err := open(ctx, s)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, b.close(context.WithoutCancel(ctx))) }()
	began := time.Now()
	for _, f := range chosen {
		b.say("== %s", f.name)
		if err := f.measure(ctx, b); err != nil {
			if ctx.Err() != nil {
				b.say("stopped while measuring %s; this is what there was until then", f.name)
				break
			}
			b.say("%s could not be measured: %v", f.name, err)
			b.table.add(false, f.name, "not measured: "+firstLine(err.Error()), "a figure")
			b.quiet()
		}
	}
	b.summary()
	b.say("all of it took %s", time.Since(began).Round(time.Second))
	fmt.Printf("%s, %d cores, load %s at the end\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.NumCPU(), load())
	passed = b.table.print(os.Stdout)
	return passed && ctx.Err() == nil, nil
}

func choose(names string) ([]figure, error) {
	if names == "" {
		return figures, nil
	}
	var list []figure
next:
	for name := range strings.SplitSeq(names, ",") {
		for _, f := range figures {
			if f.name == strings.TrimSpace(name) {
				list = append(list, f)
				continue next
			}
		}
		return nil, fmt.Errorf("there is no figure %q", name)
	}
	return list, nil
}

// firstLine shortens an error for the table; the rest was said on standard error.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.ReplaceAll(line, "|", "/")
}

// load is the machine's load of the last minute, so that a reader can tell a quiet run from another.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(text), " ")
	return one
}
