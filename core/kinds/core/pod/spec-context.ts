import type { PodSpec, Volume } from '../../../api/generated/core-v1.ts'

/** What the containers of a spec are judged by beside themselves. */
export interface SpecContext {
  /** The sound volumes by name; a mount of another one leads nowhere. */
  volumes: ReadonlyMap<string, Volume>
  /** Names of the pod's resource claims. */
  claimNames: ReadonlySet<string>
  restartPolicy: string | undefined
  /** Undefined where the spec names none. */
  gracePeriodSeconds: number | undefined
  /** Whether root in a container is root on the node, as it is by default. */
  hostUsers: boolean
}

/** The context that a spec gives to its containers. */
export function specContext(spec: PodSpec, volumes: ReadonlyMap<string, Volume>): SpecContext {
  return {
    volumes,
    claimNames: new Set((spec.resourceClaims ?? []).flatMap(({ name }) => name || [])),
    restartPolicy: spec.restartPolicy,
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
    hostUsers: spec.hostUsers ?? true,
  }
}
