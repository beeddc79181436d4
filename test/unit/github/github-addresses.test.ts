import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolveGitHubAddresses } from "../../../src/config/github-addresses.ts";

describe("resolveGitHubAddresses", () => {
  const resolve = (settings: Partial<Parameters<typeof resolveGitHubAddresses>[0]>): readonly string[] => {
    const { api, graphql, web, git } = resolveGitHubAddresses({ GHE_PROTOCOL: "https", ...settings } as never);
    return [api, graphql, web, git];
  };
  const ofGitHub = [
    "https://api.github.com",
    "https://api.github.com/graphql",
    "https://github.com",
    "https://github.com",
  ];
  const ofTenant = [
    "https://api.acme.ghe.com",
    "https://api.acme.ghe.com/graphql",
    "https://acme.ghe.com",
    "https://acme.ghe.com",
  ];
  const ofServer = [
    "https://git.acme.example/api/v3",
    "https://git.acme.example/api/graphql",
    "https://git.acme.example",
    "https://git.acme.example",
  ];

  it("is github.com by default", () => {
    assert.deepEqual(resolve({}), ofGitHub);
    assert.deepEqual(resolve({ GITHUB_API_URL: "https://api.github.com" }), ofGitHub);
    assert.deepEqual(resolve({ GHE_HOST: "github.com" }), ofGitHub);
  });

  it("knows tenants of ghe.com by host and by API", () => {
    assert.deepEqual(resolve({ GHE_HOST: "Acme.ghe.com" }), ofTenant);
    assert.deepEqual(resolve({ GITHUB_API_URL: "https://api.acme.ghe.com" }), ofTenant);
  });

  it("knows GitHub Enterprise Server by host, protocol and API, also below a path", () => {
    assert.deepEqual(resolve({ GHE_HOST: "git.acme.example" }), ofServer);
    assert.deepEqual(resolve({ GITHUB_API_URL: "https://git.acme.example/api/v3" }), ofServer);
    assert.equal(
      resolve({ GHE_HOST: "git.acme.example:8443", GHE_PROTOCOL: "http" })[0],
      "http://git.acme.example:8443/api/v3",
    );
    assert.equal(resolve({ GITHUB_API_URL: "https://acme.example/git/api/v3" })[2], "https://acme.example/git");
  });

  it("takes a stand-in as it is", () => {
    assert.deepEqual(resolve({ GITHUB_API_URL: "http://127.0.0.1:4000" }), [
      "http://127.0.0.1:4000",
      "http://127.0.0.1:4000/graphql",
      "http://127.0.0.1:4000",
      "http://127.0.0.1:4000",
    ]);
  });
});
