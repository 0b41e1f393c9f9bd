/** The levels of the Pod Security Standards, from the widest to the strictest. */
export const securityLevels = ['privileged', 'baseline', 'restricted'] as const
export type SecurityLevel = (typeof securityLevels)[number]

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

/** What the labels of the admission begin with. */
export const securityPrefix = 'pod-security.kubernetes.io/'

/**
 * What the Pod Security admission asks of the pods of a namespace, from its labels. A level that does not exist counts as
 * `restricted`, as the admission counts it (upstream: pod-security-admission/api ParseLevel).
 */
export function podSecurityOf(labels: Record<string, string> = {}): PodSecurity {
  const modeOf = (mode: string): SecurityMode => {
    const text = labels[`${securityPrefix}${mode}`]
    const level =
      text === undefined ? 'privileged' : (securityLevels.find((known) => known === text) ?? 'restricted')
    return { level, version: labels[`${securityPrefix}${mode}-version`] ?? 'latest' }
  }
  return {
    enforce: modeOf('enforce'),
    others: (['warn', 'audit'] as const)
      .map((mode) => ({ mode, ...modeOf(mode) }))
      .filter(({ level }) => level !== 'privileged'),
  }
}
