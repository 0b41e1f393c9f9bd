import type { CustomResourceDefinition } from '../generated/apiextensions-v1.ts'
import { projectConditions } from './workloads.ts'

/** Which kind a CustomResourceDefinition defines, in which versions, and whether it is served. */
export function projectDefinition({ spec, status }: CustomResourceDefinition): Record<string, unknown> {
  return {
    group: spec?.group,
    kind: spec?.names?.kind,
    scope: spec?.scope,
    versions: (spec?.versions ?? []).filter(({ served }) => served).map(({ name }) => name),
    conditions: projectConditions(status?.conditions),
  }
}
