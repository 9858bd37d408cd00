package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"daymark/internal/org/audit"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// TestTheChainCanBeComputedFromItsDescription follows docs/audit.md, "How a seal is made", and shares no code with the product.
func TestTheChainCanBeComputedFromItsDescription(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	s := audit.NewSealer(db)
	write(t, db, 2)
	sealed(t, s, 2)
	from := audit.Within(t.Context(), audit.From{Via: audit.ByBrowser, Address: "2001:db8::7"})
	if err := audit.Write(from, db, audit.Entry{Action: "a.done", Kind: "a"}); err != nil {
		t.Fatal(err)
	}
	sealed(t, s, 1)

	net := func(x any) string { return fmt.Sprintf("%d:%v,", len(fmt.Sprint(x)), x) }
	chain := make([]byte, 32)
	var seals []struct {
		ID     int64  `db:"id"`
		At     int64  `db:"at"`
		LastID int64  `db:"last_id"`
		Rows   int64  `db:"row_count"`
		Links  []byte `db:"links"`
		Head   []byte `db:"head"`
	}
	if err := db.SelectContext(t.Context(), &seals, `
SELECT id, (extract(epoch FROM at) * 1000000)::bigint AS at, last_id, row_count, links, head FROM audit_seals ORDER BY id`); err != nil {
		t.Fatal(err)
	}
	first := int64(1)
	for _, seal := range seals {
		var rows [][]byte
		if err := db.SelectContext(t.Context(), &rows, `
SELECT convert_to(string_agg(octet_length(f) || ':' || f || ',', '' ORDER BY n), 'UTF8')
FROM audit a, LATERAL (VALUES (1, a.id::text), (2, (extract(epoch FROM a.at) * 1000000)::bigint::text), (3, coalesce(a.person_id::text, '')),
  (4, a.action), (5, a.subject_kind), (6, coalesce(a.subject_id::text, '')), (7, a.detail::text), (8, coalesce(a.via, '')), (9, coalesce(host(a.address), ''))) AS v (n, f)
WHERE a.id BETWEEN $1 AND $2
GROUP BY a.id
ORDER BY a.id`, first, seal.LastID); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			sum := sha256.Sum256(append(chain, row...))
			chain = sum[:]
			entry := seal.Links[40*i : 40*i+40]
			if id := int64(binary.BigEndian.Uint64(entry)); id != first+int64(i) || !bytes.Equal(entry[8:], chain) { //nolint:gosec // small numbers
				t.Errorf("seal %d has row %d with hash %x, the description gives row %d with %x", seal.ID, id, entry[8:], first+int64(i), chain)
			}
		}
		sum := sha256.Sum256(append([]byte("daymark seal "+net(seal.ID)+net(seal.At)+net(seal.LastID)+net(seal.Rows)), chain...))
		if chain = sum[:]; !bytes.Equal(chain, seal.Head) {
			t.Errorf("seal %d has the head %x, the description gives %x", seal.ID, seal.Head, chain)
		}
		first = seal.LastID + 1
	}
	if len(seals) != 2 {
		t.Errorf("%d seals", len(seals))
	}
}
