package intake_test

import (
	"bytes"
	"embed"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"daymark/internal/media/intake"
)

// testdata holds WebP, which Go does not write: cwebp made them, 24 by 16 pixels, the upper left quarter red and the rest blue.
//
//go:embed testdata/*.webp
var testdata embed.FS

func stored(t testing.TB, name string) []byte {
	t.Helper()
	b, err := testdata.ReadFile("testdata/" + name + ".webp")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// quarter is a picture whose upper left quarter is red and the rest blue.
func quarter(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{B: 255, A: 255}
			if x < width/2 && y < height/2 {
				c = color.RGBA{R: 255, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// moving is a GIF of some frames.
func moving(t testing.TB, width, height, frames int) []byte {
	t.Helper()
	g := &gif.GIF{LoopCount: 3}
	for i := range frames {
		frame := image.NewPaletted(image.Rect(0, 0, width, height), palette.Plan9)
		for at := range frame.Pix {
			frame.Pix[at] = byte(at * (i + 1))
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, frame), append(g.Delay, 7*i), append(g.Disposal, gif.DisposalBackground)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment is a part of a JPEG.
func segment(mark byte, body string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, mark}, uint16(len(body)+2)), body...)
}

// chunk is a part of a PNG.
func chunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// behind puts parts behind the mark that a JPEG begins with, or behind the header of a PNG.
func behind(src []byte, parts ...[]byte) []byte {
	at := 2
	if src[0] == 0x89 {
		at = 8 + 25
	}
	return slices.Concat(src[:at], slices.Concat(parts...), src[at:])
}

// claims is a PNG whose header says another size.
func claims(t testing.TB, width, height uint32) []byte {
	t.Helper()
	b := asPNG(t, quarter(2, 2))
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// exiftool, which others wrote, puts into a picture what cameras and programs do (Debian: libimage-exiftool-perl).
func withExiftool(t *testing.T, src []byte, name string, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, src, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "exiftool", append(append([]string{"-q", "-overwrite_original"}, args...), path)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("exiftool, which scripts/setup --test installs: %v\n%s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func take(t *testing.T, src []byte) intake.Picture {
	t.Helper()
	got, err := intake.Take(bytes.NewReader(src), intake.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// decoded is a picture as programs show it.
func decoded(t *testing.T, b []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}
