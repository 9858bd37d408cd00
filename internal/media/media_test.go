package media_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"daymark/internal/media"
)

// noise is a picture that no encoder makes small.
func noise(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// corners is a picture whose upper left corner is red and the rest blue.
func corners(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{B: 255, A: 255}
			if x < width/2 && y < height/2 {
				c = color.NRGBA{R: 255, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func encode(t testing.TB, kind string, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, img)
	case "gif":
		err = gif.Encode(&b, img, nil)
	case "jpeg":
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 95})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is a TIFF structure with an orientation and, behind it, words that must not go out.
func exif(order binary.AppendByteOrder, turn uint16) []byte {
	b := []byte("II*\x00")
	if order.AppendUint16(nil, 1)[0] == 0 {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, turn)
	b = append(b, 0, 0, 0, 0, 0, 0)
	return append(b, "SECRET PLACE"...)
}

func withExif(t testing.TB, kind string, src, tiff []byte) []byte {
	t.Helper()
	switch kind {
	case "jpeg":
		segment := append([]byte("Exif\x00\x00"), tiff...)
		head := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(segment)+2))
		return slices.Concat(src[:2], head, segment, src[2:])
	case "png":
		chunk := append([]byte("eXIf"), tiff...)
		at := 8 + 12 + 13
		size := binary.BigEndian.AppendUint32(nil, uint32(len(tiff)))
		sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(chunk))
		return slices.Concat(src[:at], size, chunk, sum, src[at:])
	}
	t.Fatal(kind)
	return nil
}

func TestAPictureIsMadeToFit(t *testing.T) {
	t.Parallel()
	webp, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		src           []byte
		limits        media.Limits
		mime          string
		width, height int // 0 for any
	}{
		"a small PNG stays one":               {encode(t, "png", corners(8, 6)), media.Limits{Bytes: 1e6}, "image/png", 8, 6},
		"a large PNG becomes JPEG":            {encode(t, "png", noise(300, 200)), media.Limits{Bytes: 1e5}, "image/jpeg", 300, 200},
		"a JPEG is encoded more coarsely":     {encode(t, "jpeg", noise(200, 100)), media.Limits{Bytes: 20_000}, "image/jpeg", 0, 0},
		"what is coarse still gets smaller":   {encode(t, "jpeg", noise(400, 400)), media.Limits{Bytes: 5_000}, "image/jpeg", 0, 0},
		"a long side is shortened":            {encode(t, "jpeg", corners(400, 100)), media.Limits{Bytes: 1e6, Side: 200}, "image/jpeg", 200, 50},
		"a high side is shortened":            {encode(t, "png", corners(3, 400)), media.Limits{Bytes: 1e6, Side: 100}, "image/png", 1, 100},
		"of a GIF the first frame is left":    {encode(t, "gif", corners(8, 6)), media.Limits{Bytes: 1e6}, "image/jpeg", 8, 6},
		"WebP is read":                        {webp, media.Limits{Bytes: 1e6}, "image/png", 1, 1},
		"what is see-through becomes a PNG":   {encode(t, "png", image.NewNRGBA(image.Rect(0, 0, 5, 5))), media.Limits{Bytes: 1e6}, "image/png", 5, 5},
		"a picture larger than a side allows": {encode(t, "png", noise(300, 300)), media.Limits{Bytes: 3_000, Side: 90}, "image/jpeg", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := media.Fit(tt.src, tt.limits)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Bytes) > tt.limits.Bytes || got.MIME != tt.mime || tt.width != 0 && (got.Width != tt.width || got.Height != tt.height) {
				t.Errorf("%d bytes, %s, %d×%d", len(got.Bytes), got.MIME, got.Width, got.Height)
			}
			c, kind, err := image.DecodeConfig(bytes.NewReader(got.Bytes))
			if err != nil || "image/"+kind != got.MIME || c.Width != got.Width || c.Height != got.Height {
				t.Errorf("it is %s %d×%d, %v", kind, c.Width, c.Height, err)
			}
			again, err := media.Fit(tt.src, tt.limits)
			if err != nil || !bytes.Equal(got.Bytes, again.Bytes) || got.SHA256 != again.SHA256 || len(got.SHA256) != 64 {
				t.Errorf("a second time it is another: %v", err)
			}
		})
	}
}

