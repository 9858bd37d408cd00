package platform

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what a secret prints.
const hidden = "[secret]"

// Secret is a connector's credentials as opaque JSON. However it is printed, logged or encoded, it says "[secret]"; the
// connector that owns it reads it with [Secret.Reveal].
type Secret []byte

// Reveal returns the credentials themselves. Only the connector that wrote them and the room that seals them call it.
func (s Secret) Reveal() []byte { return []byte(s) }

// String returns "[secret]".
func (s Secret) String() string { return hidden }

// GoString returns "[secret]".
func (s Secret) GoString() string { return hidden }

// Format writes "[secret]" for every verb, %x and %s included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue returns "[secret]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText returns "[secret]"; encoding/json uses it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
