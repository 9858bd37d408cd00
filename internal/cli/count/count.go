// Package count has the command that counts texts as a network counts them. It needs no database and asks no network; the rules
// are those of internal/core/text/count.
package count

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/core/text/count"
)

// maxInput is the most bytes of one text, on a line or alone.
const maxInput = 1 << 20

// Count is the command that counts a text.
type Count struct {
	Platform   string `default:"mastodon" help:"Whose rules: x, bluesky or mastodon."`
	JSONL      bool   `name:"jsonl" help:"Read JSON lines {\"text\": ...} and answer each with one."`
	Limit      int    `help:"The limit of the server or account; default: the network's own." placeholder:"N"`
	LinkLength int    `help:"What a link counts on a server of the Mastodon family; default: 23." placeholder:"N"`
	Note       string `help:"The content note, which Mastodon counts." placeholder:"TEXT"`
	Text       string `arg:"" optional:"" help:"The text; default: standard input."`
}

// Help shows examples.
func (Count) Help() string {
	return "Examples:\n  daymark count --platform x \"Tomorrow is the day. https://example.org #EndHumanTrafficking\"\n" +
		"  daymark count --platform bluesky --jsonl < texts.jsonl\n  daymark count --platform mastodon --limit 5000 --link-length 25 \"For a GoToSocial server\""
}

// otherNames are what people call the networks besides, with the name to write.
var otherNames = map[string]string{
	"twitter": "x", "bsky": "bluesky", "atproto": "bluesky", "fediverse": "mastodon", "gotosocial": "mastodon", "akkoma": "mastodon",
	"pleroma": "mastodon", "pixelfed": "mastodon",
}

// Validate refuses what cannot be counted with.
func (c *Count) Validate() error {
	if _, ok := count.For(c.Platform); !ok {
		meant, ok := otherNames[strings.ToLower(c.Platform)]
		if !ok {
			meant, ok = text.Nearest(c.Platform, count.Networks)
		}
		suggestion := ""
		if ok {
			suggestion = fmt.Sprintf("; did you mean %s?", meant)
		}
		return fmt.Errorf("--platform must be one of %s but got %q%s", strings.Join(count.Networks, ", "), c.Platform, suggestion)
	}
	if c.Limit < 0 || c.LinkLength < 0 {
		return errors.New("--limit and --link-length must be numbers from 1")
	}
	return nil
}

// answer is what is printed for one text.
type answer struct {
	Length    int      `json:"length"`
	Limit     int      `json:"limit"`
	Valid     bool     `json:"valid"`
	Remaining int      `json:"remaining"`
	Hashtags  []string `json:"hashtags"`
	URLs      []string `json:"urls"`
	Mentions  []string `json:"mentions"`
}

// refusal is what is printed for a line that has no text.
type refusal struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// Run counts one text, or a text a line.
func (c *Count) Run(r *command.Run) error {
	rules, _ := count.For(c.Platform)
	rules = rules.Within(c.Limit, c.LinkLength)
	if c.JSONL {
		return c.lines(r, rules)
	}
	body := c.Text
	if body == "" {
		src, err := io.ReadAll(io.LimitReader(os.Stdin, maxInput+1))
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		if len(src) > maxInput {
			return fault.New(fault.Invalid, "The text has more than %d bytes. No network takes so long a one.", maxInput)
		}
		body = strings.TrimRight(string(src), "\r\n")
	}
	return r.JSON(say(rules.Count(body, c.Note)))
}

// lines answers each line of standard input with one, also a line that is no text, and goes on.
func (c *Count) lines(r *command.Run, rules count.Rules) error {
	in := bufio.NewReaderSize(os.Stdin, 1<<16)
	out := bufio.NewWriter(r.Out)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	first, bad := "", 0
	for n := 1; ; n++ {
		line, tooLong, err := readLine(in)
		if err == io.EOF {
			break
		} else if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		body, wrong := textOf(line, tooLong, n)
		if wrong != "" {
			if bad++; bad == 1 {
				first = wrong
			}
			err = e.Encode(refusal{Line: n, Error: wrong})
		} else {
			err = e.Encode(say(rules.Count(body, c.Note)))
		}
		// Whoever writes line by line gets each answer at once; a file is answered in larger pieces.
		if err == nil && in.Buffered() == 0 {
			err = out.Flush()
		}
		if err != nil {
			return fmt.Errorf("write answer %d: %w", n, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write answers: %w", err)
	}
	if bad > 1 {
		first += fmt.Sprintf(" The same goes for %s.", command.Count(bad-1, "more line"))
	}
	if bad > 0 {
		return fault.New(fault.Invalid, "%s", first)
	}
	return nil
}

// readLine returns the next line without its end. A line that is too long is read over.
func readLine(in *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		piece, err := in.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(piece) > maxInput; !tooLong {
			line = append(line, piece...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && (len(line) > 0 || tooLong):
			return line, tooLong, nil
		}
		return bytes.TrimRight(line, "\r\n"), tooLong, err
	}
}

// textOf returns the text of a line, or what is wrong with it.
func textOf(line []byte, tooLong bool, n int) (body, wrong string) {
	if tooLong {
		return "", fmt.Sprintf("Line %d has more than %d bytes.", n, maxInput)
	}
	var in struct {
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(line, &in); err != nil || in.Text == nil {
		return "", fmt.Sprintf("Line %d is not JSON of the form {\"text\": \"...\"}.", n)
	}
	return *in.Text, ""
}

// say brings an answer into its printed form.
func say(a count.Answer) answer {
	return answer{
		Length: a.Length, Limit: a.Limit, Valid: a.Valid(), Remaining: a.Remaining,
		Hashtags: words(a.Hashtags), URLs: words(a.URLs), Mentions: words(a.Mentions),
	}
}

func words(spans []text.Span) []string {
	list := make([]string, len(spans))
	for i, s := range spans {
		list[i] = s.Text
	}
	return list
}
