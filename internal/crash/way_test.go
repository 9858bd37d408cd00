package crash

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// way is the network between the daemon and the sandbox. It passes everything on, unless it is told otherwise about a status.
type way struct {
	url    string
	target string

	mu   sync.Mutex
	next trouble
	half chan struct{} // closed when half a request was passed on
}

// trouble is what befalls one status on its way.
type trouble int

const (
	none   trouble = iota
	halved         // the head and half the body are passed on, and nothing after them
	muted          // the request is passed on, its answer and all later ones on the same connection are not
)

func newWay(t *testing.T, target string) *way {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed by the test
	if err != nil {
		t.Fatal(err)
	}
	w := &way{url: "http://" + l.Addr().String(), target: target, half: make(chan struct{})}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.carry(conn) })
		}
	})
	t.Cleanup(func() { _ = l.Close() })
	return w
}

// trouble says what befalls the next status.
func (w *way) trouble(next trouble) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = next
}

func (w *way) take() trouble {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.next
	w.next = none
	return now
}

// carry passes requests and answers on until one of both sides ends.
func (w *way) carry(client net.Conn) {
	server, err := net.Dial("tcp", w.target) //nolint:noctx // ends with the client
	if err != nil {
		_ = client.Close()
		return
	}
	var mute atomic.Bool
	go func() {
		answers(client, server, &mute)
		_ = client.Close()
	}()
	defer func() { _ = server.Close() }()
	in := bufio.NewReader(client)
	for {
		head, length, err := readHead(in)
		if err != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if bytes.HasPrefix(head, []byte("POST /api/v1/statuses ")) {
			switch w.take() {
			case none:
			case halved:
				_, _ = server.Write(append(head, body[:length/2]...))
				close(w.half)
				_, _ = io.Copy(io.Discard, in) // until the daemon is dead
				return
			case muted:
				mute.Store(true)
			}
		}
		if _, err := server.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// answers passes answers on as long as the connection is not mute.
func answers(client, server net.Conn, mute *atomic.Bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := server.Read(buffer)
		if !mute.Load() {
			if _, failed := client.Write(buffer[:n]); failed != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// readHead reads the head of a request and how long its body is. The connector sends bodies of a known length only.
func readHead(in *bufio.Reader) ([]byte, int, error) {
	var head bytes.Buffer
	length := 0
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return nil, 0, err
		}
		head.Write(line)
		if len(bytes.TrimSpace(line)) == 0 {
			return head.Bytes(), length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if textproto.CanonicalMIMEHeaderKey(string(name)) == "Content-Length" {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return nil, 0, err
			}
		}
	}
}
