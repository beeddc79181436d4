package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// unknown stands in a decoded object for a value that Git does not have: the server's, or a secret's.
type unknown struct {
	// trail names it as the policy's author would: `object.spec.replicas`.
	trail string
	// isPresent: the field is there for certain, only its value is not known.
	isPresent bool
}

func (u unknown) value() ref.Val { return newUnknown(u.trail) }

// newUnknown makes the CEL value for something that is not known. All have one id, so that merging collects their names.
func newUnknown(trail string) ref.Val {
	return types.NewUnknown(0, types.NewAttributeTrail(trail))
}

// dependencies are the names of what a result depends on, sorted; none for a result that is known.
func dependencies(value ref.Val) []string {
	unknown, isUnknown := value.(*types.Unknown)
	if !isUnknown {
		return nil
	}
	var names []string
	for _, id := range unknown.IDs() {
		trails, _ := unknown.GetAttributeTrails(id)
		for _, trail := range trails {
			names = append(names, trail.Variable())
		}
	}
	return sortedUnique(names)
}

func sortedUnique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// toPartialValue wraps a decoded object. CEL's own maps and lists would take an unknown inside for a value when they
// compare it or look for it.
func toPartialValue(value any) ref.Val {
	switch value := value.(type) {
	case unknown:
		return value.value()
	case map[string]any:
		return &partialMap{fields: value}
	case []any:
		return &partialList{items: value}
	}
	return types.DefaultTypeAdapter.NativeToValue(value)
}

// equal compares two values of which either may be unknown.
func equal(a, b ref.Val) ref.Val {
	if types.IsUnknownOrError(a) {
		return a
	}
	if types.IsUnknownOrError(b) {
		return b
	}
	switch b.(type) {
	case *partialMap, *partialList:
		// The other side may be CEL's own, which knows of no unknowns inside.
		return types.Equal(b, a)
	}
	return types.Equal(a, b)
}

// partialMap is a mapping of which some values are not known. Where `rest` is set, neither is what other keys it has.
type partialMap struct {
	fields map[string]any
	rest   string
	// What has been asked for is kept: comprehensions ask again and again.
	values map[string]ref.Val
	keys   []ref.Val
}

var _ traits.Mapper = (*partialMap)(nil)

func (m *partialMap) Type() ref.Type { return types.MapType }
func (m *partialMap) Value() any     { return m.fields }

// Size counts what is known: the interpreter's cost tracker takes nothing but a number.
func (m *partialMap) Size() ref.Val {
	count := 0
	for _, value := range m.fields {
		if unknown, isUnknown := value.(unknown); !isUnknown || unknown.isPresent {
			count++
		}
	}
	return types.Int(count)
}

func (m *partialMap) IsZeroValue() bool { return len(m.fields) == 0 && m.rest == "" }

func (m *partialMap) Find(key ref.Val) (ref.Val, bool) {
	if types.IsUnknown(key) {
		return key, true
	}
	name, isString := key.(types.String)
	if !isString {
		return nil, false
	}
	if value, isKept := m.values[string(name)]; isKept {
		return value, true
	}
	if field, isThere := m.fields[string(name)]; isThere {
		value := toPartialValue(field)
		if m.values == nil {
			m.values = map[string]ref.Val{}
		}
		m.values[string(name)] = value
		return value, true
	}
	if m.rest != "" {
		return newUnknown(m.rest + "[" + fmt.Sprintf("%q", string(name)) + "]"), true
	}
	return nil, false
}

func (m *partialMap) Get(key ref.Val) ref.Val {
	value, isThere := m.Find(key)
	if !isThere {
		return types.ValOrErr(key, "no such key: %v", key)
	}
	return value
}

func (m *partialMap) Contains(key ref.Val) ref.Val {
	if name, isString := key.(types.String); isString {
		if unknown, isUnknown := m.fields[string(name)].(unknown); isUnknown && unknown.isPresent {
			return types.True
		}
	}
	value, isThere := m.Find(key)
	if types.IsUnknown(value) {
		return value
	}
	return types.Bool(isThere)
}

func (m *partialMap) Iterator() traits.Iterator {
	if m.keys == nil {
		m.keys = m.listKeys()
	}
	return &valueIterator{values: m.keys}
}

func (m *partialMap) listKeys() []ref.Val {
	keys := make([]ref.Val, 0, len(m.fields)+1)
	for _, name := range sortedKeys(m.fields) {
		unknown, isUnknown := m.fields[name].(unknown)
		if isUnknown && !unknown.isPresent {
			keys = append(keys, unknown.value())
		} else {
			keys = append(keys, types.String(name))
		}
	}
	if m.rest != "" {
		keys = append(keys, newUnknown(m.rest))
	}
	return keys
}

// Equal is false only where something known differs.
func (m *partialMap) Equal(other ref.Val) ref.Val {
	if types.IsUnknown(other) {
		return other
	}
	others, isMap := other.(traits.Mapper)
	if !isMap {
		return types.False
	}
	var result ref.Val = types.True
	if m.rest != "" {
		result = newUnknown(m.rest)
	}
	for keys := m.Iterator(); keys.HasNext() == types.True; {
		if equal := equalAt(m, others, keys.Next()); equal == types.False {
			return types.False
		} else if equal != types.True {
			result = equal
		}
	}
	for keys := others.Iterator(); keys.HasNext() == types.True; {
		if equal := equalAt(others, m, keys.Next()); equal == types.False {
			return types.False
		} else if equal != types.True {
			result = equal
		}
	}
	return result
}

