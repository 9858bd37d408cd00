package campaign

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the formats that every network takes
	_ "image/png"
	"io/fs"
	"path"

	"daymark/internal/core/fault"
	"daymark/internal/media/intake"

	_ "golang.org/x/image/webp"
)

// The largest picture that a stock Mastodon server takes: image_size_limit and image_matrix_limit of /api/v2/instance
// (https://docs.joinmastodon.org/entities/Instance/).
const (
	maxPictureBytes  = 16 << 20
	maxPicturePixels = 33_177_600
)

// Picture is a picture file as it was read.
type Picture struct {
	Bytes  []byte
	SHA256 string // of the bytes, in hexadecimal
	MIME   string // image/png, image/jpeg or image/webp
	Width  int    // in pixels
	Height int
}

// readPicture reads a picture and decodes it once, so that a truncated file is found now and not when a post is due.
func readPicture(fsys fs.FS, file string) (Picture, error) {
	info, err := fs.Stat(fsys, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Picture{}, fmt.Errorf("there is no file %q in the folder %s", path.Base(file), path.Dir(file))
	case err != nil:
		return Picture{}, fmt.Errorf("the picture cannot be read: %w", err)
	case info.IsDir():
		return Picture{}, fmt.Errorf("%q is a folder, not a picture", file)
	case info.Size() > maxPictureBytes:
		return Picture{}, fmt.Errorf("the picture has %d bytes; networks take %d", info.Size(), maxPictureBytes)
	}
	b, err := fs.ReadFile(fsys, file)
	if err != nil {
		return Picture{}, fmt.Errorf("the picture cannot be read: %w", err)
	}
	return ReadPicture(b)
}

// ReadPicture reads the bytes of a picture, and takes away what lies beside it. The error is a sentence for people.
func ReadPicture(b []byte) (Picture, error) {
	if len(b) > maxPictureBytes {
		return Picture{}, fmt.Errorf("the picture has %d bytes; networks take %d", len(b), maxPictureBytes)
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return Picture{}, fmt.Errorf("this is no PNG, JPEG or WebP picture: %w", err)
	}
	if size.Width < 1 || size.Height < 1 || size.Width > maxPicturePixels/size.Height {
		return Picture{}, fmt.Errorf("the picture has %d by %d pixels; networks take %d in all", size.Width, size.Height, maxPicturePixels)
	}
	if _, _, err := image.Decode(bytes.NewReader(b)); err != nil {
		return Picture{}, fmt.Errorf("the picture is damaged: %w", err)
	}
	clean, err := intake.Take(bytes.NewReader(b), intake.Limits{})
	if err != nil {
		return Picture{}, errors.New(fault.Say(err))
	}
	// One with nothing beside it stays as it is, byte for byte, so that its hash in campaigns and releases does. Of any other nothing but
	// the picture is kept: a folder of a campaign has photos with their place as often as an upload has.
	if len(clean.Notes) > 0 {
		return Picture{Bytes: clean.Bytes, SHA256: clean.SHA256, MIME: clean.Type, Width: clean.Width, Height: clean.Height}, nil
	}
	sum := sha256.Sum256(b)
	return Picture{Bytes: b, SHA256: hex.EncodeToString(sum[:]), MIME: "image/" + format, Width: size.Width, Height: size.Height}, nil
}
