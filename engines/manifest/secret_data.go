package main

import (
	"encoding/base64"
	"strings"
)

// findPlainSecretData names keys of a Secret's data that are no base64: the API server refuses the object. What another
// tool fills in before that, or decrypts, is left alone. No message holds a value.
func findPlainSecretData(fields map[string]any, id ResourceID) []Finding {
	if id.Kind != "Secret" || id.Group != "" || isSops(fields) {
		return nil
	}
	data, _ := fields["data"].(map[string]any)
	var findings []Finding
	for _, key := range sortedKeys(data) {
		text, isText := data[key].(string)
		if !isText || hasPlaceholder(text) || strings.HasPrefix(strings.TrimSpace(text), "<") {
			continue
		}
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			findings = append(findings, Finding{
				Rule: "secret-encoding", Level: "error", Resource: &id, Path: []any{"data", key},
				Message: "Values under data of a Secret have to be base64. Encode this one, or move it to stringData.",
			})
		}
	}
	return findings
}
