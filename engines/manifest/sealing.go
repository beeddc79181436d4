package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// macDigits is the length of a mac: 128 bits are enough to tell values apart.
const macDigits = 32

// Annotations in which tools keep the whole object as it was applied.
var appliedAnnotations = map[string]bool{
	"kubectl.kubernetes.io/last-applied-configuration": true,
	"kapp.k14s.io/original":                            true,
	"objectset.rio.cattle.io/applied":                  true,
}

// Fields of metadata that the API knows. Anything else below the metadata of a Secret is a mistake, such as data that
// is indented too deep, and is sealed.
var metadataFields = map[string]bool{
	"name": true, "generateName": true, "namespace": true, "labels": true, "annotations": true, "finalizers": true,
	"ownerReferences": true, "creationTimestamp": true, "deletionTimestamp": true, "deletionGracePeriodSeconds": true,
	"generation": true, "resourceVersion": true, "selfLink": true, "uid": true, "managedFields": true,
}

// mayHoldSecrets is false for most objects, which need not be walked through. raw is the object's canonical JSON.
func mayHoldSecrets(kind, raw string) bool {
	if strings.EqualFold(kind, "Secret") || strings.EqualFold(kind, "SecretList") || strings.EqualFold(kind, "List") {
		return true
	}
	for annotation := range appliedAnnotations {
		if strings.Contains(raw, annotation) {
			return true
		}
	}
	return false
}

// sealObject replaces the secret values of an object by nil and gives their pointers and macs, in the order in which
// they stand in the canonical JSON. It goes by the kind alone, so that a Secret that is invalid is sealed too.
func sealObject(fields map[string]any, macKey []byte) [][2]string {
	sealing := &sealing{macKey: macKey, isSops: isSops(fields), sealed: [][2]string{}}
	kind, _ := fields["kind"].(string)
	isSecret := strings.EqualFold(kind, "Secret")
	// A list of Secrets that was not unrolled is none that the API knows.
	isBroken := strings.EqualFold(kind, "List") || strings.EqualFold(kind, "SecretList")
	for _, key := range sortedKeys(fields) {
		pointer := "/" + escapePointer(key)
		switch {
		case sealing.isSops && key == "sops", isBroken && key == "items", isSecret && isSecretField(key, fields[key]):
			fields[key] = sealing.sealAll(fields[key], pointer, key == "data")
		case isSecret && key == "metadata":
			fields[key] = sealing.sealMetadata(fields[key], pointer)
		default:
			fields[key] = sealing.sealKnown(fields[key], pointer, isIdentity(key))
		}
	}
	return sealing.sealed
}

type sealing struct {
	macKey []byte
	isSops bool
	sealed [][2]string
}

// isSecretField is true for everything but what identifies a Secret: a mistyped "stringdata" holds secret values too.
func isSecretField(key string, value any) bool {
	switch key {
	case "apiVersion", "kind", "metadata":
		return false
	case "type":
		_, isString := value.(string)
		return !isString
	case "immutable":
		_, isBool := value.(bool)
		return !isBool
	}
	return true
}

func isIdentity(key string) bool { return key == "apiVersion" || key == "kind" }

// sealAll seals every scalar at and below pointer. Null holds nothing and stays.
func (s *sealing) sealAll(value any, pointer string, isBase64 bool) any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		for i, item := range value {
			value[i] = s.sealAll(item, pointer+"/"+strconv.Itoa(i), isBase64)
		}
		return value
	case map[string]any:
		for _, key := range sortedKeys(value) {
			value[key] = s.sealAll(value[key], pointer+"/"+escapePointer(key), isBase64)
		}
		return value
	}
	s.sealed = append(s.sealed, [2]string{pointer, s.mac(value, isBase64)})
	return nil
}

// sealAt seals the values at some pointers, wherever they are.
func (s *sealing) sealAt(value any, pointer string, wanted map[string]bool) any {
	if wanted[pointer] {
		return s.sealAll(value, pointer, false)
	}
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			value[i] = s.sealAt(item, pointer+"/"+strconv.Itoa(i), wanted)
		}
	case map[string]any:
		for _, key := range sortedKeys(value) {
			value[key] = s.sealAt(value[key], pointer+"/"+escapePointer(key), wanted)
		}
	}
	return value
}

func (s *sealing) sealMetadata(value any, pointer string) any {
	fields, isObject := value.(map[string]any)
	if !isObject {
		return s.sealAll(value, pointer, false)
	}
	for _, key := range sortedKeys(fields) {
		at := pointer + "/" + escapePointer(key)
		if metadataFields[key] {
			fields[key] = s.sealKnown(fields[key], at, key == "name" || key == "namespace")
		} else {
			fields[key] = s.sealAll(fields[key], at, key == "data")
		}
	}
	return fields
}

// sealKnown seals, at any depth, copies of applied objects and what SOPS encrypted.
func (s *sealing) sealKnown(value any, pointer string, isIdentity bool) any {
	switch value := value.(type) {
	case string:
		if s.isSops && !isIdentity && strings.HasPrefix(value, "ENC[") {
			return s.sealAll(value, pointer, false)
		}
	case []any:
		for i, item := range value {
			value[i] = s.sealKnown(item, pointer+"/"+strconv.Itoa(i), false)
		}
	case map[string]any:
		for _, key := range sortedKeys(value) {
			at := pointer + "/" + escapePointer(key)
			if appliedAnnotations[key] {
				value[key] = s.sealAll(value[key], at, false)
			} else {
				isName := pointer == "/metadata" && (key == "name" || key == "namespace")
				value[key] = s.sealKnown(value[key], at, isName)
			}
		}
	}
	return value
}

// mac is equal for a value of data and one of stringData that mean the same bytes. Text in data that is no base64 has
// a form of its own, because mending it is a change.
func (s *sealing) mac(value any, isBase64 bool) string {
	form := writeCanonical(nil, value)
	if text, isString := value.(string); isString && isBase64 {
		decoded, err := base64.StdEncoding.DecodeString(text)
		switch {
		case err != nil:
			form = append([]byte("not base64 "), form...)
		case utf8.Valid(decoded):
			form = writeString(nil, string(decoded))
		default:
			form = append([]byte("bytes "), decoded...)
		}
	}
	hash := hmac.New(sha256.New, s.macKey)
	hash.Write(form)
	return hex.EncodeToString(hash.Sum(nil))[:macDigits]
}

// isSops is true for a document that SOPS has encrypted: it adds one mapping at the top.
func isSops(fields map[string]any) bool {
	_, isMapping := fields["sops"].(map[string]any)
	return isMapping
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func escapePointer(step string) string { return pointerEscapes.Replace(step) }

// digestOf is equal for two documents exactly when text and sealed values are.
func digestOf(text string, sealed [][2]string) string {
	hash := sha256.New()
	hash.Write([]byte(text))
	hash.Write([]byte{'\n'})
	hash.Write(mustJSON(sealed))
	return hex.EncodeToString(hash.Sum(nil))
}
