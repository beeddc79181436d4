package main

import (
	"encoding/base64"
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

// madeUp is a text of letters and digits that stands nowhere in the repository.
func madeUp(length int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	random := rand.New(rand.NewSource(int64(length)))
	text := make([]byte, length)
	for i := range text {
		text[i] = alphabet[random.Intn(len(alphabet))]
	}
	return string(text)
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func leaksOf(response *Response) string {
	var got []string
	for _, f := range response.Findings {
		if f.Rule == ruleCredential || f.Rule == rulePlaintext || f.Rule == ruleEntropy {
			got = append(got, fmt.Sprintf("%s %s %v", f.Rule, f.Level, f.Path))
		}
	}
	return strings.Join(got, "\n")
}

func TestCredentialsInDocuments(t *testing.T) {
	token := "gh" + "p_" + madeUp(36)
	random := madeUp(30)
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
	pod := "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"
	cases := []struct{ name, yaml, want string }{
		{"data of a ConfigMap", configMap + "data: {token: " + token + "}\n", "credential error [data token]"},
		{"a file in a ConfigMap", configMap + "data:\n  a.yaml: |\n    x: 1\n    token: " + token + "\n", "credential error [data a.yaml]"},
		{"binary data of a ConfigMap", configMap + "binaryData: {a: " + encode(token) + "}\n", "credential error [binaryData a]"},
		{"a variable", pod + "spec:\n  containers:\n  - name: c\n    env:\n    - {name: TOKEN, value: " + token + "}\n",
			"credential error [spec containers 0 env 0 value]"},
		{"an argument", pod + "spec:\n  containers:\n  - name: c\n    args: [serve, --token=" + token + "]\n", "credential error [spec containers 0 args 1]"},
		{"an annotation", pod + "  annotations: {note: use " + token + "}\n", "credential error [metadata annotations note]"},
		{"any kind", "apiVersion: a.example/v1\nkind: Any\nmetadata: {name: a}\nspec: {x: [{z: " + token + "}]}\n", "credential error [spec x 0 z]"},
		{"data of a Secret", secret + "data: {t: " + encode(token) + "}\n", "credential error [data t]\nsecret-plaintext warning [data t]"},
		{"stringData", secret + "stringData: {t: " + token + "}\n", "credential error [stringData t]\nsecret-plaintext warning [stringData t]"},
		{"an unknown password", secret + "stringData: {password: " + random + "}\n", "secret-plaintext warning [stringData password]"},
		{"bytes", secret + "data: {keystore: /+7+7w==}\n", "secret-plaintext warning [data keystore]"},
		{"placeholders", secret + "stringData: {a: '${A}', b: CHANGEME, c: <fill in>, d: ''}\ndata: {e: '', f: " + encode("changeme") + "}\n", ""},
		{"a SOPS file", secret + "data: {a: 'ENC[AES256_GCM,data:x]'}\nsops: {mac: x}\n", ""},
		{"what SOPS encrypted", secret + "data: {a: " + encode("x: ENC[AES256_GCM,data:x]\nsops: {}\n") + "}\n", ""},
		{"a public certificate", secret + "stringData: {ca.crt: \"-----BEGIN CERTIFICATE-----\\nabc\"}\n", ""},
		{"a SealedSecret", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a}\nspec: {encryptedData: {password: Ag" + madeUp(300) + "}}\n", ""},
		{"an ExternalSecret", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\n" +
			"spec: {target: {template: {data: {password: 'u:{{ .p }}'}}}, data: [{secretKey: p, remoteRef: {key: prod/db-1/password}}]}\n", ""},
		{"a name that says secret", pod + "spec:\n  containers:\n  - name: c\n    env:\n    - {name: API_SECRET, value: " + random + "}\n",
			"high-entropy warning [spec containers 0 env 0 value]"},
		{"names of Secrets", pod + "spec:\n  imagePullSecrets: [{name: regcred-5tm8mf8c9t}]\n  volumes:\n  - {name: v, secret: {secretName: my-token-5tm8mf8c9t}}\n" +
			"  containers:\n  - name: c\n    env:\n    - {name: A, valueFrom: {secretKeyRef: {name: api-key-h2b7f9k4mt, key: api-key-2}}}\n", ""},
		{"a checksum", pod + "  annotations: {checksum/secret: " + strings.Repeat("0a1b2c3d4e5f6789", 4) + "}\n", ""},
		{"the applied copy", secret[:len(secret)-len("metadata: {name: a}\n")] + "metadata:\n  name: a\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n" +
			"      {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\"},\"data\":{\"t\":\"" + encode(token) + "\"}}\n",
			"credential error [metadata annotations kubectl.kubernetes.io/last-applied-configuration]\n" +
				"secret-plaintext warning [metadata annotations kubectl.kubernetes.io/last-applied-configuration]"},
		{"a List", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {token: " + token + "}}\n", "credential error [data token]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			response := decodeText(t, c.yaml)
			if got := leaksOf(response); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			told := fmt.Sprintf("%+v", response.Findings)
			for _, document := range response.Documents {
				if strings.Contains(document.JSON, token) || strings.Contains(document.JSON, encode(token)) {
					t.Errorf("T44: a credential is not sealed: %s", document.JSON)
				}
			}
			for _, value := range []string{token, token[4:16], random, encode(token)[:12]} {
				if strings.Contains(told, value) {
					t.Errorf("T44: a finding shows a value: %s", told)
				}
			}
		})
	}
}

