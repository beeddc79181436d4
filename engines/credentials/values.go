package credentials

import (
	"regexp"
	"strings"
)

var (
	// What stands for a value that comes from elsewhere: substitutions, templates, words, and addresses in secret stores.
	placeholder = regexp.MustCompile(`(?i)^(?:\$\{.*\}|\$\(.*\)|\$[a-z_]\w*|%[a-z_]\w*%|@[a-z_]\w*@|<[^<>]*>|\[[^\[\]]*\]|__\w+__)$` +
		`|^(?:change[-_ .]?(?:me|this|it|in[-_ ]?production)|replace[-_ .]?(?:me|this|with\b.*)|place[-_ ]?holder|to[-_ ]?do|tbd|fix[-_ ]?me|dummy|example|redacted|masked|hidden|set[-_ ]?me|override[-_ ]?me|your[-_ ].*|insert[-_ ].*|not[-_ ]?set|unset|n/?a|none|null|nil|empty|x+|\*+|\.+|-+)!?$` +
		`|^(?:vault:|ref\+|op://|secretref\+|akv:|ssm:|arn:aws:(?:secretsmanager|ssm):|projects/[^/]+/secrets/|avp:|keyvault:)`)
	encrypted = regexp.MustCompile(`^(?:ENC\[|\$ANSIBLE_VAULT;|-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE|PKCS7)-----|age-encryption\.org/|\x00GITCRYPT|vault:v\d+:)`)
	template  = regexp.MustCompile(`\{\{.*\}\}|\$\{[^}]*\}|<path:[^>]*>|\{%.*%\}|<%.*%>`)
	publicKey = regexp.MustCompile(`^\s*(?:-----BEGIN (?:CERTIFICATE|TRUSTED CERTIFICATE|X509 CRL|PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE REQUEST|DH PARAMETERS)-----|ssh-(?:rsa|ed25519|dss) |ecdsa-sha2-)`)
)

// IsPlaceholder is true for a text that is no secret itself: nothing, something to be filled in, or where to fetch it.
func IsPlaceholder(value string) bool {
	trimmed := strings.Trim(strings.TrimSpace(value), `'"`)
	if trimmed == "" || isOneLetter(trimmed) {
		return true
	}
	return placeholder.MatchString(trimmed)
}

// IsSecretValue tells whether the value of a Secret is one that anybody who reads it can use. What is encrypted, filled
// in by another tool, or public anyway is none.
func IsSecretValue(value string) bool {
	if IsPlaceholder(value) || template.MatchString(value) {
		return false
	}
	trimmed := strings.TrimSpace(value)
	if encrypted.MatchString(trimmed) || isSopsFile(trimmed) {
		return false
	}
	return !publicKey.MatchString(trimmed) || strings.Contains(trimmed, "PRIVATE KEY")
}

// isSopsFile knows a file that SOPS encrypted as a whole, in YAML, JSON, dotenv or INI.
func isSopsFile(text string) bool {
	return strings.Contains(text, "ENC[AES256_GCM,") && strings.Contains(text, "sops")
}

func isOneLetter(text string) bool {
	return strings.Count(text, text[:1]) == len(text) && len(text) > 2
}
