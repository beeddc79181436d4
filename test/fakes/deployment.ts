/** A Deployment that is valid, and one line each for the tests to change: `replicas: 2` and the image's tag. */
export function printDeployment(tag = "1.0.0"): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "registry.example/web:${tag}" }] }
`;
}
