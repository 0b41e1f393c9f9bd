import type { Messages } from './en.ts'
import { accessKo } from './ko/access.ts'
import { actionsKo } from './ko/actions.ts'
import { findingsKo } from './ko/findings.ts'
import { interfaceKo } from './ko/interface.ts'
import { measuresKo } from './ko/measures.ts'
import { objectsKo } from './ko/objects.ts'
import { policiesKo } from './ko/policies.ts'
import { workloadsKo } from './ko/workloads.ts'

/** Korean. A missing or surplus key does not compile. */
export const ko: Messages = {
  ...interfaceKo,
  ...objectsKo,
  ...workloadsKo,
  ...measuresKo,
  ...policiesKo,
  ...accessKo,
  ...actionsKo,
  ...findingsKo,
}
