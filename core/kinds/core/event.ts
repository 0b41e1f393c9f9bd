import { pathSegmentProblems } from '../../api/names.ts'
import type { Event, ObjectReference } from '../../api/generated/core-v1.ts'
import { humanAge } from '../../api/human-duration.ts'
import type { KubeObject } from '../../api/meta.ts'
import { defineKind } from '../../registry/kind.ts'
import type { Column } from '../../registry/kind.ts'
import { validateEvent } from './event-validation.ts'

const columns: Column<Event>[] = [
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
]

/** The columns of events, for whoever can show an object as an event of the core API. */
export function eventColumns<T extends KubeObject>(coreEvent: (object: T) => Event): Column<T>[] {
  return columns.map(({ value, movesWithTime: _none, ...column }) => ({
    ...column,
    value: (object: T, now: number) => value(coreEvent(object), now),
  }))
}

export const event = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  namespaced: true,
  names: { plural: 'events', singular: 'event', short: ['ev'] },
  dependents: 'none',
  schema: 'io.k8s.api.core.v1.Event',
  createsOnUpdate: true,
  columns,
  default(object) {
    object.involvedObject ??= {}
  },
  validateName: pathSegmentProblems,
  validate: (object) => validateEvent(object, 'reportingComponent'),
  selectableFields: eventFields((object) => object),
})

/** The fields by which events can be picked, under the names of the core API. */
export function eventFields<T extends KubeObject>(
  coreEvent: (object: T) => Event,
): Record<string, (object: T) => string> {
  const about =
    (field: keyof ObjectReference) =>
    (object: T): string =>
      coreEvent(object).involvedObject[field] ?? ''
  const source = (event: Event): string => event.source?.component || (event.reportingComponent ?? '')
  return {
    'involvedObject.kind': about('kind'),
    'involvedObject.namespace': about('namespace'),
    'involvedObject.name': about('name'),
    'involvedObject.uid': about('uid'),
    'involvedObject.apiVersion': about('apiVersion'),
    'involvedObject.resourceVersion': about('resourceVersion'),
    'involvedObject.fieldPath': about('fieldPath'),
    reason: (object) => coreEvent(object).reason ?? '',
    reportingComponent: (object) => coreEvent(object).reportingComponent ?? '',
    source: (object) => source(coreEvent(object)),
    type: (object) => coreEvent(object).type ?? '',
  }
}

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
