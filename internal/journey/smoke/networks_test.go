package smoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"daymark/internal/sandbox/bluesky"
	sandbox "daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/x"
)

// What the three networks show is compared in the form of the first. A status of another network is told by its key.
const (
	onBluesky = "bluesky "
	onX       = "x "
)

// xSpeaks is the language of the demo's account on X, which tells none.
const xSpeaks = "es"

// freePorts returns the address of a free port with two more behind it: the demo's networks take three in a row.
func freePorts() (string, error) {
	for range 50 {
		first, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // opening a local listener does not wait
		if err != nil {
			return "", err
		}
		addr := first.Addr().String()
		open := []net.Listener{first}
		for i := 1; i <= 2 && err == nil; i++ {
			var next net.Listener
			var there string
			if there, err = after(addr, i); err == nil {
				if next, err = net.Listen("tcp", there); err == nil { //nolint:noctx // as above
					open = append(open, next)
				}
			}
		}
		for _, l := range open {
			_ = l.Close()
		}
		if err == nil {
			return addr, nil
		}
	}
	return "", errors.New("no three ports in a row are free")
}

// after returns the address n ports behind another.
func after(addr string, n int) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	first, err := strconv.Atoi(port)
	if err != nil || first+n > 65535 {
		return "", fmt.Errorf("no port %d behind %s", n, addr)
	}
	return net.JoinHostPort(host, strconv.Itoa(first+n)), nil
}

// others adds what the other two networks have, and the hashtags that Bluesky has marked.
func (d *daemon) others(ctx context.Context, state *sandbox.State) error {
	var skies bluesky.State
	if err := d.ask(ctx, 1, &skies); err != nil {
		return err
	}
	d.marked = map[string][]string{}
	for _, p := range skies.Posts {
		d.marked[p.URI] = p.Tags
		made, err := time.Parse(time.RFC3339, p.CreatedAt)
		if err != nil {
			return fmt.Errorf("%s: %w", p.URI, err)
		}
		s := sandbox.StatusState{
			ID: p.URI, URL: p.URL, Key: onBluesky + p.URI, Account: p.Account, Language: strings.Join(p.Langs, ","), CreatedAt: made, Visibility: "public",
			Favourites: p.Likes, Reblogs: p.Reposts, Replies: p.Replies, Sensitive: len(p.Labels) > 0, Media: []sandbox.MediaState{},
		}
		s.SpoilerText, s.Text = note(p.Text)
		for _, m := range p.Images {
			s.Media = append(s.Media, sandbox.MediaState{ID: m.CID, MIME: m.MIME, Description: m.Alt})
		}
		state.Statuses = append(state.Statuses, s)
	}
	var posts x.State
	if err := d.ask(ctx, 2, &posts); err != nil {
		return err
	}
	for _, p := range posts.Posts {
		s := sandbox.StatusState{
			ID: p.ID, URL: p.URL, Key: onX + p.ID, Account: p.Account, Language: xSpeaks, CreatedAt: p.CreatedAt, Visibility: "public",
			Favourites: p.Likes, Reblogs: p.Reposts, Replies: p.Replies, Media: []sandbox.MediaState{},
		}
		s.SpoilerText, s.Text = note(p.Text)
		s.Sensitive = s.SpoilerText != "" // X has no mark for it
		for _, m := range p.Media {
			s.Media = append(s.Media, sandbox.MediaState{ID: m.ID, SHA256: m.SHA256, MIME: m.MIME, Description: m.Alt})
		}
		state.Statuses = append(state.Statuses, s)
	}
	return nil
}

// ask reads the state of the network n ports behind the first.
func (d *daemon) ask(ctx context.Context, n int, into any) error {
	addr, err := after(d.box, n)
	if err != nil {
		return err
	}
	body, err := fetch(ctx, "http://"+addr+"/sandbox/state")
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// note takes the content note off a text of a network that has no place for it.
func note(text string) (said, rest string) {
	if head, rest, ok := strings.Cut(text, "\n\n"); ok && strings.HasPrefix(head, "CN: ") {
		return strings.TrimPrefix(head, "CN: "), rest
	}
	return "", text
}

// label is how a channel's row on the reach page tells its account from the others.
func label(s sandbox.StatusState) string {
	if strings.HasPrefix(s.Key, onBluesky) || strings.HasPrefix(s.Key, onX) {
		return "(" + s.Account + ")"
	}
	return "(" + s.Account + "@"
}
