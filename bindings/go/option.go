package coordinator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// This file reads what an operator writes into the config option: rules, a limit, and the config of a module, as YAML 1.2.

// policyOption is what stands there.
type policyOption struct {
	// rules is a rule or a list of rules, which the core has not seen yet; null if there are none.
	rules json.RawMessage
	// limit is null if there is none.
	limit json.RawMessage
	// config is nil if there is none.
	config json.RawMessage
}

// readOption reads a rule, a list of rules, or an object of rules, limit and config. value is what config-get says of the option. An
// error says that it is something else.
func readOption(value any) (policyOption, error) {
	said, err := optionText(value)
	if err != nil {
		return policyOption{}, err
	}
	found := policyOption{rules: null, limit: null}
	members := object(said)
	if members == nil || members["rule"] != nil {
		found.rules = said
		return found, nil
	}
	for name, value := range members {
		switch name {
		case "rules":
			found.rules = value
		case "limit":
			found.limit = value
		case "config":
			found.config = value
		default:
			return policyOption{}, fmt.Errorf("unknown field %q; expected a rule, a list of rules, or rules, limit and config", name)
		}
	}
	return found, nil
}

func optionText(value any) (json.RawMessage, error) {
	if text, isText := value.(string); isText {
		return yamlToJSON(text)
	}
	text, err := write(value)
	if err != nil {
		return nil, err
	}
	return compact(text)
}

const (
	// mostNodes and mostDepth bound what a few lines of YAML may stand for, by naming a part again and again.
	mostNodes = 10_000
)

// yamlToJSON gives null for a text that says nothing.
func yamlToJSON(text string) (json.RawMessage, error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return null, nil
	} else if err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is not YAML: it has more than one document")
	}
	writer := yamlWriter{}
	if err := writer.write(&document, 0); err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	return writer.out.Bytes(), nil
}

// yamlWriter writes YAML as JSON, members in their order. Plain words are read by YAML 1.2, of which the package keeps but a part: a
// rule must not mean another thing than it does to other bindings.
type yamlWriter struct {
	out   bytes.Buffer
	nodes int
}

func (w *yamlWriter) write(node *yaml.Node, depth int) error {
	if w.nodes++; w.nodes > mostNodes || depth > mostDepth {
		return errors.New("it is too large")
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return w.write(node.Content[0], depth)
	case yaml.AliasNode:
		return w.write(node.Alias, depth+1)
	case yaml.SequenceNode:
		w.out.WriteByte('[')
		for at, item := range node.Content {
			w.comma(at)
			if err := w.write(item, depth+1); err != nil {
				return err
			}
		}
		w.out.WriteByte(']')
		return nil
	case yaml.MappingNode:
		return w.writeMembers(node, depth)
	default:
		return w.writeScalar(node)
	}
}

func (w *yamlWriter) writeMembers(node *yaml.Node, depth int) error {
	names := map[string]bool{}
	w.out.WriteByte('{')
	for at := 0; at < len(node.Content); at += 2 {
		name := node.Content[at]
		if name.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: a name must be a word", name.Line)
		}
		if names[name.Value] {
			return fmt.Errorf("line %d: %s is there twice", name.Line, name.Value)
		}
		names[name.Value] = true
		w.comma(at)
		quote(&w.out, name.Value)
		w.out.WriteByte(':')
		if err := w.write(node.Content[at+1], depth+1); err != nil {
			return err
		}
	}
	w.out.WriteByte('}')
	return nil
}

func (w *yamlWriter) comma(at int) {
	if at > 0 {
		w.out.WriteByte(',')
	}
}

var (
	yamlDecimal = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	yamlBased   = regexp.MustCompile(`^0(o[0-7]+|x[0-9a-fA-F]+)$`)
)

func (w *yamlWriter) writeScalar(node *yaml.Node) error {
	isPlain := node.Style&^yaml.FlowStyle == 0
	switch value := node.Value; {
	case !isPlain:
		quote(&w.out, value)
	case value == "" || value == "~" || value == "null" || value == "Null" || value == "NULL":
		w.out.Write(null)
	case value == "true" || value == "True" || value == "TRUE":
		w.out.WriteString("true")
	case value == "false" || value == "False" || value == "FALSE":
		w.out.WriteString("false")
	case yamlDecimal.MatchString(value):
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("line %d: %s is too large", node.Line, value)
		}
		return w.writeNumber(number)
	case yamlBased.MatchString(value):
		number, err := strconv.ParseUint(value, 0, 53)
		if err != nil {
			return fmt.Errorf("line %d: %s is too large", node.Line, value)
		}
		return w.writeNumber(float64(number))
	default:
		quote(&w.out, value)
	}
	return nil
}

func (w *yamlWriter) writeNumber(number float64) error {
	text, err := json.Marshal(number + 0)
	w.out.Write(text)
	return err
}
