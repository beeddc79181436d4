package images_test

import rego.v1

import data.images

deployment(group, image) := {"kind": "Deployment", "spec": {"template": {"spec": {group: [{"image": image}]}}}}

test_ours_passes if {
	count(images.deny) == 0 with input as deployment("containers", "ghcr.io/harbor/web:1.8.2")
}

test_another_does_not if {
	count(images.deny) == 1 with input as deployment("containers", "ghcr.io/other/web:1.8.2")
}

test_init_containers_are_judged if {
	count(images.deny) == 1 with input as deployment("initContainers", "docker.io/library/busybox:1.36")
}
