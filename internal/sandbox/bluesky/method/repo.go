package method

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // reads the size of a picture
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/sandbox/bluesky/ledger"
	"daymark/internal/sandbox/bluesky/lexicon"
	"daymark/internal/sandbox/mischief"

	_ "golang.org/x/image/webp" // likewise
)

// Upload answers com.atproto.repo.uploadBlob.
func (m *Methods) Upload(c *Call) (any, error) {
	kind := c.R.Header.Get("Content-Type")
	if kind == "" {
		return nil, invalid("Request encoding (Content-Type) required but not provided")
	}
	content, err := io.ReadAll(io.LimitReader(c.R.Body, int64(m.MaxBlob)+1))
	if err != nil {
		return nil, invalid("the body broke off")
	}
	if len(content) > m.MaxBlob {
		return nil, lexicon.No(http.StatusRequestEntityTooLarge, "PayloadTooLarge", "request entity too large")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, invalid("the sandbox takes pictures only, and this is none (Bluesky would keep it)")
	}
	if "image/"+format != kind {
		return nil, invalid("Content-Type is %s and the picture is image/%s (Bluesky would keep it; the sandbox does not)", kind, format)
	}
	if bytes.Contains(content[:min(len(content), 64<<10)], []byte("Exif\x00\x00")) {
		return nil, invalid("the picture carries the camera's notes, which may tell where it was taken (Bluesky would keep it; the sandbox does not)")
	}
	b := ledger.Blob{
		DID: c.Owner.DID(), CID: lexicon.BlobCID(content), MIME: kind, Size: len(content), Width: config.Width, Height: config.Height, At: c.Now,
	}
	if c.Fault.Kind == mischief.MediaPending {
		if b.Polls = c.Fault.Polls; b.Polls == 0 {
			b.Polls = 2
		}
	}
	if was, known := m.Ledger.Blob(b.DID, b.CID); known && was.Polls != 0 {
		b.Polls = was.Polls
	}
	if err := m.Ledger.Keep(b.CID, content); err != nil {
		return nil, err
	}
	if err := m.Ledger.Save(ledger.Change{Blobs: []ledger.Blob{b}}); err != nil {
		return nil, err
	}
	return map[string]any{"blob": map[string]any{
		"$type": "blob", "ref": map[string]string{"$link": b.CID}, "mimeType": b.MIME, "size": b.Size,
	}}, nil
}

// text returns a field of a body as text.
func text(body map[string]any, name string) string {
	s, _ := body[name].(string)
	return s
}

// own refuses a repository that is not the caller's.
func (m *Methods) own(c *Call, body map[string]any) error {
	if a, ok := m.Find(text(body, "repo")); !ok || a.DID() != c.Owner.DID() {
		return lexicon.No(http.StatusUnauthorized, "AuthenticationRequired", "Could not find repo, or it is another account's: %s", text(body, "repo"))
	}
	return nil
}

// Create answers com.atproto.repo.createRecord.
func (m *Methods) Create(c *Call) (any, error) {
	return m.one(c, "create", "!repo", "!collection", "rkey", "validate", "!record", "swapCommit")
}

// Put answers com.atproto.repo.putRecord.
func (m *Methods) Put(c *Call) (any, error) {
	return m.one(c, "update", "!repo", "!collection", "!rkey", "validate", "!record", "swapRecord", "swapCommit")
}

// one makes a single write and answers with it.
func (m *Methods) one(c *Call, verb string, names ...string) (any, error) {
	body, err := readJSON(c.R, names...)
	if err != nil {
		return nil, err
	}
	if err := m.own(c, body); err != nil {
		return nil, err
	}
	w := write{verb: verb, collection: text(body, "collection"), key: text(body, "rkey"), swap: text(body, "swapRecord"), value: body["record"]}
	_, w.hasSwap = body["swapRecord"]
	if err := m.mischief(c, w.key); err != nil {
		return nil, err
	}
	made, err := m.apply(c, []write{w})
	if err != nil {
		return nil, err
	}
	r := made[0]
	answer := map[string]any{"uri": r.URI(), "cid": r.CID, "validationStatus": "valid"}
	if r.At.Equal(c.Now) { // a put that changes nothing has no commit
		answer["commit"] = commit(r)
	}
	return answer, nil
}

// commit names the state of the repository after a write.
func commit(r ledger.Record) map[string]string {
	return map[string]string{"cid": lexicon.BlobCID([]byte(r.URI() + r.CID)), "rev": TID(r.At)}
}

// TID returns the record key of an instant.
func TID(at time.Time) string {
	const letters = "234567abcdefghijklmnopqrstuvwxyz"
	key := make([]byte, 13)
	n := uint64(at.UnixMicro()) << 10
	for i := range key {
		key[len(key)-1-i] = letters[n>>(5*i)%32]
	}
	return string(key)
}

// mischief fails a write whose key meets a broken server.
func (m *Methods) mischief(c *Call, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refused == nil {
		m.refused = map[string]int{}
	}
	switch c.Fault.Kind {
	case mischief.CachedErrorReplayed:
		m.refused[key] = 2
	case mischief.KeyBurnt:
		m.refused[key] = 1
	default:
		if m.refused[key] == 0 {
			return nil
		}
		m.refused[key]--
	}
	return Broken()
}

