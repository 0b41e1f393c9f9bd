import type { Container, ContainerRestartRule, PodSpec } from './generated/core-v1.ts'

/** The first of a container's rules that its exit code matches (upstream: kubecontainer findMatchingContainerRestartRule). */
export function matchingRestartRule(
  { restartPolicyRules = [] }: Container,
  exitCode: number | undefined,
): ContainerRestartRule | undefined {
  if (exitCode === undefined) return undefined
  return restartPolicyRules.find(({ exitCodes }) => {
    const isListed = (exitCodes?.values ?? []).includes(exitCode)
    return exitCodes?.operator === 'In' ? isListed : exitCodes?.operator === 'NotIn' && !isListed
  })
}

/** Whether the end of one container can have all of the pod begin anew (upstream: podutil AllContainersCouldRestart). */
export function canRestartAll({
  initContainers = [],
  containers = [],
}: Pick<PodSpec, 'initContainers' | 'containers'>): boolean {
  return [...initContainers, ...containers].some(({ restartPolicyRules }) =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  )
}
