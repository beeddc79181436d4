package hosts

import rego.v1

# METADATA
# title: Hosts belong to their environment
# description: A host of another environment leads its visitors to the wrong one.
deny contains {"msg": msg, "path": ["spec", "rules", i, "host"]} if {
	input.kind == "Ingress"
	some i, rule in input.spec.rules
	some other in {"dev", "staging", "prod"} - {data.drydock.environment}
	contains(rule.host, sprintf(".%s.", [other]))
	msg := sprintf("%s is a host of %s, and this is %s.", [rule.host, other, data.drydock.environment])
}
