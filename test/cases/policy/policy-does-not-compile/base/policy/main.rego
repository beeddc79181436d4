package main

import rego.v1

deny contains msg if {
	input.kind == "Deployment"
	msg := http.send({"method": "get", "url": "https://example.com"}).body
}
