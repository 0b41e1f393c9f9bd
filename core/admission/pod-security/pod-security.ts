import type { Namespace, Pod } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import { internalError, isNotFound } from '../../api/status.ts'
import type { FieldError } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import { admissionForbidden } from '../admission-forbidden.ts'
import type { AdmissionReader } from '../admission-reader.ts'
import type { PodFacts } from './check.ts'
import { defaultPodSecurity, type PodSecurityConfiguration } from './configuration.ts'
import { detailsText, violationsOf } from './evaluate.ts'
import { judgeNamespace } from './namespace-labels.ts'
import { hasPodSpec, podFactsOf } from './pod-templates.ts'
import { formatLevelVersion, isFullyPrivileged, labelPrefix, policyOf, type Policy } from './policy.ts'
import type { PodSecurityObserver } from './pod-security-observer.ts'
import { isSignificantUpdate } from './significant-update.ts'

/** Subresources by which no pod becomes less secure; any other is looked at. */
const ignoredSubresources = new Set([
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'status',
])

export interface PodSecurityOptions {
  reader: AdmissionReader
  clock: Clock
  configuration?: PodSecurityConfiguration
  observer?: PodSecurityObserver | undefined
}

interface Judgement {
  policy: Policy
  errors: FieldError[]
}

/**
 * Holds pods to the standard that the labels of their namespace name: refuses those that break what is enforced, warns
 * of and notes in the audit log what breaks the rest, also for templates of pods (upstream:
 * k8s.io/pod-security-admission). Labels that cannot be read are refused.
 */
export function createPodSecurity(options: PodSecurityOptions): AdmissionPlugin {
  const { reader, observer, configuration = defaultPodSecurity } = options
  const { exemptions } = configuration
  // Labels belong to a stored object, which is replaced and never changed.
  const known = new WeakMap<Record<string, string>, Judgement>()
  const judge = ({ metadata: { labels } }: Namespace): Judgement => {
    if (!labels) return { policy: configuration.defaults, errors: [] }
    let judgement = known.get(labels)
    if (!judgement) known.set(labels, (judgement = policyOf(labels, configuration.defaults)))
    return judgement
  }

  const exempt = (attributes: AdmissionAttributes, why: string): void => {
    annotate(attributes, 'exempt', why)
    observer?.exempted(attributes)
  }

  async function judgePod(attributes: AdmissionAttributes, isPod: boolean): Promise<void> {
    const { namespace = '', context, object } = attributes
    const exemption = exemptions.namespaces.includes(namespace)
      ? 'namespace'
      : exemptions.usernames.includes(context.user.name) && 'user'
    if (exemption) return exempt(attributes, exemption)
    const found = await readNamespace(reader, attributes, { isPod, observer })
    if (!found || !object) return
    const { policy, errors } = judge(found)
    if (errors.length === 0 && asksNothing(policy, isPod)) {
      if (!isPod) return
      annotate(attributes, 'enforce-policy', 'privileged:latest')
      observer?.evaluated(attributes, { mode: 'enforce', level: policy.enforce, isAllowed: true })
      return
    }
    const pod = podFactsOf(attributes.resource, object)
    if (!pod) return
    if (exemptions.runtimeClasses.includes(pod.spec.runtimeClassName ?? '')) {
      return exempt(attributes, 'runtimeClass')
    }
    if (errors.length > 0) {
      annotate(attributes, 'error', `Failed to parse policy: ${errorsText(errors)}`)
      observer?.failed(attributes, false)
    }
    judgeBy(policy, pod, { attributes, isPod, observer })
  }

  return {
    name: 'PodSecurity',
    validate(attributes) {
      const { operation, resource, subresource, object, oldObject } = attributes
      if (operation !== 'CREATE' && operation !== 'UPDATE') return
      if (resource.group === '' && resource.resource === 'namespaces') {
        return subresource ? undefined : judgeNamespace(attributes, { ...options, configuration })
      }
      if (!hasPodSpec(resource)) return
      const isPod = resource.resource === 'pods'
      if (subresource && (!isPod || ignoredSubresources.has(subresource))) return
      if (isPod && oldObject && !isSignificantUpdate((object as Pod).spec, (oldObject as Pod).spec)) return
      return judgePod(attributes, isPod)
    },
  }
}

function annotate({ context }: AdmissionAttributes, key: string, value: string): void {
  context.audit?.(labelPrefix + key, value)
}

function errorsText(errors: FieldError[]): string {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`)
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
}

/** Templates are never refused. */
function asksNothing(policy: Policy, isPod: boolean): boolean {
  if (isPod) return isFullyPrivileged(policy)
  return policy.audit.level === 'privileged' && policy.warn.level === 'privileged'
}

async function readNamespace(
  reader: AdmissionReader,
  attributes: AdmissionAttributes,
  { isPod, observer }: { isPod: boolean; observer: PodSecurityObserver | undefined },
): Promise<Namespace | undefined> {
  const { namespace: name = '' } = attributes
  try {
    return await reader.get(resources.namespaces, { name })
  } catch (error) {
    observer?.failed(attributes, true)
    if (!isPod && isNotFound(error)) return undefined
    throw internalError(`failed to lookup namespace "${name}"`)
  }
}

function judgeBy(
  policy: Policy,
  pod: PodFacts,
  {
    attributes,
    isPod,
    observer,
  }: { attributes: AdmissionAttributes; isPod: boolean; observer: PodSecurityObserver | undefined },
): void {
  const judged = (mode: keyof Policy, isAllowed: boolean): void =>
    observer?.evaluated(attributes, { mode, level: policy[mode], isAllowed })
  const wouldViolate = (mode: 'audit' | 'warn'): string | undefined => {
    const violations = violationsOf(pod, policy[mode])
    if (violations.length === 0) return undefined
    judged(mode, false)
    return `would violate PodSecurity "${formatLevelVersion(policy[mode])}": ${detailsText(violations)}`
  }
  if (isPod) annotate(attributes, 'enforce-policy', formatLevelVersion(policy.enforce))
  const noted = wouldViolate('audit')
  if (noted) annotate(attributes, 'audit-violations', noted)
  const violations = isPod ? violationsOf(pod, policy.enforce) : []
  if (isPod) judged('enforce', violations.length === 0)
  if (violations.length > 0) {
    const enforced = formatLevelVersion(policy.enforce)
    throw admissionForbidden(attributes, `violates PodSecurity "${enforced}": ${detailsText(violations)}`)
  }
  const warning = wouldViolate('warn')
  if (warning) attributes.context.warn(warning)
}
