package main

import (
	"fmt"
	"slices"

	celgo "github.com/google/cel-go/cel"
	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
)

// kyvernoLibraries are the variables that only Kyverno's policies have. What they give comes from the network, from the
// cluster, or from code that is not here: unknown. Exceptions of the repository are judged by elsewhere (except), and a
// policy that loosens itself for the values that they allow is first asked without any.
var kyvernoLibraries = map[string]ref.Val{
	"resource":      kyvernoUnknown("resource"),
	"http":          kyvernoUnknown("http"),
	"globalContext": kyvernoUnknown("globalContext"),
	"image":         kyvernoUnknown("image"),
	"json":          kyvernoUnknown("json"),
	"yaml":          kyvernoUnknown("yaml"),
	"exceptions":    toPartialValue(map[string]any{"allowedImages": []any{}, "allowedValues": []any{}}),
}

func kyvernoUnknown(library string) ref.Val { return newUnknown("Kyverno's library " + library) }

// kyvernoFunction is a function of a library of Kyverno's, which is declared so that policies compile and the rest of an
// expression may still decide.
type kyvernoFunction struct {
	library string
	names   []string
	// from and to are how many arguments it takes, the receiver of a method counted.
	from, to int
	isMethod bool
	result   *celgo.Type
}

// From the sources of github.com/kyverno/sdk (extensions/cel/libs) of August 2026.
var kyvernoFunctions = []kyvernoFunction{
	{"resource or http", []string{"Get", "get", "List", "list", "Post", "post", "ToGVR", "toGVR", "Client", "client"}, 2, 5, true, celgo.DynType},
	{"image", []string{"GetMetadata", "getMetadata"}, 2, 2, true, celgo.DynType},
	{"json", []string{"unmarshal"}, 2, 2, true, celgo.DynType},
	{"json", []string{"marshal"}, 2, 2, true, celgo.StringType},
	{"yaml", []string{"parse"}, 2, 2, true, celgo.DynType},
	{"image", []string{"image", "parseImageReference"}, 1, 1, false, celgo.DynType},
	{"image", []string{"isImage"}, 1, 1, false, celgo.BoolType},
	{"image", []string{"containsDigest"}, 1, 1, true, celgo.BoolType},
	{"image", []string{"registry", "repository", "identifier", "identifierWithSeparator", "tag", "digest"}, 1, 1, true, celgo.StringType},
	{"hash", []string{"md5", "sha1", "sha256", "hash.md5", "hash.sha1", "hash.sha256"}, 1, 1, false, celgo.StringType},
	{"user", []string{"parseServiceAccount", "user.parseServiceAccount"}, 1, 1, false, celgo.DynType},
	{"random", []string{"random", "random.random"}, 0, 1, false, celgo.StringType},
	{"time", []string{"time.now"}, 0, 0, false, celgo.TimestampType},
	{"time", []string{"time.truncate"}, 2, 2, false, celgo.TimestampType},
	{"time", []string{"time.toCron"}, 1, 1, false, celgo.StringType},
	{"transform", []string{"listObjToMap", "transform.listObjToMap"}, 4, 4, false, celgo.DynType},
	{"x509", []string{"x509.decode"}, 1, 1, false, celgo.DynType},
	{"gzip", []string{"gzip.compress"}, 1, 1, false, celgo.BytesType},
	{"gzip", []string{"gzip.decompress"}, 1, 1, false, celgo.StringType},
	{"math", []string{"math.round"}, 2, 2, false, celgo.DoubleType},
}

func (f kyvernoFunction) declare() (options []celgo.EnvOption) {
	overload := celgo.Overload
	if f.isMethod {
		overload = celgo.MemberOverload
	}
	library := f.library
	binding := celgo.FunctionBinding(func(...ref.Val) ref.Val { return kyvernoUnknown(library) })
	for _, name := range f.names {
		var overloads []celgo.FunctionOpt
		for count := f.from; count <= f.to; count++ {
			id := fmt.Sprintf("kyverno_%s_%d", name, count)
			overloads = append(overloads, overload(id, slices.Repeat([]*celgo.Type{celgo.DynType}, count), f.result, binding))
		}
		options = append(options, celgo.Function(name, overloads...))
	}
	return options
}

var kyvernoSet *environment.EnvSet

// kyvernoEnvironment is what Kyverno compiles its policies in: the API server's libraries, all of cel-go's extensions,
// `orValue` for what is no optional, and its own, as far as they are known here.
func kyvernoEnvironment(base *environment.EnvSet) (*environment.EnvSet, error) {
	if kyvernoSet != nil {
		return kyvernoSet, nil
	}
	options := []celgo.EnvOption{
		ext.Bindings(), ext.Encoders(), ext.Math(),
		celgo.Macros(celgo.ReceiverMacro("orValue", 1, func(factory celgo.MacroExprFactory, target celast.Expr, arguments []celast.Expr) (celast.Expr, *celgo.Error) {
			return factory.NewCall("orValueOfAny", target, arguments[0]), nil
		})),
		celgo.Function("orValueOfAny", celgo.Overload("kyverno_or_value", []*celgo.Type{celgo.DynType, celgo.DynType}, celgo.DynType, celgo.BinaryBinding(orValueOfAny))),
	}
	for name := range kyvernoLibraries {
		options = append(options, celgo.Variable(name, celgo.DynType))
	}
	for _, function := range kyvernoFunctions {
		options = append(options, function.declare()...)
	}
	set, err := base.Extend(environment.VersionedOptions{IntroducedVersion: version.MajorMinor(1, 0), EnvOptions: options})
	kyvernoSet = set
	return set, err
}

func orValueOfAny(value, otherwise ref.Val) ref.Val {
	optional, isOptional := value.(*types.Optional)
	switch {
	case !isOptional:
		return value
	case optional.HasValue():
		return optional.GetValue()
	}
	return otherwise
}
