package credentials

import (
	"encoding/base64"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zricethezav/gitleaks/v8/config"
)

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	lower   = "abcdefghijklmnopqrstuvwxyz0123456789"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	hexes   = "0123456789abcdef"
)

// draw makes values up while the test runs, so that nothing of a credential's format stands in the repository.
func draw(alphabet string, length int) string {
	random := rand.New(rand.NewSource(int64(length)))
	text := make([]byte, length)
	for i := range text {
		text[i] = alphabet[random.Intn(len(alphabet))]
	}
	return string(text)
}

func privateKey() string {
	return "-----BEGIN RSA " + "PRIVATE KEY-----\n" + draw(letters, 64) + "\n" + draw(letters, 63) + "\n-----END RSA PRIVATE " + "KEY-----\n"
}

func webToken(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(claims)) + "." + draw(letters, 43)
}

func TestKnownFormats(t *testing.T) {
	cases := []struct{ noun, name, secret string }{
		{"a GitHub personal access token", "TOKEN", "gh" + "p_" + draw(letters, 36)},
		{"a GitHub fine-grained personal access token", "x", "github" + "_pat_" + draw(letters, 82)},
		{"a GitHub App token", "x", "gh" + "s_" + draw(letters, 36)},
		{"a GitLab personal access token", "x", "gl" + "pat-" + draw(letters, 20)},
		{"an AWS access key", "AWS_ACCESS_KEY_ID", "AK" + "IA" + draw(upper, 16)},
		{"a Google Cloud API key", "x", "AI" + "za" + draw(letters, 35)},
		{"a Slack bot token", "x", "xox" + "b-" + draw("123456789", 11) + "-" + draw("123456789", 12) + "-" + draw(letters, 24)},
		{"a Slack webhook address", "url", "https://hooks.slack" + ".com/services/T" + draw(upper, 8) + "/B" + draw(upper, 10) + "/" + draw(letters, 24)},
		{"a Stripe access token", "x", "sk_" + "live_" + draw(letters, 24)},
		{"an npm access token", "x", "np" + "m_" + draw(lower, 36)},
		{"a Twilio API key", "x", "S" + "K" + draw(hexes, 32)},
		{"a SendGrid API token", "x", "S" + "G." + draw(lower, 66)},
		{"a DigitalOcean personal access token", "x", "dop" + "_v1_" + draw(hexes, 64)},
		{"a Vault Service token", "x", "hv" + "s." + draw(letters, 95)},
		{"an Azure client secret", "x", draw(letters, 3) + "8Q" + "~" + draw(letters, 33)},
		{"an age secret key", "keys.txt", "AGE-SECRET-" + "KEY-1" + draw("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)},
		{"a signed JSON Web Token", "x", webToken(`{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:a:b"}`)},
	}
	for _, c := range cases {
		t.Run(c.noun, func(t *testing.T) {
			for _, text := range []string{c.name + ": " + c.secret, "a: " + strings.Repeat("filler text\n", 2000) + c.secret + "\nend"} {
				found := Scan(text, true)
				if len(found) != 1 || !found[0].IsKnown || found[0].Noun != c.noun {
					t.Fatalf("got %+v", found)
				}
				if got := text[found[0].Start:found[0].End]; got != c.secret {
					t.Errorf("the match stands elsewhere: %d to %d", found[0].Start, found[0].End)
				}
			}
		})
	}
}

func TestPrivateKeys(t *testing.T) {
	found := Scan("tls.key: "+privateKey(), false)
	if len(found) != 1 || found[0].Noun != "a private key" || !found[0].IsKnown {
		t.Fatalf("got %+v", found)
	}
}

func TestTextsThatOnlyLookLikeSecrets(t *testing.T) {
	for _, text := range []string{
		"DB_PASSWORD: " + draw(letters, 24),
		"args: --api-key=" + draw(letters, 32),
		"config.ini: |\n[a]\nclient_secret = " + draw(letters, 40) + "\n",
		"SECRET_KEY_BASE: " + draw(hexes, 128),
		"DATADOG_API_KEY: " + draw(hexes, 40),
	} {
		found := Scan(text, true)
		if len(found) != 1 || found[0].IsKnown {
			t.Errorf("got %+v for %.20s", found, text)
		}
	}
	if found := Scan("DB_PASSWORD: "+draw(letters, 24), false); len(found) != 0 {
		t.Errorf("a generic match was not asked for: %+v", found)
	}
}

func TestOrdinaryTextsAreNoSecrets(t *testing.T) {
	certificate := "-----BEGIN CERTIFICATE-----\n" + strings.Repeat(draw(letters, 64)+"\n", 20) + "-----END CERTIFICATE-----\n"
	cases := map[string]string{
		"AWS's own example":         "AWS_ACCESS_KEY_ID: AKIA" + "IOSFODNN7EXAMPLE",
		"a masked token":            "token: gh" + "p_" + strings.Repeat("x", 36),
		"all the same":              "api_key: " + strings.Repeat("a", 32),
		"counting up":               "token: gh" + "p_1234567890abcdefghijklmnopqrstuvwxyz",
		"an image's digest":         "image: registry.example.com/secret-key/api@sha256:" + draw(hexes, 64),
		"a digest that says so":     "token-checksum: sha256:" + draw(hexes, 64),
		"a UUID":                    "api-token-id: 3f2b1c9e-8d7a-4e6f-9b5c-1a2d3e4f5a6b",
		"a public certificate":      "ca.crt: " + certificate,
		"its base64":                "caBundle: " + base64.StdEncoding.EncodeToString([]byte(certificate)),
		"base64 of a text":          "payload: " + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("the quick brown fox jumps. ", 40))),
		"a template":                "password: '{{ .Values.auth.password | b64enc }}'",
		"a substitution":            "password: ${DATABASE_PASSWORD_1}",
		"a name":                    "auth: system-serviceaccount-key-reader",
		"a dotted name like a JWT":  "host: ey-service-account.eyes-of-the-cluster.svc.cluster.local",
		"a plain word":              "password: correct-horse-battery-staple",
		"a file":                    "keyFile: /etc/secrets/key-2024-01-01.pem",
		"jwt.io's example":          "x: " + webToken(`{"sub":"1234567890","name":"John Doe","iat":1516239022}`),
		"inside other base64":       "ca: " + strings.Repeat(draw(letters, 40), 4) + "/EA" + "AA" + draw(letters, 30),
		"a commit with a keyword":   "image: sourcegraph/frontend:" + draw(lower, 7),
		"a version":                 "api-key-version: v2.13.4-rc.1",
		"a line of a shell":         "run.sh: curl -sf http://localhost:8080/healthz --header 'Accept: text/plain'",
		"a short password":          "password: 12ab",
		"an environment's variable": "secret: $(MY_SECRET_VALUE_1)",
	}
	for name, text := range cases {
		if found := Scan(text, true); len(found) != 0 {
			t.Errorf("%s: got %+v", name, found)
		}
	}
}

