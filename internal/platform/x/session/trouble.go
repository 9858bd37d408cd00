package session

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Trouble is what X says of a refusal, read from either of its shapes: the older {"errors":[{"code","message"}]} and problems
// {"title","detail","type"} (https://docs.x.com/x-api/fundamentals/response-codes-and-errors).
type Trouble struct {
	Codes []int    // of the older shape
	Kinds []string // the last part of each problem's type, whatever host it begins with: "client-forbidden"
	Said  []string // all sentences, in their order, each once
}

// said is one error of either shape.
type said struct {
	Code    json.Number `json:"code"`
	Message string      `json:"message"`
	Title   string      `json:"title"`
	Detail  string      `json:"detail"`
	Type    string      `json:"type"`
	Reason  string      `json:"reason"`
	Text    string      `json:"error"`
}

// ReadTrouble reads the body of a refusal. ok is false when it is neither of X's shapes, such as a proxy's page.
func ReadTrouble(body []byte) (t Trouble, ok bool) {
	var whole struct {
		said
		Errors json.RawMessage `json:"errors"`
	}
	if err := json.Unmarshal(body, &whole); err != nil {
		return t, false
	}
	t.add(whole.said)
	var list []json.RawMessage
	if json.Unmarshal(whole.Errors, &list) == nil {
		for _, raw := range list {
			var one said
			if json.Unmarshal(raw, &one) == nil {
				t.add(one)
			}
		}
	} else {
		var text string
		if json.Unmarshal(whole.Errors, &text) == nil {
			t.say(text)
		}
	}
	return t, len(t.Codes)+len(t.Kinds)+len(t.Said) > 0
}

func (t *Trouble) add(s said) {
	if code, err := s.Code.Int64(); err == nil && code != 0 {
		t.Codes = append(t.Codes, int(code))
	}
	if _, kind, found := strings.Cut(s.Type, "/problems/"); found {
		t.kind(kind)
	}
	t.kind(s.Reason)
	t.say(s.Detail)
	t.say(s.Message)
	t.say(s.Text)
	if s.Detail == "" && s.Message == "" {
		t.say(s.Title)
	}
}

func (t *Trouble) kind(kind string) {
	if kind != "" && !slices.Contains(t.Kinds, kind) {
		t.Kinds = append(t.Kinds, kind)
	}
}

func (t *Trouble) say(text string) {
	if text = strings.TrimSpace(text); text != "" && !slices.Contains(t.Said, text) {
		t.Said = append(t.Said, text)
	}
}

// code reports whether one of the codes was given.
func (t Trouble) code(codes ...int) bool {
	return slices.ContainsFunc(t.Codes, func(c int) bool { return slices.Contains(codes, c) })
}

// is reports whether a problem of one of these kinds was given.
func (t Trouble) is(kinds ...string) bool {
	return slices.ContainsFunc(t.Kinds, func(k string) bool { return slices.Contains(kinds, k) })
}

// has reports whether one of the phrases was said.
func (t Trouble) has(phrases ...string) bool {
	low := strings.ToLower(strings.Join(t.Said, "\n"))
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(low, p) })
}

// Error returns all of it in one line, for logs.
func (t Trouble) Error() string {
	return fmt.Sprintf("codes %v, problems %v: %s", t.Codes, t.Kinds, strings.Join(t.Said, " / "))
}
