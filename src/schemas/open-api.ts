/** One node of the stripped OpenAPI definitions, as `scripts/make-kubernetes-schemas.ts` writes them. */
export interface OpenApiNode {
  readonly type?: string;
  readonly format?: string;
  /** Name of another definition. */
  readonly $ref?: string;
  readonly items?: OpenApiNode;
  readonly additionalProperties?: OpenApiNode;
  readonly properties?: Readonly<Record<string, OpenApiNode>>;
  readonly required?: readonly string[];
  readonly "x-kubernetes-list-type"?: "set";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

export type Definitions = ReadonlyMap<string, OpenApiNode>;
