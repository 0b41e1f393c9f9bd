import type { CronJob } from '../../api/generated/batch-v1.ts'
import type { Pod, PodSpec, PodTemplate, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { GroupVersionResource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { factsOf, type PodFacts } from './check.ts'

type Extract = (
  object: KubeObject,
) => { metadata?: { annotations?: Record<string, string> }; spec?: PodSpec } | undefined

const ofSpec: Extract = (object) =>
  (object as KubeObject & { spec?: { template?: PodTemplateSpec } }).spec?.template

/** By group, then resource: no text has to be put together to find out that an object holds no pod. */
const extractors: Record<string, Record<string, Extract>> = {
  '': {
    pods: (object) => object as Pod,
    podtemplates: (object) => (object as PodTemplate).template,
    replicationcontrollers: ofSpec,
  },
  apps: { replicasets: ofSpec, deployments: ofSpec, statefulsets: ofSpec, daemonsets: ofSpec },
  batch: { jobs: ofSpec, cronjobs: (object) => (object as CronJob).spec?.jobTemplate?.spec?.template },
}

/** Whether objects of this resource are pods or make them. */
export function hasPodSpec({ group, resource }: GroupVersionResource): boolean {
  return extractors[group]?.[resource] !== undefined
}

/** The pod that an object is or makes (upstream: admission.go ExtractPodSpec); undefined when it has none. */
export function podFactsOf(
  { group, resource }: GroupVersionResource,
  object: KubeObject,
): PodFacts | undefined {
  const found = extractors[group]?.[resource]?.(object)
  return found?.spec && factsOf(found.metadata?.annotations, found.spec)
}
