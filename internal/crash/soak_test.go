//go:build soak

package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSoak runs the whole product of networks, shapes, faults and moments, and storms between, in an order that a seed decides,
// until its time is over. Of a case that fails it prints the line that repeats it. scripts/soak starts it.
func TestSoak(t *testing.T) {
	seed := number(t, "SEED", uint64(time.Now().UnixNano()))
	moments := moments()
	if name := os.Getenv("CASE"); name != "" {
		repeat(t, name, seed, moments)
		return
	}
	span, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil || span <= 0 {
		t.Fatalf("SOAK=%q is no time: write one such as 10m", os.Getenv("SOAK"))
	}
	all := product(moments)
	random := rand.New(rand.NewPCG(seed, 0))
	over := time.Now().Add(span)
	fmt.Printf("soak: %d cases and storms between for %s; make soak SEED=%d gives the same order\n", len(all), span, seed)
	var played, storms, failed atomic.Int64
	done := make(chan struct{})
	var printer sync.WaitGroup
	say := func() {
		fmt.Printf("soak: %d of %d cases, %d storms, %d failed, %s left\n", played.Load(), len(all), storms.Load(), failed.Load(),
			max(0, time.Until(over)).Round(time.Second))
	}
	printer.Go(func() {
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				say()
			}
		}
	})
	inParallel(order(random, len(all)), func(next int) {
		if !time.Now().Before(over) {
			return
		}
		name, line := "storm", ""
		work := func(t *testing.T) { storm(t, uint64(-next)) }
		if next >= 0 {
			name = all[next].String()
			work = func(t *testing.T) { all[next].play(t) }
			line = fmt.Sprintf("make soak CASE='%s'", name)
			played.Add(1)
		} else {
			line = fmt.Sprintf("make soak CASE=storm SEED=%d", -next)
			storms.Add(1)
		}
		if !t.Run(name, work) {
			failed.Add(1)
			fmt.Printf("soak: FAIL: %s\n", line)
		}
	})
	close(done)
	printer.Wait()
	say()
}

// order returns the numbers of all cases in random order, over and over, with a storm, a number below zero, after each twenty.
func order(random *rand.Rand, n int) []int {
	var list []int
	for range 20 {
		for i, c := range random.Perm(n) {
			list = append(list, c)
			if i%20 == 19 {
				list = append(list, -1-random.IntN(1<<40))
			}
		}
	}
	return list
}

// product returns every case.
func product(moments []string) []run {
	var all []run
	size := levels(moments)
	for n := range size[0] {
		for shape := range size[1] {
			for h := range size[2] {
				for m := range size[3] {
					all = append(all, runAt([]int{n, shape, h, m}, moments))
				}
			}
		}
	}
	return all
}

// repeat runs one case by its name.
func repeat(t *testing.T, name string, seed uint64, moments []string) {
	if name == "storm" {
		storm(t, seed)
		return
	}
	for _, r := range product(moments) {
		if r.String() == name {
			r.play(t)
			return
		}
	}
	t.Fatalf("no case is called %q", name)
}

func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}
