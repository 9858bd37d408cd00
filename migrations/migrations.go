// Package migrations carries the numbered SQL files that make and change the database's schema, for internal/postgres to
// apply. They go forward only; a file is never edited once it was released.
package migrations

import "embed"

// FS holds the SQL files.
//
//go:embed *.sql
var FS embed.FS
