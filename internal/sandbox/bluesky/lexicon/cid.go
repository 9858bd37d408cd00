package lexicon

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The codecs of a content identifier (https://github.com/multiformats/multicodec/blob/master/table.csv).
const (
	codecRaw  = 0x55
	codecCBOR = 0x71
)

// BlobCID returns the content identifier of a file.
func BlobCID(content []byte) string { return cid(codecRaw, content) }

// RecordCID returns the content identifier of a record: of its form in DRISL, which is CBOR with sorted keys
// (https://atproto.com/specs/data-model).
func RecordCID(value any) (string, error) {
	var b bytes.Buffer
	if err := encode(&b, value); err != nil {
		return "", err
	}
	return cid(codecCBOR, b.Bytes()), nil
}

// base32Lower is RFC 4648 without padding, in lower case: the multibase "b".
var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// cid returns version 1 of an identifier by SHA-256 (https://github.com/multiformats/cid).
func cid(codec byte, content []byte) string {
	sum := sha256.Sum256(content)
	return "b" + base32Lower.EncodeToString(append([]byte{1, codec, 0x12, 32}, sum[:]...))
}

// ValidCID reports whether a text has the form of such an identifier.
func ValidCID(s string) bool {
	b, err := base32Lower.DecodeString(strings.TrimPrefix(s, "b"))
	return err == nil && strings.HasPrefix(s, "b") && len(b) == 36 && b[0] == 1 && (b[1] == codecRaw || b[1] == codecCBOR) && b[2] == 0x12 && b[3] == 32
}

// The major types of CBOR (RFC 8949, 3.1).
const (
	majorUint  = 0 << 5
	majorNeg   = 1 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
)

// head writes a major type with its number in the shortest form.
func head(b *bytes.Buffer, major byte, n uint64) {
	switch {
	case n < 24:
		b.WriteByte(major | byte(n))
	case n <= math.MaxUint8:
		b.Write([]byte{major | 24, byte(n)})
	case n <= math.MaxUint16:
		b.Write(binary.BigEndian.AppendUint16([]byte{major | 25}, uint16(n)))
	case n <= math.MaxUint32:
		b.Write(binary.BigEndian.AppendUint32([]byte{major | 26}, uint32(n)))
	default:
		b.Write(binary.BigEndian.AppendUint64([]byte{major | 27}, n))
	}
}

// encode writes a value that was read from JSON with numbers as [json.Number].
func encode(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case nil:
		b.WriteByte(0xf6)
	case bool:
		b.WriteByte(0xf4)
		if v {
			b.Bytes()[b.Len()-1] = 0xf5
		}
	case string:
		head(b, majorText, uint64(len(v)))
		b.WriteString(v)
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return fmt.Errorf("the number %s is not whole", v)
		}
		if n < 0 {
			head(b, majorNeg, uint64(-1-n))
		} else {
			head(b, majorUint, uint64(n))
		}
	case []any:
		head(b, majorArray, uint64(len(v)))
		for _, e := range v {
			if err := encode(b, e); err != nil {
				return err
			}
		}
	case map[string]any:
		return encodeMap(b, v)
	default:
		return fmt.Errorf("a record cannot hold %T", v)
	}
	return nil
}

// encodeMap writes an object: a link, bytes, or fields sorted by the length of their names and then by their bytes.
func encodeMap(b *bytes.Buffer, v map[string]any) error {
	if link, ok := v["$link"].(string); ok && len(v) == 1 {
		if !ValidCID(link) {
			return fmt.Errorf("%q is no content identifier", link)
		}
		raw, _ := base32Lower.DecodeString(link[1:])
		head(b, majorTag, 42)
		head(b, majorBytes, uint64(len(raw)+1))
		b.WriteByte(0)
		b.Write(raw)
		return nil
	}
	if text, ok := v["$bytes"].(string); ok && len(v) == 1 {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil {
			return err
		}
		head(b, majorBytes, uint64(len(raw)))
		b.Write(raw)
		return nil
	}
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		return strings.Compare(x, y)
	})
	head(b, majorMap, uint64(len(names)))
	for _, name := range names {
		head(b, majorText, uint64(len(name)))
		b.WriteString(name)
		if err := encode(b, v[name]); err != nil {
			return err
		}
	}
	return nil
}
