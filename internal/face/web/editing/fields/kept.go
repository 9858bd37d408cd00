package fields

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Encode writes a form as a working copy has it, without what belongs to the sending of it.
func Encode(typed url.Values) ([]byte, error) {
	plain := url.Values{}
	for field, values := range typed {
		if !slices.Contains([]string{"do", "copy", "no", "base", "over"}, field) && !strings.HasPrefix(field, "send-") {
			plain[field] = values
		}
	}
	body, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("write a working copy: %w", err)
	}
	return body, nil
}

// Decode reads a form that a working copy has.
func Decode(body []byte) (url.Values, error) {
	typed := url.Values{}
	if err := json.Unmarshal(body, &typed); err != nil {
		return nil, fmt.Errorf("read a working copy: %w", err)
	}
	return typed, nil
}
