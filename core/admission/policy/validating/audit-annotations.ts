import type { RequestContext } from '../../../api/request.ts'

const maxValueLength = 10 * 1024

/** Gathers what one policy writes to the audit log, over all its bindings and parameters. */
export interface AuditAnnotations {
  add(key: string, value: string): void
  /** Writes each key as `<policy>/<key>`, with its different values joined. */
  publish(policy: string, context: RequestContext): void
}

/** Collects what policies have the audit log say of a request; the same value of a key counts once. */
export function createAuditAnnotations(): AuditAnnotations {
  const values = new Map<string, Set<string>>()
  return {
    add(key, value) {
      const known = values.get(key) ?? new Set()
      values.set(key, known.add(value.slice(0, maxValueLength)))
    },
    publish(policy, context) {
      for (const [key, all] of values) context.audit?.(`${policy}/${key}`, [...all].join(', '))
    },
  }
}
