package table

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/table/cell"
	"daymark/internal/org/channel"
)

// Words for accounts that no account is called by.
const (
	everyone = "all"
	nobody   = "none"
)

// places reads where a post goes: for each language what its first row says.
func (b *builder) places(rows []row) {
	said := map[string]bool{}
	for _, r := range rows {
		language, ok := cell.Language(r.get(Language), b.opt.Language)
		if !ok || said[language] || r.get(Network) != "" || (r.get(Part) != "" && cell.Number(r.get(Part)) > 1) {
			continue
		}
		said[language] = true
		for _, id := range b.accounts(r, language) {
			place := edit.Place{Channel: id, Language: language}
			if !slices.Contains(b.draft.Change.Places, place) {
				b.draft.Change.Places = append(b.draft.Change.Places, place)
			}
		}
	}
}

// accounts reads the accounts of a row.
func (b *builder) accounts(r row, language string) []int64 {
	given := r.get(Accounts)
	speaks := func(c channel.Channel) bool { return !c.Archived() && slices.Contains(c.Languages, language) }
	var ids []int64
	switch word := cell.Known(given); {
	case word == "" && !b.opt.Everyone:
		b.bad(r, Accounts, "is missing; name accounts, or write “all” or “none”")
		return nil
	case word == "", word == everyone, word == "tous", word == "todos", word == "todas", word == "الكل":
		for _, c := range b.ground.Channels {
			if speaks(c) {
				ids = append(ids, c.ID)
			}
		}
		if len(ids) == 0 {
			b.bad(r, Accounts, "no account speaks this language")
		}
		return ids
	case word == nobody, word == "aucun", word == "ninguno", word == "ninguna", word == "لا شيء":
		return nil
	}
	for _, name := range strings.FieldsFunc(given, func(c rune) bool { return c == ';' || c == ',' || c == '\n' }) {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		found := Called(b.ground.Channels, name)
		switch {
		case len(found) == 0:
			b.bad(r, Accounts, "there is no account “%s”", cell.Short(name))
		case len(found) > 1:
			b.bad(r, Accounts, "several accounts are called “%s”; write it as %s", cell.Short(name), Name(found[0], b.ground.Channels))
		case !speaks(found[0]):
			b.bad(r, Accounts, "“%s” does not speak this language, or is out of use", cell.Short(name))
		default:
			ids = append(ids, found[0].ID)
		}
	}
	return ids
}

// Called returns the accounts that a name may mean: as [Name] writes them, by handle or by how the team calls them.
func Called(channels []channel.Channel, name string) []channel.Channel {
	exact := strings.ToLower(strings.TrimSpace(name))
	var list []channel.Channel
	for _, c := range channels {
		if exact == strings.ToLower(Name(c, channels)) || exact == strings.ToLower(long(c)) {
			return []channel.Channel{c}
		}
	}
	for _, c := range channels {
		if handle := strings.ToLower(strings.TrimPrefix(c.Handle, "@")); exact == handle || exact == "@"+handle || cell.Known(name) == cell.Known(c.Name) {
			list = append(list, c)
		}
	}
	return list
}

func middle(c channel.Channel) string { return c.Platform + ":@" + strings.TrimPrefix(c.Handle, "@") }

func long(c channel.Channel) string {
	host := c.Address
	if u, err := url.Parse(c.Address); err == nil {
		host = u.Host
	}
	return fmt.Sprintf("%s (%s)", middle(c), host)
}

// Name writes an account so that no other of these is meant.
func Name(c channel.Channel, among []channel.Channel) string {
	if slices.ContainsFunc(among, func(o channel.Channel) bool { return o.ID != c.ID && strings.EqualFold(middle(o), middle(c)) }) {
		return long(c)
	}
	return middle(c)
}
