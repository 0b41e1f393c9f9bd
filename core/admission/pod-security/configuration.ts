import type { Policy } from './policy.ts'

/** Who and what the standards do not apply to (upstream: PodSecurityExemptions). */
interface Exemptions {
  usernames: readonly string[]
  runtimeClasses: readonly string[]
  namespaces: readonly string[]
}

/** What counts where a namespace's labels say nothing, and the exemptions (upstream: PodSecurityConfiguration). */
export interface PodSecurityConfiguration {
  defaults: Policy
  exemptions: Exemptions
}

const privileged = { level: 'privileged', version: 'latest' } as const

/** Upstream's: nothing is asked for without a label, and nothing is exempt. */
export const defaultPodSecurity: PodSecurityConfiguration = {
  defaults: { enforce: privileged, audit: privileged, warn: privileged },
  exemptions: { usernames: [], runtimeClasses: [], namespaces: [] },
}
