package coordinator

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// This file has what an operator offers as the policy: a module in a charm resource, or else in a file of the charm, and what stands
// in the config option. Nothing of it has been looked into yet.

// places says where it is to be found; "": nowhere.
type places struct {
	resource string
	option   string
	// file is a path.
	file string
}

// policyFile is a module that was found.
type policyFile struct {
	from   string
	bytes  []byte
	sha256 string
}

// refusal is why something new does not become the policy.
type refusal struct{ refused refused }

func (r *refusal) Error() string { return r.refused.Code + ": " + r.refused.Message }

func refuse(from, sha256, code, format string, args ...any) error {
	return &refusal{refused{from, sha256, code, fmt.Sprintf(format, args...)}}
}

// findOffer asks Juju, and reads; the file is nil if there is none. decidedBefore is whether the policy in force came from the
// resource: one that was never attached is none, but one that has decided and is not to be had any more is a failure. An error is a
// *refusal.
func findOffer(ctx context.Context, hook Hook, given places, decidedBefore bool) (*policyFile, policyOption, error) {
	file, err := findFile(ctx, hook, given, decidedBefore)
	if err != nil {
		return nil, policyOption{}, err
	}
	option, err := findOption(ctx, hook, given.option)
	return file, option, err
}

func findFile(ctx context.Context, hook Hook, given places, decidedBefore bool) (*policyFile, error) {
	if given.resource != "" {
		path, err := hook.Resource(ctx, given.resource)
		if err != nil {
			return nil, refuse(fromResource, "", "resource_failed", "%s", messageOf(err))
		}
		if path == "" && decidedBefore {
			return nil, refuse(fromResource, "", "resource_failed", "Juju does not have it any more")
		}
		if path != "" {
			// Juju keeps no resource without a file, so an empty one is how to take a policy back.
			if found, err := readPolicy(fromResource, path); err != nil || len(found.bytes) > 0 {
				return found, err
			}
		}
	}
	if given.file == "" {
		return nil, nil
	}
	return readPolicy(fromFile, given.file)
}

func findOption(ctx context.Context, hook Hook, name string) (policyOption, error) {
	var value any
	if name != "" {
		config, err := hook.Config(ctx)
		if err != nil {
			return policyOption{}, refuse(fromOption, "", "config_failed", "%s", messageOf(err))
		}
		value = config[name]
	}
	option, err := readOption(value)
	if err != nil {
		return policyOption{}, refuse(fromOption, "", "bad_policy", "%v", err)
	}
	return option, nil
}

func readPolicy(from, path string) (*policyFile, error) {
	about, err := os.Stat(path)
	if err == nil && about.Size() > mostCommand {
		return nil, refuse(from, "", "too_big", "the file has %d bytes; at most %d", about.Size(), mostCommand)
	}
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, refuse(from, "", from+"_failed", "%v", err)
	}
	return &policyFile{from, wasm, sha256Of(wasm)}, nil
}

// messageOf gives what an error of this package says beside its code.
func messageOf(err error) string {
	var module *ModuleError
	if errors.As(err, &module) {
		return module.Message
	}
	var host *HostError
	if errors.As(err, &host) {
		return host.Message
	}
	return err.Error()
}
