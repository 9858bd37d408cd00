package postgres

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"daymark/internal/core/fault"
)

// AppDSN returns the connection string of the application's role for a connection string of the owner: the same server and
// login, acting as [AppRole]. Where the login itself shall be another one, set DAYMARK_APP_DATABASE_URL instead.
func AppDSN(ownerDSN string) (string, error) {
	if _, err := parse(ownerDSN); err != nil {
		return "", err
	}
	return with(ownerDSN, "role", AppRole), nil
}

// parse reads a connection string. Its errors never repeat the string, which may hold a password.
func parse(dsn string) (pq.Config, error) {
	if strings.TrimSpace(dsn) == "" {
		return pq.Config{}, fault.New(fault.Invalid, "The database URL is empty; write it as postgres://user:password@host:5432/name")
	}
	cfg, err := pq.NewConfig(dsn)
	if err != nil { // the cause repeats the string, password and all: it is dropped on purpose
		return pq.Config{}, fault.New(fault.Invalid, "The database URL cannot be read; write it as "+
			"postgres://user:password@host:5432/name?sslmode=require, with special characters of the password percent-encoded")
	}
	return cfg, nil
}

// complete returns the connection string with everything we state: sslmode, because lib/pq is about to change its default;
// the schema; and a time limit for the connection itself.
func complete(dsn, name string) (string, pq.Config, error) {
	cfg, err := parse(dsn)
	if err != nil {
		return "", cfg, err
	}
	if cfg.SSLMode == "" {
		mode := "require"
		if ip := net.ParseIP(cfg.Host); cfg.Host == "localhost" || ip != nil && ip.IsLoopback() {
			mode = "prefer"
		}
		dsn = with(dsn, "sslmode", mode)
	} else {
		dsn = with(dsn, "sslmode", string(cfg.SSLMode))
	}
	if cfg.ConnectTimeout == 0 {
		dsn = with(dsn, "connect_timeout", "10")
	}
	if cfg.ApplicationName == "" {
		dsn = with(dsn, "application_name", name)
	}
	dsn = with(dsn, "search_path", "public")
	cfg, err = parse(dsn)
	return dsn, cfg, err
}

// with returns the connection string with one parameter set, in either of the two forms there are.
func with(dsn, key, value string) string {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		u, err := url.Parse(dsn)
		if err != nil {
			return dsn // parse has refused it before
		}
		q := u.Query()
		q.Set(key, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)
	return fmt.Sprintf("%s %s='%s'", strings.TrimSpace(dsn), key, quoted) // of two, the later one counts
}

// place says where a server is, for people, without user and password.
func place(cfg pq.Config) string {
	if strings.HasPrefix(cfg.Host, "/") {
		return cfg.Host
	}
	return net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
}
