import type { Event } from '../../api/generated/core-v1.ts'
import { humanAge } from '../../api/human-duration.ts'
import { defineKind } from '../../registry/kind.ts'
import { invalidValue } from '../validation/field-errors.ts'

export const event = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  namespaced: true,
  names: { plural: 'events', singular: 'event', short: ['ev'] },
  schema: 'io.k8s.api.core.v1.Event',
  createsOnUpdate: true,
  columns: [
    { name: 'Last Seen', type: 'string', value: (object, now) => humanAge(lastSeen(object), now) },
    { name: 'Type', type: 'string', value: (object) => object.type ?? '' },
    { name: 'Reason', type: 'string', value: (object) => object.reason ?? '' },
    { name: 'Object', type: 'string', value: subjectText },
    {
      name: 'Subobject',
      type: 'string',
      priority: 1,
      value: (object) => object.involvedObject.fieldPath ?? '',
    },
    { name: 'Source', type: 'string', priority: 1, value: sourceText },
    { name: 'Message', type: 'string', value: (object) => (object.message ?? '').trim() },
    {
      name: 'First Seen',
      type: 'string',
      priority: 1,
      value: (object, now) => humanAge(firstSeen(object), now),
    },
    {
      name: 'Count',
      type: 'string',
      priority: 1,
      value: (object) => object.series?.count ?? (object.count || 1),
    },
    { name: 'Name', type: 'string', format: 'name', priority: 1, value: (object) => object.metadata.name },
  ],
  default(object) {
    object.involvedObject ??= {}
  },
  validate(object) {
    const about = object.involvedObject.namespace ?? ''
    const { namespace } = object.metadata
    // Events about cluster-scoped objects live in the default namespace.
    const expected = about || 'default'
    if (namespace === expected || (about === '' && namespace === 'kube-system')) return []
    return [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')]
  },
  selectableFields: {
    'involvedObject.kind': (object) => object.involvedObject.kind ?? '',
    'involvedObject.namespace': (object) => object.involvedObject.namespace ?? '',
    'involvedObject.name': (object) => object.involvedObject.name ?? '',
    'involvedObject.uid': (object) => object.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (object) => object.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (object) => object.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (object) => object.involvedObject.fieldPath ?? '',
    reason: (object) => object.reason ?? '',
    reportingComponent: (object) => object.reportingComponent ?? '',
    source: (object) => object.source?.component || (object.reportingComponent ?? ''),
    type: (object) => object.type ?? '',
  },
})

function firstSeen(object: Event): string | undefined {
  return object.firstTimestamp ?? object.eventTime
}

function lastSeen(object: Event): string | undefined {
  return object.series?.lastObservedTime ?? object.lastTimestamp ?? firstSeen(object)
}

function subjectText(object: Event): string {
  const kind = (object.involvedObject.kind ?? '').toLowerCase()
  return object.involvedObject.name ? `${kind}/${object.involvedObject.name}` : kind
}

function sourceText(object: Event): string {
  const component = object.source?.component || object.reportingComponent || ''
  const instance = object.source?.component ? object.source.host : object.reportingInstance
  return instance ? `${component}, ${instance}` : component
}
