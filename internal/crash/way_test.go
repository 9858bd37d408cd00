package crash

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"sync"
	"testing"
)

// way is the network between the daemon and the sandbox. It passes everything on, unless it is told to cut a status in half.
type way struct {
	url    string
	target string

	mu   sync.Mutex
	cut  bool
	half chan struct{} // closed when half a request was passed on
}

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

// cutNext makes the way pass on only the head and half the body of the next status; what comes after it is kept back.
func (w *way) cutNext() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
}

func (w *way) takeCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.cut
	w.cut = false
	return was
}

// carry passes requests and answers on until one of both sides ends.
func (w *way) carry(client net.Conn) {
	server, err := net.Dial("tcp", w.target) //nolint:noctx // ends with the client
	if err != nil {
		_ = client.Close()
		return
	}
	go func() {
		_, _ = io.Copy(client, server)
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
		if bytes.HasPrefix(head, []byte("POST /api/v1/statuses ")) && w.takeCut() {
			_, _ = server.Write(append(head, body[:length/2]...))
			close(w.half)
			_, _ = io.Copy(io.Discard, in) // until the daemon is dead
			return
		}
		if _, err := server.Write(append(head, body...)); err != nil {
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
