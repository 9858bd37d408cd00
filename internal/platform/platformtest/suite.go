// Package platformtest is the contract of [platform.Connector] as a test: one suite that every connector passes against the
// sandbox server of its network.
//
// The suite plays dispatch with a small loop that prepares, publishes, looks when in doubt and tries again when that is
// allowed. It makes the network misbehave in one way at a time and then reads the network's own timeline: whatever
// happened, each post is there exactly once. It judges by the timeline and never by how often a method was called. It
// does not know any network.
package platformtest

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/platform"
)

// Fault names a way in which a network misbehaves when a post is published.
type Fault string

// The faults.
const (
	None                Fault = ""
	CommitThenDrop      Fault = "commit then drop"      // the post is out, the connection is cut without an answer
	CommitLate          Fault = "commit late"           // silence past our time-out; the post comes out after our first look
	CommitThen504       Fault = "504 after commit"      // the post is out, a proxy answers 504
	Reject500           Fault = "500 before"            // the post is not out
	TooMany             Fault = "429"                   // the post is not out; a time is named
	Slow                Fault = "slow"                  // the post comes out after our time-out
	Truncated           Fault = "truncated body"        // the post is out, the answer breaks off
	HTMLAfterCommit     Fault = "page after commit"     // the post is out, the answer is a web page
	HTMLInstead         Fault = "page instead"          // the post is not out, the answer is a web page
	DropBeforeRead      Fault = "drop before reading"   // the post is not out, the connection is cut
	MediaPending        Fault = "media pending"         // an upload takes its time
	TokenExpired        Fault = "token expired"         // the credentials stop working
	CachedErrorReplayed Fault = "cached error replayed" // a failure is answered again to the same key
	KeyBurnt            Fault = "key burnt"             // a failure uses the key up
	Repeat500           Fault = "repeat answered 500"   // the post is out and its answer lost; the same key again gets 500
	KeysIgnored         Fault = "keys ignored"          // the post is out and its answer lost; the same key again makes another post
)

// expected says how a connector may classify the publishing that meets a fault. What is not listed must succeed at once.
var expected = map[Fault][]platform.Kind{
	CommitThenDrop:      {platform.KindUnknown},
	CommitLate:          {platform.KindUnknown},
	CommitThen504:       {platform.KindUnknown},
	Reject500:           {platform.KindUnknown, platform.KindTransient},
	TooMany:             {platform.KindRateLimited},
	Slow:                {platform.KindUnknown},
	Truncated:           {platform.KindUnknown},
	HTMLAfterCommit:     {platform.KindUnknown},
	HTMLInstead:         {platform.KindUnknown},
	DropBeforeRead:      {platform.KindUnknown, platform.KindTransient},
	TokenExpired:        {platform.KindAuthExpired},
	CachedErrorReplayed: {platform.KindUnknown, platform.KindTransient},
	KeyBurnt:            {platform.KindUnknown, platform.KindTransient},
	Repeat500:           {platform.KindUnknown},
	KeysIgnored:         {platform.KindUnknown},
}

// faults lists what every connector is put through, in the order it is run.
var faults = []Fault{
	CommitThenDrop, CommitLate, CommitThen504, Reject500, TooMany, Slow, Truncated, HTMLAfterCommit, HTMLInstead, DropBeforeRead,
	MediaPending, TokenExpired, CachedErrorReplayed, KeyBurnt, Repeat500, KeysIgnored,
}

// Post is one post as the network shows it.
type Post struct {
	ID, Text, ContentNote, Language, ReplyTo string
	Alts                                     []string
}

// Bench is a fresh network with one account on it. The clock of network and connector stands still but for Pass.
type Bench struct {
	Connector platform.Connector
	Account   platform.Account
	Secrets   []string // what must never show in an error

	Now      func() time.Time
	Pass     func(d time.Duration)             // moves the clock on
	Inject   func(f Fault)                     // makes the next publishing (or upload) meet the fault
	Timeline func() []Post                     // what is on the account, oldest first
	Settle   func()                            // waits until the network has done what it does late
	Renew    func() platform.Account           // connects the account again after its credentials stopped working
	Hold     func(arrived func()) (let func()) // makes the next publishing wait after it was read; arrived is called when it waits
}

