package journey

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
)

// opens tells whether the house's credentials can be opened.
func (h *house) opens() error {
	list, err := channel.List(h.t.Context(), h.app.DB)
	h.must(err)
	_, err = channel.Credentials(h.t.Context(), h.app.DB, h.app.Keys, list[0].ID)
	return err
}

func TestAKeyIsChangedAndMayBeBrokenOffAnywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.app.Settings.DataDir = h.app.DataDir
	first := h.app.Keys[0]

	// Broken off after the new key was made: everything is sealed with the old one, and both are read.
	next, err := seal.MakeNextKey(h.app.DataDir)
	h.must(err)
	if again, err := seal.MakeNextKey(h.app.DataDir); err != nil || again.ID() != next.ID() {
		t.Errorf("a second try made another key: %v, %v", again, err)
	}
	keys, err := seal.LoadKeys(h.app.DataDir, nil)
	h.must(err)
	if len(keys) != 2 || keys[0].ID() != first.ID() || keys[1].ID() != next.ID() {
		t.Fatalf("read %v", keys)
	}
	h.app.Keys = keys
	h.must(h.opens())

	// Done whole: the new key is in place, and the old one beside it.
	done, err := h.app.RotateKey(t.Context(), h.byRole(people.RoleAdmin), "")
	h.must(err)
	if done.Key.ID() != next.ID() || done.Channels != 1 || filepath.Base(done.Old) != "key-"+first.ID() {
		t.Errorf("got %+v", done)
	}
	if h.app.Keys, err = seal.LoadKeys(h.app.DataDir, nil); err != nil || len(h.app.Keys) != 1 || h.app.Keys[0].ID() != next.ID() {
		t.Fatalf("after it: %v, %v", h.app.Keys, err)
	}
	h.must(h.opens())

	// Broken off after everything was sealed and before the new key is in place: both are read, and running it again ends it.
	third, err := seal.MakeNextKey(h.app.DataDir)
	h.must(err)
	if h.app.Keys, err = seal.LoadKeys(h.app.DataDir, nil); err != nil {
		t.Fatal(err)
	}
	blocked := filepath.Join(h.app.DataDir, "key-"+next.ID())
	h.must(os.Rename(h.app.DataDir+"/key", blocked+".away")) // so that putting it in place fails
	if _, err := h.app.RotateKey(t.Context(), h.byRole(people.RoleAdmin), ""); err == nil {
		t.Fatal("the new key was put in place of none")
	}
	h.must(os.Rename(blocked+".away", h.app.DataDir+"/key"))
	if h.app.Keys, err = seal.LoadKeys(h.app.DataDir, nil); err != nil || len(h.app.Keys) != 2 {
		t.Fatalf("in between: %v, %v", h.app.Keys, err)
	}
	h.must(h.opens())
	if done, err = h.app.RotateKey(t.Context(), h.byRole(people.RoleAdmin), ""); err != nil || done.Key.ID() != third.ID() {
		t.Fatalf("run again: %+v, %v", done, err)
	}
	if h.app.Keys, err = seal.LoadKeys(h.app.DataDir, nil); err != nil || len(h.app.Keys) != 1 {
		t.Fatalf("at the end: %v, %v", h.app.Keys, err)
	}
	h.must(h.opens())
}

func TestAKeyFromOutsideIsChangedWhereItStands(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	h.app.Settings.Key = "set"
	admin := h.byRole(people.RoleAdmin)
	if _, err := h.app.RotateKey(t.Context(), admin, ""); !strings.Contains(fault.Say(err), "openssl rand") {
		t.Errorf("without a new key: %v", err)
	}
	file := filepath.Join(t.TempDir(), "new-key")
	h.must(os.WriteFile(file, []byte("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), 0o600))
	done, err := h.app.RotateKey(t.Context(), admin, file)
	h.must(err)
	if err := h.opens(); !fault.Is(err, fault.Conflict) {
		t.Errorf("the old key still opens: %v", err)
	}
	h.app.Keys = seal.Keys{done.Key}
	h.must(h.opens())
	if _, err := h.app.RotateKey(t.Context(), h.byRole(people.RoleEditor), file); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an editor: %v", err)
	}
}
