package hosts_test

import rego.v1

import data.hosts

ingress := {"kind": "Ingress", "spec": {"rules": [{"host": "web.dev.example.com"}]}}

test_its_own_passes if {
	count(hosts.deny) == 0 with input as ingress with data.drydock.environment as "dev"
}

test_another_does_not if {
	count(hosts.deny) == 1 with input as ingress with data.drydock.environment as "prod"
}

test_nothing_is_said_where_no_environment_is_known if {
	count(hosts.deny) == 0 with input as ingress
}