// red returns which quarter of a picture is red.
func red(t *testing.T, b []byte) (quarter string, width, height int) {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	for name, at := range map[string]image.Point{
		"top left": {w / 4, h / 4}, "top right": {w * 3 / 4, h / 4}, "bottom left": {w / 4, h * 3 / 4}, "bottom right": {w * 3 / 4, h * 3 / 4},
	} {
		if r, _, b, _ := img.At(at.X, at.Y).RGBA(); r > 0x8000 && b < 0x8000 {
			quarter += name
		}
	}
	return quarter, w, h
}

func TestACameraTurnedIsTurnedBackAndItsNotesAreGone(t *testing.T) {
	t.Parallel()
	want := []string{1: "top left", 2: "top right", 3: "bottom right", 4: "bottom left", 5: "top left", 6: "top right", 7: "bottom right", 8: "bottom left", 9: "top left"}
	for _, kind := range []string{"jpeg", "png"} {
		for turn := 1; turn <= 9; turn++ { // 9 is nonsense
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				src := withExif(t, kind, encode(t, kind, corners(32, 16)), exif(order, uint16(turn)))
				got, err := media.Fit(src, media.Limits{Bytes: 1e6})
				if err != nil {
					t.Fatalf("%s %d: %v", kind, turn, err)
				}
				quarter, w, h := red(t, got.Bytes)
				wide := turn < 5 || turn == 9
				if quarter != want[turn] || (w > h) != wide {
					t.Errorf("%s %d: red is %q of %d×%d, want %q", kind, turn, quarter, w, h, want[turn])
				}
				if bytes.Contains(got.Bytes, []byte("SECRET")) || bytes.Contains(got.Bytes, []byte("Exif")) {
					t.Errorf("%s %d: the camera's notes go out", kind, turn)
				}
			}
		}
	}
}

func TestWhatCannotBeUsedIsToldInASentence(t *testing.T) {
	t.Parallel()
	bomb := encode(t, "png", corners(2, 2))
	binary.BigEndian.PutUint32(bomb[16:], 60_000)
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for name, tt := range map[string]struct {
		src    []byte
		limits media.Limits
		says   string
	}{
		"nothing":                    {nil, media.Limits{Bytes: 1e6}, "not a picture"},
		"a document":                 {[]byte("%PDF-1.7"), media.Limits{Bytes: 1e6}, "not a picture"},
		"a drawing with script":      {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), media.Limits{Bytes: 1e6}, "not a picture"},
		"half a picture":             {encode(t, "png", noise(30, 30))[:500], media.Limits{Bytes: 1e6}, "damaged"},
		"a picture that claims much": {bomb, media.Limits{Bytes: 1e6}, "60000 by 60000"},
		"a file too large":           {make([]byte, media.MaxSourceBytes+1), media.Limits{Bytes: 1e6}, "32 megabytes, and Daymark reads 32"},
		"an impossible limit":        {encode(t, "png", noise(30, 30)), media.Limits{Bytes: 10}, "cannot be made small enough"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := media.Fit(tt.src, tt.limits)
			if said, ok := errors.AsType[*media.Error](err); !ok || !strings.Contains(said.Say, tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzFit(f *testing.F) {
	f.Add(encode(f, "png", corners(8, 6)))
	f.Add(encode(f, "gif", corners(8, 6)))
	f.Add(withExif(f, "jpeg", encode(f, "jpeg", corners(8, 6)), exif(binary.BigEndian, 6)))
	webp, _ := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	f.Add(webp)
	f.Fuzz(func(t *testing.T, src []byte) {
		if c, _, err := image.DecodeConfig(bytes.NewReader(src)); err == nil && c.Width*c.Height > 1<<20 {
			return // slow, and decided by the same code
		}
		got, err := media.Fit(src, media.Limits{Bytes: 50_000, Side: 300})
		if err != nil {
			return
		}
		if len(got.Bytes) > 50_000 || got.Width > 300 || got.Height > 300 {
			t.Errorf("%d bytes, %d×%d", len(got.Bytes), got.Width, got.Height)
		}
	})
}
