package seal

import (
	"fmt"
	"log/slog"
)

// Secret is a value that never shows itself: printed, logged or marshalled in whatever way, it reads [secret].
type Secret []byte

const hidden = "[secret]"

// String returns [secret].
func (Secret) String() string { return hidden }

// GoString returns [secret].
func (Secret) GoString() string { return hidden }

// Format prints [secret] whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue returns [secret].
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalJSON returns "[secret]".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText returns [secret].
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
