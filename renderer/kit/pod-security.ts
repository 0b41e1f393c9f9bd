/** The levels of the Pod Security Standards, from the widest to the strictest. */
const levels = ['privileged', 'baseline', 'restricted'] as const
export type SecurityLevel = (typeof levels)[number]

export interface SecurityMode {
  level: SecurityLevel
  /** `latest` or `v1.30`. */
  version: string
}

export interface PodSecurity {
  enforce: SecurityMode
  /** Modes that only speak, where they ask for more than nothing. */
  others: (SecurityMode & { mode: 'warn' | 'audit' })[]
}

const prefix = 'pod-security.kubernetes.io/'

/**
 * What the Pod Security admission asks of the pods of a namespace, from its labels. A level that does not exist counts as
 * `restricted`, as the admission counts it (upstream: pod-security-admission/api ParseLevel).
 */
export function podSecurityOf(labels: Record<string, string> = {}): PodSecurity {
  const modeOf = (mode: string): SecurityMode => {
    const text = labels[`${prefix}${mode}`]
    const level = text === undefined ? 'privileged' : (levels.find((known) => known === text) ?? 'restricted')
    return { level, version: labels[`${prefix}${mode}-version`] ?? 'latest' }
  }
  return {
    enforce: modeOf('enforce'),
    others: (['warn', 'audit'] as const)
      .map((mode) => ({ mode, ...modeOf(mode) }))
      .filter(({ level }) => level !== 'privileged'),
  }
}
