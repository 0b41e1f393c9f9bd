import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import type { Clock } from '../../util/clock.ts'
import type { DeviceView } from './device-view.ts'

/** How long a pod waits for the conditions of its devices (upstream: DynamicResourcesArgs.bindingTimeout). */
const bindingTimeoutMs = 600_000

/** Waits for devices that have to be made ready before a pod that was given them is bound. */
export interface BindingConditions {
  /**
   * Resolves when all devices of the claims are ready, of one too that was made just now and is not seen yet; rejects when one
   * says that it will not be, or when it takes too long.
   */
  wait(keys: readonly string[], podKey: string, made?: string): Promise<void>
  /** Has the waiting of a pod that is gone end. */
  giveUp(podKey: string): void
  [Symbol.dispose](): void
}

/** Waits on what the view shows (upstream: dynamicresources PreBind, isPodReadyForBinding). */
export function createBindingConditions({
  view,
  clock,
}: {
  view: DeviceView
  clock: Clock
}): BindingConditions {
  const waiting = new Map<string, (reason: Error) => void>()

  const isReady = (key: string, made: string | undefined): boolean => {
    const claim = view.claim(key)
    if (!claim && key === made) return false
    if (!claim) throw new Error(`could not find ResourceClaim "${key}"`)
    return isClaimReady(claim)
  }

  return {
    async wait(known, podKey, made) {
      const keys = made === undefined ? known : [...known, made]
      const areReady = (): boolean => keys.every((key) => isReady(key, made))
      if (areReady()) return
      await new Promise<void>((resolve, reject) => {
        const settle = (work: () => void): void => {
          waiting.delete(podKey)
          timer[Symbol.dispose]()
          for (const watch of watches) watch[Symbol.dispose]()
          work()
        }
        const look = (): void => {
          try {
            if (areReady()) settle(resolve)
          } catch (error) {
            settle(() => reject(error as Error))
          }
        }
        const fail = (error: Error): void => settle(() => reject(error))
        const timer = clock.after(bindingTimeoutMs, () => fail(new Error('device binding timeout')))
        const watches = keys.map((key) => view.watchClaim(key, look))
        waiting.set(podKey, fail)
      })
    },
    giveUp: (podKey) => waiting.get(podKey)?.(new Error('the pod is gone')),
    [Symbol.dispose]() {
      for (const fail of waiting.values()) fail(new Error('the scheduler stops'))
    },
  }
}

/** Throws where one of its devices says that it will not be ready. */
function isClaimReady({ metadata, status }: ResourceClaim): boolean {
  let ready = true
  for (const result of status?.allocation?.devices?.results ?? []) {
    const { driver, pool, device, shareID, bindingConditions = [], bindingFailureConditions = [] } = result
    if (bindingConditions.length === 0) continue
    const conditions = status?.devices?.find(
      (one) => one.driver === driver && one.pool === pool && one.device === device && one.shareID === shareID,
    )?.conditions
    for (const type of bindingFailureConditions) {
      const failed = findCondition(conditions, type)
      if (failed?.status !== 'True') continue
      const why = `reason=${failed.reason}, message=${JSON.stringify(failed.message)}`
      throw new Error(`claim ${metadata.name} binding failed: ${why}`)
    }
    ready &&= bindingConditions.every((type) => findCondition(conditions, type)?.status === 'True')
  }
  return ready
}
