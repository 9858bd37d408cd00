package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// visitor is somebody who has logged in.
type visitor struct{ client *http.Client }

// logIn goes through the log-in form with the password that the daemon printed.
func (d *daemon) logIn(ctx context.Context, email string) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &visitor{client: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
	if _, err := v.get(ctx, d.pages+"/login"); err != nil {
		return nil, err
	}
	form := url.Values{"email": {email}, "password": {d.password(email)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.pages+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := v.client.Do(req)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || strings.Contains(resp.Request.URL.Path, "login") {
		return nil, fmt.Errorf("%s cannot log in: %s at %s", email, resp.Status, resp.Request.URL)
	}
	return v, nil
}

// get returns a page.
func (v *visitor) get(ctx context.Context, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	resp, err := v.client.Do(req)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err == nil && (resp.StatusCode != http.StatusOK || resp.Request.URL.String() != address) {
		err = fmt.Errorf("%s answers %s at %s", address, resp.Status, resp.Request.URL)
	}
	return string(body), err
}

// reach reads the reach page of an edition.
func (d *daemon) reach(ctx context.Context, v *visitor, edition int64) (reachPage, error) {
	body, err := v.get(ctx, fmt.Sprintf("%s/reach/%d", d.pages, edition))
	if err != nil {
		return reachPage{}, err
	}
	return readReach(body)
}

// reachPage is what a reach page shows.
type reachPage struct {
	out    int                  // deliveries
	totals figures              // "not reported" is left out
	rows   map[string][]rowRead // by the id of their table
}

type rowRead struct {
	label   string
	figures figures
}

// row returns the row of a table whose label contains a name.
func (p reachPage) row(table, name string) (figures, error) {
	for _, r := range p.rows[table] {
		if strings.Contains(r.label, name) {
			return r.figures, nil
		}
	}
	return nil, fmt.Errorf("the page has no row for %q in %s", name, table)
}

// readReach reads the figures out of the page as a person sees them: the words between the tags.
func readReach(body string) (reachPage, error) {
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return reachPage{}, err
	}
	p := reachPage{totals: figures{}, rows: map[string][]rowRead{}}
	table := ""
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		id := attribute(n, "id")
		switch {
		case id == "reach-out":
			first, _, _ := strings.Cut(text(n), " ")
			p.out, err = strconv.Atoi(first)
		case strings.HasPrefix(id, "total-"):
			p.totals.put(strings.TrimPrefix(id, "total-"), text(n))
		case n.Data == "table":
			table = id
		case n.Data == "th" && attribute(n, "scope") == "row":
			p.rows[table] = append(p.rows[table], rowRead{label: text(n), figures: figures{}})
		case attribute(n, "data-figure") != "" && len(p.rows[table]) > 0:
			p.rows[table][len(p.rows[table])-1].figures.put(attribute(n, "data-figure"), text(n))
		}
		if err != nil {
			return reachPage{}, fmt.Errorf("read the reach page: %w", err)
		}
	}
	if len(p.totals) == 0 {
		return reachPage{}, errors.New("the reach page shows no totals")
	}
	return p, nil
}

// put keeps a figure unless the page says in words that nobody reports it.
func (f figures) put(name, said string) {
	if n, err := strconv.Atoi(strings.ReplaceAll(said, ",", "")); err == nil {
		f[name] = n
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
