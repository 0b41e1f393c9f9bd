import type { HorizontalPodAutoscaler } from '../../api/generated/autoscaling-v2.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { quantityMilli } from '../../api/quantity.ts'
import { resources } from '../../api/resources.ts'
import { matchesRequirements, parseLabelSelector } from '../../api/selectors.ts'
import { isNotFound } from '../../api/status.ts'
import type { Scale } from '../../client/client.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'
import { draftStatus, type StatusDraft } from './autoscaler-status.ts'
import { MetricError, proposeReplicas, type MetricProposal, type ProposalInput } from './metric-proposal.ts'
import { createMetricsClient } from './metrics-client.ts'
import { defaultTuning, type AutoscalerOptions } from './options.ts'
import { findScale, type ScaleTarget } from './scale-target.ts'
import { newHistory, withEvent, type ScalingHistory } from './scaling-history.ts'
import { limitByBehavior, limitByDefault, type Limited, type LimitInput } from './scaling-limits.ts'
import { createSelectorClaims } from './selector-claims.ts'
import { stabilize } from './stabilize.ts'

/** What the metrics together ask for. `problem` tells of those that said nothing. */
interface Recommendation {
  proposal: MetricProposal | undefined
  statuses: MetricProposal['status'][]
  problem: string | undefined
}

/**
 * Scales what HorizontalPodAutoscalers point at by what its pods use (upstream: pkg/controller/podautoscaler). Each is
 * looked at once per sync period.
 */
