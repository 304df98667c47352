package coordinator

// This file has what a coordinator can be told when it is made.

// Option is an option of [New] and [Run].
type Option func(*settings)

type settings struct {
	policy         any
	policyName     string
	policyFunc     PolicyFunc
	policyModule   *PolicyModule
	operatorPolicy any
	swap           *PolicySource
	selfGrant      SelfGrant
	key            string
	allow          []Act
	core           Callable
}

// WithPolicy sets the rules: one by name ("serial", "parallel:2"), a list of rules, a [Policy] with a limit, or whatever else
// becomes the JSON of host/abi.md. Default: "simple", one unit at a time whatever the lock.
func WithPolicy(policy any) Option {
	return func(given *settings) { given.policy, given.policyFunc, given.policyModule = policy, nil, nil }
}

// WithPolicyFunc lets a function of the charm decide, in place of rules. The name goes with every grant.
func WithPolicyFunc(name string, policy PolicyFunc) Option {
	return func(given *settings) {
		given.policy, given.policyName, given.policyFunc, given.policyModule = nil, name, policy, nil
	}
}

// WithPolicyModule lets a module decide that [LoadPolicy] has loaded, in place of rules. Its name and its SHA-256 go with every
// grant. What goes wrong with it in a decision costs that decision: nothing is granted in it, and [Coordinator.Status] says why.
func WithPolicyModule(policy *PolicyModule) Option {
	return func(given *settings) { given.policy, given.policyFunc, given.policyModule = nil, nil, policy }
}

// WithOperatorPolicy sets rules that an operator gave, in place of the charm's own policy; "" and nil mean that there are none.
// They are not checked: with rules that are wrong nothing new is granted, and [Coordinator.Status] says why.
func WithOperatorPolicy(policy any) Option {
	return func(given *settings) { given.operatorPolicy = policy }
}

// WithSwap says where an operator's policy comes from, which decides in place of the charm's own as soon as there is one.
func WithSwap(source *PolicySource) Option {
	return func(given *settings) { given.swap = source }
}

// WithSelfGrant sets when the leader may act on a grant to itself. Default: [SelfGrantPublished].
func WithSelfGrant(when SelfGrant) Option {
	return func(given *settings) { given.selfGrant = when }
}

// WithKey sets the key in relation data and leader settings; all units must use the same. Default: "coordinator".
func WithKey(key string) Option {
	return func(given *settings) { given.key = key }
}

// WithAllow says what is allowed in an action or juju-exec, where else nothing is changed.
func WithAllow(acts ...Act) Option {
	return func(given *settings) { given.allow = acts }
}

// WithCore sets the core. Default: a fresh instance of the one in this package.
func WithCore(core Callable) Option {
	return func(given *settings) { given.core = core }
}

func newSettings(options []Option) (settings, error) {
	given := settings{selfGrant: SelfGrantPublished, key: "coordinator", allow: []Act{}}
	for _, option := range options {
		option(&given)
	}
	return given, given.check()
}

func (s *settings) check() error {
	if !isKey(s.key) {
		return badType("key must be a word, not %q", s.key)
	}
	switch s.selfGrant {
	case SelfGrantPublished, SelfGrantCommitted, SelfGrantUnsafe:
	default:
		return badType("self-grant must be published, committed or unsafe, not %q", s.selfGrant)
	}
	for _, act := range s.allow {
		switch act {
		case ActAcquire, ActWithdraw, ActRelease, ActDecide:
		default:
			return badType("an act is acquire, withdraw, release or decide, not %q", act)
		}
	}
	for _, policy := range []any{s.policy, s.operatorPolicy} {
		if _, err := write(policy); err != nil {
			return badType("a policy cannot be written as JSON: %v", err)
		}
	}
	return nil
}

// isKey says whether a text can become part of a hook tool's arguments: key=value.
func isKey(key string) bool {
	for place, letter := range []byte(key) {
		isWord := letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter >= '0' && letter <= '9'
		if !isWord && (place == 0 || letter != '_' && letter != '.' && letter != '-') {
			return false
		}
	}
	return key != ""
}

// policyGiven is what the core is told of the policy; nil for its default.
func (s *settings) policyGiven() any {
	if s.operatorPolicy != nil && s.operatorPolicy != "" {
		return s.operatorPolicy
	}
	if s.policyFunc != nil {
		name := s.policyName
		if name == "" {
			name = "function"
		}
		return map[string]any{"external": map[string]string{"name": name}}
	}
	if s.policyModule != nil {
		return map[string]any{"external": s.policyModule.external()}
	}
	return s.policy
}
