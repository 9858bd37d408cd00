// Package machine is this machine's clock, which need not be right: product time is the database's. A crash test can make it wrong.
// It does not know product time.
package machine
