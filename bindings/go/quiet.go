package coordinator

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// This file says whether a hook has nothing to decide, so that the core need not be asked, nor its engine loaded. Loading the
// engine takes longer than everything else in such a hook. The answer must be the core's own: only what it would answer with
// nothing at all is recognised here, in the form in which the core writes it. Whatever else is found, be it unusual, unreadable
// or new, is left to the core.

const (
	mostLock   = 256
	mostDigits = 15
)

// firstHooks are those in which, and in relation-created, the core looks for requests saved without a relation.
var firstHooks = map[string]bool{"start": true, "config-changed": true, "upgrade-charm": true, "leader-elected": true}

var errLeftToCore = errors.New("left to the core")

// isQuiet says whether the core would answer this start, and end after it, with nothing at all: this unit does not lead, has no
// flag set and no request, its data and the grants are as the core writes them, and it has done with each grant that names it.
func isQuiet(taken *snapshot) bool {
	if taken.Leader || len(taken.Flags) > 0 {
		return false
	}
	own := taken.Databags[taken.Unit]
	if !isPlain(taken.Settings) || !isPlain(own) {
		return false
	}
	done, isQuiet := ownDone(taken, own)
	return isQuiet && areGrantsQuiet(taken, done)
}

// isPlain: what JSON writes in escapes may be no text, and then the core says so.
func isPlain(values Values) bool {
	for _, value := range values {
		for _, letter := range []byte(value) {
			if letter >= 0x80 || letter == '\\' {
				return false
			}
		}
	}
	return true
}

// ownDone answers what the unit has done, by lock, and false where there is more to its own data.
func ownDone(taken *snapshot, own Values) (map[string]any, bool) {
	if !taken.Relation {
		return nil, len(own) == 0 && *taken.Saved == ""
	}
	requests, extra := own[taken.Key], own[taken.Key+"-v1"]
	if requests != "" && requests != "{}" || len(extra) > mostValue {
		return nil, false
	}
	if extra == "" {
		return nil, !mayHaveSaved(taken)
	}
	document, err := readDocument(extra)
	if err != nil || len(document) != 2 || !isV1(document) || !areDone(document["done"]) {
		return nil, false
	}
	done, isObject := document["done"].(map[string]any)
	return done, isObject
}

func mayHaveSaved(taken *snapshot) bool {
	return taken.Context == ContextHook && (firstHooks[taken.Hook] || strings.HasSuffix(taken.Hook, "-relation-created"))
}

func areGrantsQuiet(taken *snapshot, done map[string]any) bool {
	if taken.Store == StoreApplication {
		return isReignQuiet(taken, done)
	}
	grants, err := readDocument(orElse(taken.Settings[taken.Key], "{}"))
	if err != nil || !areIDsByUnit(grants) || !areOver(grants[taken.Unit], done) {
		return false
	}
	document, err := readDocument(orElse(taken.Settings[taken.Key+"-v1"], `{"v":1}`))
	return err == nil && isLeadersDocument(document)
}

func isReignQuiet(taken *snapshot, done map[string]any) bool {
	reign, err := greatestReign(taken.Settings, taken.Key+"-r")
	if err != nil || reign == 0 {
		return err == nil
	}
	document, err := readDocument(taken.Settings[taken.Key+"-r"+strconv.Itoa(reign)])
	if err != nil {
		return false
	}
	if _, isText := document["writer"].(string); !isText {
		return false
	}
	if given, found := document["grants"]; found {
		grants, isObject := given.(map[string]any)
		if !isObject || !areIDsByUnit(grants) || !areOver(grants[taken.Unit], done) {
			return false
		}
		delete(document, "grants")
	}
	return isLeadersDocument(document)
}

// areOver says whether the unit has done with all that it was granted. Ids are times of one length, and so are compared as texts.
func areOver(granted any, done map[string]any) bool {
	return granted == nil || allOf(granted, func(lock string, id any) bool {
		last, _ := done[lock].(string)
		return last >= id.(string)
	})
}

