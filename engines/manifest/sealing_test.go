package main

import (
	"fmt"
	"strings"
	"testing"
)

// hidden stands wherever a case must not show it.
const hidden = "hunter22"

func pointersOf(document Document) string {
	var pointers []string
	for _, sealed := range document.Sealed {
		pointers = append(pointers, sealed[0])
	}
	return strings.Join(pointers, " ")
}

func TestSealing(t *testing.T) {
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
	cases := []struct{ name, yaml, sealed string }{
		{"data", secret + "type: Opaque\ndata: {b: aHVudGVyMjI=, a: ''}\n", "/data/a /data/b"},
		{"stringData", secret + "stringData: {a: hunter22}\n", "/stringData/a"},
		{"data is a list", secret + "data: [hunter22, {x: hunter22}]\n", "/data/0 /data/1/x"},
		{"data is text", secret + "data: hunter22\n", "/data"},
		{"data holds other types", secret + "data: {a: 1, b: true, c: ~}\n", "/data/a /data/b"},
		{"a mistyped field", secret + "stringdata: {a: hunter22}\nDATA: hunter22\n", "/DATA /stringdata/a"},
		{"indented too deep", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  stringData: {p: hunter22}\n", "/metadata/stringData/p"},
		{"metadata is text", "apiVersion: v1\nkind: Secret\nmetadata: hunter22\n", "/metadata"},
		{"a wrong type", secret + "type: [hunter22]\n", "/type/0"},
		{"a wrong apiVersion", "apiVersion: apps/v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: hunter22}\n", "/data/a"},
		{"no apiVersion", "kind: Secret\nmetadata: {name: a}\ndata: {a: hunter22}\n", "/data/a"},
		{"a small letter", "apiVersion: v1\nkind: secret\nmetadata: {name: a}\ndata: {a: hunter22}\n", "/data/a"},
		{"in a List", "apiVersion: v1\nkind: List\nitems:\n- " + indent(secret+"data: {a: hunter22}\n"), "/data/a"},
		{"in a SecretList", "apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: a}\n  data: {a: hunter22}\n", "/data/a"},
		{"in a broken List", "apiVersion: v1\nkind: List\nmetadata: {name: a}\nitems: {x: {data: {a: hunter22}}}\n", "/items/x/data/a"},
		{"last-applied", configMap[:len(configMap)-len("{name: a}\n")] + "{name: a, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"data\": \"hunter22\"}'}}\n",
			"/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration"},
		{"SOPS", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 'ENC[AES256_GCM,data:hunter22]', b: plain}\nsops: {mac: 'ENC[hunter22]', age: [{enc: hunter22}], version: 3.8.1}\n",
			"/data/a /sops/age/0/enc /sops/mac /sops/version"},
		{"a ConfigMap is not sealed", configMap + "data: {a: b}\n", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			response := decodeText(t, c.yaml)
			document := response.Documents[0]
			if got := pointersOf(document); got != c.sealed {
				t.Errorf("sealed %q, want %q", got, c.sealed)
			}
			document.Raw = ""
			if shown := fmt.Sprint(document, response.Findings); strings.Contains(shown, hidden) || strings.Contains(shown, "aHVudGVyMjI") {
				t.Errorf("a secret value is shown: %s", shown)
			}
		})
	}
}

func TestMacs(t *testing.T) {
	mac := func(text string) string {
		document := decodeText(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"+text).Documents[0]
		return document.Sealed[0][1]
	}
	same := [][2]string{
		{"data: {a: aHVudGVyMjI=}", "stringData: {a: hunter22}"},
		{"data: {a: aHVudGVyMjI=}", "data: {a: \"aHVudGVy\\nMjI=\"}"},
		{"data: {a: aHVudGVyMjI=}", "data: {b: aHVudGVyMjI=}"},
	}
	for _, pair := range same {
		if mac(pair[0]) != mac(pair[1]) {
			t.Errorf("%s and %s differ", pair[0], pair[1])
		}
	}
	different := [][2]string{
		{"data: {a: aHVudGVyMjI=}", "data: {a: aHVudGVyMjM=}"},
		{"data: {a: hunter2}", "data: {a: aHVudGVyMg==}"},
		{"stringData: {a: '1'}", "stringData: {a: 1}"},
		{"data: {a: //4=}", "stringData: {a: //4=}"},
	}
	for _, pair := range different {
		if mac(pair[0]) == mac(pair[1]) {
			t.Errorf("%s and %s are equal", pair[0], pair[1])
		}
	}
	if digits := mac("data: {a: eA==}"); len(digits) != macDigits {
		t.Errorf("a mac has %d digits", len(digits))
	}
}

func TestDigestsFollowSealedValues(t *testing.T) {
	digest := func(value string) string {
		return decodeText(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: "+value+"}").Documents[0].Digest
	}
	if digest("one") == digest("two") || digest("one") != digest("'one'") {
		t.Error("a digest is not a function of the values")
	}
	// A string that looks like what stands for a sealed value is just a string.
	shown := decodeText(t, configMap+"data: {a: '!sealed'}").Documents[0]
	if !strings.Contains(shown.JSON, `"!sealed"`) || len(shown.Sealed) > 0 {
		t.Errorf("got %+v", shown)
	}
}

func TestRawIsForTheValidator(t *testing.T) {
	document := decodeText(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: 'ENC[x]'}\nsops: {mac: x}\n").Documents[0]
	if document.Raw != `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"a":"ENC[x]"}}` {
		t.Error(document.Raw)
	}
	if document.JSON != `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"sops":{"mac":null},"stringData":{"a":null}}` || !document.IsSops {
		t.Error(document.JSON)
	}
}

func TestReveal(t *testing.T) {
	source := Source{YAML: "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: hunter22}\n"}
	response, err := Decode(Request{Resources: []Source{source}, Reveal: true})
	if err != nil {
		t.Fatal(err)
	}
	if document := response.Documents[0]; !strings.Contains(document.Raw, hidden) || document.JSON != "" || document.Resource.Name != "a" {
		t.Errorf("got %+v", document)
	}
}

func TestNoKeyNoSealing(t *testing.T) {
	if _, err := Decode(Request{}); err == nil {
		t.Error("values were sealed without a key")
	}
}
