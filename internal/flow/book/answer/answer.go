// Package answer keeps what people answer to the questions of content rules.
//
// An answer belongs to a rule and to what it was asked about: a picture, or the words of a post in one language. It holds for every
// post that shows the picture or says the words, until somebody answers anew. Which questions are asked is decided by the rules;
// that an open one keeps a post from being approved, by internal/flow/review and the database.
package answer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// About names what was asked: by which rule, and about what, as the SHA-256 of a picture or of words.
type About struct {
	Rule string
	Hash [32]byte
}

// Answer is what a person answered.
type Answer struct {
	Answer  string // yes or no
	Comment string
	Person  string
	At      time.Time // real time
}

// The latest answer of each rule about each thing, through answers_latest.
const sqlAnswers = `
SELECT DISTINCT ON (a.rule, a.about) a.rule, a.about, a.answer, a.comment, p.name AS person, a.at
FROM answers a
JOIN people p ON p.id = a.person_id
WHERE a.rule = ANY($1)
  AND a.about = ANY($2)
ORDER BY a.rule, a.about, a.id DESC`

// Latest returns the latest answers about things; what nobody has answered is not in it.
func Latest(ctx context.Context, q postgres.Querier, about []About) (map[About]Answer, error) {
	if len(about) == 0 {
		return nil, nil
	}
	var rules []string
	hashes := make([][]byte, len(about))
	for i, a := range about {
		if !slices.Contains(rules, a.Rule) {
			rules = append(rules, a.Rule)
		}
		hashes[i] = a.Hash[:]
	}
	var rows []struct {
		Rule    string    `db:"rule"`
		About   []byte    `db:"about"`
		Answer  string    `db:"answer"`
		Comment string    `db:"comment"`
		Person  string    `db:"person"`
		At      time.Time `db:"at"`
	}
	if err := q.SelectContext(ctx, &rows, sqlAnswers, pq.Array(rules), pq.ByteaArray(hashes)); err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	latest := map[About]Answer{}
	for _, r := range rows {
		latest[About{r.Rule, [32]byte(r.About)}] = Answer{Answer: r.Answer, Comment: r.Comment, Person: r.Person, At: r.At}
	}
	return latest, nil
}