export function createHorizontalPodAutoscalerController(options: AutoscalerOptions): Controller {
  const { client, informers, clock, log } = options
  const tuning = { ...defaultTuning, ...options.autoscaling }
  const metrics = createMetricsClient(options.metricsTransport ?? client.transport)
  const events = options.recorder('horizontal-pod-autoscaler')
  const pods = informers.informer(resources.pods)
  const claims = createSelectorClaims()
  const histories = new Map<string, ScalingHistory>()

  function warn(autoscaler: HorizontalPodAutoscaler, reason: string, message: string): void {
    events.record(referenceTo(resources.horizontalPodAutoscalers, autoscaler), {
      type: 'Warning',
      reason,
      message,
    })
  }

  async function writeStatus(autoscaler: HorizontalPodAutoscaler, status: StatusDraft): Promise<void> {
    if (deepEqual(autoscaler.status, status.value)) return
    try {
      await client.updateStatus(resources.horizontalPodAutoscalers, { ...autoscaler, status: status.value })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function reconcile(autoscaler: HorizontalPodAutoscaler): Promise<void> {
    const now = clock.now()
    const { namespace = '' } = autoscaler.metadata
    const status = draftStatus(autoscaler, now)
    let target: ScaleTarget
    try {
      target = await findScale(options, namespace, autoscaler.spec.scaleTargetRef)
    } catch (error) {
      const { message } = error as Error
      warn(autoscaler, 'FailedGetScale', message)
      const why = `the HPA controller was unable to get the target's current scale: ${message}`
      status.condition('AbleToScale', 'False', { reason: 'FailedGetScale', message: why })
      return writeStatus(autoscaler, status)
    }
    status.condition('AbleToScale', 'True', {
      reason: 'SucceededGetScale',
      message: "the HPA controller was able to get the target's current scale",
    })
    await decide({ autoscaler, status, target, now })
  }

  interface Look {
    autoscaler: HorizontalPodAutoscaler
    status: StatusDraft
    target: ScaleTarget
    now: number
  }

  async function decide(look: Look): Promise<void> {
    const { autoscaler, status, target, now } = look
    const { minReplicas: min = 1, maxReplicas: max } = autoscaler.spec
    const current = target.scale.spec?.replicas ?? 0
    const key = objectKey(autoscaler)
    const history = histories.get(key) ?? newHistory(current, now)
    histories.set(key, history)
    if (current === 0 && min !== 0) {
      status.condition('ScalingActive', 'False', {
        reason: 'ScalingDisabled',
        message: 'scaling is disabled since the replica count of the target is zero',
      })
      status.counts(current, 0)
      return writeStatus(autoscaler, status)
    }
    if (current > max)
      return rescale(look, { desired: max, reason: 'Current number of replicas above Spec.MaxReplicas' })
    if (current < min)
      return rescale(look, { desired: min, reason: 'Current number of replicas below Spec.MinReplicas' })
    const { proposal, statuses, problem } = await recommend(look, current)
    if (problem !== undefined && !proposal) {
      status.counts(current, autoscaler.status?.desiredReplicas ?? 0, { metrics: statuses })
      await writeStatus(autoscaler, status)
      warn(autoscaler, 'FailedComputeMetricsReplicas', problem)
      return
    }
    const asked = proposal?.replicas ?? 0
    const desired = normalise(look, { current, desired: asked, min, max, history, now })
    const reason =
      asked > current ? `${proposal?.name} above target` : asked < current ? 'All metrics below target' : ''
    await rescale(look, { desired, reason, statuses })
    if (problem !== undefined) log.warn('some metrics say nothing', { autoscaler: key, problem })
  }

  function normalise({ autoscaler, status }: Look, input: LimitInput): number {
    const { behavior } = autoscaler.spec
    const { scaleUp = {}, scaleDown = {} } = behavior ?? {}
    const downMs =
      scaleDown.stabilizationWindowSeconds === undefined
        ? tuning.downscaleStabilizationMs
        : scaleDown.stabilizationWindowSeconds * 1000
    const stable = stabilize(input, { upMs: (scaleUp.stabilizationWindowSeconds ?? 0) * 1000, downMs })
    status.condition('AbleToScale', 'True', stable)
    const aim = { ...input, desired: stable.replicas }
    const limited: Limited = behavior ? limitByBehavior(aim, { scaleUp, scaleDown }) : limitByDefault(aim)
    status.condition('ScalingLimited', limited.replicas === stable.replicas ? 'False' : 'True', limited)
    return limited.replicas
  }

  async function rescale(
    { autoscaler, status, target, now }: Look,
    wish: { desired: number; reason: string; statuses?: MetricProposal['status'][] },
  ): Promise<void> {
    const { desired, reason, statuses: measured } = wish
    const current = target.scale.spec?.replicas ?? 0
    const more = measured ? { metrics: measured } : {}
    if (desired === current) {
      status.counts(current, current, more)
      return writeStatus(autoscaler, status)
    }
    try {
      await target.rescale(desired)
    } catch (error) {
      const { message } = error as Error
      warn(autoscaler, 'FailedRescale', `New size: ${desired}; reason: ${reason}; error: ${message}`)
      status.condition('AbleToScale', 'False', {
        reason: 'FailedUpdateScale',
        message: `the HPA controller was unable to update the target scale: ${message}`,
      })
      status.counts(current, autoscaler.status?.desiredReplicas ?? 0, more)
      return writeStatus(autoscaler, status)
    }
    status.condition('AbleToScale', 'True', {
      reason: 'SucceededRescale',
      message: `the HPA controller was able to update the target scale to ${desired}`,
    })
    events.record(referenceTo(resources.horizontalPodAutoscalers, autoscaler), {
      type: 'Normal',
      reason: 'SuccessfulRescale',
      message: `New size: ${desired}; reason: ${reason}`,
    })
    const history = histories.get(objectKey(autoscaler))
    if (history) {
      const event = { at: now, change: Math.abs(desired - current) }
      if (desired > current) history.ups = withEvent(history.ups, event)
      else history.downs = withEvent(history.downs, event)
    }
    status.counts(current, desired, { ...more, rescaled: true })
    return writeStatus(autoscaler, status)
  }

  async function recommend(look: Look, current: number): Promise<Recommendation> {
    const { autoscaler, status } = look
    const specs = autoscaler.spec.metrics ?? []
    const selected = selectPods(look, look.target.scale)
    if (typeof selected === 'string') return { proposal: undefined, statuses: [], problem: selected }
    const input = inputOf(look, selected)
    const statuses: MetricProposal['status'][] = []
    let best: MetricProposal | undefined
    let first: MetricError | undefined
    let invalid = 0
    for (const spec of specs) {
      try {
        const proposal = await proposeReplicas(input, spec)
        statuses.push(proposal.status)
        if (!best || proposal.replicas > best.replicas) best = proposal
      } catch (error) {
        if (!(error instanceof MetricError)) throw error
        warn(autoscaler, error.reason, error.message)
        statuses.push({ type: '' })
        first ??= error
        invalid++
      }
    }
    const problem =
      first && `invalid metrics (${invalid} invalid out of ${specs.length}), first error is: ${first.told}`
    // A metric that cannot be read may be the one that would keep the replicas there are.
    if (!best || (first && best.replicas < current)) {
      status.condition('ScalingActive', 'False', {
        reason: first?.reason ?? 'InvalidMetricSourceType',
        message: `the HPA was unable to compute the replica count: ${first?.message ?? 'no metrics'}`,
      })
      return { proposal: undefined, statuses, problem: problem ?? 'no metrics' }
    }
    status.condition('ScalingActive', 'True', {
      reason: 'ValidMetricFound',
      message: `the HPA was able to successfully calculate a replica count from ${best.name}`,
    })
    return { proposal: best, statuses, problem }
  }

  function inputOf(look: Look, selected: { pods: Pod[]; selector: string }): ProposalInput {
    const { autoscaler, target, now } = look
    const { scaleUp, scaleDown } = autoscaler.spec.behavior ?? {}
    const toleranceOf = (text: string | undefined): number =>
      text === undefined ? tuning.tolerance : quantityMilli(text) / 1000
    return {
      ...selected,
      namespace: autoscaler.metadata.namespace ?? '',
      currentReplicas: target.scale.spec?.replicas ?? 0,
      statusReplicas: target.scale.status?.replicas ?? 0,
      tolerances: { scaleUp: toleranceOf(scaleUp?.tolerance), scaleDown: toleranceOf(scaleDown?.tolerance) },
      tuning,
      now,
      metrics,
      resources: options.resources,
    }
  }

  /** The pods that the target selects, or why they cannot be told. */
  function selectPods(look: Look, scale: Scale): { pods: Pod[]; selector: string } | string {
    const { autoscaler, status } = look
    const { namespace = '' } = autoscaler.metadata
    const selector = scale.status?.selector ?? ''
    const refuse = (eventReason: string, why: { reason: string; message: string }, told: string): string => {
      warn(autoscaler, eventReason, told)
      status.condition('ScalingActive', 'False', why)
      return told
    }
    if (selector === '') {
      const message = "the HPA target's scale is missing a selector"
      return refuse('SelectorRequired', { reason: 'InvalidSelector', message }, 'selector is required')
    }
    let matches: (pod: Pod) => boolean
    try {
      const requirements = parseLabelSelector(selector)
      matches = (pod) => matchesRequirements(requirements, pod.metadata.labels)
    } catch (error) {
      const message = `couldn't convert selector into a corresponding internal selector object: ${(error as Error).message}`
      return refuse('InvalidSelector', { reason: 'InvalidSelector', message }, message)
    }
    const selected = pods.store.inNamespace(namespace).filter(matches)
    claims.set(objectKey(autoscaler), { namespace, matches })
    const rivals = claims.holdersOf(namespace, selected)
    if (rivals.length > 1) {
      const message = `pods by selector ${selector} are controlled by multiple HPAs: [${rivals.join(' ')}]`
      return refuse('AmbiguousSelector', { reason: 'AmbiguousSelector', message }, message)
    }
    return { pods: selected, selector }
  }

  return defineController(options, {
    name: 'horizontal-pod-autoscaler',
    for: resources.horizontalPodAutoscalers,
    filter: ({ type, object, previous }) => type !== 'updated' || !deepEqual(object.spec, previous?.spec),
    async reconcile({ key, object }) {
      if (!object) {
        histories.delete(key)
        claims.delete(key)
        return
      }
      try {
        await reconcile(object)
      } catch (error) {
        // The next look is due soon enough; one that failed is no reason to hurry.
        log.warn('autoscaler could not be looked after', { autoscaler: key, error })
      }
      return { requeueAfterMs: tuning.syncPeriodMs }
    },
  })
}
