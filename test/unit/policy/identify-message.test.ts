import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { identifyMessage } from "../../../src/policy/identify-message.ts";

const WEB = { name: "web", namespace: "shop" };

describe("what a policy says of a resource", () => {
  it("is the same whatever the resource is called and the numbers are", () => {
    const said = identifyMessage("web in shop has 2 replicas of registry.example/app:1.2.0-f00ba4", WEB);
    const renamed = { name: "front", namespace: "prod" };
    assert.equal(identifyMessage("front in prod has 3 replicas of registry.example/app:2.0.0-beef01", renamed), said);
  });

  it("is another thing with other words", () => {
    const said = identifyMessage("container app runs as root", WEB);
    assert.notEqual(identifyMessage("container proxy runs as root", WEB), said);
    assert.notEqual(identifyMessage("container app is privileged", WEB), said);
  });

  it("bears a resource without a namespace and a message of digits alone", () => {
    assert.equal(identifyMessage("12", { name: "web", namespace: "" }), "#");
  });
});
