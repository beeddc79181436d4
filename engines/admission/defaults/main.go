// Lists the fields that Kubernetes' API server fills in when an object leaves them out, by running its own defaulting
// functions over objects of every stable kind in which each part that can be there is there and empty.
//
//	cd engines/admission/defaults && go run . > ../defaults.json
//
// The result is {"<apiVersion>/<kind>": {"<path>": constant, {} or null}}. In paths `[]` stands for items of a list and `{}`
// for values of a map. null says that the value is not a constant: it follows from other fields.
package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	admissionregistration "k8s.io/kubernetes/pkg/apis/admissionregistration/v1"
	apps "k8s.io/kubernetes/pkg/apis/apps/v1"
	autoscalingv1 "k8s.io/kubernetes/pkg/apis/autoscaling/v1"
	autoscaling "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	batch "k8s.io/kubernetes/pkg/apis/batch/v1"
	certificates "k8s.io/kubernetes/pkg/apis/certificates/v1"
	coordination "k8s.io/kubernetes/pkg/apis/coordination/v1"
	core "k8s.io/kubernetes/pkg/apis/core/v1"
	discovery "k8s.io/kubernetes/pkg/apis/discovery/v1"
	flowcontrol "k8s.io/kubernetes/pkg/apis/flowcontrol/v1"
	networking "k8s.io/kubernetes/pkg/apis/networking/v1"
	node "k8s.io/kubernetes/pkg/apis/node/v1"
	policy "k8s.io/kubernetes/pkg/apis/policy/v1"
	rbac "k8s.io/kubernetes/pkg/apis/rbac/v1"
	scheduling "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	storage "k8s.io/kubernetes/pkg/apis/storage/v1"
)

// deepest ends types that contain themselves.
const deepest = 14

