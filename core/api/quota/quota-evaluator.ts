import type { ScopedResourceSelectorRequirement } from '../generated/core-v1.ts'
import type { KubeObject } from '../meta.ts'
import type { Amounts } from './amounts.ts'

/** How the objects of one resource count against quotas (upstream: apiserver/pkg/quota/v1 Evaluator). Pure. */
export interface QuotaEvaluator<T extends KubeObject = KubeObject> {
  /** The names, of those a quota bounds, that these objects can use up. */
  matching(names: string[]): string[]
  /** What one object uses at a time in milliseconds. */
  usage(object: T, now: number): Amounts
  /** Whether an object is within a scope; without this function none is within any. */
  matchesScope?(scope: ScopedResourceSelectorRequirement, object: T): boolean
  /** What is missing in an object that a quota with these names asks for. */
  problem?(object: T, names: string[]): string | undefined
}