// Apply answers com.atproto.repo.applyWrites.
func (m *Methods) Apply(c *Call) (any, error) {
	body, err := readJSON(c.R, "!repo", "validate", "!writes", "swapCommit")
	if err != nil {
		return nil, err
	}
	if err := m.own(c, body); err != nil {
		return nil, err
	}
	list, _ := body["writes"].([]any)
	if len(list) == 0 || len(list) > 200 {
		return nil, invalid("there must be between 1 and 200 writes")
	}
	var writes []write
	for _, v := range list {
		one, _ := v.(map[string]any)
		verb, known := strings.CutPrefix(text(one, "$type"), "com.atproto.repo.applyWrites#")
		if !known || !slices.Contains([]string{"create", "update", "delete"}, verb) {
			return nil, invalid("a write of type %q is not known", text(one, "$type"))
		}
		if err := lexicon.Fields(one, "!$type", "!collection", "rkey", "value"); err != nil {
			return nil, invalid("%v", err)
		}
		writes = append(writes, write{verb: verb, collection: text(one, "collection"), key: text(one, "rkey"), value: one["value"]})
	}
	made, err := m.apply(c, writes)
	if err != nil {
		return nil, err
	}
	results := []any{}
	for i, r := range made {
		result := map[string]any{"$type": "com.atproto.repo.applyWrites#" + writes[i].verb + "Result"}
		if !r.Deleted {
			result["uri"], result["cid"], result["validationStatus"] = r.URI(), r.CID, "valid"
		}
		results = append(results, result)
	}
	return map[string]any{"commit": commit(made[0]), "results": results}, nil
}

// Delete answers com.atproto.repo.deleteRecord. What is not there is deleted already.
func (m *Methods) Delete(c *Call) (any, error) {
	body, err := readJSON(c.R, "!repo", "!collection", "!rkey", "swapRecord", "swapCommit")
	if err != nil {
		return nil, err
	}
	if err := m.own(c, body); err != nil {
		return nil, err
	}
	made, err := m.apply(c, []write{{verb: "delete", collection: text(body, "collection"), key: text(body, "rkey"), swap: text(body, "swapRecord")}})
	if err != nil {
		return nil, err
	}
	return map[string]any{"commit": commit(made[0])}, nil
}

// Get answers com.atproto.repo.getRecord.
func (m *Methods) Get(c *Call) (any, error) {
	q := c.R.URL.Query()
	a, ok := m.Find(q.Get("repo"))
	if !ok {
		return nil, invalid("Could not find repo: %s", q.Get("repo"))
	}
	r, ok := m.Ledger.Record(ledger.Record{DID: a.DID(), Collection: q.Get("collection"), Key: q.Get("rkey")}.URI())
	if !ok || q.Get("cid") != "" && q.Get("cid") != r.CID {
		return nil, lexicon.No(http.StatusBadRequest, "RecordNotFound", "Could not locate record: at://%s/%s/%s", a.DID(), q.Get("collection"), q.Get("rkey"))
	}
	return map[string]any{"uri": r.URI(), "cid": r.CID, "value": r.Value}, nil
}

// List answers com.atproto.repo.listRecords.
func (m *Methods) List(c *Call) (any, error) {
	q := c.R.URL.Query()
	a, ok := m.Find(q.Get("repo"))
	if !ok {
		return nil, invalid("Could not find repo: %s", q.Get("repo"))
	}
	limit := 50
	if s := q.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 100 {
			return nil, invalid("Error: limit must be between 1 and 100")
		}
		limit = n
	}
	all := m.Ledger.Records(a.DID(), q.Get("collection"))
	slices.SortFunc(all, func(x, y ledger.Record) int { return strings.Compare(y.Key, x.Key) })
	if q.Get("reverse") == "true" {
		slices.Reverse(all)
	}
	records, cursor := []any{}, ""
	past := q.Get("cursor") == ""
	for _, r := range all {
		if past && len(records) < limit {
			records = append(records, map[string]any{"uri": r.URI(), "cid": r.CID, "value": r.Value})
			cursor = r.Key
		}
		past = past || r.Key == q.Get("cursor")
	}
	answer := map[string]any{"records": records}
	if cursor != "" {
		answer["cursor"] = cursor
	}
	return answer, nil
}

// React adds a like or a repost of one account to a post.
func (m *Methods) React(c *Call, collection, uri string) error {
	post, ok := m.Ledger.Record(uri)
	if !ok || collection != lexicon.Like && collection != lexicon.Repost {
		return errors.New("there is no such post, or it is no way to react")
	}
	value := map[string]any{
		"$type": collection, "subject": map[string]any{"uri": uri, "cid": post.CID}, "createdAt": Instant(c.Now),
	}
	if _, err := m.apply(c, []write{{verb: "create", collection: collection, value: value}}); err != nil {
		return fmt.Errorf("react: %w", err)
	}
	return nil
}
