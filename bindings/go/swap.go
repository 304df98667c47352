package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
)

// This file has the operator's policy: a module in a charm resource or in a file of the charm, and rules in a config option. What is
// new is loaded, described and checked before it takes the place of the old; if it fails, the old one goes on, and the operator is
// told.

// operatorsPlace is where an operator puts a policy.
const operatorsPlace = "coordinator-policy"

// refreshing are the hooks in which Juju tells of a new resource, a new option, or that this unit leads.
var refreshing = []string{"install", "start", "upgrade-charm", "config-changed", "leader-elected"}

// PolicySource is where an operator's policy comes from; for [WithSwap]. One is good for every hook.
type PolicySource struct {
	places places
	// fileName is the file's as it was given.
	fileName string
	folder   keptFolder
	loading  []ModuleOption
}

// SourceOption is an option of [NewPolicySource].
type SourceOption func(*PolicySource)

// FromResource names the charm resource that holds a module; "" for none. An empty file is no module. Default: "coordinator-policy".
func FromResource(name string) SourceOption {
	return func(source *PolicySource) { source.places.resource = name }
}

// FromOption names the config option that holds rules, as YAML; "" for none. Default: "coordinator-policy".
func FromOption(name string) SourceOption {
	return func(source *PolicySource) { source.places.option = name }
}

// FromFile names a module among the charm's files, for when the resource has none. Default: none.
func FromFile(path string) SourceOption {
	return func(source *PolicySource) { source.fileName = path }
}

// KeptIn says where the policy in force is kept. Default: .coordinator-policy in the charm's directory.
func KeptIn(folder string) SourceOption {
	return func(source *PolicySource) { source.folder = keptFolder(folder) }
}

// LoadedWith gives options for the module: its config ([WithPolicyConfig]), where the config option gives none, or its time.
func LoadedWith(options ...ModuleOption) SourceOption {
	return func(source *PolicySource) { source.loading = options }
}

// NewPolicySource makes one; without options it is that of host/abi.md, "Swapping a policy". Paths are relative to the charm's
// directory, JUJU_CHARM_DIR.
func NewPolicySource(options ...SourceOption) *PolicySource {
	source := &PolicySource{places: places{resource: operatorsPlace, option: operatorsPlace}, folder: "." + operatorsPlace}
	for _, option := range options {
		option(source)
	}
	if source.fileName != "" {
		source.places.file = inCharm(source.fileName)
	}
	source.folder = keptFolder(inCharm(string(source.folder)))
	return source
}

func inCharm(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(charmDirectory(os.Getenv), path)
}

// inForce is what decides in this hook.
type inForce struct {
	// document is the policy as the core takes it; nil: its default.
	document any
	module   *PolicyModule
	// kept is that of the module.
	kept     keptRecord
	problems []Problem
}

// asking is what a [PolicySource] needs of the coordinator.
type asking struct {
	host Host
	// own is the charm's own policy, which decides where the operator gives none.
	own any
	// check gives what the core has against a policy, or nil.
	check func(ctx context.Context, policy any) (*CoreError, error)
}

// isDue says whether there may be something new in this hook. In all others no hook tool is run for it, unless nothing was kept.
func (s *PolicySource) isDue(hook Hook) bool {
	return hook.Kind() == ContextHook && slices.Contains(refreshing, hook.Name())
}

// inForce gives what was kept; a leader with nothing kept looks for what there is.
func (s *PolicySource) inForce(ctx context.Context, given asking, isLeader bool) (inForce, error) {
	found, problems := s.read()
	if found == nil && isLeader && given.host.Hook().Kind() == ContextHook {
		return s.refresh(ctx, given)
	}
	old := orNothingKept(found)
	return s.of(given.own, old, nil, append(problems, s.told(old)...))
}

// refresh looks for what is new, and takes all of it or nothing.
func (s *PolicySource) refresh(ctx context.Context, given asking) (inForce, error) {
	hook := given.host.Hook()
	found, problems := s.read()
	for _, problem := range problems {
		hook.Log(ctx, LevelWarning, problem.Message)
	}
	old := orNothingKept(found)
	fresh, module, err := s.load(ctx, given, old)
	var refusal *refusal
	if errors.As(err, &refusal) {
		return s.goOn(ctx, given, old, refusal.refused, problems)
	}
	if err != nil {
		return inForce{}, err
	}
	if !isSame(fresh, old) {
		hook.Log(ctx, LevelInfo, "the policy is now "+fresh.describe())
	}
	return s.of(given.own, fresh, module, problems)
}

func (s *PolicySource) read() (*keptRecord, []Problem) {
	found, err := s.folder.read()
	if err != nil {
		return nil, []Problem{{Code: "bad_record", Message: "what was kept of the policy cannot be read: " + err.Error()}}
	}
	return found, nil
}

