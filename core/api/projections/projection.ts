import type { KubeObject } from '../meta.ts'

/** What a list's row carries of an object beyond its columns. Small: a list may have 20,000 of them. */
export type Projection<T extends KubeObject = KubeObject> = (object: T) => Record<string, unknown>