// A rule that a shorter value could match would not be asked.
func TestNoFormatIsShorterThanWhatIsScanned(t *testing.T) {
	for _, rule := range known().all {
		if rule.minLength < shortest {
			t.Errorf("%s matches %d bytes", rule.id, rule.minLength)
		}
	}
	if count := len(known().all); count < 180 {
		t.Errorf("only %d formats were read", count)
	}
}

func TestShapesAreOfEveryMatch(t *testing.T) {
	cases := []struct {
		expression, match, other string
	}{
		{`\b(ghp_[0-9a-zA-Z]{36})`, "ghp_" + draw(letters, 36), "ghp_" + draw(letters, 35)},
		{`s\.(?i:[a-z0-9]{24})|hvs\.[\w-]{90}`, "s." + draw(letters, 24), "ingress.kubernetes.io"},
		{`(?i)[k]{5}`, "\u212a\u212a\u212a\u212a\u212a", "aaaa"},
	}
	for _, c := range cases {
		rules, err := load("[[rules]]\nid = 'a'\nregex = '''" + c.expression + "'''\n")
		if err != nil {
			t.Fatal(err)
		}
		if shape := rules.all[0].shape; !shape.isIn(c.match) || shape.isIn(c.other) {
			t.Errorf("%s: %d in a row", c.expression, shape.length)
		}
	}
}

func TestEveryFormatHasANoun(t *testing.T) {
	for _, rule := range known().all {
		if !strings.HasPrefix(rule.noun, "a ") && !strings.HasPrefix(rule.noun, "an ") && !loose[rule.id] || len(rule.noun) > 60 {
			t.Errorf("%s is called %q", rule.id, rule.noun)
		}
	}
}

