import type { Event as CoreEvent } from '../../api/generated/core-v1.ts'
import type { Event } from '../../api/generated/events-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import { defineKind } from '../../registry/kind.ts'
import { event as coreKind, eventColumns, eventFields } from '../core/event.ts'
import {
  validateEvent,
  validateNewStyleEvent,
  validateNewStyleEventUpdate,
} from '../core/event-validation.ts'

/** Event of events.k8s.io: the same objects as the core API's events, under other names. */
export const event = defineKind<Event>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  namespaced: true,
  names: { plural: 'events', singular: 'event', short: ['ev'] },
  dependents: 'none',
  schema: 'io.k8s.api.events.v1.Event',
  storedAs: { definition: coreKind, toStored: toCoreEvent, fromStored: fromCoreEvent },
  createsOnUpdate: true,
  columns: eventColumns(toCoreEvent),
  default(object) {
    object.regarding ??= {}
  },
  validate: (object) => validateEvent(toCoreEvent(object), 'reportingController'),
  validateCreate: (object) => validateNewStyleEvent(toCoreEvent(object)),
  validateUpdate: (object, old) => validateNewStyleEventUpdate(toCoreEvent(object), toCoreEvent(old)),
  selectableFields: newStyleFields(),
})

/** The core API's fields under the names they have here; there is none for the old source. */
function newStyleFields(): Record<string, (object: Event) => string> {
  const { source: _source, reportingComponent, ...fields } = eventFields(toCoreEvent)
  const renamed = Object.entries(fields).map(
    ([name, read]) => [name.replace(/^involvedObject\./, 'regarding.'), read] as const,
  )
  return { ...Object.fromEntries(renamed), reportingController: reportingComponent! }
}

/** Upstream: pkg/apis/events/v1/conversion.go. */
function toCoreEvent(event: Event): CoreEvent {
  const {
    note,
    regarding,
    reportingController,
    reportingInstance,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...shared
  } = event
  return {
    ...shared,
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    ...(note !== undefined && { message: note }),
    source: deprecatedSource ?? {},
    ...(deprecatedFirstTimestamp !== undefined && { firstTimestamp: deprecatedFirstTimestamp }),
    ...(deprecatedLastTimestamp !== undefined && { lastTimestamp: deprecatedLastTimestamp }),
    ...(deprecatedCount !== undefined && { count: deprecatedCount }),
    reportingComponent: reportingController ?? '',
    reportingInstance: reportingInstance ?? '',
  }
}

function fromCoreEvent(stored: KubeObject): Event {
  const {
    message,
    involvedObject,
    reportingComponent,
    reportingInstance,
    source,
    firstTimestamp,
    lastTimestamp,
    count,
    ...shared
  } = stored as CoreEvent
  return {
    ...(shared as typeof shared & Pick<Event, 'eventTime' | 'series'>),
    apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject,
    ...(message !== undefined && { note: message }),
    deprecatedSource: source ?? {},
    ...(firstTimestamp !== undefined && { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp !== undefined && { deprecatedLastTimestamp: lastTimestamp }),
    ...(count !== undefined && { deprecatedCount: count }),
    // Empty texts are not written in this version.
    ...(reportingComponent && { reportingController: reportingComponent }),
    ...(reportingInstance && { reportingInstance }),
  }
}
