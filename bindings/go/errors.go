package coordinator

import (
	"errors"
	"fmt"
	"strings"
)

// Coded is what all errors of this package have in common. The code stays the same from version to version and from language
// to language; messages are for people and may change.
type Coded interface {
	error
	// ErrorCode is stable; compare this and never the message.
	ErrorCode() string
}

// CodeOf gives the code of the first error of this package in the chain of err, or "".
func CodeOf(err error) string {
	var coded Coded
	if errors.As(err, &coded) {
		return coded.ErrorCode()
	}
	return ""
}

// ModuleError says that a module cannot be loaded, or broke the contract while it ran. Its instance is of no more use. The
// codes are those of host/abi.md, "What a host checks at load" and "A policy module".
type ModuleError struct {
	Code    string
	Message string
	// Trap says why it trapped, as in host/abi.md; only with the code "trap".
	Trap string
}

func (e *ModuleError) Error() string     { return e.Code + ": " + e.Message }
func (e *ModuleError) ErrorCode() string { return e.Code }

// Is reports whether target is a ModuleError with the same code, and the same trap if it names one.
func (e *ModuleError) Is(target error) bool {
	other, ok := target.(*ModuleError)
	return ok && other.Code == e.Code && (other.Trap == "" || other.Trap == e.Trap)
}

// CoreError says that the core answered "error": what it was asked cannot be done, and nothing has changed.
type CoreError struct {
	Code    string
	Message string
	// Path is the field that was wrong, or "".
	Path string
}

func (e *CoreError) Error() string {
	if e.Path == "" {
		return e.Code + ": " + e.Message
	}
	return fmt.Sprintf("%s: %s (at %s)", e.Code, e.Message, e.Path)
}

func (e *CoreError) ErrorCode() string { return e.Code }

// Is reports whether target is a CoreError with the same code.
func (e *CoreError) Is(target error) bool {
	other, ok := target.(*CoreError)
	return ok && other.Code == e.Code
}

// PolicyError says that the rules in the charm's own code are not valid; Path names the rule or the field. It is a CoreError
// to errors.As and errors.Is.
type PolicyError struct{ CoreError }

func (e *PolicyError) Unwrap() error { return &e.CoreError }

// HostError says that Juju's side failed. In a hook this must become a failed hook, which Juju runs again.
type HostError struct {
	Code    string
	Message string
}

func (e *HostError) Error() string     { return e.Code + ": " + e.Message }
func (e *HostError) ErrorCode() string { return e.Code }

// Is reports whether target is a HostError with the same code.
func (e *HostError) Is(target error) bool {
	other, ok := target.(*HostError)
	return ok && other.Code == e.Code
}

// HookToolError says that a hook tool failed, with the code "hook_tool_failed". It is a HostError to errors.As and errors.Is.
type HookToolError struct {
	Tool string
	Args []string
	// ExitCode is -1 if the tool could not be started or was killed.
	ExitCode int
	Stderr   string
}

func (e *HookToolError) Error() string     { return e.host().Error() }
func (e *HookToolError) ErrorCode() string { return e.host().Code }
func (e *HookToolError) Unwrap() error     { return e.host() }

func (e *HookToolError) host() *HostError {
	how := "did not run"
	if e.ExitCode >= 0 {
		how = fmt.Sprintf("exited with %d", e.ExitCode)
	}
	command := beginning(strings.Join(append([]string{e.Tool}, e.Args...), " "), 200)
	return &HostError{"hook_tool_failed", fmt.Sprintf("%s %s: %s", command, how, strings.TrimSpace(e.Stderr))}
}

// UsageError says that this package was called with a wrong value, or at a time when the call makes no sense.
type UsageError struct {
	Code    string
	Message string
}

func (e *UsageError) Error() string     { return e.Code + ": " + e.Message }
func (e *UsageError) ErrorCode() string { return e.Code }

// Is reports whether target is a UsageError with the same code.
func (e *UsageError) Is(target error) bool {
	other, ok := target.(*UsageError)
	return ok && other.Code == e.Code
}

func badType(format string, args ...any) error {
	return &UsageError{"bad_type", fmt.Sprintf(format, args...)}
}

// beginning gives as many whole characters of a text as fit into so many bytes.
func beginning(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && text[most]&0xc0 == 0x80 {
		most--
	}
	return text[:most]
}