func TestHostileTextsTakeTimeInProportion(t *testing.T) {
	texts := map[string]string{
		"ten megabytes of one letter": "a: " + strings.Repeat("a", 10<<20),
		"ten megabytes of lines":      "a: " + strings.Repeat("name: value of something else\n", 350_000),
		"keywords alone":              strings.Repeat("akia ghp_ eyJ secret-key: token ", 3_000),
		"almost a private key":        strings.Repeat("-----BEGIN PRIVATE "+"KEY-----", 3_000),
		"almost a web token":          strings.Repeat("ey"+draw(letters, 40)+".", 3_000),
		"broken UTF-8":                strings.Repeat("\xff\xfesecret: \x00", 10_000),
		"one long run":                "token: " + draw(letters, 200_000),
	}
	for name, text := range texts {
		start := time.Now()
		found := Scan(text, true)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		if len(found) > maxMatches {
			t.Errorf("%s: %d matches", name, len(found))
		}
	}
}

// The shortcut before the generic rule's expression must not lose what the expression finds.
func TestTheShortcutOfTheGenericRuleLosesNothing(t *testing.T) {
	var generic *rule
	for _, rule := range known().all {
		if rule.isGeneric {
			generic = rule
		}
	}
	pieces := []string{"token", "apiKey", "secret", "PASSWD", "x_", "-id", " ", "  ", "\t", "'", "\"", "`", ":", "=", ":=", "=>", "||", ",", "\n", ";", "\\n",
		draw(letters, 24), draw(letters, 17) + "/" + draw(letters, 9), draw(lower, 20) + "==", "==" + draw(letters, 20), "name-of-a-thing", "é", draw(letters, 160)}
	random := rand.New(rand.NewSource(1))
	matched := 0
	for range 20_000 {
		var builder strings.Builder
		for range 3 + random.Intn(8) {
			builder.WriteString(pieces[random.Intn(len(pieces))])
		}
		text := builder.String()
		if len(generic.matches(text, [2]int{0, len(text)}, known().allowed)) == 0 {
			continue
		}
		matched++
		isAsked := false
		known().keywords.each(text, func(word, end int) {
			isAsked = isAsked || slices.Contains(generic.keywords, word) && mayAssign(text, end, generic.entropy)
		})
		if !isAsked {
			t.Fatalf("lost %q", text)
		}
	}
	if matched < 200 {
		t.Errorf("only %d texts matched", matched)
	}
}

func TestSecretValues(t *testing.T) {
	no := []string{"", "  ", "${PASSWORD}", "$(PASSWORD)", "CHANGEME", "change-me", "<password>", "<path:secret/data/db#password>", "xxxx", "****",
		"{{ .Values.password }}", "user={{ .user }};password={{ .password }}", "vault:secret/data/db#password", "ENC[AES256_GCM,data:abc]",
		"password: ENC[AES256_GCM,data:abc]\nsops:\n  mac: x", "-----BEGIN CERTIFICATE-----\nabc", "ssh-ed25519 AAAA", "your-password-here",
		"arn:aws:secretsmanager:eu-west-1:1:secret:a", "-----BEGIN AGE ENCRYPTED FILE-----\nx", "REPLACE_ME", "op://vault/item/field"}
	for _, value := range no {
		if IsSecretValue(value) {
			t.Errorf("%q is no secret", value)
		}
	}
	for _, value := range []string{"hunter22", "1234", "p@ss w0rd", "-----BEGIN CERTIFICATE-----\na\n" + privateKey(), "postgres://u:p@h/d", "admin"} {
		if !IsSecretValue(value) {
			t.Errorf("%q is a secret", value)
		}
	}
}

func BenchmarkScanManifests(b *testing.B) {
	text := strings.Repeat("app.kubernetes.io/name: web-frontend\nvalueFrom.secretKeyRef.name: database-credentials\nimage: registry.example.com/team/web:1.2.3\n", 8)
	lines := strings.SplitAfter(text, "\n")
	Warm()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for _, line := range lines {
			Scan(line, true)
		}
	}
}

func BenchmarkWarm(b *testing.B) {
	for b.Loop() {
		if _, err := load(defaultText()); err != nil {
			b.Fatal(err)
		}
	}
}

func defaultText() string { return config.DefaultConfig }
