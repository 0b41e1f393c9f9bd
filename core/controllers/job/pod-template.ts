import type { Job } from '../../api/generated/batch-v1.ts'
import type { Container, Pod, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import { draft } from '../../client/draft.ts'
import { failureAnnotations } from './indexes.ts'
import { hasLimitPerIndex, indexName, isIndexed, trackingFinalizer } from './job-pods.ts'

const indexVariable = 'JOB_COMPLETION_INDEX'

/** The template of a Job's pods, with the finalizer and, for Indexed Jobs, the index as environment variable. */
export function jobTemplate(job: Job): PodTemplateSpec {
  const template = draft(job.spec.template)
  const metadata = template.metadata ?? { name: '' }
  const finalizers = (metadata.finalizers ?? []).filter((name) => name !== trackingFinalizer)
  template.metadata = { ...metadata, finalizers: [...finalizers, trackingFinalizer] }
  if (!isIndexed(job)) return template
  const { containers = [], initContainers = [] } = template.spec ?? {}
  for (const container of [...containers, ...initContainers]) addIndexVariable(container)
  return template
}

function addIndexVariable(container: Container): void {
  if (container.env?.some(({ name }) => name === indexVariable)) return
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${indexName}']` }
  container.env = [...(container.env ?? []), { name: indexVariable, valueFrom: { fieldRef } }]
}

/** The template for one index; `replaced` is the failed pod whose place the new one takes. */
export function indexedTemplate(
  job: Job,
  template: PodTemplateSpec,
  { index, replaced }: { index: number; replaced: Pod | undefined },
): PodTemplateSpec {
  const { metadata = { name: '' }, spec = { containers: [] } } = template
  return {
    ...template,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [indexName]: String(index) },
      annotations: {
        ...metadata.annotations,
        [indexName]: String(index),
        ...(hasLimitPerIndex(job) ? failureAnnotations(job, replaced) : {}),
      },
    },
    spec: { ...spec, hostname: `${job.metadata.name}-${index}` },
  }
}
