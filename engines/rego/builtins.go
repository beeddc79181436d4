package main

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// allowedBuiltins are the built-ins that policies may call: pure functions of their arguments, the clock and the seed
// that the host gives. What is not listed is not there, whatever a newer OPA brings.
var allowedBuiltins = toSet(`
	eq assign equal neq lt lte gt gte plus minus mul div rem abs ceil floor round and or
	numbers.range numbers.range_step rand.intn bits.and bits.lsh bits.negate bits.or bits.rsh bits.xor
	any all count max min sum product sort union intersection set_diff array.concat array.flatten array.reverse array.slice
	cast_array cast_boolean cast_null cast_object cast_set cast_string to_number
	is_array is_boolean is_null is_number is_object is_set is_string type_name
	concat contains endswith startswith format_int indexof indexof_n lower upper replace split sprintf substring
	trim trim_left trim_prefix trim_right trim_space trim_suffix
	strings.any_prefix_match strings.any_suffix_match strings.count strings.render_template strings.replace_n
	strings.reverse strings.split_n
	regex.find_all_string_submatch_n regex.find_n regex.globs_match regex.is_valid regex.match regex.replace regex.split
	regex.template_match re_match glob.match glob.quote_meta
	object.filter object.get object.keys object.remove object.subset object.union object.union_n
	json.filter json.is_valid json.marshal json.marshal_with_options json.patch json.remove json.unmarshal
	yaml.is_valid yaml.marshal yaml.unmarshal
	base64.decode base64.encode base64.is_valid base64url.decode base64url.encode base64url.encode_no_pad hex.decode hex.encode
	urlquery.decode urlquery.decode_object urlquery.encode urlquery.encode_object uri.is_valid uri.parse
	crypto.hmac.equal crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 crypto.hmac.sha512 crypto.md5 crypto.sha1 crypto.sha256
	crypto.parse_private_keys crypto.x509.parse_and_verify_certificates
	crypto.x509.parse_and_verify_certificates_with_options crypto.x509.parse_certificate_request
	crypto.x509.parse_certificates crypto.x509.parse_keypair crypto.x509.parse_rsa_private_key
	net.cidr_contains net.cidr_contains_matches net.cidr_expand net.cidr_intersects net.cidr_is_valid net.cidr_merge
	net.cidr_overlap
	graph.reachable graph.reachable_paths walk
	semver.compare semver.is_valid units.parse units.parse_bytes uuid.parse uuid.rfc4122
	time.add_date time.clock time.date time.diff time.format time.now_ns time.parse_duration_ns time.parse_ns
	time.parse_rfc3339_ns time.weekday
	rego.metadata.chain rego.metadata.rule print trace
	internal.member_2 internal.member_3 internal.print internal.template_string internal.test_case
`)

const (
	outside   = "policies reach nothing outside of what they judge"
	fromFiles = "it reads a file, and what policies judge comes from no file"
	notNeeded = "it is not on the list of built-ins that policies may call"
)

// refusedBuiltins are those that were looked at and left out, and why, with the ones that conftest adds.
var refusedBuiltins = map[string]string{
	"http.send":                   outside,
	"net.lookup_ip_addr":          outside,
	"opa.runtime":                 "policies do not see the machine or its environment",
	"rego.parse_module":           "policies do not read other policies",
	"providers.aws.sign_req":      outside,
	"json.match_schema":           "schemas may lead to an address; " + outside,
	"json.verify_schema":          "schemas may lead to an address; " + outside,
	"io.jwt.decode":               notNeeded,
	"io.jwt.decode_verify":        notNeeded,
	"io.jwt.encode_sign":          notNeeded,
	"io.jwt.encode_sign_raw":      notNeeded,
	"io.jwt.verify_eddsa":         notNeeded,
	"io.jwt.verify_es256":         notNeeded,
	"io.jwt.verify_es384":         notNeeded,
	"io.jwt.verify_es512":         notNeeded,
	"io.jwt.verify_hs256":         notNeeded,
	"io.jwt.verify_hs384":         notNeeded,
	"io.jwt.verify_hs512":         notNeeded,
	"io.jwt.verify_ps256":         notNeeded,
	"io.jwt.verify_ps384":         notNeeded,
	"io.jwt.verify_ps512":         notNeeded,
	"io.jwt.verify_rs256":         notNeeded,
	"io.jwt.verify_rs384":         notNeeded,
	"io.jwt.verify_rs512":         notNeeded,
	"graphql.is_valid":            notNeeded,
	"graphql.parse":               notNeeded,
	"graphql.parse_and_verify":    notNeeded,
	"graphql.parse_query":         notNeeded,
	"graphql.parse_schema":        notNeeded,
	"graphql.schema_is_valid":     notNeeded,
	"parse_config":                fromFiles,
	"parse_config_file":           fromFiles,
	"parse_combined_config_files": fromFiles,
}

// restrictCapabilities leaves nothing but what is listed, and no address that schemas could be read from.
func restrictCapabilities(capabilities *ast.Capabilities) *ast.Capabilities {
	capabilities.Builtins = slices.DeleteFunc(capabilities.Builtins, func(builtin *ast.Builtin) bool {
		return !allowedBuiltins[builtin.Name]
	})
	capabilities.AllowNet = []string{}
	return capabilities
}

func toSet(names string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(names) {
		set[name] = true
	}
	return set
}
