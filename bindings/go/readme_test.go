package coordinator

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheReadmesCharmIsAProgram(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	succeed(t, err)
	_, rest, _ := strings.Cut(string(readme), "```go\n")
	program, _, _ := strings.Cut(rest, "```")
	// Inside the module, whose packages it imports.
	folder, err := os.MkdirTemp(".", "readme-")
	succeed(t, err)
	defer os.RemoveAll(folder)
	succeed(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(program), 0o600))
	if output, err := exec.Command("go", "vet", "./"+folder).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
}
