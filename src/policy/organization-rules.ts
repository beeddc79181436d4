const [OWN, ORGANIZATION] = ["rego/", "org/"];

/** `org/images/deny` for the `rego/images/deny` of the organization: the repository may have one of that name too. */
export function toOrganizationRule(rule: string): string {
  return rule.startsWith(OWN) ? ORGANIZATION + rule.slice(OWN.length) : rule;
}

/** The name that the organization's own config has for it. */
export function fromOrganizationRule(rule: string): string {
  return isOrganizationRule(rule) ? OWN + rule.slice(ORGANIZATION.length) : rule;
}

export function isOrganizationRule(rule: string): boolean {
  return rule.startsWith(ORGANIZATION);
}
