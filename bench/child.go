package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// childArg is the first argument of this program when it is one of its own children.
const childArg = "child"

// beChild is a child's whole life: it reads its orders from standard input and answers on standard output, one JSON value a
// line. It ends when its parent closes its input.
func beChild(ctx context.Context, name string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in := bufio.NewReader(os.Stdin)
	orders, err := in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel() // the parent is gone, or has had enough
	}()
	answer := func(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }
	switch name {
	case "network":
		return beNetwork(ctx, orders, answer)
	case "daymark":
		return beDaymark(ctx, orders)
	case "loop":
		return beLoop(ctx, orders, answer)
	case "river":
		return beRiver(ctx, orders, answer)
	}
	return fmt.Errorf("there is no child %q", name)
}

// child is a process that we started.
type child struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	log  string // the file with what it said on standard error

	once sync.Once
	err  error
}

// spawn starts this program as a child with orders.
func (b *bench) spawn(ctx context.Context, name string, orders any) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c, err := b.start(ctx, name, exec.Command(self, childArg, name)) //nolint:noctx // it ends when its input does
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(c.in).Encode(orders); err != nil {
		return nil, c.failed(err)
	}
	return c, nil
}

// start starts a command whose log goes to a file of its own.
func (b *bench) start(_ context.Context, name string, cmd *exec.Cmd) (*child, error) {
	b.started++
	log, err := os.Create(b.path(fmt.Sprintf("%03d-%s.log", b.started, name)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	cmd.Stderr = log
	// A child must not outlive a parent that was killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c := &child{name: name, cmd: cmd, log: log.Name()}
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReaderSize(out, 1<<20)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	b.children = append(b.children, c)
	return c, nil
}

// hear reads the next answer.
func (c *child) hear(v any) error {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return c.failed(err)
	}
	if err := json.Unmarshal(line, v); err != nil {
		return c.failed(fmt.Errorf("%w in %q", err, line))
	}
	return nil
}

// hearLine reads lines until one has some words in it, and returns that.
func (c *child) hearLine(words string) (string, error) {
	for {
		line, err := c.out.ReadString('\n')
		if strings.Contains(line, words) {
			return strings.TrimSpace(line), nil
		}
		if err != nil {
			return "", c.failed(err)
		}
	}
}

// failed adds to an error what the child said last.
func (c *child) failed(err error) error {
	said, _ := os.ReadFile(c.log)
	return fmt.Errorf("%s: %w; its last words: %s", c.name, err, said[max(0, len(said)-2000):])
}

// stop asks the child to end and waits for it, at most half a minute.
func (c *child) stop() error {
	c.once.Do(func() {
		_ = c.cmd.Process.Signal(syscall.SIGTERM)
		_ = c.in.Close()
		timer := time.AfterFunc(30*time.Second, func() { _ = c.cmd.Process.Kill() })
		defer timer.Stop()
		go func() { _, _ = io.Copy(io.Discard, c.out) }()
		if err := c.cmd.Wait(); err != nil {
			c.err = c.failed(err)
		}
	})
	return c.err
}

// kill ends the child as a power cut would.
func (c *child) kill() {
	c.once.Do(func() {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	})
}

// memory is what a process has in memory: now, and at most so far.
type memory struct{ now, most int64 }

// memory reads the resident set of the child.
func (c *child) memory() (memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return memory{}, err
	}
	var m memory
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kb, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			m.now = kb << 10
		case "VmHWM:":
			m.most = kb << 10
		}
	}
	return m, nil
}

// used is the processor time that the child has taken so far, in hundredths of a second as Linux counts it (proc(5)).
func (c *child) used() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// until waits for an instant; it is false when ctx ended first.
func until(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
