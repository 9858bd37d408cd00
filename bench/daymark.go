package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"time"

	"daymark/internal/app"
)

// settling is how long a sandbox's "not found" proves nothing, in every figure.
const settling = 300 * time.Millisecond

// daymarkOrders say on what a daemon works.
type daymarkOrders struct {
	Data, Owner, App string
	Profile          string // of the processor, written when the daemon ends
}

// command is the shipped binary as a daemon, with none of the caller's settings.
func (o daymarkOrders) command(binary string) *exec.Cmd {
	cmd := exec.Command(binary, "serve") //nolint:noctx // it is stopped, or killed on purpose
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "DAYMARK_") && !strings.HasPrefix(pair, "DATABASE_URL=") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, "DAYMARK_DATA="+o.Data, "DATABASE_URL="+o.Owner, "DAYMARK_APP_DATABASE_URL="+o.App, "DAYMARK_KEY="+key,
		"DAYMARK_ADDR=127.0.0.1:0", "DAYMARK_PLAN_WEEKS=0", "DAYMARK_SANDBOX_SETTLING="+settling.String())
	return cmd
}

// beDaymark is the daemon without its pages, in this program, so that it can be profiled.
func beDaymark(ctx context.Context, orders []byte) (err error) {
	var o daymarkOrders
	if err := json.Unmarshal(orders, &o); err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Settings{
		DataDir: o.Data, DatabaseURL: o.Owner, AppDatabaseURL: o.App, Key: key, Addr: "127.0.0.1:0", SandboxSettling: settling, Version: "bench",
	}, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	file, err := os.Create(o.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return a.Serve(ctx, http.NotFoundHandler(), func(addr string) { fmt.Println("Daymark is ready at", addr) })
}
