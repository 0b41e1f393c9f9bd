import { accessEn } from './en/access.ts'
import { actionsEn } from './en/actions.ts'
import { findingsEn } from './en/findings.ts'
import { interfaceEn } from './en/interface.ts'
import { measuresEn } from './en/measures.ts'
import { objectsEn } from './en/objects.ts'
import { policiesEn } from './en/policies.ts'
import { workloadsEn } from './en/workloads.ts'

/** English, and by its shape what every language must have. */
export const en = {
  ...interfaceEn,
  ...objectsEn,
  ...workloadsEn,
  ...measuresEn,
  ...policiesEn,
  ...accessEn,
  ...actionsEn,
  ...findingsEn,
}

export type Messages = typeof en
