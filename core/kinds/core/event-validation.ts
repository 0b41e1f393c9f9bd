import { immutableInside } from '../validation/internal-form.ts'
import type { Event } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { qualifiedNameProblems } from '../../api/names.ts'
import { jsonEqual } from '../../registry/json-equal.ts'
import { invalidFor, invalidValue, required } from '../../api/field-errors.ts'

const maxTextLength = 128
const maxNoteLength = 1024

/**
 * What holds for events of both APIs (upstream: pkg/apis/core/validation/events.go legacyValidateEvent). Those with an
 * eventTime are of the newer kind and must say who reports what.
 */
export function validateEvent(event: Event, controllerField: string): FieldError[] {
  const { involvedObject, metadata } = event
  const about = involvedObject.namespace ?? ''
  const elsewhere = invalidValue('involvedObject.namespace', about, 'does not match event.namespace')
  if (!event.eventTime) {
    // Events about cluster-scoped objects live in the default namespace.
    return metadata.namespace === (about || 'default') ? [] : [elsewhere]
  }
  const errors: FieldError[] = []
  const isHome = metadata.namespace === 'default' || metadata.namespace === 'kube-system'
  if (about === '' && !isHome) errors.push(elsewhere)
  const controller = event.reportingComponent ?? ''
  if (controller === '') errors.push(required(controllerField))
  errors.push(...invalidFor(controllerField, controller, qualifiedNameProblems(controller)))
  for (const field of ['reportingInstance', 'action', 'reason'] as const) {
    const text = event[field] ?? ''
    if (text === '') errors.push(required(field))
    errors.push(...longerThan(maxTextLength, field, text))
  }
  return [...errors, ...longerThan(maxNoteLength, 'message', event.message ?? '')]
}

function longerThan(max: number, field: string, text: string): FieldError[] {
  if (Buffer.byteLength(text) <= max) return []
  return [invalidValue(field, '', `can have at most ${max} characters`)]
}

/** What events.k8s.io asks of a new event beside that: nothing in the fields of the older API (upstream: ValidateEventCreate). */
export function validateNewStyleEvent(event: Event): FieldError[] {
  const errors = validateSeries(event)
  if (!event.eventTime) errors.push(required('eventTime'))
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    errors.push(invalidValue('type', '', `has invalid value: ${event.type ?? ''}`))
  }
  const unset = (field: string, isSet: boolean): void => {
    if (isSet) errors.push(invalidValue(field, '', 'needs to be unset'))
  }
  unset('firstTimestamp', event.firstTimestamp !== undefined)
  unset('lastTimestamp', event.lastTimestamp !== undefined)
  unset('count', (event.count ?? 0) !== 0)
  unset('source', Boolean(event.source?.component || event.source?.host))
  return errors
}

function validateSeries({ series }: Event): FieldError[] {
  if (!series) return []
  const errors: FieldError[] = []
  if ((series.count ?? 0) < 2) errors.push(invalidValue('series.count', '', 'should be at least 2'))
  if (!series.lastObservedTime) errors.push(required('series.lastObservedTime'))
  return errors
}

// In upstream's order, and as often.
const settled = [
  ['involvedObject', 'involvedObject', 'core.ObjectReference'],
  ['reason', 'reason', 'string'],
  ['message', 'message', 'string'],
  ['source', 'source', 'core.EventSource'],
  ['firstTimestamp', 'firstTimestamp', 'time'],
  ['lastTimestamp', 'lastTimestamp', 'time'],
  ['count', 'count', 'number'],
  ['reason', 'reason', 'string'],
  ['type', 'type', 'string'],
  ['eventTime', 'eventTime', 'time'],
  ['action', 'action', 'string'],
  ['related', 'related', '*core.ObjectReference'],
  ['reportingComponent', 'reportingController', 'string'],
  ['reportingInstance', 'reportingInstance', 'string'],
] as const

/** Through events.k8s.io only the series of an event changes (upstream: ValidateEventUpdate). */
export function validateNewStyleEventUpdate(event: Event, old: Event): FieldError[] {
  const series = jsonEqual(event.series, old.series) ? [] : validateSeries(event)
  const changed = settled.flatMap(([member, field, type]) =>
    immutableInside(field, type, event[member], old[member]),
  )
  return [...series, ...changed]
}
