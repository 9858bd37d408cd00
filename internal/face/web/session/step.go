package session

import (
	"context"
	"encoding/binary"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
)

// What a session keeps between the steps of a log-in: who has given the right password and until when the second step may follow;
// what other ways to log in wait for; and whether a second step has still to be set up.
const (
	keyHalf      = "half"
	keyHalfStamp = "half-stamp"
	keyHalfUntil = "half-until"
	keyKept      = "kept:"
	keyOwes      = "owes"
	keyProved    = "proved"
)

// Recent is how long it counts that somebody said who they are: ten minutes, for what would let another person in for good (OWASP
// Authentication Cheat Sheet, "Require Re-authentication for Sensitive Features"; how long is ours).
const Recent = 10 * time.Minute

// stepTime is how long the step after the password may take, and any other thing that is kept between two steps.
const stepTime = 10 * time.Minute

// Half notes that somebody has given the right password and owes the second step: they have not logged in yet, and nobody else is
// any more in this browser. The token is a new one, as with [Sessions.Begin].
func (s Sessions) Half(ctx context.Context, p people.Person, now time.Time) error {
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	s.manager.Remove(ctx, keyPerson)
	s.manager.Put(ctx, keyHalf, p.ID)
	s.manager.Put(ctx, keyHalfStamp, p.Stamp)
	s.manager.Put(ctx, keyHalfUntil, now.Add(stepTime).Unix())
	return nil
}

// HalfPerson returns who owes the second step: the zero Person when nobody does, or when it took too long.
func (s Sessions) HalfPerson(ctx context.Context, now time.Time) (people.Person, error) {
	id := s.manager.GetInt64(ctx, keyHalf)
	if id == 0 || now.Unix() >= s.manager.GetInt64(ctx, keyHalfUntil) {
		return people.Person{}, nil
	}
	p, err := people.ByID(ctx, s.db, id)
	if fault.Is(err, fault.NotFound) {
		return people.Person{}, nil
	}
	if err != nil || p.Disabled || p.Stamp != s.manager.GetString(ctx, keyHalfStamp) {
		return people.Person{}, err
	}
	return p, nil
}

// Whole ends what [Sessions.Half] began and starts the session.
func (s Sessions) Whole(ctx context.Context, p people.Person) error {
	for _, key := range []string{keyHalf, keyHalfStamp, keyHalfUntil} {
		s.manager.Remove(ctx, key)
	}
	return s.Begin(ctx, p)
}

// Keep keeps something for the next step, under a name, for some minutes. It stays on the server.
func (s Sessions) Keep(ctx context.Context, name string, value []byte, now time.Time) {
	until := binary.BigEndian.AppendUint64(nil, uint64(now.Add(stepTime).Unix()))
	s.manager.Put(ctx, keyKept+name, append(until, value...))
}

// Take returns what was kept under a name, once; nothing when it was taken, or too long ago.
func (s Sessions) Take(ctx context.Context, name string, now time.Time) []byte {
	kept := s.manager.PopBytes(ctx, keyKept+name)
	if len(kept) < 8 || now.Unix() >= int64(binary.BigEndian.Uint64(kept)) {
		return nil
	}
	return kept[8:]
}

// Owe notes that the person has to set up a second step before anything else.
func (s Sessions) Owe(ctx context.Context, owes bool) { s.manager.Put(ctx, keyOwes, owes) }

// Owes reports whether the person has to set up a second step before anything else.
func (s Sessions) Owes(ctx context.Context) bool { return s.manager.GetBool(ctx, keyOwes) }

// Prove notes that whoever is logged in has said who they are, by a password or a passkey, at an instant.
func (s Sessions) Prove(ctx context.Context, now time.Time) {
	s.manager.Put(ctx, keyProved, now.Unix())
}

// Proved reports whether whoever is logged in said who they are within [Recent].
func (s Sessions) Proved(ctx context.Context, now time.Time) bool {
	at := time.Unix(s.manager.GetInt64(ctx, keyProved), 0)
	return !now.Before(at) && now.Before(at.Add(Recent))
}
