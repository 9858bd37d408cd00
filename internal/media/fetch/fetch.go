// Package fetch gets a picture from an address that a person gave.
//
// The client that is given guards where it may go: no private network, https only, no more bytes than it reads (internal/wire). A server may
// send it on to another one, as hosts of pictures do, a few times. What arrives is looked at by internal/media/intake, whatever the server
// says that it is. The package keeps nothing.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/wire"
)

// hops is how often an address may lead elsewhere.
const hops = 5

// Get returns the body of what lies at an address. The caller closes it.
func Get(ctx context.Context, client *http.Client, agent, address string) (io.ReadCloser, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fault.New(fault.Invalid, "This is no address of a picture. It begins with https://")
	}
	u.User = nil // a password in an address is nobody's business
	for range hops {
		resp, err := ask(ctx, client, agent, u)
		if elsewhere, ok := errors.AsType[*wire.RedirectError](err); ok && resp != nil {
			next, err := resp.Location()
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, elsewhere, "The server sends Daymark on to an address that cannot be read.")
			}
			u = next
			continue
		}
		if err != nil {
			return nil, why(err)
		}
		if resp.StatusCode != http.StatusOK {
			_ = resp.Body.Close()
			return nil, fault.New(fault.Invalid, "The server does not give the picture (%d). Open the address in a browser, save the picture and upload the file.", resp.StatusCode)
		}
		return resp.Body, nil
	}
	return nil, fault.New(fault.Invalid, "The address leads from one server to the next without an end.")
}

func ask(ctx context.Context, client *http.Client, agent string, u *url.URL) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("ask for a picture: %w", err)
	}
	req.Header.Set("User-Agent", agent)
	req.Header.Set("Accept", "image/jpeg, image/png, image/webp, image/gif")
	resp, err := client.Do(req)
	if err != nil && resp != nil {
		_ = resp.Body.Close()
	}
	return resp, err
}

// why says in a sentence why a picture could not be got.
func why(err error) error {
	if blocked, ok := errors.AsType[*wire.BlockedError](err); ok {
		if strings.HasPrefix(blocked.Why, "only https") {
			return fault.Wrap(fault.Invalid, wire.Clean(err), "Daymark gets pictures over https only. Save the picture and upload the file.")
		}
		return fault.Wrap(fault.Invalid, wire.Clean(err), "This address is not on the public internet, so Daymark does not go there. Save the picture and upload the file.")
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return fault.Wrap(fault.Invalid, wire.Clean(err), "There is no server of that name. Look at the address again.")
	}
	return fault.Wrap(fault.Invalid, wire.Clean(err), "The picture could not be got from that address. Save it and upload the file.")
}
