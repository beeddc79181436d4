import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseRoute, type ProxySettings } from "../../../src/egress/choose-route.ts";

const BOTH: ProxySettings = { https: "http://proxy.test:3128", http: "http://plain.test:3128" };

describe("chooseRoute", () => {
  const cases: readonly (readonly [settings: ProxySettings, address: string, way: string])[] = [
    [{}, "https://a.test/", "direct"],
    [{ https: " " }, "https://a.test/", "direct"],
    [BOTH, "https://a.test/", "http://proxy.test:3128/"],
    [BOTH, "http://a.test/", "http://plain.test:3128/"],
    [{ http: BOTH.http }, "https://a.test/", "direct"],
    [{ https: "me:hunter2@proxy.test:3128" }, "https://a.test/", "http://me:hunter2@proxy.test:3128/"],
    [{ https: "https://proxy.test" }, "https://a.test/", "https://proxy.test/"],
    [{ https: "socks5://me:hunter2@proxy.test" }, "https://a.test/", "refused"],
    [{ https: "http://" }, "https://a.test/", "refused"],
    [{ ...BOTH, none: "*" }, "https://a.test/", "direct"],
    [{ ...BOTH, none: "b.test, A.test" }, "https://a.test/", "direct"],
    [{ ...BOTH, none: "a.test" }, "https://x.a.test/", "direct"],
    [{ ...BOTH, none: ".a.test" }, "https://x.a.test/", "direct"],
    [{ ...BOTH, none: "*.a.test" }, "https://x.a.test/", "direct"],
    [{ ...BOTH, none: "a.test" }, "https://xa.test/", "http://proxy.test:3128/"],
    [{ ...BOTH, none: "a.test:8443" }, "https://a.test/", "http://proxy.test:3128/"],
    [{ ...BOTH, none: "a.test:443" }, "https://a.test/", "direct"],
    [{ ...BOTH, none: ",." }, "https://a.test/", "http://proxy.test:3128/"],
    [BOTH, "https://localhost:8443/", "direct"],
    [BOTH, "http://127.0.0.1:8080/", "direct"],
    [BOTH, "https://[::1]/", "direct"],
    [BOTH, "https://10.1.2.3/", "refused"],
    [BOTH, "https://169.254.169.254/", "refused"],
    [BOTH, "https://[::ffff:10.0.0.1]/", "refused"],
    [BOTH, "https://8.8.8.8/", "http://proxy.test:3128/"],
    [{ ...BOTH, none: "10.1.2.3" }, "https://10.1.2.3/", "direct"],
    [{ ...BOTH, none: "10.0.0.0/8" }, "https://10.1.2.3/", "direct"],
    [{ ...BOTH, none: "10.0.0.0/99, 11.0.0.0/8" }, "https://10.1.2.3/", "refused"],
    [{ ...BOTH, none: "fd00::/8" }, "https://[fd00::1]/", "direct"],
  ];
  for (const [settings, address, way] of cases) {
    it(`${address} with ${JSON.stringify(settings)}: ${way}`, () => {
      const route = chooseRoute(new URL(address), settings);
      assert.equal(route.kind === "proxy" ? route.proxy : route.kind, way);
      if (route.kind === "refused") assert.doesNotMatch(route.why, /hunter2/u);
    });
  }
});
