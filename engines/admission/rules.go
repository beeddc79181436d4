package main

import (
	"context"
	"strconv"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/warning"
)

// judge asks the x-kubernetes-validations of the resource's own CRD, as the strategy of custom resources does. Errors
// that an update does not touch are ratcheted: the API server lets them pass with a warning.
func (r *resources) judge(request *request) []answer {
	custom := r.custom[request.kind.GroupKind()]
	if custom == nil || !custom.hasRules || custom.isBroken {
		return nil
	}
	version := custom.versions[request.kind.Version]
	if version == nil {
		return nil
	}
	if err := version.compile(); err != nil {
		return []answer{ruleAnswer(undecided, "The schema of this kind cannot be used: "+err.Error()+".", nil)}
	}
	if version.rules == nil {
		return nil
	}
	asked := version.prepare(request)
	if asked.isInvalid() {
		const message = "Rules of its CustomResourceDefinition were not checked because the object does not fit its schema."
		return []answer{ruleAnswer(undecided, message, nil)}
	}
	return asked.run()
}

// ruleRequest is one object to be judged by its rules.
type ruleRequest struct {
	version     *customVersion
	object, old map[string]any
	sealed      bool
	isUpdate    bool
}

// prepare takes the objects as Git has them, without the status where others write it. `hide` has changed nothing but
// metadata and status, of which rules see names at most.
func (v *customVersion) prepare(request *request) *ruleRequest {
	asked := &ruleRequest{version: v, object: v.visible(request.object), isUpdate: request.before != nil}
	asked.sealed = len(request.object.sealed) > 0
	if request.before != nil {
		asked.old = v.visible(request.before)
		asked.sealed = asked.sealed || len(request.before.sealed) > 0
	}
	return asked
}

func (v *customVersion) visible(object *object) map[string]any {
	fields := make(map[string]any, len(object.fields))
	for key, value := range object.fields {
		fields[key] = value
	}
	metadata := map[string]any{}
	given, _ := object.fields["metadata"].(map[string]any)
	for _, name := range []string{"name", "generateName"} {
		if value, isThere := given[name]; isThere {
			metadata[name] = value
		}
	}
	fields["metadata"] = metadata
	if v.hasStatus {
		delete(fields, "status")
	}
	return fields
}

// isInvalid is true where the API server does not come to the rules because the schema refuses the object. One with
// secret values cannot be put to the schema.
func (a *ruleRequest) isInvalid() bool {
	if a.sealed {
		return false
	}
	var failures field.ErrorList
	if a.isUpdate {
		failures = validation.ValidateCustomResourceUpdate(nil, a.object, a.old, a.version.schema, validation.WithRatcheting(a.correlate()))
	} else {
		failures = validation.ValidateCustomResource(nil, a.object, a.version.schema)
	}
	for _, failure := range failures {
		switch failure.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}

func (a *ruleRequest) correlate() *common.CorrelatedObject {
	return common.NewCorrelatedObject(a.object, a.old, &model.Structural{Structural: a.version.structural})
}

func (a *ruleRequest) run() []answer {
	warnings := &warningList{}
	ctx := warning.WithWarningRecorder(context.Background(), warnings)
	var failures field.ErrorList
	if a.isUpdate {
		if a.version.hasStatus {
			// An update of the resource leaves the status as it is.
			a.object["status"] = unknown{trail: "status"}
			a.old["status"] = a.object["status"]
		}
		correlated := cel.WithRatcheting(a.correlate())
		failures, _ = a.version.rules.Validate(ctx, nil, a.version.structural, a.object, a.old, celconfig.RuntimeCELCostBudget, correlated)
	} else {
		failures, _ = a.version.rules.Validate(ctx, nil, a.version.structural, a.object, nil, celconfig.RuntimeCELCostBudget)
	}
	answers := []answer{}
	for _, failure := range failures {
		answers = append(answers, a.answer(failure)...)
	}
	for _, text := range *warnings {
		path, detail, _ := strings.Cut(text, ": ")
		answers = append(answers, ruleAnswer(warn, detail, parseFieldPath(path, a.object)))
	}
	sortAnswers(answers)
	return answers
}

func (a *ruleRequest) answer(failure *field.Error) []answer {
	path := parseFieldPath(failure.Field, a.object)
	// Values that are not known are of a type that CEL's view of the object refuses to read.
	if strings.Contains(failure.Detail, "invalid data, ") {
		if len(path) > 0 && path[0] == "status" {
			return nil
		}
		name := "the status or a name that is not given"
		if a.sealed {
			name = "a secret value"
		}
		return []answer{ruleAnswer(undecided, "A rule of its CustomResourceDefinition depends on the cluster: "+name+".", path)}
	}
	message := failure.Detail
	if message == "" {
		message = failure.ErrorBody()
	}
	return []answer{ruleAnswer(deny, message, path)}
}

func ruleAnswer(effect effect, message string, path []any) answer {
	if path == nil {
		path = []any{}
	}
	return answer{Rule: crdRule, Effect: effect, Message: selfTypeName.ReplaceAllString(message, "self"), Path: path}
}

type warningList []string

func (w *warningList) AddWarning(_, text string) { *w = append(*w, text) }

// parseFieldPath reads the path of a field error back into steps. Keys of maps stand in brackets as indexes do, and
// names may hold dots, so the object tells what a step is.
func parseFieldPath(text string, object any) []any {
	steps := []any{}
	node := object
	for text != "" && text != "<nil>" {
		var step any
		step, text = nextStep(text, node)
		steps = append(steps, step)
		switch at := node.(type) {
		case map[string]any:
			name, _ := step.(string)
			node = at[name]
		case []any:
			node = nil
			if index, isIndex := step.(int); isIndex && index >= 0 && index < len(at) {
				node = at[index]
			}
		default:
			node = nil
		}
	}
	return steps
}

func nextStep(text string, node any) (step any, rest string) {
	text = strings.TrimPrefix(text, ".")
	if strings.HasPrefix(text, "[") {
		inside, after := cutBracket(text, node)
		if _, isList := node.([]any); isList {
			if index, err := strconv.Atoi(inside); err == nil {
				return index, after
			}
		}
		return inside, after
	}
	// The longest name that the object has here; else up to the next dot or bracket.
	if fields, isMap := node.(map[string]any); isMap {
		longest := ""
		for name := range fields {
			if len(name) > len(longest) && strings.HasPrefix(text, name) && endsStep(text[len(name):]) {
				longest = name
			}
		}
		if longest != "" {
			return longest, text[len(longest):]
		}
	}
	if end := strings.IndexAny(text, ".["); end > 0 {
		return text[:end], text[end:]
	}
	return text, ""
}

func endsStep(rest string) bool { return rest == "" || rest[0] == '.' || rest[0] == '[' }

func cutBracket(text string, node any) (inside, rest string) {
	if fields, isMap := node.(map[string]any); isMap {
		for name := range fields {
			if strings.HasPrefix(text[1:], name+"]") && endsStep(text[len(name)+2:]) {
				return name, text[len(name)+2:]
			}
		}
	}
	inside, rest, _ = strings.Cut(text[1:], "]")
	return inside, rest
}
