import { createHash } from "node:crypto";

/** Characters that look random, made while the test runs, so that nothing that looks like a secret stands in a file. */
export function makeUp(place: string, length: number): string {
  return createHash("sha512").update(place).digest("hex").repeat(2).slice(0, length);
}

/** A pod with one variable in its environment. */
export function printPodWith(variable: string, value: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  containers:
    - name: c
      image: registry.example.com/c:1.0
      env:
        - name: ${variable}
          value: ${value}
`;
}
