package wire

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// CleanError is an error without addresses and secrets. It still answers [errors.Is] for what it was made from, but does
// not unwrap to it, so that no caller can print the original.
type CleanError struct {
	text string
	raw  error
}

// Error returns the cleaned text.
func (e *CleanError) Error() string { return e.text }

// Is reports whether the original error is target.
func (e *CleanError) Is(target error) bool { return errors.Is(e.raw, target) }

// Clean returns err without what must not be shown: of the URL in a [url.Error] only scheme and host stay, since paths and
// queries can be credentials, and each of the secrets is replaced wherever it stands, also in its escaped form. It
// returns nil for nil.
func Clean(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for inner := err; ; {
		ue, ok := errors.AsType[*url.Error](inner)
		if !ok {
			break
		}
		quoted := strconv.Quote(ue.URL) // url.Error prints it so
		text = strings.ReplaceAll(text, quoted, host(ue.URL))
		text = strings.ReplaceAll(text, ue.URL, host(ue.URL))
		inner = ue.Err
	}
	return &CleanError{text: CleanText(text, secrets...), raw: err}
}

// CleanText replaces each of the secrets in a text. Secrets shorter than four bytes are left: they are no secrets, and
// would make any text unreadable.
func CleanText(text string, secrets ...string) string {
	for _, s := range secrets {
		if len(s) < 4 {
			continue
		}
		text = strings.ReplaceAll(text, s, "[secret]")
		text = strings.ReplaceAll(text, url.QueryEscape(s), "[secret]")
		text = strings.ReplaceAll(text, url.PathEscape(s), "[secret]")
	}
	return text
}

// host keeps scheme and host of a URL.
func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "[address]"
	}
	return u.Scheme + "://" + u.Host
}
