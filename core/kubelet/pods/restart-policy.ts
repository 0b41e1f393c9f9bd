import type { Container, Pod } from '../../api/generated/core-v1.ts'
import { matchingRestartRule } from '../../api/restart-rules.ts'
import { isSidecar } from '../../api/sidecars.ts'

/**
 * Whether a container that ended with this exit code is to run again: by its own rules, else by its own policy, else by
 * the pod's (upstream: kubecontainer ShouldContainerBeRestarted).
 */
export function shouldRestart(pod: Pod, container: Container, exitCode: number | undefined): boolean {
  if (matchingRestartRule(container, exitCode)?.action === 'Restart') return true
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** The same for an init container, which runs again only to get done what it failed at; sidecars always run again. */
export function shouldRestartInit(pod: Pod, container: Container, exitCode: number | undefined): boolean {
  if (isSidecar(container)) return true
  return exitCode !== 0 && shouldRestart(pod, container, exitCode)
}
