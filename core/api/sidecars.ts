import type { Container, PodSpec } from './generated/core-v1.ts'

/** Whether an init container goes on running beside the app containers. */
export function isSidecar({ restartPolicy }: Pick<Container, 'restartPolicy'>): boolean {
  return restartPolicy === 'Always'
}

/** The init containers of a pod that go on running beside its app containers. */
export function sidecarsOf({ initContainers = [] }: Pick<PodSpec, 'initContainers'>): Container[] {
  return initContainers.filter(isSidecar)
}
