package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq/pqerror"

	"daymark/internal/core/fault"
)

// sqlRoleState asks for SET from PostgreSQL 16 on: since then who creates a role administers it but may not yet act as it
// (https://www.postgresql.org/docs/16/release-16.html, "Allow GRANT to control role inheritance and SET ROLE").
const sqlRoleState = `
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'daymark_app') AS exists,
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'daymark_app' AND (rolsuper OR rolcreaterole OR rolcreatedb)) AS mighty,
       COALESCE((SELECT CASE WHEN current_setting('server_version_num')::int >= 160000
                             THEN pg_has_role(current_user, oid, 'SET')
                             ELSE pg_has_role(current_user, oid, 'MEMBER') END
                 FROM pg_roles
                 WHERE rolname = 'daymark_app'), false) AS member,
       current_user = 'daymark_app' AS self`

const sqlCreateRole = `CREATE ROLE daymark_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE`

const sqlJoinRole = `GRANT daymark_app TO CURRENT_USER`

// sqlRights takes from everybody what databases older than PostgreSQL 15 gave them, and temporary tables, which could hide
// ours from the functions that guard them. A role that owns neither schema nor database gets a warning only: see sqlMayCreate.
const sqlRights = `
DO $$
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  GRANT USAGE ON SCHEMA public TO daymark_app;
END
$$`

const sqlMayCreate = `SELECT has_schema_privilege('daymark_app', 'public', 'CREATE')`

// EnsureRoles makes sure that [AppRole] exists, that the role connected may act as it, and that it can create nothing in
// this database. [Migrate] calls it; so must whoever copies a database, because such rights do not travel with a copy.
func EnsureRoles(ctx context.Context, owner *DB) error {
	for try := 1; ; try++ {
		err := owner.ensureRoles(ctx)
		// Roles belong to the whole server: another database's migration may be making the same change right now.
		if err == nil || try == maxTries || !IsCode(err, pqerror.DuplicateObject, pqerror.UniqueViolation, pqerror.InternalError) {
			return err
		}
		if wait(ctx, time.Duration(try)*20*time.Millisecond) != nil {
			return err
		}
	}
}

func (db *DB) ensureRoles(ctx context.Context) error {
	var role struct{ Exists, Mighty, Member, Self bool }
	if err := db.GetContext(ctx, &role, sqlRoleState); err != nil {
		return fmt.Errorf("look for the application's role: %w", err)
	}
	switch {
	case role.Self:
		return fault.New(fault.Invalid, "The database URL is the application's own (%s); migrations need the owner's", AppRole)
	case role.Mighty:
		return fault.New(fault.Invalid, "The role %s may create roles or databases or is a superuser; run as a superuser: "+
			"ALTER ROLE %s NOSUPERUSER NOCREATEDB NOCREATEROLE", AppRole, AppRole)
	case !role.Exists:
		if _, err := db.ExecContext(ctx, sqlCreateRole); IsCode(err, pqerror.InsufficientPrivilege) {
			return fault.Wrap(fault.Invalid, err, "The role of the database URL may not create the role %s; run once as a superuser: "+
				"CREATE ROLE %s; GRANT %s TO the role of the database URL", AppRole, AppRole, AppRole)
		} else if err != nil {
			return fmt.Errorf("create the application's role: %w", err)
		}
		return db.ensureRoles(ctx)
	case !role.Member:
		if _, err := db.ExecContext(ctx, sqlJoinRole); IsCode(err, pqerror.InsufficientPrivilege) {
			return fault.Wrap(fault.Invalid, err, "The role of the database URL may not act as %s; run once as a superuser: "+
				"GRANT %s TO the role of the database URL", AppRole, AppRole)
		} else if err != nil {
			return fmt.Errorf("join the application's role: %w", err)
		}
	}
	if _, err := db.ExecContext(ctx, sqlRights); IsCode(err, pqerror.InsufficientPrivilege) {
		return fault.Wrap(fault.Invalid, err, "The role of the database URL does not own its database; run as a superuser: "+
			"ALTER DATABASE the database OWNER TO the role of the database URL")
	} else if err != nil {
		return fmt.Errorf("limit the application's rights: %w", err)
	}
	var mayCreate bool
	if err := db.GetContext(ctx, &mayCreate, sqlMayCreate); err != nil {
		return fmt.Errorf("check the application's rights: %w", err)
	}
	if mayCreate {
		return fault.New(fault.Invalid, "The role %s may create tables in the schema public; run as its owner: "+
			"REVOKE CREATE ON SCHEMA public FROM PUBLIC, %s", AppRole, AppRole)
	}
	return nil
}
