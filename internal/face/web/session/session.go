// Package session remembers in a browser who has logged in: the cookie, the token in it, and what is kept under the token.
//
// The database keeps the sessions (org/people); scs reads and writes the cookie. The package asks for no password and shows no page.
package session

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/guard"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// What a session keeps: who it is, the stamp of the password it began with, what the person might do when the token was made, and
// messages for the next page.
const (
	keyPerson = "person"
	keyStamp  = "stamp"
	keyRights = "rights"
	keyFlash  = "flash"
	keyLooks  = "looks"
)

// life is how long a log-in lasts: a volunteer who comes once a fortnight logs in each time, an editor each week.
const life = 7 * 24 * time.Hour

// Sessions are the sessions of all browsers.
type Sessions struct {
	db      *postgres.DB
	manager *scs.SessionManager
}

// New returns the sessions of a database. With secure the cookie is bound to https and to this host alone. fail answers where a
// session cannot be read or written.
func New(db *postgres.DB, secure bool, fail func(http.ResponseWriter, *http.Request, error)) Sessions {
	// Made by hand: scs.New begins with a store in memory whose goroutine cannot be stopped. There is one manager in a request, so
	// that the key it keeps its data under in the context needs no name. SameSite is Lax, because networks and sign-in providers
	// lead people back here; forms from other sites are refused elsewhere.
	m := &scs.SessionManager{
		Lifetime: life, Store: people.NewSessions(db), Codec: scs.GobCodec{}, ErrorFunc: fail,
		Cookie: scs.SessionCookie{Name: "daymark", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Persist: true},
	}
	if secure {
		m.Cookie.Name, m.Cookie.Secure = "__Host-daymark", true
	}
	return Sessions{db: db, manager: m}
}

// Wrap reads the session before a request and writes it after.
func (s Sessions) Wrap(next http.Handler) http.Handler {
	kept := s.manager.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		about := people.About{Agent: r.UserAgent()}
		if from := guard.From(r.Context()).Address; from.IsValid() {
			about.Address = from.String()
		}
		kept.ServeHTTP(w, r.WithContext(people.Describe(r.Context(), &about)))
	})
}

// Token returns the token of the session of a request, to tell it from others; empty where there is none yet.
func (s Sessions) Token(ctx context.Context) string { return s.manager.Token(ctx) }

// Begin starts a session for somebody who has logged in, under a new token, so that one that was known before is worth nothing.
func (s Sessions) Begin(ctx context.Context, p people.Person) error {
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	s.manager.Put(ctx, keyPerson, p.ID)
	s.manager.Put(ctx, keyStamp, p.Stamp)
	s.manager.Put(ctx, keyRights, rights(p))
	s.manager.Remove(ctx, keyProved) // of whoever was logged in before
	people.AboutOf(ctx).Person = p.ID
	return nil
}

// End ends the session.
func (s Sessions) End(ctx context.Context) error { return s.manager.Destroy(ctx) }

// Person returns who has logged in: the zero Person when nobody has, when the account was disabled since, or when its password has
// changed. Where the person may do other things than when the token was made, the session goes on under a new one: whoever came by
// the old token does not come by the new rights with it (OWASP Session Management Cheat Sheet, "Renew the Session ID After Any
// Privilege Level Change").
func (s Sessions) Person(ctx context.Context) (people.Person, error) {
	id := s.manager.GetInt64(ctx, keyPerson)
	if id == 0 {
		return people.Person{}, nil
	}
	p, err := people.ByID(ctx, s.db, id)
	if fault.Is(err, fault.NotFound) {
		return people.Person{}, nil
	}
	if err != nil {
		return people.Person{}, err
	}
	if p.Disabled || p.Stamp != s.manager.GetString(ctx, keyStamp) {
		return people.Person{}, nil
	}
	people.AboutOf(ctx).Person = p.ID
	if now := rights(p); now != s.manager.GetString(ctx, keyRights) {
		if err := s.manager.RenewToken(ctx); err != nil {
			return people.Person{}, err
		}
		s.manager.Put(ctx, keyRights, now)
	}
	return p, nil
}

// rights writes down what a person may do, so that a change of it can be seen.
func rights(p people.Person) string {
	may := []string{string(p.Role)}
	for _, what := range people.Permissions() {
		if p.May(what) {
			may = append(may, string(what))
		}
	}
	return strings.Join(may, " ")
}

// maxLooks is how many sentences a message carries at most.
const maxLooks = 20

// Say keeps a message for the next page, with sentences about what needs a look.
func (s Sessions) Say(ctx context.Context, text string, looks ...string) {
	s.manager.Put(ctx, keyFlash, text)
	s.manager.Put(ctx, keyLooks, strings.Join(looks[:min(len(looks), maxLooks)], "\n"))
}

// Said returns the message that was kept, once; nothing when there is none.
func (s Sessions) Said(ctx context.Context) (text string, looks []string) {
	text = s.manager.PopString(ctx, keyFlash)
	if text == "" {
		return "", nil
	}
	if kept := s.manager.PopString(ctx, keyLooks); kept != "" {
		looks = strings.Split(kept, "\n")
	}
	return text, looks
}
