// Package coordinator gives locks to the units of a Juju application: ask, be granted by the leader, operate, give back.
//
// A unit asks for a named lock; the leader grants it by a policy, to one unit after another; a unit does its guarded operation
// (restart, join, migrate) only while it holds the lock. The rules of asking and granting are one WebAssembly file, the core,
// which this package brings with it and runs with wazero: the same bytes in every language, without cgo.
//
// # A charm
//
// A charm declares a peer relation in its metadata.yaml, best called coordinator:
//
//	peers:
//	  coordinator: { interface: coordinator }
//
// Its dispatch is a program that Juju runs for every event. It makes the host of the hook that runs now, and calls [Run] with
// what is to be done in it:
//
//	func main() {
//		ctx := context.Background()
//		host, err := coordinator.NewJujuHost()
//		if err == nil {
//			err = coordinator.Run(ctx, host, charm, coordinator.WithPolicy("serial"))
//		}
//		if err != nil {
//			fmt.Fprintln(os.Stderr, err)
//			os.Exit(1) // the hook fails; what was held is still held
//		}
//	}
//
//	func charm(ctx context.Context, c *coordinator.Coordinator) error {
//		if filepath.Base(os.Getenv("JUJU_DISPATCH_PATH")) == "config-changed" {
//			if _, err := c.Acquire(ctx, "restart"); err != nil { // held now, or in a later hook
//				return err
//			}
//		}
//		if c.Granted("restart") {
//			return restart(ctx) // may run twice, never beside another unit's
//		}
//		return nil
//	}
//
// That is all: every hook of every unit must come here, whatever its event, since the leader grants and the others take in
// hooks of which the charm knows nothing. In place of the last condition, [Coordinator.WhenGranted] takes a function that runs
// as soon as the lock is held.
//
// The end of a hook that succeeded gives back what was held, and writes what has changed. If the charm returns an error, or is
// killed, nothing is given back: the unit tries again while all others wait. So an operation may run twice, never beside
// another unit's, and must be able to. In an action or juju-exec nothing is changed, unless [WithAllow] allows it by name.
//
// # Policies
//
// A policy is one rule by name, a list of rules all of which must permit, a [Policy] with a limit besides, a function of the
// charm's own ([WithPolicyFunc]) that decides at once, or a WebAssembly module ([LoadPolicy]). Rules are "serial", "parallel:2",
// "pause" and others; host/abi.md has them all. [Coordinator.Status] says of each waiting request which rule keeps it waiting, why,
// and until when if that is known. What rules and modules look at may come with a request ([WithData]).
//
// With [WithSwap] an operator's policy goes before the charm's own, from a charm resource or a config option, while the application
// runs. It is loaded, described and checked before it takes the place of the old, which else goes on; Status then says why.
//
// # Tests
//
// [MemoryApplication] is an application without Juju: the test says which unit runs a hook when, and how it ends.
//
// # Errors
//
// Every error of this package has a code that stays; [CodeOf] gives it. There are [ModuleError], [CoreError], [PolicyError],
// [HostError], [HookToolError] and [UsageError] for errors.As, and errors.Is compares type and code:
//
//	if errors.Is(err, &coordinator.CoreError{Code: "not_in_hook"}) {
//
// # What runs the core
//
// wazero compiles it on amd64 and arm64, and keeps the machine code in ~/.cache/charm-coordinator-go if that folder can belong to
// this user alone; elsewhere it interprets. What is made of a policy is kept beside it. A hook of a unit that neither leads, nor asks, nor holds runs no engine at all.
package coordinator
