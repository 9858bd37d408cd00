// Package byhand is the connector of networks that Daymark has no connector for: a person posts there, and comes back with the link.
//
// It calls nothing. Publishing answers at once that nobody knows whether the post is out, and looking for it that a person has to
// say so; internal/flow/dispatch/decide makes a task of that. What a person said of the channel when it was added stands where other
// channels have their credentials. It removes nothing either: taking down is a task with the link.
package byhand

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/platform"
)

// Address is that of a channel without a page of its own, such as a newsletter. The name leads nowhere (RFC 6761, section 6.4).
const Address = "https://by-hand.invalid"

// Loopback is the address of such a channel in a demo or a rehearsal, where every channel is on this machine.
const Loopback = "http://127.0.0.1"

// What a person may say of a channel.
const (
	maxKind   = 60
	maxHandle = 200
	maxLength = 100_000 // characters: beyond it is no limit that anybody keeps
)

// Settings are what a person says of a channel that is posted to by hand.
type Settings struct {
	Kind       string `json:"kind"`       // the network, such as "Instagram" or "Newsletter", in the person's own words
	Handle     string `json:"handle"`     // how people write the account
	Page       string `json:"page"`       // where its posts are read; may be empty
	Characters int    `json:"characters"` // how long a post may be; 0 is no limit
	Picture    bool   `json:"picture"`    // a post needs a picture
}

// Clean returns the settings as they are kept, or what is wrong with them.
func (s Settings) Clean() (Settings, error) {
	s.Kind, s.Handle, s.Page = plain(s.Kind), strings.TrimPrefix(plain(s.Handle), "@"), strings.TrimSpace(s.Page)
	var problems []fault.Problem
	wrong := func(field, say string, args ...any) {
		problems = append(problems, fault.Problem{Field: field, Message: fmt.Sprintf(say, args...)})
	}
	if n := utf8.RuneCountInString(s.Kind); n == 0 || n > maxKind {
		wrong("kind", "say in up to %d characters which network it is, such as Instagram", maxKind)
	}
	if n := utf8.RuneCountInString(s.Handle); n == 0 || n > maxHandle {
		wrong("handle", "write how the account is called there, in up to %d characters", maxHandle)
	}
	if s.Page != "" {
		if u, err := url.Parse(s.Page); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			wrong("address", "is no address of a page: copy it from the browser, with https:// in front, or leave it empty")
		}
	}
	if s.Characters < 0 || s.Characters > maxLength {
		wrong("characters", "is a number of characters from 1 to %d; empty is no limit", maxLength)
	}
	return s, fault.BadFields(problems)
}

func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// Host is the scheme and host of the channel's page, by which the channel is known.
func (s Settings) Host() string {
	if u, err := url.Parse(s.Page); err == nil && u.Host != "" {
		return "https://" + strings.ToLower(u.Host)
	}
	return Address
}

// Secret is the form in which the settings are kept.
func (s Settings) Secret() platform.Secret {
	b, err := json.Marshal(s)
	if err != nil {
		return nil // strings, numbers and a truth value always marshal
	}
	return platform.Secret(b)
}

func read(account platform.Account) (Settings, error) {
	var s Settings
	if err := json.Unmarshal(account.Secret.Reveal(), &s); err != nil || s.Kind == "" {
		return s, &platform.AuthExpired{Say: "What was said of this channel cannot be read. Add it again."}
	}
	return s, nil
}

// Connector is the connector; the zero value is ready.
type Connector struct{}

// Capabilities returns what a person said that the network allows.
func (Connector) Capabilities(_ context.Context, account platform.Account) (platform.Capabilities, error) {
	s, err := read(account)
	if err != nil {
		return platform.Capabilities{}, err
	}
	return platform.Capabilities{MaxCharacters: s.Characters, NeedsPicture: s.Picture, Software: s.Kind, ByHand: true}, nil
}

// Validate looks at what the person who added the channel named: the length, and whether a picture is needed. Characters are counted
// as Unicode code points, of which a person's eye sees as many or fewer.
func (Connector) Validate(caps platform.Capabilities, content platform.Content) []platform.Issue {
	var list []platform.Issue
	for i, part := range content.Parts {
		if n := utf8.RuneCountInString(part.Text); caps.MaxCharacters > 0 && n > caps.MaxCharacters {
			list = append(list, platform.Issue{
				Part: i, Field: "text", Code: "too_long",
				Message: fmt.Sprintf("The text has %d characters, and %s takes %d. Shorten it.", n, caps.Software, caps.MaxCharacters),
			})
		}
		if caps.NeedsPicture && len(part.Pictures) == 0 {
			list = append(list, platform.Issue{
				Part: i, Field: "pictures", Code: "needs_picture", Message: fmt.Sprintf("%s takes no post without a picture. Add one.", caps.Software),
			})
		}
		if strings.TrimSpace(part.Text) == "" && len(part.Pictures) == 0 {
			list = append(list, platform.Issue{Part: i, Field: "text", Code: "empty", Message: "There is nothing to post. Write a text, or add a picture."})
		}
	}
	return list
}

// Prepare has nothing to prepare.
func (Connector) Prepare(_ context.Context, _ platform.Account, _ platform.Content, _ int, prev platform.Handles) (platform.Handles, error) {
	return prev, nil
}

// Task is what a person reads of a post that is theirs to make.
const Task = "Post this by hand now: copy the text, add the pictures, and come back with the link."

// Publish calls nothing: from now on only a person can tell whether the post is out.
func (Connector) Publish(context.Context, platform.Account, platform.Attempt) (platform.Receipt, error) {
	return platform.Receipt{}, &platform.Unknown{Say: Task}
}

// FindsNothing says that only a person knows whether a post is out.
func (Connector) FindsNothing() bool { return true }

// Find cannot tell: a person does.
func (Connector) Find(context.Context, platform.Account, platform.Attempt) (platform.Finding, error) {
	return platform.Finding{State: platform.CannotTell, Why: Task}, nil
}

// Verify returns who the account is by the word of the person who added it. The handle says which network it is, so that every page
// does, and so that an account may have the same name on several.
func (Connector) Verify(_ context.Context, account platform.Account) (platform.Identity, error) {
	s, err := read(account)
	if err != nil {
		return platform.Identity{}, err
	}
	id := s.Page
	if id == "" {
		id = s.Kind + " " + s.Handle
	}
	return platform.Identity{RemoteID: id, Handle: s.Handle + " (" + s.Kind + ")", Name: s.Kind + " " + s.Handle, URL: s.Page}, nil
}

// Settling is how long nothing proves that a post is not out: no time, because nobody is asked.
const Settling time.Duration = 0
