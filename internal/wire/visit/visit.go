// Package visit opens a link as a reader would and says what is wrong with it.
//
// It reads no page: that the server has one is enough. A server that keeps programs out answers readers, and so does not count
// as broken. The client that is given guards where it may go. The package keeps nothing.
package visit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"daymark/internal/wire"
)

// hops is how often a link may lead elsewhere; browsers give up after twenty.
const hops = 8

// Visit opens a link and returns what is wrong with it as a sentence, nothing when it answers.
func Visit(ctx context.Context, client *http.Client, agent, link string) string {
	for range hops {
		status, next, err := ask(ctx, client, http.MethodHead, agent, link)
		if err == nil && next == "" && status >= http.StatusBadRequest { // not every server knows HEAD
			status, next, err = ask(ctx, client, http.MethodGet, agent, link)
		}
		switch {
		case err != nil:
			return why(err)
		case next != "":
			u, err := url.Parse(next)
			if err != nil || u.Host == "" {
				return "it leads to an address that cannot be read."
			}
			if u.Scheme == "http" {
				return "" // it answered; what is there without encryption is not opened
			}
			link = next
		default:
			return judge(status)
		}
	}
	return "it leads from one address to the next without an end."
}

// ask makes one call. next is where the answer leads to on another server.
func ask(ctx context.Context, client *http.Client, method, agent, link string) (status int, next string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, link, nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("User-Agent", agent)
	resp, err := client.Do(req)
	if elsewhere, ok := errors.AsType[*wire.RedirectError](err); ok && resp != nil {
		to, err := resp.Location()
		if err != nil {
			return 0, "", elsewhere
		}
		return resp.StatusCode, to.String(), nil
	}
	if err != nil {
		return 0, "", err
	}
	_ = resp.Body.Close()
	return resp.StatusCode, "", nil
}

// judge says what a status means to a reader. What asks for a person, or for less haste, is there.
func judge(status int) string {
	switch {
	case status < http.StatusBadRequest:
		return ""
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusMethodNotAllowed, status == http.StatusNotAcceptable,
		status == http.StatusTooManyRequests, status == 999: // LinkedIn's way to keep programs out
		return ""
	case status == http.StatusNotFound, status == http.StatusGone:
		return fmt.Sprintf("there is no such page (%d).", status)
	case status >= http.StatusInternalServerError:
		return fmt.Sprintf("its server has trouble (%d).", status)
	}
	return fmt.Sprintf("its server refuses it (%d).", status)
}

// why says in words why a call failed.
func why(err error) string {
	if blocked, ok := errors.AsType[*wire.BlockedError](err); ok {
		return "it is not opened: " + blocked.Why + "."
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return "there is no server of that name."
	}
	if timeout, ok := errors.AsType[net.Error](err); (ok && timeout.Timeout()) || errors.Is(err, context.DeadlineExceeded) {
		return "its server does not answer in time."
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return "its server cannot be reached."
	}
	return "it cannot be opened: " + wire.Clean(err).Error() + "."
}
