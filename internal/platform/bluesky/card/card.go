// Package card reads what a web page says of itself, for the card of a link: title, description and picture by the Open Graph
// protocol (https://ogp.me).
//
// Networks such as Bluesky make no card; whoever posts has to. The page is somebody else's, so little of it is read, and whatever is
// wrong with it ends in no card and never in no post. The package uploads nothing.
package card

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// What is read of a page and of its picture, and how long a title and a description may be. The figures are ours.
const (
	maxPage        = 512 << 10
	maxPicture     = 4 << 20
	maxTitle       = 300
	maxDescription = 1000
)

// Card is what a page says of itself.
type Card struct {
	Title, Description string
	Picture            []byte // nil when there is none
}

// Reader reads pages with a client from internal/wire, which refuses private addresses and follows no redirect elsewhere.
type Reader struct {
	HTTP      *http.Client
	UserAgent string
}

// Card reads a page. A page without a title has no card, which is an error.
func (r *Reader) Card(ctx context.Context, address string) (Card, error) {
	body, final, err := r.get(ctx, address, maxPage, "text/html")
	if err != nil {
		return Card{}, err
	}
	p := read(body)
	if p.title == "" {
		return Card{}, errors.New("the page has no title")
	}
	c := Card{Title: p.title, Description: p.description}
	if picture, err := final.Parse(p.picture); err == nil && p.picture != "" {
		if b, _, err := r.get(ctx, picture.String(), maxPicture, "image/"); err == nil {
			c.Picture = b
		}
	}
	return c, nil
}

// get reads an address whose answer is of a type.
func (r *Reader) get(ctx context.Context, address string, most int64, kind string) ([]byte, *url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("User-Agent", r.UserAgent)
	req.Header.Set("Accept", kind+"*")
	if kind == "text/html" {
		req.Header.Set("Accept", kind)
	}
	resp, err := r.HTTP.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	got, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(got, kind) {
		return nil, nil, fmt.Errorf("it answered %d with %q", resp.StatusCode, got)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, nil, err
	}
	if int64(len(b)) > most && kind != "text/html" { // of a page the beginning is enough
		return nil, nil, errors.New("the answer is too long")
	}
	return b, resp.Request.URL, nil
}

// page is what the head of a page says.
type page struct{ title, description, picture string }

// read reads the head of a page. What Open Graph says goes before what HTML says.
func read(body []byte) page {
	var plain, graph page
	z := html.NewTokenizer(bytes.NewReader(body))
	for inTitle := false; ; {
		switch z.Next() {
		case html.ErrorToken:
			return choose(graph, plain)
		case html.TextToken:
			if inTitle && plain.title == "" {
				plain.title = clean(string(z.Text()), maxTitle)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "head" {
				return choose(graph, plain)
			}
			inTitle = false
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			inTitle = t.Data == "title"
			if t.Data == "body" {
				return choose(graph, plain)
			}
			if t.Data == "meta" {
				meta(t, &plain, &graph)
			}
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// meta reads one meta element.
func meta(t html.Token, plain, graph *page) {
	attributes := map[string]string{}
	for _, a := range t.Attr {
		attributes[a.Key] = a.Val
	}
	into := func(field *string, most int) {
		if *field == "" {
			*field = clean(attributes["content"], most)
		}
	}
	switch name := attributes["property"] + attributes["name"]; strings.ToLower(name) {
	case "og:title":
		into(&graph.title, maxTitle)
	case "og:description":
		into(&graph.description, maxDescription)
	case "og:image", "og:image:url", "og:image:secure_url":
		into(&graph.picture, 2000)
	case "description":
		into(&plain.description, maxDescription)
	}
}

func choose(graph, plain page) page {
	if graph.title == "" {
		graph.title = plain.title
	}
	if graph.description == "" {
		graph.description = plain.description
	}
	return graph
}

// clean returns a text as one line of at most so many characters, without what cannot be seen.
func clean(s string, most int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		s = strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}
