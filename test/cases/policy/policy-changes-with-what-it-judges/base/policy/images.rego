package images

import rego.v1

# METADATA
# title: Images come from our registry
# description: Other registries are neither scanned nor kept.
deny contains {"msg": msg, "path": ["spec", "template", "spec", "containers", i, "image"]} if {
	some i, container in input.spec.template.spec.containers
	not startswith(container.image, data.registry)
	msg := sprintf("%s comes from elsewhere than %s", [container.image, data.registry])
}
