package lexicon

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// object is a JSON object with the place where it stands, for sentences about it.
type object struct {
	at     string
	fields map[string]any
}

// asObject returns a value as an object whose fields are among those named; names that begin with ! must be there.
func asObject(at string, v any, names ...string) (object, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return object{}, fmt.Errorf("%s must be an object", at)
	}
	for _, name := range names {
		if name[0] == '!' && m[name[1:]] == nil {
			return object{}, fmt.Errorf("%s must have the property %q", at, name[1:])
		}
	}
	for name := range m {
		if !slices.Contains(names, name) && !slices.Contains(names, "!"+name) {
			return object{}, fmt.Errorf("%s has the property %q, which is not in the lexicon (Bluesky would keep it; the sandbox does not)", at, name)
		}
	}
	return object{at, m}, nil
}

// Fields returns an error for a body that lacks a field or has one that is not known; names that begin with ! must be there.
func Fields(body map[string]any, names ...string) error {
	_, err := asObject("Input", body, names...)
	return err
}

// text returns a field as a text of at most so many bytes and characters; 0 is no limit. A field that is not there is empty.
func (o object) text(name string, maxBytes, maxGraphemes int) (string, error) {
	v, there := o.fields[name]
	if !there {
		return "", nil
	}
	s, ok := v.(string)
	switch {
	case !ok || !utf8.ValidString(s):
		return "", fmt.Errorf("%s/%s must be a string", o.at, name)
	case maxBytes > 0 && len(s) > maxBytes:
		return "", fmt.Errorf("%s/%s must not be longer than %d characters", o.at, name, maxBytes)
	case maxGraphemes > 0 && Graphemes(s) > maxGraphemes:
		return "", fmt.Errorf("%s/%s must not be longer than %d graphemes", o.at, name, maxGraphemes)
	}
	return s, nil
}

// form returns a field as a text that a check takes.
func (o object) form(name string, valid func(string) bool) (string, error) {
	s, err := o.text(name, 0, 0)
	if err == nil && !valid(s) {
		err = fmt.Errorf("%s/%s is %q, which is not of its form", o.at, name, s)
	}
	return s, err
}

// number returns a field as a whole number of at least the least.
func (o object) number(name string, least int64) (int, error) {
	n, ok := o.fields[name].(json.Number)
	if !ok {
		return 0, fmt.Errorf("%s/%s must be an integer", o.at, name)
	}
	i, err := n.Int64()
	if err != nil || i < least || i > 1<<40 {
		return 0, fmt.Errorf("%s/%s must be an integer of at least %d", o.at, name, least)
	}
	return int(i), nil
}

// list returns a field as an array of at most so many; one that is not there is empty.
func (o object) list(name string, most int) ([]any, error) {
	v, there := o.fields[name]
	if !there {
		return nil, nil
	}
	l, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s/%s must be an array", o.at, name)
	}
	if len(l) > most {
		return nil, fmt.Errorf("%s/%s must not have more than %d elements", o.at, name, most)
	}
	return l, nil
}

// kind returns the type of an object that must have one.
func kind(at string, v any) (string, error) {
	m, _ := v.(map[string]any)
	t, ok := m["$type"].(string)
	if !ok {
		return "", fmt.Errorf("%s must be an object which includes the \"$type\" property", at)
	}
	return t, nil
}