func main() {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistration.AddToScheme, apps.AddToScheme, autoscalingv1.AddToScheme, autoscaling.AddToScheme,
		batch.AddToScheme, certificates.AddToScheme, coordination.AddToScheme, core.AddToScheme, discovery.AddToScheme,
		flowcontrol.AddToScheme, networking.AddToScheme, node.AddToScheme, policy.AddToScheme, rbac.AddToScheme,
		scheduling.AddToScheme, storage.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	table := map[string]map[string]any{}
	for kind, typ := range scheme.AllKnownTypes() {
		if kind.Version == runtime.APIVersionInternal || strings.HasSuffix(kind.Kind, "List") || !hasMetadata(typ) {
			continue
		}
		// A zero stands for "take the port's own number".
		fields := defaultsOf(scheme, typ)
		if _, isThere := fields["spec.ports[].targetPort"]; isThere {
			fields["spec.ports[].targetPort"] = nil
		}
		if len(fields) > 0 {
			table[kind.GroupVersion().String()+"/"+kind.Kind] = fields
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(table); err != nil {
		panic(err)
	}
}

func hasMetadata(typ reflect.Type) bool {
	_, isThere := typ.FieldByName("ObjectMeta")
	return isThere
}

// defaultsOf compares objects before and after defaulting. A field is constant where every object that lacks it is
// given the same.
func defaultsOf(scheme *runtime.Scheme, typ reflect.Type) map[string]any {
	fields := map[string]any{}
	var all []map[string]any
	for i := range len(fillings) + randomFillings {
		filling := filling{random: rand.New(rand.NewPCG(uint64(i), 0))}
		if i < len(fillings) {
			filling = fillings[i]
		}
		object := reflect.New(typ)
		filling.fill(object.Elem(), 0)
		before := toFields(object.Interface())
		scheme.Default(object.Interface().(runtime.Object))
		after := toFields(object.Interface())
		compare(before, after, "", fields)
		all = append(all, after)
	}
	for path := range fields {
		for _, object := range all {
			if isMissing(object, path) {
				fields[path] = nil
			}
		}
	}
	return fields
}

// Beside the fillings below, objects of which any part may be there or not.
const randomFillings = 80

// fillings are chosen so that conditions in the defaulting functions hold in one and fail in another.
var fillings = []filling{
	{}, {isBare: true}, {plain: "x"}, {plain: "x:latest"}, {plain: "key"},
	{named: "RollingUpdate"}, {named: "OnDelete"}, {named: "LoadBalancer"}, {named: "NodePort"}, {named: "ClientIP"},
	{named: "ExternalName"}, {named: "Indexed"}, {named: "Resource"}, {named: "Pods"}, {named: "Always"}, {named: "Local"},
	{named: "Limited"}, {named: "Queue"}, {named: "Group"}, {named: "Container"}, {number: 7},
}

func toFields(object any) map[string]any {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"apiVersion", "kind", "status"} {
		delete(fields, name)
	}
	return fields
}

// isMissing is true where a field could be, as what it belongs to is there, and is not.
func isMissing(node any, path string) bool {
	name, rest, isDeeper := path, "", false
	if end := strings.IndexAny(path, ".[{"); end >= 0 {
		name, rest, isDeeper = path[:end], path[end:], true
	}
	switch {
	case strings.HasPrefix(path, "[]"):
		items, _ := node.([]any)
		return len(items) > 0 && len(path) > 2 && isMissing(items[0], strings.TrimPrefix(path[2:], "."))
	case strings.HasPrefix(path, "{}"):
		fields, _ := node.(map[string]any)
		return len(path) > 2 && fields[mapKey] != nil && isMissing(fields[mapKey], strings.TrimPrefix(path[2:], "."))
	}
	fields, isMap := node.(map[string]any)
	if !isMap {
		return false
	}
	value := fields[name]
	if !isDeeper {
		return value == nil
	}
	return value != nil && isMissing(value, strings.TrimPrefix(rest, "."))
}

// compare notes what is there only after.
func compare(before, after any, path string, fields map[string]any) {
	switch after := after.(type) {
	case map[string]any:
		old, _ := before.(map[string]any)
		for key, value := range after {
			at := path + "." + key
			if path == "" {
				at = key
			}
			if key == mapKey {
				at = path + "{}"
			}
			was, isThere := old[key]
			if !isThere || was == nil && value != nil {
				note(at, value, fields)
			} else {
				compare(was, value, at, fields)
			}
		}
	case []any:
		old, _ := before.([]any)
		if len(old) == 0 && len(after) > 0 {
			note(path, after, fields)
			return
		}
		for i := range after {
			if i < len(old) {
				compare(old[i], after[i], path+"[]", fields)
			}
		}
	default:
		// A zero that is written although it is one (0, "") and is replaced.
		if !reflect.DeepEqual(before, after) {
			note(path, after, fields)
		}
	}
}

func note(path string, value any, fields map[string]any) {
	switch filled := value.(type) {
	case map[string]any:
		if len(filled) > 0 {
			value = nil
		}
	case []any:
		value = nil
	}
	if known, isThere := fields[path]; isThere && !reflect.DeepEqual(known, value) {
		value = nil
	}
	fields[path] = value
}

// mapKey is the one key of every map.
const mapKey = "key"

// filling says what an object is made of.
type filling struct {
	// plain is the value of texts, named that of enumerations.
	plain, named string
	number       int64
	// isBare leaves out everything that can be left out.
	isBare bool
	// random decides at each step, if it is set.
	random *rand.Rand
}

func (f filling) toss() bool { return f.random != nil && f.random.IntN(2) == 0 }

// enumeration is the value of an enumeration: any that a filling has, or none.
func (f filling) enumeration() string {
	if f.random == nil {
		return f.named
	}
	return fillings[f.random.IntN(len(fillings))].named
}

// fill makes everything below present: pointers to structs, one item in lists and maps. Pointers to plain values stay
// nil: they are what defaulting fills in.
func (f filling) fill(value reflect.Value, depth int) {
	if depth > deepest {
		return
	}
	switch value.Kind() {
	case reflect.String:
		if value.Type().PkgPath() == "" {
			value.SetString(f.plain)
		} else {
			value.SetString(f.enumeration())
		}
	case reflect.Int32, reflect.Int64:
		value.SetInt(f.number)
	case reflect.Bool:
		value.SetBool(f.toss())
	case reflect.Struct:
		f.fillStruct(value, depth)
	case reflect.Pointer:
		isPlain := value.Type().Elem().Kind() != reflect.Struct
		if !f.isBare && isPlain == f.toss() && (f.random == nil || f.random.IntN(4) > 0) {
			value.Set(reflect.New(value.Type().Elem()))
			f.fill(value.Elem(), depth+1)
		}
	case reflect.Slice:
		if !f.isBare && !f.toss() && value.Type().Elem().Kind() != reflect.Uint8 {
			value.Set(reflect.MakeSlice(value.Type(), 1, 1))
			f.fill(value.Index(0), depth+1)
		}
	case reflect.Map:
		if !f.isBare && !f.toss() && value.Type().Key().Kind() == reflect.String {
			item := reflect.New(value.Type().Elem()).Elem()
			f.fill(item, depth+1)
			value.Set(reflect.MakeMap(value.Type()))
			value.SetMapIndex(reflect.ValueOf(mapKey).Convert(value.Type().Key()), item)
		}
	}
}

func (f filling) fillStruct(value reflect.Value, depth int) {
	switch value.Type().String() {
	case "v1.ObjectMeta", "v1.TypeMeta", "v1.ListMeta", "v1.Time", "v1.MicroTime", "intstr.IntOrString", "resource.Quantity", "runtime.RawExtension":
		return
	}
	for i := range value.NumField() {
		if field := value.Field(i); field.CanSet() {
			f.fill(field, depth+1)
		}
	}
}
