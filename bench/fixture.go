package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/postgres"
)

// key seals the tokens of the sandbox's accounts in all databases of the benchmark.
const key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// The people of the charity.
const (
	admin    = "ada@charity.example"
	editor   = "ed@charity.example"
	reviewer = "rosa@charity.example"
)

// copyOf is one delivery: where, and how long after the day's instant it is due.
type copyOf struct {
	account int // the last account is on the server that may hang
	after   time.Duration
}

// message is a post with its deliveries.
type message struct {
	text   string
	copies []copyOf
}

// messages are the posts of a fixture, by its name.
func (b *bench) messages(fixture string) []message {
	n := b.set.channels
	switch fixture {
	case "burst": // so many posts on each channel, all due at once
		list := make([]message, b.set.posts)
		for i := range list {
			list[i].text = words(i)
			for account := range n {
				list[i].copies = append(list[i].copies, copyOf{account, 0})
			}
		}
		return list
	case "idle": // one post, on one channel after the other
		one := message{text: words(0)}
		for i := range min(idleOnes, n) {
			after := time.Duration(i) * 100 * time.Millisecond
			after += time.Duration(i*37%50) * time.Millisecond // not in step with anything that looks regularly
			one.copies = append(one.copies, copyOf{i, after})
		}
		return []message{one}
	case "hang": // posts that are due one channel after the other, and at the first instant all of them for the server that hangs
		list := make([]message, hangPosts)
		for i := range list {
			list[i] = message{words(i), []copyOf{{n, 0}}}
			for j := range hangEach {
				k := i*hangEach + j
				list[i].copies = append(list[i].copies, copyOf{k % min(hangChannels, n), time.Duration(k) * hangEvery})
			}
		}
		return list
	case "one":
		return []message{{words(0), []copyOf{{0, 0}}}}
	}
	return nil
}

// words is the text of a post. It has a letter for a number: posts that state figures have to say where they are from.
func words(i int) string {
	mark := strings.Map(func(c rune) rune { return c - '0' + 'A' }, strconv.Itoa(i))
	return "Nobody is for sale. Learn the signs of trafficking and whom to tell. Mark " + mark + "."
}

// place is what tells two deliveries of a fixture apart.
type place struct {
	text    string
	account int
}

// dues says how long after the day's instant each delivery of a fixture is due.
func (b *bench) dues(fixture string) map[place]time.Duration {
	dues := map[place]time.Duration{}
	for _, m := range b.messages(fixture) {
		for _, c := range m.copies {
			dues[place{m.text, c.account}] = c.after
		}
	}
	return dues
}

// fixture makes a database with what is named, once. Everything goes the product's own way: accounts are connected, posts written,
// submitted and approved, each by somebody else.
func (b *bench) fixture(ctx context.Context, name string) (err error) {
	if b.template[name] {
		return nil
	}
	if name != "charity" {
		if err := b.fixture(ctx, "charity"); err != nil {
			return err
		}
		if err := b.copy(ctx, name, "charity"); err != nil {
			return err
		}
	} else if _, err := b.admin.ExecContext(ctx, "CREATE DATABASE charity"); err != nil {
		return err
	}
	began := time.Now()
	if b.town == nil {
		if _, err := b.network(ctx, 0, time.Now(), time.Now()); err != nil {
			return err
		}
	}
	if err := b.make(ctx, name); err != nil {
		return fmt.Errorf("make the database %q: %w", name, err)
	}
	if name != "charity" {
		if err := b.lookAhead(ctx, name); err != nil {
			return fmt.Errorf("look ahead in the database %q: %w", name, err)
		}
	}
	b.template[name] = true
	b.say("the database %q is made: %s", name, time.Since(began).Round(100*time.Millisecond))
	return nil
}

func (b *bench) make(ctx context.Context, name string) (err error) {
	a, err := b.app(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	if name == "charity" {
		return b.charity(ctx, a)
	}
	return b.schedule(ctx, a, b.messages(name))
}

// app opens Daymark on a database, as its commands do.
func (b *bench) app(ctx context.Context, database string) (*app.App, error) {
	dir, err := os.MkdirTemp(b.dir, "data-")
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, app.Settings{
		DataDir: dir, DatabaseURL: b.ownerDSN(database), AppDatabaseURL: b.appDSN(database), Key: key, SandboxSettling: settling, Version: "bench",
	}, slog.New(slog.DiscardHandler))
}