// equalAt compares what two maps have under a key of the first.
func equalAt(a, b traits.Mapper, key ref.Val) ref.Val {
	if types.IsUnknown(key) {
		return key
	}
	mine, _ := a.Find(key)
	theirs, isThere := b.Find(key)
	if !isThere {
		return types.False
	}
	return equal(mine, theirs)
}

func (m *partialMap) ConvertToNative(kind reflect.Type) (any, error) {
	return nil, fmt.Errorf("a mapping that is known in part cannot become %v", kind)
}

func (m *partialMap) ConvertToType(kind ref.Type) ref.Val { return convertContainer(m, kind) }

// partialList is a list in which some values are not known.
type partialList struct {
	items  []any
	values []ref.Val
}

// all wraps the items when they are first asked for.
func (l *partialList) all() []ref.Val {
	if l.values == nil && len(l.items) > 0 {
		l.values = make([]ref.Val, len(l.items))
		for i, item := range l.items {
			l.values[i] = toPartialValue(item)
		}
	}
	return l.values
}

var _ traits.Lister = (*partialList)(nil)

func (l *partialList) Type() ref.Type { return types.ListType }
func (l *partialList) Value() any     { return l.items }
func (l *partialList) Size() ref.Val  { return types.Int(len(l.items)) }

func (l *partialList) IsZeroValue() bool { return len(l.items) == 0 }

func (l *partialList) Get(index ref.Val) ref.Val {
	if types.IsUnknown(index) {
		return index
	}
	at, err := types.IndexOrError(index)
	if err != nil {
		return types.ValOrErr(index, "%v", err)
	}
	if at < 0 || at >= len(l.items) {
		return types.NewErr("index '%d' out of range in list size '%d'", at, len(l.items))
	}
	return l.all()[at]
}

func (l *partialList) Contains(value ref.Val) ref.Val {
	var open ref.Val
	for _, item := range l.all() {
		switch result := equal(item, value); {
		case result == types.True:
			return types.True
		case types.IsUnknown(result):
			open = result
		}
	}
	if open != nil {
		return open
	}
	return types.False
}

func (l *partialList) Equal(other ref.Val) ref.Val {
	if types.IsUnknown(other) {
		return other
	}
	others, isList := other.(traits.Lister)
	if !isList || others.Size() != l.Size() {
		return types.False
	}
	var result ref.Val = types.True
	for i, item := range l.all() {
		equal := equal(item, others.Get(types.Int(i)))
		if equal == types.False {
			return types.False
		}
		if equal != types.True {
			result = equal
		}
	}
	return result
}

func (l *partialList) Add(other ref.Val) ref.Val {
	others, isList := other.(traits.Lister)
	if !isList {
		return types.MaybeNoSuchOverloadErr(other)
	}
	sum := slices.Clone(l.items)
	for items := others.Iterator(); items.HasNext() == types.True; {
		sum = append(sum, items.Next())
	}
	return &partialList{items: sum}
}

func (l *partialList) Iterator() traits.Iterator { return &valueIterator{values: l.all()} }

func (l *partialList) ConvertToNative(kind reflect.Type) (any, error) {
	return nil, fmt.Errorf("a list that is known in part cannot become %v", kind)
}

func (l *partialList) ConvertToType(kind ref.Type) ref.Val { return convertContainer(l, kind) }

func convertContainer(value ref.Val, kind ref.Type) ref.Val {
	switch kind {
	case value.Type():
		return value
	case types.TypeType:
		return value.Type().(ref.Val)
	}
	return types.NewErr("type conversion error from '%s' to '%s'", value.Type().TypeName(), kind.TypeName())
}

// valueIterator goes through values. Only HasNext and Next are ever asked of it.
type valueIterator struct {
	values []ref.Val
	at     int
}

func (i *valueIterator) HasNext() ref.Val { return types.Bool(i.at < len(i.values)) }

func (i *valueIterator) Next() ref.Val {
	if i.at >= len(i.values) {
		return types.NewErr("there is nothing after the last value")
	}
	i.at++
	return i.values[i.at-1]
}

func (i *valueIterator) Type() ref.Type              { return types.IteratorType }
func (i *valueIterator) Value() any                  { return nil }
func (i *valueIterator) Equal(other ref.Val) ref.Val { return types.Bool(other == ref.Val(i)) }
func (i *valueIterator) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("an iterator")
}
func (i *valueIterator) ConvertToType(kind ref.Type) ref.Val { return types.NewErr("an iterator") }

func sortedKeys[V any](fields map[string]V) []string {
	keys := make([]string, 0, len(fields))
	for key := range fields {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// putUnknown puts an unknown at the JSON pointer of a secret value. Where the object has nothing there (a field that its
// kind does not know was dropped) there is nothing to hide.
func putUnknown(object map[string]any, pointer, root string) {
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	var node any = object
	trail := root
	for i, step := range steps {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		isLast := i == len(steps)-1
		switch at := node.(type) {
		case map[string]any:
			trail += "." + step
			if _, isThere := at[step]; !isThere {
				return
			}
			if isLast {
				at[step] = unknown{trail: trail, isPresent: true}
			}
			node = at[step]
		case []any:
			trail += "[" + step + "]"
			index := -1
			if _, err := fmt.Sscanf(step, "%d", &index); err != nil || index < 0 || index >= len(at) {
				return
			}
			if isLast {
				at[index] = unknown{trail: trail, isPresent: true}
			}
			node = at[index]
		default:
			return
		}
	}
}
