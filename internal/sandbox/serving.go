package sandbox

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Serving is the running part of a sandbox server: its listener, and how many requests are being carried out. The zero value is a
// server that has not started. It is safe for concurrent use.
type Serving struct {
	running sync.WaitGroup

	mu     sync.Mutex
	http   *http.Server
	base   string
	closed bool
}

// Start listens on a loopback address and serves until Stop.
func (s *Serving) Start(addr string, handler http.Handler, log *slog.Logger) error {
	l, err := Listen(addr)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		_ = l.Close()
		return errors.New("the sandbox is already running")
	}
	s.base = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	server := s.http
	s.running.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.ErrorContext(context.Background(), "sandbox stopped serving", "error", err)
		}
	})
	return nil
}

// BaseURL returns the address of a started server, such as http://127.0.0.1:4040.
func (s *Serving) BaseURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base
}

// Stop ends the server at once, as a power cut would, and waits until no request is being carried out any more.
func (s *Serving) Stop() error {
	s.mu.Lock()
	server := s.http
	s.closed = true
	s.mu.Unlock()
	var err error
	if server != nil {
		err = server.Close()
	}
	s.running.Wait()
	return err
}

// Enter counts a request as being carried out, unless the server is stopped. Each true needs a Leave.
func (s *Serving) Enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// Leave says that a request is carried out.
func (s *Serving) Leave() { s.running.Done() }
