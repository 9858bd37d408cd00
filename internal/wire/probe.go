package wire

import (
	"context"
	"net/http/httptrace"
	"sync"
)

// Failure says how far a request that failed had come.
type Failure int

// How far a request can have come. MaybeSent is the zero value: in doubt the server has it.
const (
	MaybeSent Failure = iota // the server may have the whole request
	NotSent                  // the server cannot have the whole request
)

// String returns the failure as one word.
func (f Failure) String() string {
	if f == NotSent {
		return "not_sent"
	}
	return "maybe_sent"
}

// Probe watches the requests made under one context.
type Probe struct {
	mu     sync.Mutex
	conns  int // connections handed to a request
	wrote  int // requests written to the end
	failed int // requests that broke off while being written
}

// Watch returns a context under which one request is made, and the probe that watches it. Use one for each request.
func Watch(ctx context.Context) (context.Context, *Probe) {
	p := &Probe{}
	count := func(n *int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		*n++
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { count(&p.conns) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				count(&p.failed)
				return
			}
			count(&p.wrote)
		},
	}), p
}

// Failure tells whether the server can have the request. It answers NotSent only when no connection was had, or when
// each one broke off while the request was being written. A connection on which the writing was neither finished nor
// failed counts as sent: a cancelled call returns before the hook that tells.
func (p *Probe) Failure() Failure {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wrote == 0 && p.failed >= p.conns {
		return NotSent
	}
	return MaybeSent
}