func greatestReign(settings Values, prefix string) (int, error) {
	greatest := 0
	for name, value := range settings {
		number, found := strings.CutPrefix(name, prefix)
		if value == "" || !found || !isNumber(number) || number[0] == '0' {
			continue
		}
		if len(number) > mostDigits {
			return 0, errLeftToCore
		}
		reign, err := strconv.Atoi(number)
		if err != nil {
			return 0, err
		}
		greatest = max(greatest, reign)
	}
	return greatest, nil
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// isLeadersDocument looks at the leader's document without its grants.
func isLeadersDocument(document map[string]any) bool {
	for name, value := range document {
		isFine := false
		switch name {
		case "v":
			isFine = isV1(document)
		case "generation":
			_, isFine = value.(json.Number)
		case "marks", "released":
			isFine = areIDsByUnit(value)
		case "order":
			isFine = isOrder(value)
		case "policy":
			isFine = areTexts(value)
		case "writer":
			_, isFine = value.(string)
		}
		if !isFine {
			return false
		}
	}
	return isV1(document)
}

func isV1(document map[string]any) bool { return document["v"] == json.Number("1") }

func isOrder(value any) bool {
	order, isList := value.([]any)
	for _, each := range order {
		item, ok := each.([]any)
		if !ok || len(item) != 3 {
			return false
		}
		for _, part := range item {
			if _, isText := part.(string); !isText {
				return false
			}
		}
	}
	return isList
}

func areTexts(value any) bool {
	return allOf(value, func(_ string, text any) bool { _, isText := text.(string); return isText })
}

func areIDsByUnit(value any) bool {
	return allOf(value, func(_ string, ids any) bool { return areIDs(ids) })
}

func areIDs(value any) bool {
	return allOf(value, func(_ string, id any) bool { text, _ := id.(string); return isID(text) })
}

func areDone(value any) bool {
	return areIDs(value) && allOf(value, func(lock string, _ any) bool { return lock != "" && len(lock) <= mostLock })
}

func allOf(value any, isFine func(name string, value any) bool) bool {
	members, isObject := value.(map[string]any)
	for name, each := range members {
		if !isFine(name, each) {
			return false
		}
	}
	return isObject
}

const (
	monthAndDay = `(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)`
	timeOfDay   = `(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z`
)

// isID takes days that every year has; what the core thinks of others need not be known here.
func isID(text string) bool {
	if len(text) != len("2026-11-22 09:52:56.123456Z") || strings.HasPrefix(text, "0000") {
		return false
	}
	return idPattern().MatchString(text)
}

var idPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9]{4}-` + monthAndDay + ` ` + timeOfDay + `$`)
})

// readDocument reads an object of the kind the core writes; anything else is left to the core.
func readDocument(text string) (map[string]any, error) {
	if !json.Valid([]byte(text)) {
		return nil, errLeftToCore
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	value, err := readValue(decoder)
	if err != nil {
		return nil, err
	}
	document, isObject := value.(map[string]any)
	if !isObject {
		return nil, errLeftToCore
	}
	return document, nil
}

// readValue reads as encoding/json would, but takes no key twice, and no number but small whole ones.
func readValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Number:
		if !isNumber(string(token)) || len(token) > mostDigits {
			return nil, errLeftToCore
		}
		return token, nil
	case json.Delim:
		if token == '[' {
			return readItems(decoder)
		}
		return readMembers(decoder)
	default:
		return token, nil
	}
}

func readItems(decoder *json.Decoder) (any, error) {
	items := []any{}
	for decoder.More() {
		item, err := readValue(decoder)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := decoder.Token()
	return items, err
}

func readMembers(decoder *json.Decoder) (any, error) {
	members := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if _, found := members[name]; found {
			return nil, errLeftToCore
		}
		if members[name], err = readValue(decoder); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return members, err
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
