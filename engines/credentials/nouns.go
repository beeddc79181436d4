package credentials

import (
	"regexp"
	"strings"
)

// ignored formats are no secrets: names of clients and keys that are made to be public. The one that reads Secrets as
// text is left to who decodes them.
var ignored = map[string]bool{
	"adobe-client-id": true, "asana-client-id": true, "bitbucket-client-id": true, "discord-client-id": true,
	"flutterwave-public-key": true, "kubernetes-secret-yaml": true, "linkedin-client-id": true, "lob-pub-api-key": true,
	"looker-client-id": true, "mailgun-pub-key": true, "messagebird-client-id": true, "new-relic-browser-api-token": true,
	"new-relic-user-api-id": true, "plaid-client-id": true, "sendbird-access-id": true, "sumologic-access-id": true,
}

// exact formats have little in common between two of them, and yet nothing else looks like them.
var exact = map[string]bool{
	"1password-secret-key": true, "azure-ad-client-secret": true, "huggingface-access-token": true,
	"microsoft-teams-webhook": true, "sendgrid-api-token": true, "sidekiq-sensitive-url": true,
	"telegram-bot-api-token": true, "twilio-api-key": true, "vault-service-token": true,
}

// loose formats stand in ordinary scripts too.
var loose = map[string]bool{"curl-auth-header": true, "curl-auth-user": true, "generic-api-key": true}

var nouns = map[string]string{
	"age-secret-key":                              "an age secret key",
	"alibaba-access-key-id":                       "an Alibaba Cloud access key",
	"aws-access-token":                            "an AWS access key",
	"aws-amazon-bedrock-api-key-long-lived":       "an Amazon Bedrock API key",
	"aws-amazon-bedrock-api-key-short-lived":      "an Amazon Bedrock API key",
	"azure-ad-client-secret":                      "an Azure client secret",
	"gcp-api-key":                                 "a Google Cloud API key",
	"gitlab-pat-routable":                         "a GitLab personal access token",
	"gitlab-runner-authentication-token-routable": "a GitLab runner authentication token",
	"jwt":                             "a signed JSON Web Token",
	"jwt-base64":                      "a signed JSON Web Token",
	"cisco-meraki-api-key":            "a Cisco Meraki API key",
	"clickhouse-cloud-api-secret-key": "a ClickHouse Cloud API key",
	"curl-auth-header":                "credentials for curl", "curl-auth-user": "credentials for curl",
	"generic-api-key":          "a secret",
	"notion-api-token":         "a Notion API token",
	"npm-access-token":         "an npm access token",
	"private-key":              "a private key",
	"slack-webhook-url":        "a Slack webhook address",
	"sourcegraph-access-token": "a Sourcegraph access token",
}

var described = regexp.MustCompile(`\b(?:an?|the)\s+(?:possible |potential |pattern that (?:resembles|may indicate) |pattern resembling )?(?:an? )?([^,(]*?)\s*(?:[,(]|\.(?:\s|$)| that| in a |$)`)

// Words of descriptions that are written small in the middle of a sentence.
var small = strings.NewReplacer(" Access Token", " access token", " Access token", " access token", " AccessToken", " access token",
	" Token", " token", " Secret Key", " secret key", " Secret key", " secret key", " Client Secret", " client secret",
	" Client secret", " client secret", " Secret", " secret", " Key", " key", " Personal", " personal", " Refresh", " refresh",
	" api ", " API ", " Access", " access", " Fine-Grained", " fine-grained", " User", " user", " Bot", " bot", " Legacy", " legacy",
	" Webhook", " webhook", " Organization", " organization", " Pipeline Trigger", " pipeline trigger", " Application", " application")

// nounOf names a format in plain words, with its article, from the id and the description that gitleaks has.
func nounOf(id, description string) string {
	if noun, isKnown := nouns[id]; isKnown {
		return noun
	}
	match := described.FindStringSubmatch(description)
	if match == nil {
		return withArticle(strings.ReplaceAll(id, "-", " "))
	}
	return withArticle(small.Replace(match[1]))
}

func withArticle(name string) string {
	if name != "" && strings.ContainsRune("AEIOaeio", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}
