package coordinator

import (
	"context"
	"slices"
)

// This file has the API for charm authors: ask for a lock, see whether it is held, give it back at the end.

// Coordinator is the coordinator of one hook. It is not safe for concurrent use: a hook is one sequential program.
//
// The core and its engine are loaded when something has to be decided, and no sooner. So wrong rules in [WithPolicy] are told
// when the core is first asked: in the first hook of the leader at the latest.
type Coordinator struct {
	host     Host
	settings settings
	asker    *asker
	// unasked is what start is to be told as soon as the core is asked; nil afterwards.
	unasked *snapshot
	// inForce is what decides in this hook.
	inForce inForce
	view    *view
	isOver  bool
	waiting []waiting
	// failure is that of an operation that ran while its lock was held; End gives nothing back after it.
	failure error
	opened  *Instance
}

type waiting struct {
	lock string
	run  func(context.Context) error
}

// New makes the coordinator of one hook. With wrong options the error is a *[UsageError] "bad_type".
func New(host Host, options ...Option) (*Coordinator, error) {
	given, err := newSettings(options)
	if err != nil {
		return nil, err
	}
	c := &Coordinator{host: host, settings: given}
	c.asker = &asker{makeCore: c.makeCore, host: host, key: given.key, policy: given.policyFunc}
	return c, nil
}

// Run is a whole hook: it starts a coordinator, gives it to the charm, and ends it if the charm returned no error. If the
// charm fails, nothing is given back or written, and its error is returned: the hook must fail, and this unit still holds.
//
// An action or juju-exec ends so only if it was allowed something, by [WithAllow].
func Run(ctx context.Context, host Host, charm func(context.Context, *Coordinator) error, options ...Option) error {
	c, err := New(host, options...)
	if err != nil {
		return err
	}
	defer c.close(ctx)
	if err := c.Start(ctx); err != nil {
		return err
	}
	if err := charm(ctx, c); err != nil {
		return err
	}
	if host.Hook().Kind() != ContextHook && len(c.settings.allow) == 0 {
		return c.failure
	}
	return c.End(ctx)
}

// Start reads what Juju says and finds out what this unit holds. To be called once, before anything else; [Run] does.
//
// A *[HostError] means that Juju cannot be read, a *[PolicyError] that the charm's own rules are not valid: the hook must fail.
func (c *Coordinator) Start(ctx context.Context) error {
	if c.view != nil {
		return &UsageError{"bad_order", "Start was called before"}
	}
	swap := c.settings.swap
	isDue := swap != nil && swap.isDue(c.host.Hook())
	if isDue {
		// First of all: to fetch a module may take long, and what is-leader says is good for 30 seconds.
		if err := c.force(swap.refresh(ctx, c.asking())); err != nil {
			return err
		}
	}
	taken, err := c.snapshot(ctx)
	if err != nil {
		return err
	}
	if !isDue {
		if err := c.force(c.policyInForce(ctx, taken.Leader)); err != nil {
			return err
		}
	}
	taken.Policy = c.inForce.document
	taken.Now, taken.Age = c.host.Hook().Now(), c.asker.age()
	if isQuiet(taken) {
		c.unasked, c.view = taken, &view{}
	} else if err := c.take(ctx, taken); err != nil {
		return err
	}
	return c.runGranted(ctx)
}

// AcquireOption is an option of [Coordinator.Acquire].
type AcquireOption func(input)

// WithData gives the policy something to go by: the rule "zones" looks at a zone, "order" at a priority, a module at what it likes. It
// is kept with the request, and is at most 4,096 bytes as JSON.
func WithData(data map[string]any) AcquireOption {
	return func(given input) { given["data"] = data }
}

// Acquire asks for a lock of 1 to 256 bytes, unless it was asked for before, and says whether it is held now. If not, a later
// hook of this unit will find it granted.
//
// A *[CoreError] has the code "bad_lock", "bad_clock", "not_in_hook" or "unknown_version". What waits for the lock
// ([Coordinator.WhenGranted]) runs in here, and its error is returned too.
func (c *Coordinator) Acquire(ctx context.Context, lock string, options ...AcquireOption) (bool, error) {
	given := input{"op": "acquire", "lock": lock}
	for _, option := range options {
		option(given)
	}
	if err := c.tell(ctx, given); err != nil {
		return false, err
	}
	return c.Granted(lock), c.runGranted(ctx)
}

// Granted says whether this unit holds the lock now, until the end of this hook. Before Start and after End it holds none.
func (c *Coordinator) Granted(lock string) bool {
	return c.seen() == nil && slices.Contains(c.view.Granted, lock)
}

// Requested says whether this unit has asked for the lock and does not hold it yet.
func (c *Coordinator) Requested(lock string) bool {
	return c.seen() == nil && slices.Contains(c.view.Requested, lock)
}

