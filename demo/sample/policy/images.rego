package images

import rego.v1

# METADATA
# title: Images come from our registry
# description: Other registries are neither scanned nor kept, and may be gone when a node needs them.
deny contains {"msg": msg, "path": ["spec", "template", "spec", group, i, "image"]} if {
	some group in ["containers", "initContainers"]
	some i, container in input.spec.template.spec[group]
	not startswith(container.image, registry)
	msg := sprintf("%s comes from elsewhere than %s. Copy it there and use that one.", [container.image, registry])
}

registry := "ghcr.io/harbor/"