func TestSealedCredentialsAreToldApart(t *testing.T) {
	digestOfToken := func(length int) string {
		document := decodeText(t, configMap+"data: {a: x, token: gh"+"p_"+madeUp(length)[:36]+"}\n").Documents[0]
		if len(document.Sealed) != 1 || document.Sealed[0][0] != "/data/token" || !strings.Contains(document.JSON, `"a":"x","token":null`) {
			t.Errorf("got %s %v", document.JSON, document.Sealed)
		}
		return document.Digest
	}
	if digestOfToken(36) == digestOfToken(37) || digestOfToken(36) != digestOfToken(36) {
		t.Error("equal digests are equal values")
	}
}

func TestTheLineWithinAValueIsTold(t *testing.T) {
	token := "gl" + "pat-" + madeUp(20)
	findings := decodeText(t, configMap+"data:\n  a.ini: |\n    one\n    two\n    x="+token+"\n    four\n").Findings
	if len(findings) != 1 || !strings.HasPrefix(findings[0].Message, "A GitLab personal access token stands in plain text in line 3 of this value.") {
		t.Errorf("got %+v", findings)
	}
}

func TestAKnownDocumentIsNotLookedThroughAgain(t *testing.T) {
	text := "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: hunter22}\n"
	first := decodeText(t, text)
	again, err := Decode(Request{Resources: []Source{{YAML: text, File: "app.yaml"}}, MacKey: testKey, IsSource: true,
		KnownValid: []string{first.Documents[0].Digest}})
	if err != nil || len(again.Findings) != 0 || len(first.Findings) != 1 {
		t.Errorf("got %v, %+v", err, again.Findings)
	}
}

func TestValuesFilesAreReadAsTheyStand(t *testing.T) {
	token := "gh" + "p_" + madeUp(36)
	values := "a: 1\n# 😀 old: " + token + "\nb:\n  adminPassword: " + madeUp(30) + "\n  tokenSecretName: tokens-5tm8mf8c9t-x1\n  image: {tag: v1.2.3}\n"
	response, err := Decode(Request{Values: []Text{{File: "values.yaml", Text: values}}, MacKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range response.Findings {
		got = append(got, fmt.Sprintf("%s %s %d:%d", f.Rule, f.File, f.Line, f.Column))
	}
	want := "credential values.yaml 2:11\nhigh-entropy values.yaml 4:18"
	if strings.Join(got, "\n") != want {
		t.Errorf("got %q", got)
	}
	if len(response.Needles) != 2 || response.Needles[0].Texts[0] != token || response.Needles[1].Finding != 1 {
		t.Error("needles are missing")
	}
}

func TestFindingsAboutSecretsAreBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n")
	for i := range 2_000 {
		fmt.Fprintf(&text, "  k%d: v%d\n", i, i)
	}
	if count := len(decodeText(t, text.String()).Findings); count != maxLeaks {
		t.Errorf("got %d findings", count)
	}
}