// Locks gives the locks that this unit holds now.
func (c *Coordinator) Locks() []string {
	if c.seen() != nil {
		return nil
	}
	return slices.Clone(c.view.Granted)
}

// Withdraw takes a request back, or gives up a lock that is held.
func (c *Coordinator) Withdraw(ctx context.Context, lock string) error {
	return c.tell(ctx, input{"op": "withdraw", "lock": lock})
}

// Status says who holds, who waits, and why.
func (c *Coordinator) Status(ctx context.Context) (Status, error) {
	var status Status
	err := c.ask(ctx, input{"op": "status"}, &status)
	status.Problems = append(status.Problems, c.inForce.problems...)
	return status, err
}

// WhenGranted runs a function once, as soon as the lock is held in this hook: at once, or inside [Coordinator.Start] or
// [Coordinator.Acquire], which then return its error. It must be done when it returns: what it left running would outlive the
// lock. If it fails the hook must fail; [Coordinator.End] then gives nothing back.
func (c *Coordinator) WhenGranted(ctx context.Context, lock string, run func(context.Context) error) error {
	if run == nil {
		return badType("expected a function to run when %s is granted", lock)
	}
	c.waiting = append(c.waiting, waiting{lock, run})
	if c.view == nil {
		return nil
	}
	return c.runGranted(ctx)
}

// End gives back what is held, decides if this unit leads, and writes what has changed. A second call does nothing; [Run] does
// the first.
//
// A *[ModuleError] or *[CoreError] comes before anything is written, a *[HostError] if a write fails. The hook must fail in
// each case.
func (c *Coordinator) End(ctx context.Context) error {
	if c.isOver {
		return nil
	}
	if err := c.seen(); err != nil {
		return err
	}
	if c.failure != nil {
		return c.failure
	}
	defer c.close(ctx)
	if c.unasked != nil {
		c.isOver = true
		return nil
	}
	var said end
	if err := c.asker.request(ctx, c.asker.timed(input{"op": "end"}), &said); err != nil {
		return err
	}
	c.isOver = true
	for _, each := range said.Effects {
		if err := c.checkEffect(each); err != nil {
			return err
		}
	}
	c.log(ctx, said.Log)
	for _, each := range said.Effects {
		if err := c.carryOut(ctx, each); err != nil {
			return err
		}
	}
	return nil
}

// asking is what the operator's policy is looked at with.
func (c *Coordinator) asking() asking {
	return asking{c.host, c.settings.policyGiven(), c.asker.check}
}

func (c *Coordinator) policyInForce(ctx context.Context, isLeader bool) (inForce, error) {
	if c.settings.swap == nil {
		return inForce{document: c.settings.policyGiven()}, nil
	}
	return c.settings.swap.inForce(ctx, c.asking(), isLeader)
}

// force lets a policy decide in this hook; where it has no module, that of the charm decides, if it has one.
func (c *Coordinator) force(found inForce, err error) error {
	c.inForce, c.asker.module = found, found.module
	if found.module == nil {
		c.asker.module = c.settings.policyModule
	}
	return err
}

func (c *Coordinator) makeCore(ctx context.Context) (Callable, error) {
	core := c.settings.core
	if core == nil {
		opened, err := FreshCore(ctx)
		if err != nil {
			return nil, err
		}
		core, c.opened = opened, opened
	}
	if c.settings.policy != nil {
		said, err := exchange(ctx, core, input{"op": "check", "policy": c.settings.policy})
		if err != nil {
			return nil, err
		}
		if said.err != nil {
			return nil, &PolicyError{*said.err}
		}
	}
	return core, nil
}

func (c *Coordinator) close(ctx context.Context) {
	if c.opened != nil {
		_ = c.opened.Close(ctx)
		c.opened = nil
	}
	if c.inForce.module != nil {
		_ = c.inForce.module.Close(ctx)
	}
}

// seen says why nothing can be told now, if so.
func (c *Coordinator) seen() error {
	if c.view == nil || c.isOver {
		return &UsageError{"bad_order", "this can be told only between Start and End"}
	}
	return nil
}

// ask is one operation between Start and End, of which the core may not have heard yet.
func (c *Coordinator) ask(ctx context.Context, given input, ok any) error {
	if err := c.seen(); err != nil {
		return err
	}
	if taken := c.unasked; taken != nil {
		c.unasked = nil
		if err := c.take(ctx, taken); err != nil {
			c.failure = err
			return err
		}
	}
	return c.asker.request(ctx, c.asker.timed(given), ok)
}

// tell is an operation that changes what is held and requested.
func (c *Coordinator) tell(ctx context.Context, given input) error {
	var changed view
	if err := c.ask(ctx, given, &changed); err != nil {
		return err
	}
	c.see(ctx, &changed)
	return nil
}

