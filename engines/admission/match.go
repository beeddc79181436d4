package main

import (
	admissionregistration "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"
)

// certainty says whether something holds: it does, it does not, or it depends on the names given.
type certainty struct {
	isTrue    bool
	dependsOn []string
}

var (
	yes = certainty{isTrue: true}
	no  = certainty{}
)

func maybe(names ...string) certainty { return certainty{dependsOn: names} }

func (c certainty) isNo() bool  { return !c.isTrue && len(c.dependsOn) == 0 }
func (c certainty) isYes() bool { return c.isTrue }

// and is no as soon as either side is.
func (c certainty) and(other certainty) certainty {
	switch {
	case c.isNo() || other.isNo():
		return no
	case c.isTrue:
		return other
	case other.isTrue:
		return c
	}
	return maybe(append(append([]string{}, c.dependsOn...), other.dependsOn...)...)
}

// match is the version of a resource that a policy sees, if it sees it.
type match struct {
	certainty
	kind     schema.GroupVersionKind
	resource schema.GroupVersionResource
}

// matches is the API server's Matcher.Matches in three values: what a namespace's labels are may not be known.
func (c *constraints) matches(request *request) match {
	result := match{certainty: request.matchNamespace(c.namespaces).and(request.matchLabels(c.objects))}
	if result.isNo() {
		return result
	}
	if excluded := matchRules(c.ExcludeResourceRules, *c.MatchPolicy, request); excluded.isTrue {
		return match{}
	} else if !excluded.isNo() {
		result.certainty = result.and(maybe(excluded.dependsOn...))
	}
	if len(c.ResourceRules) == 0 {
		result.kind, result.resource = request.kind, request.resource
		return result
	}
	found := matchRules(c.ResourceRules, *c.MatchPolicy, request)
	found.certainty = result.and(found.certainty)
	return found
}

func matchRules(
	named []admissionregistration.NamedRuleWithOperations, matchPolicy admissionregistration.MatchPolicyType, request *request,
) match {
	for _, rule := range named {
		if matchRule(rule, request.attributes) {
			if found := matchName(rule.ResourceNames, request); !found.isNo() {
				return match{found, request.kind, request.resource}
			}
		}
	}
	if matchPolicy == admissionregistration.Exact {
		return match{}
	}
	for _, rule := range named {
		for _, equivalent := range request.equivalents {
			if !matchRule(rule, &otherResource{request.attributes, equivalent.resource}) {
				continue
			}
			if found := matchName(rule.ResourceNames, request); !found.isNo() {
				return match{found, equivalent.kind, equivalent.resource}
			}
		}
	}
	return match{}
}

func matchRule(rule admissionregistration.NamedRuleWithOperations, attributes admission.Attributes) bool {
	matcher := rules.Matcher{Rule: rule.RuleWithOperations, Attr: attributes}
	return matcher.Matches()
}

// otherResource is a request as it would be for another version of its resource.
type otherResource struct {
	admission.Attributes
	resource schema.GroupVersionResource
}

func (o *otherResource) GetResource() schema.GroupVersionResource { return o.resource }

func matchName(names []string, request *request) certainty {
	if len(names) == 0 {
		return yes
	}
	if request.name == "" {
		return maybe("request.name")
	}
	for _, name := range names {
		if name == request.name {
			return yes
		}
	}
	return no
}

// matchLabels is for the object before the change or after it, as the API server has it.
func (r *request) matchLabels(selector labels.Selector) certainty {
	if selector.Empty() {
		return yes
	}
	for _, object := range []*object{r.object, r.before} {
		if object != nil && selector.Matches(labels.Set(object.labels)) {
			return yes
		}
	}
	return no
}

// matchNamespace leaves out what is cluster-scoped: selectors never exempt it.
func (r *request) matchNamespace(selector labels.Selector) certainty {
	if r.isNamespace() {
		return certainOf(selector.Matches(labels.Set(r.object.labels)))
	}
	if !r.isNamespaced || selector.Empty() {
		return yes
	}
	requirements, isSelectable := selector.Requirements()
	if !isSelectable {
		return no
	}
	result := yes
	for _, requirement := range requirements {
		result = result.and(r.namespaceFacts.matches(requirement))
	}
	return result
}

func certainOf(isTrue bool) certainty {
	if isTrue {
		return yes
	}
	return no
}
