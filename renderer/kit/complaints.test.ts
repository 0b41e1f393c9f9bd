import { describe, expect, it } from 'vitest'
import type { Status } from '../../core/api/status.ts'
import { complaintsOf } from './complaints.ts'

const text = `apiVersion: v1
kind: Service
metadata: { name: first }
spec:
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: second }
spec:
  selektor: { a: b }
  odd: 1
  ports: [{ port: 99999 }]
`
const second = text.indexOf('apiVersion', 20)

function refusal(message: string, causes?: { field?: string; message?: string }[]): Status {
  return {
    kind: 'Status',
    status: 'Failure',
    code: 422,
    message,
    ...(causes && { details: { causes } }),
  } as Status
}
function placed(status: Status): [string | undefined, string, string | undefined][] {
  return complaintsOf(status, text, second).map(({ field, message, place }) => [
    field,
    message,
    place && `${text.slice(place.from, place.to)}@${text.slice(0, place.from).split('\n').length}`,
  ])
}

describe('complaintsOf', () => {
  it('finds the causes of a refusal in their own document of the text', () => {
    const status = refusal('Service "second" is invalid', [
      { field: 'spec.ports[0].port', message: 'Invalid value: 99999' },
      { message: 'of no field' },
    ])
    expect(placed(status)).toEqual([
      ['spec.ports[0].port', 'Invalid value: 99999', 'port@13'],
      [undefined, 'of no field', undefined],
    ])
  })

  it('finds the fields that strict decoding names in its message', () => {
    const message =
      'Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.odd", unknown field "spec.selektor"'
    expect(placed(refusal(message))).toEqual([
      ['spec.odd', 'unknown field', 'odd@12'],
      ['spec.selektor', 'unknown field', 'selektor@11'],
    ])
  })

  it('finds the fields that server-side apply does not know', () => {
    const message =
      'failed to create typed patch object (default/x; /v1, Kind=Service): .spec.selektor: field not declared in schema'
    expect(placed(refusal(message))).toEqual([
      ['spec.selektor', 'field not declared in schema', 'selektor@11'],
    ])
  })

  it('gives what names no field as it is', () => {
    expect(placed(refusal('no room'))).toEqual([[undefined, 'no room', undefined]])
  })
})
