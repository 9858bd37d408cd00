package table

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/core/sheet"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/channel"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// local is what stands for each account's own clock.
const local = "local"

// Rows writes a post as the rows of a table, in the order of [Columns].
func Rows(c edit.Change, channels []channel.Channel) [][]string {
	s := c.Source
	zone, window, sensitive := s.When.Zone, "", "no"
	if zone == "" {
		zone = local
	}
	if c.Window > 0 {
		window = strconv.Itoa(int(c.Window / time.Minute))
	}
	if s.Sensitive {
		sensitive = "yes"
	}
	var rows [][]string
	write := func(part int, language, network, text, accounts, note string, picture post.SourcePicture) {
		cells := map[Column]string{
			Post: s.Message, Part: strconv.Itoa(part), Language: language, Network: network, Text: text, Date: s.When.Date, Time: s.When.Clock, Zone: zone,
			Accounts: accounts, Note: note, Sensitive: sensitive, Hashtags: strings.Join(s.Hashtags, " "), Link: s.Link, Picture: picture.SHA256,
			Alt: picture.Alt[language], Window: window,
		}
		record := make([]string, 0, len(cells))
		for _, column := range Columns() {
			record = append(record, cells[column])
		}
		rows = append(rows, record)
	}
	for i, part := range s.Parts {
		var picture post.SourcePicture
		if len(part.Pictures) > 0 {
			picture = part.Pictures[0]
		}
		for _, language := range slices.Sorted(maps.Keys(part.Texts)) {
			if strings.TrimSpace(part.Texts[language]) == "" {
				continue
			}
			accounts, note := "", ""
			if i == 0 {
				accounts, note = goes(c, language, channels), s.ContentNote[language]
			}
			write(i+1, language, "", part.Texts[language], accounts, note, picture)
		}
		for _, v := range s.Variants {
			if v.Part == i+1 {
				write(v.Part, v.Language, v.Network, v.Text, "", "", post.SourcePicture{})
			}
		}
	}
	return rows
}

// goes writes the accounts to which a post goes in a language.
func goes(c edit.Change, language string, channels []channel.Channel) string {
	var list []string
	for _, one := range channels {
		if slices.Contains(c.Places, edit.Place{Channel: one.ID, Language: language}) {
			list = append(list, Name(one, channels))
		}
	}
	if len(list) == 0 {
		return nobody
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

// Write writes posts as CSV. Cells that a spreadsheet would run are made harmless and come back as they were.
func Write(list []edit.Change, channels []channel.Channel) string {
	var b strings.Builder
	head := make([]string, 0, len(Columns()))
	for _, c := range Columns() {
		head = append(head, string(c))
	}
	b.WriteString(sheet.Line(head...))
	for _, c := range list {
		for _, record := range Rows(c, channels) {
			b.WriteString(sheet.Line(record...))
		}
	}
	return b.String()
}

// Export writes posts of the book, those of a filter of its entries that the person may see, in the order in which they are due. There
// is one for each name: a second one of the same name has its number behind it, so that they stay two.
func Export(ctx context.Context, q postgres.Querier, entries []book.Entry, channels []channel.Channel) (string, error) {
	var list []edit.Change
	seen, called := map[int64]bool{}, map[string]bool{}
	for _, e := range entries {
		if seen[e.Post] {
			continue
		}
		seen[e.Post] = true
		p, err := book.FindPost(ctx, q, e.Post)
		if err != nil {
			return "", err
		}
		c := edit.Begun(p, channels)
		if called[c.Source.Message] {
			c.Source.Message = fmt.Sprintf("%s (%d)", c.Source.Message, p.ID)
		}
		called[c.Source.Message] = true
		list = append(list, c)
	}
	return Write(list, channels), nil
}

const sqlNamed = `
SELECT id
FROM posts
WHERE message = ANY ($1)
  AND coalesce(edition_id, 0) = $2
ORDER BY id`

// There marks the posts that are in an edition, or with 0 among those of none, just as the file has them.
func There(ctx context.Context, q postgres.Querier, drafts []Draft, edition int64, channels []channel.Channel) error {
	var messages []string
	for _, d := range drafts {
		if d.Change.Source.Message != "" {
			messages = append(messages, d.Change.Source.Message)
		}
	}
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlNamed, pq.Array(messages), edition); err != nil {
		return fmt.Errorf("look for posts of these names: %w", err)
	}
	for _, id := range ids {
		p, err := book.FindPost(ctx, q, id)
		if err != nil {
			return err
		}
		kept := Rows(edit.Begun(p, channels), channels)
		for i := range drafts {
			if drafts[i].There == 0 && drafts[i].Change.Source.Message == p.Message && slices.EqualFunc(kept, Rows(drafts[i].Change, channels), slices.Equal[[]string]) {
				drafts[i].There = id
			}
		}
	}
	return nil
}
