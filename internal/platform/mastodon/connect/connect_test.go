package connect_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/connect"
	"daymark/internal/platform/mastodon/session"
	"daymark/internal/wire"
)

// nowhere knows no name.
type nowhere struct{}

func (nowhere) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func options(t *testing.T, o wire.Options) session.Options {
	t.Helper()
	client := wire.NewClient(o)
	t.Cleanup(client.CloseIdleConnections)
	return session.Options{
		HTTP: client, Now: func() time.Time { return time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC) }, UserAgent: "Daymark test",
		Sleep: func(context.Context, time.Duration) error { return nil },
	}
}

func TestAnUnknownServerIsSaid(t *testing.T) {
	t.Parallel()
	_, err := connect.Look(t.Context(), options(t, wire.Options{Resolver: nowhere{}}), "https://nowhere.example")
	if platform.Outcome(err) != platform.KindPermanent || !strings.Contains(platform.Say(err), "no server by this name. Check the spelling") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutDiscoveryTheFlowGoesWithoutPKCE(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path { // as GoToSocial and Pixelfed answer
		case "/api/v1/instance":
			_, _ = w.Write([]byte(`{"version": "2.7.2 (compatible; Pixelfed 0.12.4)"}`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	found, err := connect.Look(t.Context(), options(t, wire.Options{Allow: []string{server.Listener.Addr().String()}}), server.URL)
	if err != nil || found.PKCE || !slices.Equal(found.Scopes, []string{"read", "write"}) {
		t.Fatalf("got %+v, %v", found, err)
	}
	to, err := url.Parse(connect.Send(server.URL, found, connect.App{ClientID: "a"}, connect.OutOfBand, "state", ""))
	if err != nil || to.Query().Has("code_challenge") || to.Query().Get("scope") != "read write" {
		t.Errorf("got %v, %v", to, err)
	}
}

func TestAWholeScopeGrantsItsParts(t *testing.T) {
	t.Parallel()
	if missing := connect.Missing([]string{"read", "write:media"}); !slices.Equal(missing, []string{"write:statuses"}) {
		t.Errorf("got %v", missing)
	}
}
