package coordinator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// This file finds the name of the peer relation in the charm's own metadata.

// peerRelationName gives "coordinator" if metadata.yaml or charmcraft.yaml declares such a peer relation, else the first by
// name; "" if there is none. A file that is there and cannot be read is a *[HostError] "bad_metadata".
func peerRelationName(env func(string) string) (string, error) {
	directory := charmDirectory(env)
	for _, file := range []string{"metadata.yaml", "charmcraft.yaml"} {
		names, err := peersIn(filepath.Join(directory, file))
		if err != nil {
			return "", err
		}
		if slices.Contains(names, "coordinator") {
			return "coordinator", nil
		}
		if len(names) > 0 {
			return slices.Min(names), nil
		}
	}
	return "", nil
}

// charmDirectory is also that in which hooks run.
func charmDirectory(env func(string) string) string {
	return orElse(env("JUJU_CHARM_DIR"), orElse(env("CHARM_DIR"), "."))
}

func peersIn(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &HostError{"bad_metadata", fmt.Sprintf("%s cannot be read: %v", file, err)}
	}
	var metadata struct {
		Peers yaml.Node `yaml:"peers"`
	}
	if err := yaml.Unmarshal(text, &metadata); err != nil {
		return nil, &HostError{"bad_metadata", fmt.Sprintf("%s is not YAML: %v", file, err)}
	}
	var peers map[string]any
	if metadata.Peers.Decode(&peers) != nil {
		return nil, nil
	}
	names := []string{}
	for name := range peers {
		names = append(names, name)
	}
	return names, nil
}
