package platform

import (
	"fmt"
	"strings"
)

// Money is an amount in millionths of a US dollar, the only currency that a network here charges in.
type Money int64

// The amounts that prices are written in.
const (
	Cent   Money = 10_000
	Dollar Money = 100 * Cent
)

// String writes the amount with as many digits as it needs, at least two: "$0.215".
func (m Money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	digits := strings.TrimRight(fmt.Sprintf("%06d", m%Dollar), "0")
	for len(digits) < 2 {
		digits += "0"
	}
	return fmt.Sprintf("%s$%d.%s", sign, m/Dollar, digits)
}

// Charge is what a network takes for one kind of call.
type Charge struct {
	What  string // for people: "post with a link"
	Count int
	Each  Money
}

// Total returns what charges come to.
func Total(charges []Charge) Money {
	var sum Money
	for _, c := range charges {
		sum += Money(c.Count) * c.Each
	}
	return sum
}

// Left returns what a budget has left once the next expense is made on top of what is spent, and whether that is allowed:
// what does not fit is not. A budget of zero is none, and then everything is.
func Left(budget, spent, next Money) (left Money, ok bool) {
	if budget <= 0 {
		return 0, true
	}
	left = budget - spent - next
	return left, left >= 0
}

// Priced is met by connectors whose network charges for what is published. Cost does no I/O; it is an estimate from the
// prices known when Daymark was built, and the network's bill is what counts.
type Priced interface {
	Cost(caps Capabilities, content Content) []Charge
}

// Distinct is met by connectors whose network forbids to publish the same text from several accounts. Same reports whether two
// contents would be the same to it. It does no I/O.
type Distinct interface {
	Same(a, b Content) bool
}