// Suite is how a connector is tested.
type Suite struct {
	// Open makes a bench. The fault says which kind of server is wanted, where servers of the network differ.
	Open func(t *testing.T, f Fault) *Bench
	// At returns the connector and an account whose server is at the address; the address may be reached only when
	// allowed is true.
	At func(t *testing.T, address string, allowed bool) (platform.Connector, platform.Account)
	// Picture is a picture that the network takes; one without a hash where it takes none.
	Picture platform.Picture
	// Unsupported says why the network cannot have a fault. It is printed, not passed over in silence.
	Unsupported map[Fault]string
	// Shown turns a post as it was given into what the network's timeline has of it, where the network has no place of its own
	// for a part of it; nil when it has one for each.
	Shown func(Post) Post
	// NoteCounts is what a content note takes of a text's length; nil when each character counts one.
	NoteCounts func(note string) int
	// Ready is what Prepare leaves for the second part of a post of the texts "One." and "Two.", for a connector that publishes nothing
	// without it; nil for others.
	Ready func(platform.Content) platform.Handles
	// OnlyOnce says that the network refuses a second post that equals the first.
	OnlyOnce bool
}

// Run puts a connector through the contract. The order of its cases means nothing; they run in parallel. It prints how many
// cases were run and how many the network does not support; a case that is passed over for any other reason fails.
func Run(t *testing.T, s Suite) {
	t.Helper()
	for f, why := range s.Unsupported {
		if !slices.Contains(faults, f) || why == "" {
			t.Errorf("not supported: %q: %q is no fault of the contract, or no reason is given", f, why)
		}
	}
	var ran atomic.Int64
	t.Cleanup(func() {
		t.Logf("contract: %d cases run, %d not supported", ran.Load(), len(s.Unsupported))
		for _, f := range slices.Sorted(maps.Keys(s.Unsupported)) {
			t.Logf("not supported: %s: %s", f, s.Unsupported[f])
		}
	})
	cases := map[string]func(*testing.T, Suite){
		"a post with a picture is read back as it was given":  readBack,
		"a thread hangs together":                             thread,
		"credentials that expire in the middle of a thread":   expiredThread,
		"a cancelled publishing is not sent or may be out":    cancelled,
		"two equal posts are two, or the second is refused":   twins,
		"what is published can be measured and taken down":    measured,
		"what is out is shown as it was given":                shown,
		"whose account it is":                                 verified,
		"a private address is refused":                        privateAddress,
		"a redirect to another host is not followed":          redirected,
		"an endless answer is not read to its end":            endless,
		"a server that is not of this network says so":        notThisNetwork,
		"what validation passes over silently is not refused": validated,
	}
	for name, run := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole(t, &ran, func() { run(t, s) })
		})
	}
	for _, f := range faults {
		if s.Unsupported[f] != "" {
			continue
		}
		t.Run("fault: "+string(f), func(t *testing.T) {
			t.Parallel()
			whole(t, &ran, func() { meet(t, s, f) })
		})
	}
}

// whole runs a case and counts it. A case that skips itself fails: what a network does not support is said in
// [Suite.Unsupported] and nowhere else.
func whole(t *testing.T, ran *atomic.Int64, run func()) {
	t.Helper()
	defer func() {
		if t.Skipped() {
			t.Error("the case was passed over, and not because the network does not support it")
		}
	}()
	run()
	ran.Add(1)
}

// content returns a post of so many parts, the first with the suite's picture.
func (s Suite) content(texts ...string) platform.Content {
	c := platform.Content{ContentNote: "exploitation", Language: "en", Visibility: "public"}
	for i, text := range texts {
		part := platform.Part{Text: text}
		if i == 0 && s.Picture.SHA256 != "" {
			part.Pictures = []platform.Picture{s.Picture}
		}
		c.Parts = append(c.Parts, part)
	}
	return c
}

// want returns the posts that a content becomes.
func (s Suite) want(c platform.Content, ids []string) []Post {
	var out []Post
	for i, p := range c.Parts {
		post := Post{Text: p.Text, ContentNote: c.ContentNote, Language: c.Language}
		if i < len(ids) {
			post.ID = ids[i]
		}
		if i > 0 && i-1 < len(ids) {
			post.ReplyTo = ids[i-1]
		}
		for _, pic := range p.Pictures {
			post.Alts = append(post.Alts, pic.Alt)
		}
		if s.Shown != nil {
			post = s.Shown(post)
		}
		out = append(out, post)
	}
	return out
}

// clean fails the test when an error shows a secret, and when an error that a person will meet has no sentence.
func (b *Bench) clean(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	text := everything(err)
	for _, secret := range b.Secrets {
		if strings.Contains(text, secret) {
			t.Errorf("a secret shows in an error: %s", strings.ReplaceAll(text, secret, "…"))
		}
	}
	if platform.Say(err) == "" {
		t.Errorf("an error without a sentence for people: %v", err)
	}
}

// second is an attempt at the second part of a post, which needs no upload.
func (s Suite) second() platform.Attempt {
	a := platform.Attempt{Key: "k", No: 1, Content: s.content("One.", "Two."), Part: 1, StartedAt: time.Unix(0, 0)}
	if s.Ready != nil {
		a.Handles = s.Ready(a.Content)
	}
	return a
}
