// Package postgres is how Daymark reaches its database: opening a pool, transactions, notifications, leader locks, roles and
// migrations.
//
// It knows nothing of the domain: no table of ours is named here. Rooms above keep their own SQL and run it on a [Querier],
// which a pool and a transaction both are. Two roles exist from the first migration on: the owner, who runs migrations, and
// [AppRole], which owns nothing and which the daemon connects as. The private cluster that Daymark runs when no DATABASE_URL
// is set is in the folder private, databases for tests are in postgrestest.
package postgres