// load gives what is there now, checked and kept; the module is nil if there is none. An error may be a *refusal.
func (s *PolicySource) load(ctx context.Context, given asking, old keptRecord) (keptRecord, *PolicyModule, error) {
	file, option, err := findOffer(ctx, given.host.Hook(), s.places, old.From == fromResource)
	if err != nil {
		return keptRecord{}, nil, err
	}
	fresh := nothingKept
	fresh.Rules, fresh.Limit = option.rules, option.limit
	var module *PolicyModule
	if file != nil {
		if module, err = s.loadModule(ctx, given.host.Hook(), *file, option.config); err != nil {
			return keptRecord{}, nil, err
		}
		fresh.From, fresh.Config = file.from, module.config
		fresh.Name, fresh.Version, fresh.SHA256, fresh.Needs = module.name, module.version, module.sha256, module.needs
	}
	if err = s.checkAndKeep(ctx, given, fresh, file); err != nil && module != nil {
		module.Close(ctx)
	}
	return fresh, module, err
}

func (s *PolicySource) checkAndKeep(ctx context.Context, given asking, fresh keptRecord, file *policyFile) error {
	isOption := fresh.hasRules() || fresh.hasLimit()
	// The charm's own is not the operator's to mend; it is looked at when the core is asked.
	if file != nil || isOption {
		document, err := documentOf(given.own, fresh)
		if err != nil {
			return err
		}
		said, err := given.check(ctx, document)
		if err != nil {
			return err
		}
		if said != nil {
			from := fromOption
			if !isOption {
				from = file.from
			}
			return refuse(from, fresh.SHA256, said.Code, "%s (at %s)", said.Message, said.Path)
		}
	}
	return s.keep(fresh, file)
}

func (s *PolicySource) loadModule(ctx context.Context, hook Hook, file policyFile, config json.RawMessage) (*PolicyModule, error) {
	log := func(line string) { hook.Log(ctx, LevelWarning, s.keyOf(file.from)+": "+line) }
	options := append(slices.Clone(s.loading), WithPolicyLog(log))
	if config != nil {
		options = append(options, WithPolicyConfig(config))
	}
	module, err := LoadPolicy(ctx, file.bytes, options...)
	var failed *ModuleError
	if errors.As(err, &failed) {
		return nil, refuse(file.from, file.sha256, failed.Code, "%s", failed.Message)
	}
	if err != nil {
		return nil, refuse(file.from, file.sha256, "policy_failed", "%v", err)
	}
	return module, nil
}

// goOn lets the old policy go on, and tells everybody why.
func (s *PolicySource) goOn(ctx context.Context, given asking, old keptRecord, why refused, problems []Problem) (inForce, error) {
	refusing := old
	refusing.Refused = &why
	added := s.told(refusing)
	var refusal *refusal
	if errors.As(s.keep(refusing, nil), &refusal) && refusal.refused.Code != why.Code {
		added = append(added, s.problemOf(refusal.refused))
	}
	for _, problem := range added {
		line := problem.Key + " is refused: " + problem.Message + "; the policy is still " + old.describe()
		given.host.Hook().Log(ctx, LevelWarning, line)
	}
	return s.of(given.own, old, nil, append(problems, added...))
}

func (s *PolicySource) keep(record keptRecord, file *policyFile) error {
	from, sha256 := fromOption, ""
	var module []byte
	if file != nil {
		from, sha256, module = file.from, file.sha256, file.bytes
	}
	if err := s.folder.write(record, module); err != nil {
		return refuse(from, sha256, "folder_failed", "it cannot be kept: %v", err)
	}
	return nil
}

// of is given the module if it is loaded; else that in the folder is loaded when it is first asked.
func (s *PolicySource) of(own any, record keptRecord, module *PolicyModule, problems []Problem) (inForce, error) {
	document, err := documentOf(own, record)
	if module == nil && record.From != "" {
		module = s.folder.policy(record, newModuleOptions(KindPolicy, s.loading))
	}
	return inForce{document, module, record, problems}, err
}

func (s *PolicySource) told(record keptRecord) []Problem {
	if record.Refused == nil {
		return nil
	}
	return []Problem{s.problemOf(*record.Refused)}
}

func (s *PolicySource) problemOf(why refused) Problem {
	return Problem{Code: "policy_refused", Key: s.keyOf(why.From), Message: why.Code + ": " + why.Message}
}

func (s *PolicySource) keyOf(from string) string {
	return from + " " + map[string]string{fromResource: s.places.resource, fromOption: s.places.option, fromFile: s.fileName}[from]
}

// policy is the module in the folder.
func (f keptFolder) policy(record keptRecord, given moduleOptions) *PolicyModule {
	read := func() ([]byte, error) {
		if wasm := f.module(); wasm != nil && sha256Of(wasm) == record.SHA256 {
			return wasm, nil
		}
		f.forget()
		return nil, moduleError("lost", "the file that was kept is not there any more")
	}
	return keptPolicy(record.facts(), record.Config, read, given)
}

func orNothingKept(found *keptRecord) keptRecord {
	if found == nil {
		return nothingKept
	}
	return *found
}
