package platform

import (
	"errors"
	"time"
)

// Kind is what became of a call, as far as it decides what may be done next.
type Kind int

// What a call may come to. Unknown is the zero value: what nobody classified may have been posted.
const (
	KindUnknown     Kind = iota // it may have been posted; look before trying again
	KindDone                    // no error
	KindPermanent               // not posted, and trying the same again is of no use
	KindTransient               // not posted; try again later
	KindRateLimited             // not posted; try again at the instant named
	KindAuthExpired             // not posted; somebody has to connect the account again
	KindDuplicate               // the network has the post already
)

// String returns the kind as one word, for logs and for the attempts table.
func (k Kind) String() string {
	switch k {
	case KindDone:
		return "done"
	case KindPermanent:
		return "permanent"
	case KindTransient:
		return "transient"
	case KindRateLimited:
		return "rate_limited"
	case KindAuthExpired:
		return "auth_expired"
	case KindDuplicate:
		return "duplicate"
	case KindUnknown:
		return "unknown"
	}
	return "unknown"
}

// Permanent says that the post was refused and that the same post would be refused again.
type Permanent struct {
	Code string // a fixed word for programs, such as "too_long"
	Say  string // what is wrong and what to do, for a volunteer
	Err  error  // the cause, for logs
}

// Transient says that nothing was posted and that the same may work later.
type Transient struct {
	Say string
	Err error
	// PrepareAgain says that what Prepare left at the network is of no use any more: call it again with no handles.
	PrepareAgain bool
}

// Unknown says that the post may be out: the request was sent and the answer did not come, or cannot be trusted.
type Unknown struct {
	Say string
	Err error
}

// RateLimited says that nothing was posted and that the network takes no more calls until the instant named.
type RateLimited struct {
	Until time.Time
	Say   string
	Err   error
}

// AuthExpired says that nothing was posted because the credentials are not accepted (any more).
type AuthExpired struct {
	Say string
	Err error
	// Renewable says that the credentials are merely past their time: a [Refresher] may mend it, and then the same call works.
	Renewable bool
}

// Duplicate says that the network has this post already. Ref names it where the network does.
type Duplicate struct {
	Ref *Ref
	Say string
	Err error
}

// Error returns the sentence and the cause.
func (e *Permanent) Error() string { return sentence("refused: "+e.Code, e.Say, e.Err) }

// Error returns the sentence and the cause.
func (e *Transient) Error() string { return sentence("not posted", e.Say, e.Err) }

// Error returns the sentence and the cause.
func (e *Unknown) Error() string { return sentence("may be posted", e.Say, e.Err) }

// Error returns the sentence and the cause.
func (e *RateLimited) Error() string {
	return sentence("too many calls until "+e.Until.UTC().Format(time.RFC3339), e.Say, e.Err)
}

// Error returns the sentence and the cause.
func (e *AuthExpired) Error() string { return sentence("not authorised", e.Say, e.Err) }

// Error returns the sentence and the cause.
func (e *Duplicate) Error() string { return sentence("already posted", e.Say, e.Err) }

// Unwrap returns the cause.
func (e *Permanent) Unwrap() error { return e.Err }

// Unwrap returns the cause.
func (e *Transient) Unwrap() error { return e.Err }

// Unwrap returns the cause.
func (e *Unknown) Unwrap() error { return e.Err }

// Unwrap returns the cause.
func (e *RateLimited) Unwrap() error { return e.Err }

// Unwrap returns the cause.
func (e *AuthExpired) Unwrap() error { return e.Err }

// Unwrap returns the cause.
func (e *Duplicate) Unwrap() error { return e.Err }

// sentence joins what an error says into one line.
func sentence(what, say string, cause error) string {
	if say != "" {
		what += ": " + say
	}
	if cause != nil {
		what += " (" + cause.Error() + ")"
	}
	return what
}

// Outcome tells what an error of a connector means. An error that no connector classified is [KindUnknown], because
// sending again is safe only after a definite refusal.
func Outcome(err error) Kind {
	if err == nil {
		return KindDone
	}
	kind, _ := look(err)
	return kind
}

// Say returns the sentence for the person that a connector's error carries, empty when it carries none.
func Say(err error) string {
	if err == nil {
		return ""
	}
	_, say := look(err)
	return say
}

// look finds the first error of this package in err's chain.
func look(err error) (Kind, string) {
	if e, ok := errors.AsType[*Unknown](err); ok {
		return KindUnknown, e.Say
	}
	if e, ok := errors.AsType[*Permanent](err); ok {
		return KindPermanent, e.Say
	}
	if e, ok := errors.AsType[*RateLimited](err); ok {
		return KindRateLimited, e.Say
	}
	if e, ok := errors.AsType[*AuthExpired](err); ok {
		return KindAuthExpired, e.Say
	}
	if e, ok := errors.AsType[*Duplicate](err); ok {
		return KindDuplicate, e.Say
	}
	if e, ok := errors.AsType[*Transient](err); ok {
		return KindTransient, e.Say
	}
	return KindUnknown, ""
}
