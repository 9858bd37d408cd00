// Package conformance holds our posts for Bluesky against indigo, the network's own library in Go, and the network's lexicons.
//
// It is a module of its own, so that indigo and the near two hundred modules behind it stay out of Daymark. The test runs with
//
//	cd conformance/bluesky && DAYMARK_ATPROTO_LEXICONS=/path/to/atproto/lexicons go test ./...
package conformance
