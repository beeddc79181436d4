package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"time"

	"drydock.dev/engines/abi"
	"drydock.dev/engines/aliases"
	yaml2 "go.yaml.in/yaml/v2"
)

// number is a JSON number as it is written, so that no digit of a 64-bit integer is lost.
type number string

// parsed is one YAML document as the cluster reads it: nil, bool, number, string, []any or map[string]any, nested.
type parsed struct {
	value      any
	duplicates []duplicate
}

// parsePart follows sigs.k8s.io/yaml: the YAML 1.1 reader of yaml.v2, keys turned into strings, and the last of several
// equal keys counts.
func parsePart(part part, limits Limits) (parsed, *abi.Failure) {
	if !hasContent(part.text) {
		return parsed{}, nil
	}
	if len(part.text) > limits.Bytes {
		return parsed{}, &abi.Failure{Kind: abi.Limit, Message: fmt.Sprintf("The document is larger than %d bytes.", limits.Bytes)}
	}
	if isTooDeep(part.text) {
		return parsed{}, tooDeep()
	}
	if failure := aliases.Check(part.text, limits.Aliases); failure != nil {
		return parsed{}, failure
	}
	raw, isStrict, err := readYAML(part.text)
	if err != nil {
		if value, isJSON := readJSON(part.text, limits.Depth); isJSON {
			return parsed{value: value}, nil
		}
		return parsed{}, syntaxFailure(part, err)
	}
	converter := converter{maxDepth: limits.Depth}
	value, err := converter.convert(raw, 0)
	if err != nil {
		return parsed{}, conversionFailure(part, err)
	}
	result := parsed{value: value}
	if !isStrict || converter.hasCollision {
		result.duplicates = findDuplicates(part)
	}
	return result, nil
}

// readYAML tells also whether no key stood twice. The strict reader keeps the first of equal keys, so it reads again.
func readYAML(text []byte) (raw any, isStrict bool, err error) {
	err = yaml2.UnmarshalStrict(text, &raw)
	var typeError *yaml2.TypeError
	if !errors.As(err, &typeError) {
		return raw, true, err
	}
	raw = nil
	err = yaml2.Unmarshal(text, &raw)
	return raw, false, err
}

var errTooDeep = errors.New("nested too deep")

type converter struct {
	maxDepth int
	// hasCollision is set when two different keys, such as 1 and "1", became the same string.
	hasCollision bool
}

func (c *converter) convert(raw any, depth int) (any, error) {
	if depth > c.maxDepth {
		return nil, errTooDeep
	}
	switch value := raw.(type) {
	case nil, bool, string:
		return value, nil
	case int:
		return number(strconv.Itoa(value)), nil
	case int64:
		return number(strconv.FormatInt(value, 10)), nil
	case uint64:
		return number(strconv.FormatUint(value, 10)), nil
	case float64:
		return floatNumber(value)
	case time.Time:
		return value.Format(time.RFC3339Nano), nil
	case []any:
		return c.convertList(value, depth)
	case map[any]any:
		return c.convertMap(value, depth)
	}
	return nil, fmt.Errorf("a value of the type %s has no form in JSON", reflect.TypeOf(raw))
}

func (c *converter) convertList(list []any, depth int) (any, error) {
	converted := make([]any, len(list))
	for i, item := range list {
		value, err := c.convert(item, depth+1)
		if err != nil {
			return nil, err
		}
		converted[i] = value
	}
	return converted, nil
}

func (c *converter) convertMap(fields map[any]any, depth int) (any, error) {
	converted := make(map[string]any, len(fields))
	for rawKey, item := range fields {
		key, err := keyText(rawKey)
		if err != nil {
			return nil, err
		}
		if _, isTaken := converted[key]; isTaken {
			c.hasCollision = true
			if _, isString := rawKey.(string); !isString {
				continue
			}
		}
		value, err := c.convert(item, depth+1)
		if err != nil {
			return nil, err
		}
		converted[key] = value
	}
	return converted, nil
}

// keyText writes a key as sigs.k8s.io/yaml does, floats with 32 bits included.
func keyText(key any) (string, error) {
	switch key := key.(type) {
	case string:
		return key, nil
	case int:
		return strconv.Itoa(key), nil
	case int64:
		return strconv.FormatInt(key, 10), nil
	case bool:
		return strconv.FormatBool(key), nil
	case float64:
		switch text := strconv.FormatFloat(key, 'g', -1, 32); text {
		case "+Inf":
			return ".inf", nil
		case "-Inf":
			return "-.inf", nil
		case "NaN":
			return ".nan", nil
		default:
			return text, nil
		}
	}
	return "", errors.New("a key is empty, or of a type that JSON has no key for")
}

func floatNumber(value float64) (any, error) {
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return nil, errors.New("infinity and not-a-number have no form in JSON")
	}
	text, err := json.Marshal(value)
	return number(text), err
}

// readJSON reads JSON that is no YAML 1.1: indented with tabs, or with escaped surrogate pairs.
func readJSON(text []byte, maxDepth int) (any, bool) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || (trimmed[0] != '{' && trimmed[0] != '[') || !json.Valid(trimmed) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(trimmed))
	decoder.UseNumber()
	var raw any
	if err := decoder.Decode(&raw); err != nil {
		return nil, false
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, false
	}
	value, err := convertJSON(raw, maxDepth)
	return value, err == nil
}

func convertJSON(raw any, depthLeft int) (any, error) {
	if depthLeft < 0 {
		return nil, errTooDeep
	}
	switch value := raw.(type) {
	case json.Number:
		return jsonNumber(value)
	case []any:
		for i, item := range value {
			converted, err := convertJSON(item, depthLeft-1)
			if err != nil {
				return nil, err
			}
			value[i] = converted
		}
	case map[string]any:
		for key, item := range value {
			converted, err := convertJSON(item, depthLeft-1)
			if err != nil {
				return nil, err
			}
			value[key] = converted
		}
	}
	return raw, nil
}

func jsonNumber(text json.Number) (any, error) {
	if value, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return number(strconv.FormatInt(value, 10)), nil
	}
	if value, err := strconv.ParseUint(string(text), 10, 64); err == nil {
		return number(strconv.FormatUint(value, 10)), nil
	}
	value, err := text.Float64()
	if err != nil {
		return nil, err
	}
	return floatNumber(value)
}