// charity makes the people, the campaign and the channels.
func (b *bench) charity(ctx context.Context, a *app.App) error {
	var who people.Person
	err := a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		for _, p := range []struct {
			email string
			role  people.Role
		}{{admin, people.RoleAdmin}, {editor, people.RoleEditor}, {reviewer, people.RoleReviewer}} {
			added, err := people.Add(ctx, tx, people.NewPerson{Email: p.email, Name: string(p.role), Role: p.role, Languages: []string{"en"}, Password: "a long pass phrase for a benchmark"}, 0)
			if err != nil {
				return err
			}
			if p.role == people.RoleAdmin {
				who = added
			}
		}
		return profile.Save(ctx, tx, profile.Profile{Name: "Hope Line", Link: "https://hopeline.example/july30", Zone: "Etc/UTC"}, who.ID)
	})
	if err != nil {
		return err
	}
	loaded, err := campaign.LoadShipped("july-30")
	if err != nil {
		return err
	}
	if _, err := a.Load(ctx, loaded, who); err != nil {
		return err
	}
	for i, token := range b.town.Tokens {
		address := b.town.Main
		if i == b.set.channels {
			address = b.town.Other
		}
		c, err := a.Connect(ctx, app.NewChannel{
			Platform: platform.Mastodon, Address: address, Name: handle(i), Zone: "Etc/UTC", Languages: []string{"en"}, Sandbox: true,
			Habits: &channel.Habits{}, Secret: mastodon.Credentials{AccessToken: token}.Secret(),
		}, who)
		if err != nil {
			return fmt.Errorf("connect account %d: %w", i, err)
		}
		if c.ID != int64(i+1) {
			return fmt.Errorf("account %d became channel %d", i, c.ID)
		}
	}
	return nil
}

// schedule writes, submits and approves posts.
func (b *bench) schedule(ctx context.Context, a *app.App, messages []message) error {
	who := map[string]people.Person{}
	for _, email := range []string{editor, reviewer} {
		p, err := people.ByEmail(ctx, a.DB, email)
		if err != nil {
			return err
		}
		who[email] = p
	}
	checks := a.Checks()
	before := day.Add(-48 * time.Hour)
	for i, m := range messages {
		id, err := b.draft(ctx, a, who[editor].ID, i, m)
		if err != nil {
			return err
		}
		sent, err := review.Submit(ctx, a.DB, checks, id, who[editor], before)
		if err != nil {
			return err
		}
		if len(sent.Submissions) != 1 {
			return fmt.Errorf("the post made %d submissions: %+v", len(sent.Submissions), sent)
		}
		out, err := review.Say(ctx, a.DB, sent.Submissions[0], who[reviewer], review.Approve, "", before)
		if err != nil {
			return err
		}
		if out.Scheduled != len(m.copies) {
			return fmt.Errorf("%d of %d deliveries were scheduled", out.Scheduled, len(m.copies))
		}
	}
	return nil
}

// draft writes one post with its deliveries. Channels are numbered as accounts are, from 1.
func (b *bench) draft(ctx context.Context, a *app.App, by int64, i int, m message) (id int64, err error) {
	date := civil.DateOf(day)
	at := civil.Clock{Hour: day.Hour(), Minute: day.Minute()}
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		edition, err := book.SaveEdition(ctx, tx, book.Edition{Campaign: "july-30", Year: day.Year(), FirstDay: date.String(), LastDay: date.String()})
		if err != nil {
			return err
		}
		id, err = book.AddPost(ctx, tx, book.Draft{Edition: edition, Source: post.Source{
			Message: fmt.Sprintf("bench-%d", i+1), Kind: "fact",
			Parts: []post.SourcePart{{Texts: map[string]string{"en": m.text}}},
			When:  post.When{Date: date.String(), Clock: at.String()},
		}}, by)
		if err != nil {
			return err
		}
		for _, c := range m.copies {
			due := day.Add(c.after)
			_, err := book.AddDelivery(ctx, tx, book.Delivery{
				Post: id, Channel: int64(c.account + 1), Language: "en", Date: date, Clock: at, Zone: "Etc/UTC", DueAt: due, NotAfter: due.Add(12 * time.Hour),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}
