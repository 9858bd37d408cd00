// Command daymark is the social media scheduler for awareness days: one binary for the daemon, the demo and the tools.
package main

import (
	"os"

	"daymark/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
