// Package fault names the kinds of failure that people meet and carries what they need to mend one.
//
// A room that knows what went wrong gives the error a kind once, where it is known; every caller above wraps it with %w.
// The pages, the API and the command line each turn a kind into a status and a sentence in one table. The package
// knows nothing of HTTP, SQL or languages.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure an error is, from the point of view of the person who caused or met it.
type Kind int

// The kinds of failure. Internal is the zero value: an error that nobody gave a kind is our own mistake.
const (
	Internal    Kind = iota // something of ours is broken
	Invalid                 // the input is wrong and the person can mend it
	NotFound                // the thing named does not exist, or not for this person
	Conflict                // the thing has changed meanwhile, or its state does not allow this
	Forbidden               // the person may not do this
	Unavailable             // a network, a database or a program we need did not answer
)

// String returns the kind as one lower-case word, for logs.
func (k Kind) String() string {
	switch k {
	case Invalid:
		return "invalid"
	case NotFound:
		return "not_found"
	case Conflict:
		return "conflict"
	case Forbidden:
		return "forbidden"
	case Unavailable:
		return "unavailable"
	case Internal:
		return "internal"
	}
	return "internal"
}

// Problem is one wrong field of an input, with a sentence that says how to mend it.
type Problem struct {
	Field   string // the name the person knows the field by; empty for the input as a whole
	Message string // what is wrong and how to mend it, without the field's name in front

	// What the message was made from, so that pages can say it in another language. A message that was written as a whole has none.
	Format string
	Args   []any
}

// Equal reports whether two problems say the same about the same field.
func (p Problem) Equal(other Problem) bool {
	return p.Field == other.Field && p.Message == other.Message
}

// Wrong returns a problem of a field.
func Wrong(field, format string, args ...any) Problem {
	return Problem{Field: field, Message: fmt.Sprintf(format, args...), Format: format, Args: args}
}

// Error is an error with a kind, a sentence for the person and, beneath it, the cause for the log.
type Error struct {
	Kind     Kind
	Message  string    // a whole sentence for the person; never a secret, never a stack trace
	Problems []Problem // for Invalid: every wrong field at once
	Err      error     // the cause, for logs only

	// What the message was made from, so that pages can say it in another language.
	Format string
	Args   []any
}

// Error returns the message, the problems and the cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for i, p := range e.Problems {
		if i > 0 || e.Message != "" {
			b.WriteString("; ")
		}
		if p.Field != "" {
			b.WriteString(p.Field + ": ")
		}
		b.WriteString(p.Message)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of the given kind with a sentence for the person.
func New(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Format: format, Args: args}
}

// Wrap returns an error of the given kind with a sentence for the person and the cause for the log.
func Wrap(kind Kind, cause error, format string, args ...any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Format: format, Args: args, Err: cause}
}

// BadField returns an Invalid error about one field.
func BadField(field, format string, args ...any) error {
	return &Error{Kind: Invalid, Problems: []Problem{Wrong(field, format, args...)}}
}

// BadFields returns an Invalid error with all problems, or nil when there are none.
func BadFields(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Problems: problems}
}

// KindOf returns the kind of the first [Error] in err's chain, Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err has the given kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Say returns the sentence for the person, or the empty string when err carries none.
func Say(err error) string {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return ""
	}
	if e.Message != "" {
		return e.Message
	}
	return (&Error{Problems: e.Problems}).Error()
}

// Format returns what the sentence for the person was made from; an empty format where err carries none, or only problems of fields.
func Format(err error) (format string, args []any) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Format, e.Args
	}
	return "", nil
}

// Problems returns the wrong fields that err carries.
func Problems(err error) []Problem {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Problems
	}
	return nil
}
