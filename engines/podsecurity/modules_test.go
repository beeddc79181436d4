package main

import (
	"os/exec"
	"strings"
)

// moduleDirectory is where Go keeps the source of a module.
func moduleDirectory(module string) (string, error) {
	output, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	return strings.TrimSpace(string(output)), err
}
