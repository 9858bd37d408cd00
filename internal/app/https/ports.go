package https

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/guard"
)

// NoPlainPort is the address under which nothing leads from plain http to https.
const NoPlainPort = "off"

// Ports are where people come in: the port of the pages and, where TLS is ours, the plain one that leads to it.
type Ports struct {
	log          *slog.Logger
	pages, plain net.Listener
	certificates *Certificates // nil where TLS is somebody else's
	servers      []*http.Server
}

// Open opens the ports and answers nobody yet. Public is the public address, which goes into the options too; addr is where pages are
// served, plain where plain http is led to https if TLS is ours.
func Open(public string, mode Mode, addr, plain string, o Options) (*Ports, error) {
	p := &Ports{log: o.Log}
	var err error
	if o.Public, err = guard.ParsePublic(public); err != nil {
		return nil, err
	}
	if Ours(mode, o.Public, addr) {
		if p.certificates, err = New(o); err != nil {
			return nil, err
		}
	}
	if p.pages, err = listen(addr, "DAYMARK_ADDR"); err != nil {
		return nil, err
	}
	if p.certificates != nil && plain != NoPlainPort {
		if p.plain, err = listen(plain, "DAYMARK_HTTP_ADDR"); err != nil {
			return nil, errors.Join(err, p.pages.Close())
		}
	}
	return p, nil
}

func listen(addr, setting string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fault.Wrap(fault.Conflict, err, "Daymark may not listen on %s: ports below 1024 need the capability CAP_NET_BIND_SERVICE. %s names another.", addr, setting)
	case err != nil:
		return nil, fault.Wrap(fault.Conflict, err, "Daymark cannot listen on %s. Perhaps another program uses that port; %s names another.", addr, setting)
	}
	return l, nil
}

// Addr is where the pages are served.
func (p *Ports) Addr() string { return p.pages.Addr().String() }

// Close closes ports that were never served. Closing those that were does nothing.
func (p *Ports) Close() {
	_ = p.pages.Close()
	if p.plain != nil {
		_ = p.plain.Close()
	}
}

// Serve answers on the ports until they are shut down, in goroutines of running. What ends one otherwise goes to failed, which needs
// room for two.
func (p *Ports) Serve(ctx context.Context, handler http.Handler, running *sync.WaitGroup, failed chan<- error) {
	start := func(name string, server *http.Server, serve func() error) {
		p.servers = append(p.servers, server)
		running.Go(func() {
			if err := serve(); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	pages := p.server(handler)
	if p.certificates == nil {
		start("pages", pages, func() error { return pages.Serve(p.pages) })
		return
	}
	pages.TLSConfig = p.certificates.TLS()
	start("pages", pages, func() error { return pages.ServeTLS(p.pages, "", "") })
	if p.plain != nil {
		plain := p.server(p.certificates.Plain(handler))
		start("plain port", plain, func() error { return plain.Serve(p.plain) })
	}
	running.Go(func() { p.certificates.Fetch(ctx) })
}

func (p *Ports) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
}

// Shutdown lets requests on their way end and closes the ports.
func (p *Ports) Shutdown(ctx context.Context) error {
	var err error
	for _, server := range p.servers {
		err = errors.Join(err, server.Shutdown(ctx))
	}
	return err
}
