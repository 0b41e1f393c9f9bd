import { namesWhere, settersText, type Check, type PodCheck } from '../check.ts'

const checkWindowsHostProcess: PodCheck = (pod) => {
  const bad = namesWhere(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true)
  const setters = settersText(pod.spec.securityContext?.windowsOptions?.hostProcess === true, bad)
  if (!setters) return undefined
  return {
    reason: 'hostProcess',
    detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true`,
  }
}

/** No Windows container runs on the host itself (upstream: check_windowsHostProcess.go). */
export const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [{ since: 0, check: checkWindowsHostProcess }],
}
