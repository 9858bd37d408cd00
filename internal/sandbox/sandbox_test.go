package sandbox_test

import (
	"testing"

	"daymark/internal/sandbox"
)

func TestAListenerIsOpenedOnTheLoopbackInterfaceOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "localhost:0", "", "127.0.0.1"} {
		if l, err := sandbox.Listen(addr); err == nil {
			_ = l.Close()
			t.Errorf("Listen(%q) was allowed", addr)
		}
	}
	l, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !sandbox.FromHere(l.Addr().String()) || sandbox.FromHere("192.0.2.1:1234") || sandbox.FromHere("nonsense") {
		t.Error("FromHere does not tell loopback from other addresses")
	}
}

func TestEverySandboxHasANameAndATitle(t *testing.T) {
	t.Parallel()
	for _, n := range sandbox.Networks() {
		if n.Name == "" || n.Title == "" || n.Protocol == "" {
			t.Errorf("incomplete: %+v", n)
		}
	}
}
