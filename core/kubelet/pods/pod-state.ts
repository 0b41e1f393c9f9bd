import type { ContainerStatus, SandboxStatus } from '../runtime/specs.ts'

/** What the runtime has for one pod; newest attempts first. */
export interface PodState {
  sandboxes: SandboxStatus[]
  containers: ContainerStatus[]
}

/** Orders as PodState promises. */
export function podState(sandboxes: SandboxStatus[], containers: ContainerStatus[]): PodState {
  return {
    sandboxes: sandboxes.toSorted(newestFirst),
    containers: containers.toSorted(newestFirst),
  }
}

function newestFirst(
  a: { attempt: number; createdAt: string },
  b: { attempt: number; createdAt: string },
): number {
  if (a.attempt !== b.attempt) return b.attempt - a.attempt
  return a.createdAt < b.createdAt ? 1 : -1
}

/** The pod's current sandbox, ready or not. */
export function newestSandbox(state: PodState): SandboxStatus | undefined {
  return state.sandboxes[0]
}

/** The current incarnation of a container. */
export function newestContainer(state: PodState, name: string): ContainerStatus | undefined {
  return state.containers.find((container) => container.name === name)
}

/** Whether anything of the pod may still run. */
export function isAnythingRunning(state: PodState): boolean {
  return (
    state.sandboxes.some(({ state: sandbox }) => sandbox === 'ready') ||
    state.containers.some((container) => container.state === 'running')
  )
}
