import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readAllowedHosts } from "../../../src/egress/allowed-hosts.ts";
import { resolveGuarded } from "../../../src/egress/guarded-lookup.ts";
import { isPrivateAddress } from "../../../src/egress/private-addresses.ts";
import { UsageError } from "../../../src/model/index.ts";

describe("readAllowedHosts", () => {
  const cases: readonly (readonly [allowed: string, address: string, isAllowed: boolean])[] = [
    ["schemas.test", "https://schemas.test/a.json", true],
    ["schemas.test", "https://SCHEMAS.test:443/a.json", true],
    ["schemas.test", "http://schemas.test/a.json", false],
    ["schemas.test", "https://schemas.test:8443/a.json", false],
    ["schemas.test", "https://evil.schemas.test/a.json", false],
    ["schemas.test", "https://schemas.test.evil.test/a.json", false],
    ["schemas.test", "https://schemas.test@evil.test/a.json", false],
    ["schemas.test", "https://schemas.test./a.json", false],
    ["schemas.test:8443", "https://schemas.test:8443/a.json", true],
    ["schemas.test:8443", "https://schemas.test/a.json", false],
    ["http://schemas.test", "http://schemas.test/a.json", true],
    ["http://schemas.test", "https://schemas.test/a.json", false],
    ["::1", "https://[::1]/a.json", true],
    ["[::1]:8443", "https://[0:0::1]:8443/a.json", true],
    ["127.0.0.1", "https://2130706433/a.json", true],
    ["127.0.0.1", "https://127.0.0.2/a.json", false],
  ];
  for (const [allowed, address, isAllowed] of cases) {
    it(`${allowed} ${isAllowed ? "allows" : "does not allow"} ${address}`, () => {
      assert.equal(readAllowedHosts([allowed]).allows(new URL(address)), isAllowed);
    });
  }

  for (const text of [
    "",
    "*",
    "*.test",
    "a.test/path",
    "user@a.test",
    "ftp://a.test",
    "a b",
    "a.test?x",
    "a.test:99999",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => readAllowedHosts([text]), UsageError));
  }
});

describe("isPrivateAddress", () => {
  const privates =
    "0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::a9fe:a9fe 2002:7f00:1:: fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 ff02::1 nonsense";
  for (const ip of privates.split(" ")) it(`${ip} is private`, () => assert.equal(isPrivateAddress(ip), true));
  for (const ip of ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]) {
    it(`${ip} is public`, () => assert.equal(isPrivateAddress(ip), false));
  }
});

describe("resolveGuarded", () => {
  const resolve = async (allowed: readonly string[], host: string, ...ips: readonly string[]): Promise<string[]> => {
    const addresses = ips.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    const found = await resolveGuarded(host, readAllowedHosts(allowed), () => Promise.resolve(addresses));
    return found.map(({ address }) => address);
  };

  it("T41: takes a name to its public addresses", async () => {
    assert.deepEqual(await resolve(["a.test"], "a.test", "8.8.8.8", "2606:4700::1"), ["8.8.8.8", "2606:4700::1"]);
  });
  it("T41: refuses a name as soon as one of its addresses is private", async () => {
    await assert.rejects(resolve(["a.test"], "a.test", "8.8.8.8", "10.0.0.1"), /10\.0\.0\.1 is a private address/);
  });
  it("T41: refuses a name that leads to a cloud's metadata", async () => {
    await assert.rejects(resolve(["a.test"], "a.test", "169.254.169.254"), /private address/);
  });
  it("T41: takes a private address that is allowed by itself, and no other one", async () => {
    assert.deepEqual(await resolve(["a.test", "10.0.0.1"], "a.test", "10.0.0.1"), ["10.0.0.1"]);
    await assert.rejects(resolve(["a.test", "10.0.0.1"], "a.test", "10.0.0.2"), /private address/);
  });
  it("T41: takes localhost to this machine and nowhere else", async () => {
    assert.deepEqual(await resolve(["localhost"], "localhost", "127.0.0.1", "::1"), ["127.0.0.1", "::1"]);
    await assert.rejects(resolve(["localhost"], "localhost", "192.168.0.1"), /private address/);
    await assert.rejects(resolve(["a.test"], "a.test", "127.0.0.1"), /private address/);
  });
});
