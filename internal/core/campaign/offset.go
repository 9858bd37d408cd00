package campaign

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"daymark/internal/core/civil"
)

// MaxOffset is the most days that a message may lie from its observance.
const MaxOffset = 366

// Offset is a day relative to an observance: so many days from its first day or from its last.
type Offset struct {
	FromEnd bool // counted from the last day
	Days    int  // negative is before
}

var offsetForm = regexp.MustCompile(`^(D|start|end)(?:([+-]?)([0-9]{1,4}))?$`)

// ParseOffset reads D-14, D0, D+2, start, start+1, end or end-1. D and start are the first day of the observance, end is its
// last. A typographic minus is taken as well.
func ParseOffset(s string) (Offset, error) {
	bad := fmt.Errorf("%q is no day of a campaign: write D-14, D0 or D+2 for days from the first day, or end, end-1, end+2 for days from the last", s)
	m := offsetForm.FindStringSubmatch(strings.ReplaceAll(s, "\u2212", "-"))
	if m == nil || (m[1] == "D" && m[3] == "") {
		return Offset{}, bad
	}
	o := Offset{FromEnd: m[1] == "end"}
	if m[3] == "" {
		return o, nil
	}
	n, err := strconv.Atoi(m[3])
	if err != nil || (m[2] == "" && (n != 0 || m[1] != "D")) {
		return Offset{}, bad
	}
	if n > MaxOffset {
		return Offset{}, fmt.Errorf("%q is more than %d days away", s, MaxOffset)
	}
	if m[2] == "-" {
		n = -n
	}
	o.Days = n
	return o, nil
}

// On returns the date that the offset means for an observance on the given days.
func (o Offset) On(days civil.Range) civil.Date {
	if o.FromEnd {
		return days.End.AddDays(o.Days)
	}
	return days.Start.AddDays(o.Days)
}

// String returns the offset as campaign files have it: D-14, D0, D+2, end, end-1.
func (o Offset) String() string {
	switch {
	case o.FromEnd && o.Days == 0:
		return "end"
	case o.FromEnd:
		return fmt.Sprintf("end%+d", o.Days)
	case o.Days == 0:
		return "D0"
	}
	return fmt.Sprintf("D%+d", o.Days)
}

// MarshalText writes the offset as [Offset.String] does; JSON uses it too.
func (o Offset) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what [ParseOffset] reads.
func (o *Offset) UnmarshalText(b []byte) error {
	parsed, err := ParseOffset(string(b))
	if err != nil {
		return err
	}
	*o = parsed
	return nil
}
