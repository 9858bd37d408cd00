package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// logAll makes the server write down every statement of the daemon with the time that it took.
const logAll = `ALTER DATABASE run SET log_min_duration_statement = 0`

// spent is how often a statement was run and how long that took in all.
type spent struct {
	text string
	n    int
	took time.Duration
}

var timed = regexp.MustCompile(`(?s)LOG:\s+duration: ([\d.]+) ms\s+(?:parse|bind|execute|statement)(?: [^:]*)?:\s*(.*)`)

// sumStatements adds up what the server's log says, the statement that took longest first.
func sumStatements(log string) []spent {
	sums := map[string]*spent{}
	starts := entryStart.FindAllStringIndex(log, -1)
	for i, at := range starts {
		end := len(log)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		m := timed.FindStringSubmatch(log[at[0]:end])
		if m == nil {
			continue
		}
		text := onLine(m[2])
		s := sums[text]
		if s == nil {
			s = &spent{text: text}
			sums[text] = s
		}
		took, _ := strconv.ParseFloat(m[1], 64)
		s.n++
		s.took += time.Duration(took * float64(time.Millisecond))
	}
	var list []spent
	for _, s := range slices.Collect(maps.Values(sums)) {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b spent) int { return cmp.Or(cmp.Compare(b.took, a.took), cmp.Compare(a.text, b.text)) })
	return list
}

// sayStatements says what the database was busy with since its log had a size.
func (b *bench) sayStatements(path string, size int64) error {
	log, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i, s := range sumStatements(string(log[size:])) {
		if i == 15 {
			break
		}
		b.say("%8.0f ms in %6d  %s", float64(s.took)/float64(time.Millisecond), s.n, s.text[:min(len(s.text), 160)])
	}
	return nil
}

// whileHeard does something with every statement of the daemon written down, where that was asked for, and says what there was.
func (b *bench) whileHeard(do func() error) error {
	if !b.set.statements {
		return do()
	}
	path, size, err := b.serverLog()
	if err != nil {
		return err
	}
	b.overheard = logAll
	err = do()
	b.overheard = ""
	if err != nil {
		return fmt.Errorf("with statements written down: %w", err)
	}
	return b.sayStatements(path, size)
}
