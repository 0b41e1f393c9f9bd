import type { CelType, ObjectType } from './cel-type.ts'
import type { Names } from './check/checked.ts'
import { kubernetesFunctions, patchFunctions } from './library/functions.ts'

/** What expressions may refer to: variables by name (dots allowed, as in `authorizer.requestResource`), and more. */
export interface EnvironmentOptions {
  variables: Record<string, CelType>
  /** Types that an expression may make objects of, by name. */
  structs?: (name: string) => ObjectType | undefined
  /** Whether `jsonpatch.escapeKey` is there. */
  hasPatchFunctions?: boolean
}

/** An environment of Kubernetes 1.36 (upstream: pkg/cel/environment). */
export type Environment = Names

/** Names what expressions may use; cheap to make. */
export function createEnvironment(options: EnvironmentOptions): Environment {
  return {
    variables: new Map(Object.entries(options.variables)),
    functions: options.hasPatchFunctions ? patchFunctions : kubernetesFunctions,
    structs: options.structs ?? ((): undefined => undefined),
  }
}