func (c *Coordinator) take(ctx context.Context, taken *snapshot) error {
	var seen view
	if err := c.asker.request(ctx, taken, &seen); err != nil {
		return err
	}
	c.see(ctx, &seen)
	return nil
}

func (c *Coordinator) see(ctx context.Context, seen *view) {
	c.view = seen
	c.changeFlags(seen.Flags)
	c.log(ctx, seen.Log)
}

// snapshot is what start is given. The order is that of rule 4: is-leader, then this unit's data, then the grants; what only a
// leader needs comes last.
func (c *Coordinator) snapshot(ctx context.Context) (*snapshot, error) {
	hook, leadership, peers := c.host.Hook(), c.host.Leadership(), c.host.Peers()
	leader, err := c.asker.isLeader(ctx)
	if err != nil {
		return nil, err
	}
	own, err := peers.Own(ctx)
	if err != nil {
		return nil, err
	}
	given, err := leadership.Read(ctx)
	if err != nil {
		return nil, err
	}
	members := []string{}
	if leader && own != nil {
		if members, err = peers.Members(ctx); err != nil {
			return nil, err
		}
	}
	databags, err := c.asker.databags(ctx, members)
	if err != nil {
		return nil, err
	}
	taken := &snapshot{
		Op:          "start",
		Unit:        hook.Unit(),
		Context:     hook.Kind(),
		Hook:        hook.Name(),
		Leader:      leader,
		Store:       leadership.Store(),
		Relation:    own != nil,
		Databags:    databags,
		Members:     members,
		Settings:    c.asker.grants(given),
		Flags:       c.host.Flags().Current(),
		SelfGrant:   c.settings.selfGrant,
		Key:         c.settings.key,
		Subordinate: hook.Subordinate(),
		Allow:       c.settings.allow,
	}
	if own != nil {
		databags[taken.Unit] = c.asker.databag(own)
	} else {
		saved, err := peers.ReadSaved(ctx, c.settings.key)
		if err != nil {
			return nil, err
		}
		taken.Saved = &saved
	}
	if taken.RemoteUnit, err = orNil(hook.RemoteUnit(ctx)); err != nil {
		return nil, err
	}
	if taken.DepartingUnit, err = orNil(hook.DepartingUnit(ctx)); err != nil {
		return nil, err
	}
	return taken, nil
}

func orNil(text string, err error) (*string, error) {
	if text == "" {
		return nil, err
	}
	return &text, err
}

func (c *Coordinator) log(ctx context.Context, lines []logLine) {
	for _, line := range lines {
		c.host.Hook().Log(ctx, line.Level, line.Message)
	}
}

func (c *Coordinator) changeFlags(changes flagChanges) {
	for _, flag := range changes.Clear {
		c.host.Flags().Clear(flag)
	}
	for _, flag := range changes.Set {
		c.host.Flags().Set(flag)
	}
}

// runGranted runs what waits for the locks that are held. It may itself acquire, and so come back here: each is taken off the
// list before it runs.
func (c *Coordinator) runGranted(ctx context.Context) error {
	for c.failure == nil {
		next := slices.IndexFunc(c.waiting, func(each waiting) bool { return c.Granted(each.lock) })
		if next == -1 {
			return nil
		}
		run := c.waiting[next].run
		c.waiting = slices.Delete(c.waiting, next, next+1)
		if err := run(ctx); err != nil && c.failure == nil {
			c.failure = err
		}
	}
	return c.failure
}

func (c *Coordinator) checkEffect(each effect) error {
	switch each.Do {
	case "flags", "databag", "saved", "application", "settings":
		return nil
	default:
		return moduleError("bad_answer", "unknown effect %q", each.Do)
	}
}

func (c *Coordinator) carryOut(ctx context.Context, each effect) error {
	peers := c.host.Peers()
	switch each.Do {
	case "flags":
		c.changeFlags(each.flagChanges)
		return nil
	case "databag":
		return peers.WriteOwn(ctx, each.Values)
	case "saved":
		return peers.WriteSaved(ctx, c.settings.key, each.Value)
	default:
		return c.writeGrants(ctx, each)
	}
}

func (c *Coordinator) writeGrants(ctx context.Context, each effect) error {
	// Leader settings are written at once, and time may have passed since the core decided.
	message := "the grants of this hook are not written: Juju said too long ago that this unit leads"
	if each.Do != "settings" || !c.asker.isLate() {
		accepted, err := c.host.Leadership().Write(ctx, each.Values)
		if accepted || err != nil {
			return err
		}
		message = "Juju refused the grants of this hook: this unit does not lead any more"
	}
	c.host.Hook().Log(ctx, LevelWarning, message)
	return nil
}
